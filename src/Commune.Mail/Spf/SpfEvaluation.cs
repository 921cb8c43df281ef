using System.Net;
using System.Net.Sockets;
using System.Text;
using Commune.Mail.Dns;

namespace Commune.Mail.Spf;

/// <summary>The outcome of one check_host(). <paramref name="Explanation"/> is the exp= of the record that decided, with
/// the values that its macros have there.</summary>
internal sealed record SpfVerdict(
    string Result,
    string? Mechanism = null,
    string? Problem = null,
    SpfMacroString? Explanation = null,
    SpfMacroValues? Values = null);

/// <summary>One check with all that it includes: it carries the counters of RFC 7208 §4.6.4, which bound the depth of the
/// recursion too.</summary>
internal sealed class SpfEvaluation(IDnsResolver dns, SpfSettings settings, SpfMacroValues values)
{
    // Longer than any name can be; what is dropped on the left of a long expansion is known before this.
    private const int MaxExpansion = 8192;

    private readonly SpfClientNames _names = new(dns, values.Client, settings.MaxPtrNames);
    private int _lookups;
    private int _voidLookups;

    // Set by the first error: it is the verdict of the whole check, however deep in an include it was found.
    private SpfVerdict? _error;

    public async ValueTask<SpfVerdict> CheckHostAsync(string domain, CancellationToken ct)
    {
        var answer = await dns.TxtAsync(domain, ct);
        if (IsTemporary(answer, "TXT", domain))
            return _error!;
        var records = answer.Records.Where(SpfRecord.IsSpf).ToList();
        if (records.Count == 0)
            return new SpfVerdict(SpfResult.None);
        if (records.Count > 1)
            return Error(SpfResult.PermError, $"{Shown(domain)} has more than one SPF record");
        // RFC 7208 §3.1: the record is US-ASCII.
        if (!Ascii.IsValid(records[0]))
            return Error(SpfResult.PermError, $"the record of {Shown(domain)} is not ASCII");
        if (SpfRecord.Parse(records[0], out var problem) is not { } record)
            return Error(SpfResult.PermError, $"{Shown(domain)}: {problem}");

        var here = values with { Domain = domain };
        foreach (var directive in record.Directives)
        {
            var matches = await MatchesAsync(directive, here, ct);
            if (_error is not null)
                return _error;
            if (matches)
                return new SpfVerdict(directive.Result, directive.Text, null, record.Explanation, here);
        }

        // RFC 7208 §6.1: an "all" anywhere makes redirect void, but then it has matched already.
        if (record.Redirect is null)
            return new SpfVerdict(SpfResult.Neutral);
        if (IsOverLookups())
            return _error!;
        var target = await TargetAsync(record.Redirect, here, ct);
        var verdict = target is null ? new SpfVerdict(SpfResult.None) : await CheckHostAsync(target, ct);
        return verdict.Result == SpfResult.None
            ? Error(SpfResult.PermError, $"{Shown(domain)} redirects to a name without SPF record")
            : verdict;
    }

    /// <summary>False as well when an error ended the check: see <see cref="_error"/>.</summary>
    private async ValueTask<bool> MatchesAsync(SpfDirective directive, SpfMacroValues here, CancellationToken ct)
    {
        switch (directive.Kind)
        {
            case SpfMechanismKind.All:
                return true;
            case SpfMechanismKind.Ip4 or SpfMechanismKind.Ip6:
                return Contains(directive, directive.Network!);
            default:
                if (IsOverLookups())
                    return false;
                var target = directive.Target is null ? here.Domain : await TargetAsync(directive.Target, here, ct);
                if (target is null)
                    return false;
                return directive.Kind switch
                {
                    SpfMechanismKind.Include => await IncludeMatchesAsync(target, ct),
                    SpfMechanismKind.A => await AddressMatchesAsync(directive, target, ct),
                    SpfMechanismKind.Mx => await ExchangeMatchesAsync(directive, target, ct),
                    SpfMechanismKind.Exists => await ExistsAsync(target, ct),
                    _ => await _names.AnyIsWithinAsync(target, ct),
                };
        }
    }

    /// <summary>RFC 7208 §5.2.</summary>
    private async ValueTask<bool> IncludeMatchesAsync(string target, CancellationToken ct)
    {
        var verdict = await CheckHostAsync(target, ct);
        if (verdict.Result == SpfResult.None)
            Error(SpfResult.PermError, $"the included {Shown(target)} has no SPF record");
        return verdict.Result == SpfResult.Pass;
    }

    /// <summary>RFC 7208 §5.3.</summary>
    private async ValueTask<bool> AddressMatchesAsync(SpfDirective directive, string target, CancellationToken ct)
    {
        var answer = await dns.AddressesAsync(target, values.Client.AddressFamily, ct);
        if (IsTemporary(answer, "address", target))
            return false;
        if (answer.Records.Count == 0)
            CountVoidLookup();
        return answer.Records.Any(address => Contains(directive, address));
    }

    /// <summary>RFC 7208 §5.4: a domain without MX records has none; its own addresses do not stand in.</summary>
    private async ValueTask<bool> ExchangeMatchesAsync(SpfDirective directive, string target, CancellationToken ct)
    {
        var answer = await dns.MxAsync(target, ct);
        if (IsTemporary(answer, "MX", target))
            return false;
        // §4.6.4: more exchanges than that are an error of the publisher.
        if (answer.Records.Count > settings.MaxMxNames)
        {
            Error(SpfResult.PermError, $"{Shown(target)} has more than {settings.MaxMxNames} MX records");
            return false;
        }

        var found = false;
        foreach (var mx in answer.Records)
        {
            if (mx.IsNull)
                continue;
            var addresses = await dns.AddressesAsync(mx.Exchange, values.Client.AddressFamily, ct);
            if (IsTemporary(addresses, "address", mx.Exchange))
                return false;
            found |= addresses.Records.Count > 0;
            if (addresses.Records.Any(address => Contains(directive, address)))
                return true;
        }

        // The limit counts terms: however many exchanges are without an address, the term is void once.
        if (!found)
            CountVoidLookup();
        return false;
    }

    /// <summary>RFC 7208 §5.7: the question is for A records, whatever the client's family is.</summary>
    private async ValueTask<bool> ExistsAsync(string target, CancellationToken ct)
    {
        var answer = await dns.AddressesAsync(target, AddressFamily.InterNetwork, ct);
        if (IsTemporary(answer, "A", target))
            return false;
        if (answer.Records.Count == 0)
            CountVoidLookup();
        return answer.Records.Count > 0;
    }

    /// <returns>Null when the name cannot exist, so that nothing matches.</returns>
    private async ValueTask<string?> TargetAsync(SpfMacroString macro, SpfMacroValues here, CancellationToken ct)
    {
        if (macro.UsesValidatedName)
            here = here with { ValidatedName = await _names.BestForAsync(here.Domain, ct) };
        var name = macro.Expand(here, MaxExpansion);
        // RFC 8616 §4: a term whose macros bring in a local part that is not ASCII never matches.
        return name is null || !Ascii.IsValid(name) ? null : SpfTargetName.Shorten(name);
    }

    /// <summary>Whether the client is in the network that begins at an address of its own family.</summary>
    private bool Contains(SpfDirective directive, IPAddress network)
    {
        if (network.AddressFamily != values.Client.AddressFamily)
            return false;
        var prefix = network.AddressFamily == AddressFamily.InterNetwork ? directive.Prefix4 : directive.Prefix6;
        Span<byte> a = stackalloc byte[16];
        Span<byte> b = stackalloc byte[16];
        network.TryWriteBytes(a, out _);
        values.Client.TryWriteBytes(b, out _);
        var whole = prefix / 8;
        if (!a[..whole].SequenceEqual(b[..whole]))
            return false;
        var bits = prefix % 8;
        return bits == 0 || (a[whole] ^ b[whole]) >> (8 - bits) == 0;
    }

    private bool IsOverLookups()
    {
        if (++_lookups <= settings.MaxLookups)
            return false;
        Error(SpfResult.PermError, $"more than {settings.MaxLookups} terms need DNS");
        return true;
    }

    private void CountVoidLookup()
    {
        if (++_voidLookups > settings.MaxVoidLookups)
            Error(SpfResult.PermError, $"more than {settings.MaxVoidLookups} terms name nothing that exists");
    }

    private bool IsTemporary<T>(DnsResult<T> answer, string what, string name)
    {
        if (answer.IsTemporaryFailure)
            Error(SpfResult.TempError, $"no answer about the {what} records of {Shown(name)}");
        return answer.IsTemporaryFailure;
    }

    private SpfVerdict Error(string result, string problem) => _error ??= new SpfVerdict(result, Problem: problem);

    private static string Shown(string name) => SpfTargetName.Printable(name);
}
