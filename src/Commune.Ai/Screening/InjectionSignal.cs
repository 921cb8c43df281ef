namespace Commune.Ai.Screening;

/// <summary>One thing in a mail that speaks for an attempt to give orders to a model that reads it.</summary>
/// <param name="Kind"><c>role_override</c>, <c>fake_turn</c>, <c>hidden_text</c>… (docs/screening.md lists them).</param>
/// <param name="Weight">0 to 1: how likely it alone makes the mail hostile.</param>
/// <param name="Place">Where it stands: <c>text</c>, <c>subject</c>, <c>sender_name</c>, <c>attachment_name</c>, <c>hidden_text</c>, <c>comment</c>, <c>label</c>
/// (alt and title), <c>encoded</c>, <c>invisible</c> or <c>link</c>.</param>
/// <param name="Quote">The words, on one line, at most 120 characters; without what is invisible.</param>
public sealed record InjectionSignal(string Kind, double Weight, string Place, string Quote);

/// <param name="Score">0 to 1.</param>
/// <param name="Risk"><c>none</c>, <c>low</c>, <c>medium</c>, <c>high</c> or <c>critical</c>.</param>
/// <param name="Signals">The heaviest first, at most 24; each kind is among them.</param>
public sealed record InjectionVerdict(double Score, string Risk, IReadOnlyList<InjectionSignal> Signals)
{
    /// <summary>The risk is medium or worse.</summary>
    public bool Detected => Score >= Medium;

    internal const double Low = 0.1;
    internal const double Medium = 0.4;
    internal const double High = 0.65;
    internal const double Critical = 0.85;

    public static string RiskOf(double score) => score switch
    {
        >= Critical => "critical",
        >= High => "high",
        >= Medium => "medium",
        >= Low => "low",
        _ => "none",
    };
}
