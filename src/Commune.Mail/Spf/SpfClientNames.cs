using System.Net;
using Commune.Mail.Dns;

namespace Commune.Mail.Spf;

/// <summary>The validated names of the client (RFC 7208 §5.5 and the macro p of §7.2), asked for at most once a check.
/// The publisher has no hand in them, so they count for no limit but their own.</summary>
internal sealed class SpfClientNames(IDnsResolver dns, IPAddress client, int maxNames)
{
    private IReadOnlyList<string>? _names;

    /// <summary>Whether a validated name is the target or lies below it.</summary>
    public async ValueTask<bool> AnyIsWithinAsync(string target, CancellationToken ct)
    {
        foreach (var name in await ValidatedAsync(ct))
        {
            if (IsWithin(name, target))
                return true;
        }

        return false;
    }

    /// <summary>RFC 7208 §7.3: the domain itself if it is there, else a name below it, else any, else "unknown".</summary>
    public async ValueTask<string> BestForAsync(string domain, CancellationToken ct)
    {
        var names = await ValidatedAsync(ct);
        return names.FirstOrDefault(name => name.Equals(domain, StringComparison.OrdinalIgnoreCase))
            ?? names.FirstOrDefault(name => IsWithin(name, domain))
            ?? names.FirstOrDefault()
            ?? "unknown";
    }

    private async ValueTask<IReadOnlyList<string>> ValidatedAsync(CancellationToken ct)
    {
        if (_names is not null)
            return _names;
        var validated = new List<string>();
        // §5.5: an error in the PTR question means no match, an error in an address question skips that name.
        var pointers = await dns.PtrAsync(client, ct);
        foreach (var name in pointers.Records.Take(maxNames))
        {
            var addresses = await dns.AddressesAsync(name, client.AddressFamily, ct);
            if (addresses.Records.Contains(client))
                validated.Add(name.TrimEnd('.'));
        }

        return _names = validated;
    }

    private static bool IsWithin(string name, string target) =>
        name.EndsWith(target, StringComparison.OrdinalIgnoreCase)
        && (name.Length == target.Length || name[name.Length - target.Length - 1] == '.');
}
