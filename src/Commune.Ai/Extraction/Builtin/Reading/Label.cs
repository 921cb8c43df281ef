namespace Commune.Ai.Extraction.Builtin.Reading;

/// <summary>A name and what stands for it: "Order no.: A-17".</summary>
/// <param name="Words">The name; their places count from its own start.</param>
/// <param name="Start">Where the name begins.</param>
/// <param name="ValueStart">Where the value begins; it may run over several lines.</param>
internal sealed record Label(IReadOnlyList<Word> Words, int Start, int ValueStart, int ValueEnd, LabelKind Kind, MailPart Part, LineTrust Trust);

/// <summary>How a name and its value are set apart.</summary>
internal enum LabelKind
{
    /// <summary>A colon, a tab, a rule of a table.</summary>
    Line,

    /// <summary>The value stands on the lines below.</summary>
    Below,

    /// <summary>A dash, dots, or nothing but an amount at the end: a name more likely than not.</summary>
    Loose,
}
