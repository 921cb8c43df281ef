namespace Commune.Ai.Embeddings;

/// <summary>
/// Reads the words of an English text one after the other into the caller's memory: lower case, accents folded,
/// "can't" as "can" and "not", "we've" as "we". Digits and web addresses are no words.
/// </summary>
/// <param name="buffer">Room for the word at hand: <see cref="PorterStemmer.LongestWord"/> letters.</param>
public ref struct EnglishWordReader(ReadOnlySpan<char> text, Span<char> buffer)
{
    private readonly ReadOnlySpan<char> _text = text;
    private readonly Span<char> _buffer = buffer[..PorterStemmer.LongestWord];
    private int _at;
    private int _length;
    private bool _notFollows;

    /// <summary>The word at hand, which may be stemmed where it stands. Empty for one of another script and for one that is too long.</summary>
    public readonly Span<char> Word => _buffer[.._length];

    /// <summary>Behind the word at hand.</summary>
    internal readonly int At => _at;

    /// <returns>False at the end of the text.</returns>
    public bool Read() => ReadBefore(_text.Length);

    /// <summary>Leaves out what somebody else has read.</summary>
    internal void SkipTo(int at) => _at = at;

    /// <summary>Reads a word that begins before a place.</summary>
    /// <returns>False when none does.</returns>
    internal bool ReadBefore(int end)
    {
        if (_notFollows)
        {
            _notFollows = false;
            Set("not");
            return true;
        }
        while (_at < end)
        {
            switch (LetterFolding.Fold(_text[_at]))
            {
                case LetterFolding.Break or LetterFolding.Unseen or '\'':
                    _at++;
                    break;
                case LetterFolding.Foreign:
                    SkipForeign();
                    return true;
                default:
                    ReadLetters();
                    if (SkipsWebAddress())
                        break;
                    ReadEnding();
                    return true;
            }
        }
        return false;
    }

    private void SkipForeign()
    {
        _length = 0;
        while (_at < _text.Length && LetterFolding.Fold(_text[_at]) is LetterFolding.Foreign or LetterFolding.Unseen)
            _at++;
    }

    private void ReadLetters()
    {
        _length = 0;
        while (_at < _text.Length && _length < _buffer.Length && (char)(_text[_at] | ' ') is >= 'a' and <= 'z' and var plain)
        {
            _buffer[_length++] = plain;
            _at++;
        }
        if (_at < _text.Length && _text[_at] == ' ')
            return;
        var letters = _length;
        for (; _at < _text.Length; _at++)
        {
            var letter = LetterFolding.Fold(_text[_at]);
            if (letter == LetterFolding.Unseen)
                continue;
            if (letter is < 'a' or > 'z')
                break;
            if (letters++ < _buffer.Length)
                _buffer[_length++] = letter;
        }
        if (letters > _buffer.Length)
            _length = 0;
    }

    private bool SkipsWebAddress()
    {
        if (_at == _text.Length || _text[_at] != ':' || !_text[_at..].StartsWith("://"))
            return false;
        var end = _text[_at..].IndexOfAny(" \t\r\n<>\"");
        _at = end < 0 ? _text.Length : _at + end;
        return true;
    }

    private void ReadEnding()
    {
        if (_at + 1 < _text.Length && _text[_at] > ' ' && LetterFolding.Fold(_text[_at]) == '\'')
            ReadCutWord();
    }

    /// <summary>What stands behind an apostrophe: "not" cut short is a word, other cut words carry no meaning, and a whole one is read next.</summary>
    private void ReadCutWord()
    {
        Span<char> ending = stackalloc char[3];
        var length = 0;
        var end = _at + 1;
        for (; end < _text.Length && LetterFolding.Fold(_text[end]) is >= 'a' and <= 'z' and var letter; end++)
        {
            if (length == ending.Length)
                return;
            ending[length++] = letter;
        }
        switch (ending[..length])
        {
            case "t" when _length > 1 && _buffer[_length - 1] == 'n':
                ReadNegation();
                _at = end;
                break;
            case "s" or "m" or "d" or "re" or "ve" or "ll":
                _at = end;
                break;
        }
    }

    private void ReadNegation()
    {
        _notFollows = true;
        switch (Word)
        {
            case "can":
                break;
            case "won":
                Set("will");
                break;
            case "shan":
                Set("shall");
                break;
            default:
                _length--;
                break;
        }
    }

    private void Set(ReadOnlySpan<char> word)
    {
        word.CopyTo(_buffer);
        _length = word.Length;
    }
}
