namespace Commune.Mail.Arc;

/// <summary>The chain validation status (RFC 8617 §4.4).</summary>
public enum ArcVerdict
{
    /// <summary>The message has no chain.</summary>
    None,

    Pass,

    Fail,
}

public static class ArcVerdicts
{
    /// <summary>The word of cv= and of RFC 8601: <c>none</c>, <c>pass</c>, <c>fail</c>.</summary>
    public static string ToWord(this ArcVerdict verdict) => verdict switch
    {
        ArcVerdict.Pass => "pass",
        ArcVerdict.Fail => "fail",
        _ => "none",
    };
}

/// <summary>One ARC set (RFC 8617 §4.2), as it stands in the message. To be believed only when the chain passes and the
/// sealer is trusted.</summary>
/// <param name="Instance">i=, from 1 for the first handler.</param>
/// <param name="Domain">d= of the seal.</param>
/// <param name="Selector">s= of the seal.</param>
/// <param name="ChainValidation">cv= of the seal: what this handler saw.</param>
/// <param name="AuthenticationResults">ARC-Authentication-Results after <c>i=…;</c>, unfolded: the authserv-id and the
/// results.</param>
public sealed record ArcSet(int Instance, string Domain, string Selector, string ChainValidation, string AuthenticationResults);

/// <summary>The verdict on the chain of a message.</summary>
/// <param name="Reason">Why it is not a pass.</param>
/// <param name="Sets">Lowest instance first. Empty where the chain's structure is broken.</param>
public sealed record ArcResult(ArcVerdict Verdict, string? Reason, IReadOnlyList<ArcSet> Sets)
{
    /// <summary>True when a key could not be fetched now: the same message may pass later (RFC 8617 §5.2.1 leaves it
    /// open to answer 4xx).</summary>
    public bool IsTemporary { get; init; }
}
