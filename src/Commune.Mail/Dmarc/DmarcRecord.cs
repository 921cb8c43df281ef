using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Commune.Mail.Dmarc;

/// <summary>A policy record (RFC 7489 §6.3, RFC 9091 §3.1 for np=, DMARCbis §4.7 for psd= and t=).</summary>
public sealed record DmarcRecord
{
    public const string NonePolicy = "none";
    public const string QuarantinePolicy = "quarantine";
    public const string RejectPolicy = "reject";

    private const string CurrentVersion = "DMARC1";

    /// <summary>p=: one of the constants.</summary>
    public required string Policy { get; init; }

    /// <summary>sp=, for names below the one that has the record; p= where it is absent.</summary>
    public required string SubdomainPolicy { get; init; }

    /// <summary>np=, for names below it that do not exist; sp= where it is absent.</summary>
    public required string NonexistentPolicy { get; init; }

    /// <summary>adkim=s: the signing domain must be the author domain itself.</summary>
    public bool StrictDkim { get; init; }

    /// <summary>aspf=s: the same for SPF.</summary>
    public bool StrictSpf { get; init; }

    /// <summary>pct=: to how many of a hundred failing messages the policy applies.</summary>
    public int Percent { get; init; } = 100;

    /// <summary>t=y: the policy is to be applied one step milder.</summary>
    public bool IsTesting { get; init; }

    /// <summary>psd=: <c>y</c> for a public suffix, <c>n</c> for an organizational domain, else <c>u</c>.</summary>
    public char PublicSuffix { get; init; } = 'u';

    public IReadOnlyList<DmarcReportAddress> AggregateReportsTo { get; init; } = [];

    public IReadOnlyList<DmarcReportAddress> FailureReportsTo { get; init; } = [];

    /// <summary>fo=: of <c>0</c>, <c>1</c>, <c>d</c>, <c>s</c>, separated by colons.</summary>
    public string FailureOptions { get; init; } = "0";

    /// <summary>ri=: seconds between aggregate reports.</summary>
    public uint ReportInterval { get; init; } = 86_400;

    /// <summary>The record as published.</summary>
    public required string Text { get; init; }

    /// <summary>Whether a TXT record claims to be a DMARC record: the version is its first tag (RFC 7489 §6.6.3, step
    /// 2).</summary>
    public static bool IsDmarc(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf(';');
        var first = end < 0 ? text : text[..end];
        var equals = first.IndexOf('=');
        return equals > 0 && Trim(first[..equals]) is "v" && Trim(first[(equals + 1)..]) is CurrentVersion;
    }

    /// <summary>False when no policy can be drawn from the text (RFC 7489 §6.6.3, step 6): it is not DMARC1, a tag stands
    /// twice, or there is neither a valid p= nor an address for reports. Other faulty tags count as absent.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DmarcRecord? record)
    {
        record = null;
        if (!IsDmarc(text) || !TryReadTags(text, out var tags))
            return false;
        var reports = DmarcReportAddress.ReadList(tags.GetValueOrDefault("rua", ""));
        var policy = AsPolicy(tags.GetValueOrDefault("p"));
        var hasFaultyPolicy = policy is null
            || (tags.TryGetValue("sp", out var sp) && AsPolicy(sp) is null)
            || (tags.TryGetValue("np", out var np) && AsPolicy(np) is null);
        if (hasFaultyPolicy && reports.Count == 0)
            return false;

        // A record with a faulty policy but with an address for reports asks for reports only.
        policy = hasFaultyPolicy ? NonePolicy : policy!;
        var subdomainPolicy = hasFaultyPolicy ? NonePolicy : AsPolicy(tags.GetValueOrDefault("sp")) ?? policy;
        record = new DmarcRecord
        {
            Text = text,
            Policy = policy,
            SubdomainPolicy = subdomainPolicy,
            NonexistentPolicy = hasFaultyPolicy ? NonePolicy : AsPolicy(tags.GetValueOrDefault("np")) ?? subdomainPolicy,
            StrictDkim = Is(tags, "adkim", "s"),
            StrictSpf = Is(tags, "aspf", "s"),
            IsTesting = Is(tags, "t", "y"),
            PublicSuffix = Is(tags, "psd", "y") ? 'y' : Is(tags, "psd", "n") ? 'n' : 'u',
            Percent = TryReadNumber(tags, "pct", out var percent) && percent <= 100 ? (int)percent : 100,
            ReportInterval = TryReadNumber(tags, "ri", out var interval) ? interval : 86_400,
            FailureOptions = tags.GetValueOrDefault("fo", "0"),
            AggregateReportsTo = reports,
            FailureReportsTo = DmarcReportAddress.ReadList(tags.GetValueOrDefault("ruf", "")),
        };
        return true;
    }

    /// <summary>RFC 6376 §3.2, which RFC 7489 §6.3 borrows: tag=value separated by semicolons, no tag twice.</summary>
    private static bool TryReadTags(string text, out Dictionary<string, string> tags)
    {
        tags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var range in text.AsSpan().Split(';'))
        {
            var tag = text.AsSpan()[range];
            var equals = tag.IndexOf('=');
            // What is no tag at all is a syntax error in the remainder, and is discarded (RFC 7489 §6.3).
            if (equals > 0 && !tags.TryAdd(Trim(tag[..equals]).ToString(), Trim(tag[(equals + 1)..]).ToString()))
                return false;
        }

        return true;
    }

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => text.Trim(" \t\r\n");

    private static string? AsPolicy(string? value) => value?.ToLowerInvariant() switch
    {
        NonePolicy => NonePolicy,
        QuarantinePolicy => QuarantinePolicy,
        RejectPolicy => RejectPolicy,
        _ => null,
    };

    private static bool Is(Dictionary<string, string> tags, string tag, string value) =>
        value.Equals(tags.GetValueOrDefault(tag), StringComparison.OrdinalIgnoreCase);

    private static bool TryReadNumber(Dictionary<string, string> tags, string tag, out uint number) =>
        uint.TryParse(tags.GetValueOrDefault(tag), NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
