using System.Buffers;

namespace Commune.Mail.Reports;

/// <summary>A DMARC aggregate report (RFC 7489 appendix C).</summary>
public sealed record DmarcAggregateReport
{
    public required string ReportId { get; init; }

    /// <summary>"" when the reporter does not name itself.</summary>
    public required string OrgName { get; init; }

    /// <summary>"" when missing.</summary>
    public required string Email { get; init; }

    public string? ExtraContactInfo { get; init; }

    public required DateTimeOffset Begin { get; init; }

    /// <summary>Not before <see cref="Begin"/>.</summary>
    public required DateTimeOffset End { get; init; }

    public required DmarcPublishedPolicy Policy { get; init; }

    public required IReadOnlyList<DmarcReportRecord> Records { get; init; }

    /// <summary>Messages, not rows.</summary>
    public long TotalMessages => Records.Sum(r => r.Count);

    /// <summary>
    /// Reads XML, gzip or zip, told apart by their first bytes. Never throws on what is in them: the result has the report or the reason.
    /// </summary>
    public static DmarcReportResult Read(ReadOnlyMemory<byte> bytes, DmarcReportLimits? limits = null)
    {
        limits ??= DmarcReportLimits.Default;
        var xml = DmarcReportArchive.Unpack(bytes, limits, out var failure);
        return xml is null ? failure! : DmarcReportXml.Read(xml, limits);
    }

    /// <summary>As for bytes; a fault of the stream itself is thrown.</summary>
    public static DmarcReportResult Read(Stream stream, DmarcReportLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        limits ??= DmarcReportLimits.Default;
        var bytes = new ArrayBufferWriter<byte>();
        int read;
        while ((read = stream.Read(bytes.GetSpan(16 * 1024))) > 0)
        {
            bytes.Advance(read);
            if (bytes.WrittenCount > limits.MaxInput)
                return DmarcReportArchive.InputTooLarge(limits);
        }
        return Read(bytes.WrittenMemory, limits);
    }

    /// <summary>As for bytes; a fault of the stream itself is thrown.</summary>
    public static async Task<DmarcReportResult> ReadAsync(Stream stream, DmarcReportLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        limits ??= DmarcReportLimits.Default;
        var bytes = new ArrayBufferWriter<byte>();
        int read;
        while ((read = await stream.ReadAsync(bytes.GetMemory(16 * 1024), cancellationToken)) > 0)
        {
            bytes.Advance(read);
            if (bytes.WrittenCount > limits.MaxInput)
                return DmarcReportArchive.InputTooLarge(limits);
        }
        return Read(bytes.WrittenMemory, limits);
    }
}

/// <summary>What one report may cost, in bytes.</summary>
public sealed record DmarcReportLimits
{
    public static DmarcReportLimits Default { get; } = new();

    public int MaxInput { get; init; } = 10 * 1024 * 1024;

    public int MaxUnpacked { get; init; } = 50 * 1024 * 1024;

    /// <summary>Unpacked to packed; looked at only beyond 1 MB unpacked.</summary>
    public int MaxRatio { get; init; } = 250;

    /// <summary>Archives inside each other.</summary>
    public int MaxNesting { get; init; } = 2;

    public int MaxRecords { get; init; } = 100_000;
}

public enum DmarcReportFailure
{
    None,

    /// <summary>Whatever it is, it is no DMARC aggregate report.</summary>
    NotAReport,

    /// <summary>A gzip or zip that cannot be unpacked, is encrypted, or holds none or several reports.</summary>
    BrokenArchive,

    /// <summary>Beyond <see cref="DmarcReportLimits"/>.</summary>
    TooLarge,
}

/// <summary>Either a report, or a failure with a sentence that says what is wrong.</summary>
public sealed record DmarcReportResult
{
    public DmarcAggregateReport? Report { get; init; }

    public DmarcReportFailure Failure { get; init; }

    public string? Reason { get; init; }

    internal static DmarcReportResult Failed(DmarcReportFailure failure, string reason) => new() { Failure = failure, Reason = reason };
}

/// <summary>The policy as the reporter found it; absent tags have the defaults of RFC 7489 §6.3.</summary>
/// <param name="Domain">Lower case.</param>
/// <param name="Adkim">"r" or "s".</param>
/// <param name="Aspf">"r" or "s".</param>
/// <param name="P">"none", "quarantine" or "reject".</param>
/// <param name="Sp">As <paramref name="P"/> when absent.</param>
/// <param name="Pct">0–100.</param>
/// <param name="Fo">Null when absent.</param>
public sealed record DmarcPublishedPolicy(string Domain, string Adkim, string Aspf, string P, string Sp, int Pct, string? Fo = null);

/// <summary>One row: mail of one host, judged in one way.</summary>
public sealed record DmarcReportRecord
{
    /// <summary>In canonical form; what is no address is kept as it was written, shortened.</summary>
    public required string SourceIp { get; init; }

    /// <summary>Messages; 0 to 2³¹−1.</summary>
    public required long Count { get; init; }

    /// <summary>"none", "quarantine" or "reject".</summary>
    public required string Disposition { get; init; }

    /// <summary>"pass" or "fail": that of policy_evaluated, with alignment.</summary>
    public required string Dkim { get; init; }

    /// <summary>"pass" or "fail": that of policy_evaluated, with alignment.</summary>
    public required string Spf { get; init; }

    /// <summary>Lower case; "" when missing.</summary>
    public required string HeaderFrom { get; init; }

    public string? EnvelopeFrom { get; init; }

    public string? EnvelopeTo { get; init; }

    /// <summary>Why the policy was not applied as published.</summary>
    public IReadOnlyList<DmarcOverrideReason> Reasons { get; init; } = [];

    public IReadOnlyList<DmarcDkimResult> DkimResults { get; init; } = [];

    public IReadOnlyList<DmarcSpfResult> SpfResults { get; init; } = [];

    /// <summary>The domain of the signature that tells most: one that passed, before one that did not.</summary>
    public string? DkimDomain => BestDkim?.Domain;

    public string? DkimSelector => BestDkim?.Selector;

    public string? SpfDomain => (SpfResults.FirstOrDefault(s => s.Result == "pass") ?? SpfResults.FirstOrDefault())?.Domain;

    private DmarcDkimResult? BestDkim =>
        DkimResults.Where(d => d.Result == "pass").OrderByDescending(d => IsAligned(d.Domain)).FirstOrDefault() ?? DkimResults.FirstOrDefault();

    private bool IsAligned(string domain) =>
        domain.Length > 0 && (HeaderFrom == domain
            || HeaderFrom.EndsWith("." + domain, StringComparison.Ordinal) || (HeaderFrom.Length > 0 && domain.EndsWith("." + HeaderFrom, StringComparison.Ordinal)));
}

/// <param name="Type">forwarded, sampled_out, trusted_forwarder, mailing_list, local_policy, other.</param>
public sealed record DmarcOverrideReason(string Type, string? Comment);

/// <param name="Domain">Lower case; "" when missing.</param>
/// <param name="Result">A word of RFC 8601 in lower case.</param>
public sealed record DmarcDkimResult(string Domain, string? Selector, string Result, string? HumanResult);

/// <param name="Domain">Lower case; "" when missing.</param>
/// <param name="Scope">"mfrom" or "helo"; null when missing.</param>
/// <param name="Result">A word of RFC 8601 in lower case.</param>
public sealed record DmarcSpfResult(string Domain, string? Scope, string Result);
