namespace Commune.Ai.Extraction;

/// <summary>Where a value was read.</summary>
/// <param name="Quote">The words of the mail that say it.</param>
/// <param name="Start">Where the quote begins, in UTF-16 code units of <see cref="MailText.Visible"/> (subject, "\n", text); -1 when it is not in there.</param>
/// <param name="End">Behind its last code unit; -1 with <paramref name="Start"/>.</param>
/// <param name="Confidence">From 0 to 1, by the kind of evidence.</param>
public sealed record FieldEvidence(string Quote, int Start, int End, double Confidence)
{
    /// <summary>The part of the mail that holds the quote.</summary>
    public EvidenceSource Source { get; init; } = EvidenceSource.Text;
}

/// <summary>A part of a mail; on the wire in lower case.</summary>
public enum EvidenceSource
{
    /// <summary>Subject or text: <see cref="FieldEvidence.Start"/> and <see cref="FieldEvidence.End"/> point to it.</summary>
    Text,

    /// <summary>The From header.</summary>
    From,

    /// <summary>The Date header.</summary>
    Date,
}
