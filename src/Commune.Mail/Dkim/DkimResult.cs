namespace Commune.Mail.Dkim;

/// <summary>The results of DKIM verification (RFC 8601 §2.7.1).</summary>
public enum DkimVerdict
{
    /// <summary>The message was not signed. Never the verdict on a signature.</summary>
    None,

    Pass,

    /// <summary>The signature or the body hash doesn't match.</summary>
    Fail,

    /// <summary>It may match, and is not acceptable here: an RSA key that is too short, a time in the future.</summary>
    Policy,

    Neutral,

    /// <summary>The key could not be fetched now.</summary>
    TempError,

    /// <summary>The signature or the key record can't be used, and never will.</summary>
    PermError,
}

public static class DkimVerdicts
{
    /// <summary>The word of RFC 8601: <c>pass</c>, <c>temperror</c>, …</summary>
    public static string ToWord(this DkimVerdict verdict) => verdict switch
    {
        DkimVerdict.Pass => "pass",
        DkimVerdict.Fail => "fail",
        DkimVerdict.Policy => "policy",
        DkimVerdict.Neutral => "neutral",
        DkimVerdict.TempError => "temperror",
        DkimVerdict.PermError => "permerror",
        _ => "none",
    };
}

/// <summary>The verdict on one DKIM-Signature field. The texts are the sender's, legible as far as the field was.</summary>
/// <param name="Domain">d=, as lower-case A-labels; empty when there is none.</param>
/// <param name="Selector">s=; empty when there is none.</param>
/// <param name="Identity">i=, decoded; null when the signature has none (it stands for "@" and the domain then).</param>
/// <param name="Reason">Why it is not a pass.</param>
/// <param name="Algorithm">a=, such as <c>rsa-sha256</c>.</param>
/// <param name="IsTesting">The key record says t=y: treat a failure as if there were no signature (RFC 6376 §3.6.1).</param>
/// <param name="HeaderB">The first eight characters of b=, which tell signatures apart (RFC 6008 §4).</param>
public sealed record DkimResult(
    DkimVerdict Verdict,
    string Domain,
    string Selector,
    string? Identity,
    string? Reason,
    string Algorithm,
    bool IsTesting,
    string HeaderB)
{
    /// <summary>False when l= leaves an end of the body unsigned, where anybody can add text (RFC 6376 §8.2).</summary>
    public bool CoversWholeBody { get; init; } = true;
}
