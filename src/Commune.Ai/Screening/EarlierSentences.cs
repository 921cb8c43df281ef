namespace Commune.Ai.Screening;

/// <summary>A sentence of a text, and what was found in it.</summary>
/// <param name="From">It was looked for from there on.</param>
/// <param name="At">The anchor by which it was found; -1 when there is no more, and no sentence.</param>
/// <param name="First">Its findings begin there in the list of all.</param>
internal readonly record struct JudgedSentence(int From, int At, int Start, int End, int First, int Count, bool Talks);

/// <summary>The sentences of a text of which some characters were replaced since: where none was, they are the same again.</summary>
/// <param name="judged">In their order.</param>
/// <param name="original">The text in which they were found; empty without one.</param>
internal ref struct EarlierSentences(List<JudgedSentence> judged, ReadOnlySpan<char> original, ReadOnlySpan<char> text)
{
    private readonly bool _isComparable = original.Length == text.Length;
    private readonly ReadOnlySpan<char> _original = original;
    private readonly ReadOnlySpan<char> _text = text;
    private int _next;
    private int _replaced = -1;

    /// <summary>What comes first from a place on; null where it has to be looked for.</summary>
    public JudgedSentence? From(int from)
    {
        if (!_isComparable)
            return null;
        while (_next < judged.Count && judged[_next].From < from)
            _next++;
        if (_next == judged.Count || judged[_next].From != from)
            return null;
        if (_replaced < from)
            _replaced = from + _original[from..].CommonPrefixLength(_text[from..]);
        var sentence = judged[_next];
        // An end is one by the two characters behind it.
        var seen = sentence.At < 0 ? _text.Length : Math.Min(_text.Length, Math.Max(sentence.End + 2, sentence.At + AnchorTable.Longest));
        return _replaced >= seen ? sentence : null;
    }
}
