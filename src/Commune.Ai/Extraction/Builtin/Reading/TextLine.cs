namespace Commune.Ai.Extraction.Builtin.Reading;

/// <summary>A line of the visible text, or a piece of one that is very long.</summary>
/// <param name="Start">Behind its indentation and quote marks.</param>
/// <param name="End">Before trailing space.</param>
internal readonly record struct TextLine(int Start, int End, MailPart Part)
{
    public int Length => End - Start;

    public bool IsBlank => End <= Start;

    /// <summary>Written by the sender for this mail.</summary>
    public bool IsOwn => Part is MailPart.New or MailPart.Subject;
}
