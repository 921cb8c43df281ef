namespace Commune.Mail.Dmarc;

/// <summary>The verdict of RFC 7489 about one message.</summary>
/// <param name="Result">A word of RFC 8601 §2.7: one of the constants of this type.</param>
/// <param name="Policy">What the domain asks to be done with this message if it fails: <c>none</c>, <c>quarantine</c> or
/// <c>reject</c>, with sp=, np=, pct= and t= applied. Null when there is no record to go by.</param>
/// <param name="Domain">The author domain (of From), in A-labels; empty when there is none.</param>
/// <param name="OrganizationalDomain">The organizational domain of <paramref name="Domain"/>.</param>
/// <param name="AlignedBy"><c>spf</c> or <c>dkim</c>, whichever made it pass; null when it did not.</param>
/// <param name="RecordText">The record as published; null when there is none.</param>
public sealed record DmarcResult(
    string Result, string? Policy, string Domain, string OrganizationalDomain, string? AlignedBy, string? RecordText)
{
    public const string None = "none";
    public const string Pass = "pass";
    public const string Fail = "fail";
    public const string TempError = "temperror";
    public const string PermError = "permerror";

    public const string BySpf = "spf";
    public const string ByDkim = "dkim";

    /// <summary>The record that was applied; null when there is none.</summary>
    public DmarcRecord? Record { get; init; }

    /// <summary>The domain at which the record was found: the author domain, or one above it.</summary>
    public string? RecordDomain { get; init; }

    /// <summary>What the record asks for, before pct= and t=.</summary>
    public string? PublishedPolicy { get; init; }

    /// <summary>Where aggregate reports about this domain go (rua=).</summary>
    public IReadOnlyList<DmarcReportAddress> AggregateReportsTo => Record?.AggregateReportsTo ?? [];

    /// <summary>Where reports about a single failure go (ruf=).</summary>
    public IReadOnlyList<DmarcReportAddress> FailureReportsTo => Record?.FailureReportsTo ?? [];

    /// <summary>What was wrong, for a <c>permerror</c> or <c>temperror</c>.</summary>
    public string? Problem { get; init; }
}
