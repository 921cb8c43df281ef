namespace Commune.Mail.Dmarc;

public sealed record DmarcSettings
{
    /// <summary>Finds organizational domains by walking up the DNS tree (DMARCbis §4.10: psd=, at most eight questions
    /// a name) instead of by the public suffix list (RFC 7489 §3.2).</summary>
    public bool TreeWalk { get; init; }

    /// <summary>The most author domains of one message that are looked at; a message with more is a permerror.</summary>
    public int MaxAuthorDomains { get; init; } = 5;
}
