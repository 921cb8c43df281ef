namespace Commune.Mail.Dkim;

/// <summary>What a verifier takes.</summary>
public sealed record DkimVerifierSettings
{
    public static DkimVerifierSettings Default { get; } = new();

    /// <summary>Takes rsa-sha1, which RFC 8301 §3.1 forbids.</summary>
    public bool AllowSha1 { get; init; }

    /// <summary>RFC 8301 §3.2: signatures with shorter keys are not to be considered valid.</summary>
    public int MinimumRsaBits { get; init; } = 1024;

    /// <summary>How many signatures of a message are looked at, from the top; the rest are as good as absent.</summary>
    public int MaxSignatures { get; init; } = 10;

    /// <summary>Takes the v= of the drafts before RFC 4871: none, or 0 and a fraction. For corpora of that time.</summary>
    internal bool AllowDrafts { get; init; }
}
