using System.Text;

namespace Commune.Ai.AttachmentText;

/// <summary>Text as it is found, up to a limit: no run of blanks, no more than one empty line, no control characters.</summary>
internal sealed class CollectedText(ReadingBudget budget)
{
    private static readonly string[] Ligatures = ["ff", "fi", "fl", "ffi", "ffl", "st", "st"];

    private readonly StringBuilder text = new();
    private int lineEnds = 2;
    private char? pending;

    /// <summary>Nothing more is taken, or may be spent.</summary>
    public bool IsFull => IsCut || budget.IsSpent;

    /// <summary>There was more than the limit.</summary>
    public bool IsCut { get; private set; }

    public void Append(ReadOnlySpan<char> piece)
    {
        budget.Spend(piece.Length);
        foreach (var c in piece)
        {
            if (IsFull)
                return;
            Append(c);
        }
    }

    public void Append(char c)
    {
        if (c == '\n')
            NewLine();
        else if (c == '\t')
            pending = '\t';
        else if (char.IsWhiteSpace(c))
            pending ??= ' ';
        else if (c is >= '\uFB00' and <= '\uFB06')
            // Typesetters' ligatures: nobody searches for them.
            Append(Ligatures[c - '\uFB00']);
        else if (!char.IsControl(c) && c is not ('\uFEFF' or '\u00AD' or '\u200B'))
            Write(c);
    }

    /// <summary>Ends the line, if it has anything.</summary>
    public void EndLine()
    {
        if (lineEnds == 0)
            NewLine();
    }

    /// <summary>An empty line, if there is anything before it.</summary>
    public void EndParagraph()
    {
        while (lineEnds < 2)
            NewLine();
    }

    /// <summary>Takes back a hyphen at the end of what there is, if it follows a letter.</summary>
    public bool TryDropHyphen()
    {
        if (lineEnds > 0 || pending is not null || text.Length < 2 || text[^1] is not ('-' or '\u2010') || !char.IsLetter(text[^2]))
            return false;
        text.Length--;
        return true;
    }

    /// <summary>The text, without blanks at its end.</summary>
    public string Finish()
    {
        var end = text.Length;
        // Half of a pair at a cut.
        if (end > 0 && char.IsHighSurrogate(text[end - 1]))
            end--;
        while (end > 0 && char.IsWhiteSpace(text[end - 1]))
            end--;
        var whole = text.ToString(0, end).ToCharArray();
        for (var i = 0; i < whole.Length; i++)
        {
            if (char.IsHighSurrogate(whole[i]) && i + 1 < whole.Length && char.IsLowSurrogate(whole[i + 1]))
                i++;
            else if (char.IsSurrogate(whole[i]))
                whole[i] = '\uFFFD';
        }
        return new string(whole);
    }

    private void NewLine()
    {
        pending = null;
        if (lineEnds >= 2)
            return;
        lineEnds++;
        Put('\n');
    }

    private void Write(char c)
    {
        if (pending is { } blank && lineEnds == 0)
            Put(blank);
        pending = null;
        lineEnds = 0;
        Put(c);
    }

    private void Put(char c)
    {
        if (text.Length >= budget.Limits.MaxText)
            IsCut = true;
        else
            text.Append(c);
    }
}
