using System.Text;
using Commune.Mail.Mime;

namespace Commune.Mail.Addresses;

/// <summary>Reads one list of addresses from its beginning to its end, each character a bounded number of times.</summary>
internal ref struct AddressReader(string text, List<Mailbox> found)
{
    private const int MostAddresses = 10_000;

    // What stands before a comma inside a name.
    private const int LongestHalfName = 200;

    // Parts the words of an entry that has no angle brackets; white space never gets into a word itself.
    private const char WordEnd = '\n';

    // An encoded word without its end: looking ahead stops here, so that reading stays linear.
    private const int LongestLookAhead = 1000;

    // Quotes and comments that never close are read again as text; after a few of them no more are tried.
    private const int MostUnclosed = 10;

    private readonly ReadOnlySpan<char> _text = text;
    private readonly StringBuilder _phrase = new();
    private readonly StringBuilder _bare = new();
    // Where in the phrase each word of the bare entry begins.
    private readonly List<int> _wordStarts = [];
    // "Doe, " of an unquoted "Doe, John <john@example.com>".
    private string? _halfName;
    private string? _angle;
    private int _phraseBeforeAngle;
    private string? _comment;
    private bool _spaced;
    private int _unclosed;
    private int _at;

    public void Read()
    {
        while (_at < _text.Length && found.Count < MostAddresses)
        {
            var c = _text[_at];
            switch (c)
            {
                case ',':
                    EndEntry();
                    _at++;
                    break;
                case ';':
                    Flush();
                    _halfName = null;
                    _at++;
                    break;
                case ':' when !InLiteral:
                    // The name of a group (RFC 5322 §3.4) says nothing about its members.
                    Clear();
                    _halfName = null;
                    _at++;
                    break;
                case '<':
                    ReadAngleEntry();
                    break;
                case '(' when _unclosed < MostUnclosed:
                    _comment = ReadComment() ?? _comment;
                    _spaced = true;
                    break;
                case '"':
                    ReadQuoted(_phrase, _bare);
                    break;
                case ' ' or '\t' or '\r' or '\n' or '\u00A0' or '>':
                    _spaced = true;
                    _at++;
                    break;
                case '=' when EncodedWordLength() is > 0 and var length:
                    AppendWord(_text.Slice(_at, length));
                    _at += length;
                    break;
                case var mark when Phrase.IsInvisible(mark):
                    _at++;
                    break;
                default:
                    AppendWord(_text.Slice(_at, 1));
                    _at++;
                    break;
            }
        }
        Flush();
    }

    // An address literal (RFC 5321 §4.1.3) has colons of its own.
    private readonly bool InLiteral => _bare.Length > 1 && _bare.ToString(Math.Max(0, _bare.Length - 60), Math.Min(60, _bare.Length)) is var end
        && end.LastIndexOf("@[", StringComparison.Ordinal) > end.LastIndexOf(']');

    /// <summary>A new entry begins; the white space between it and a word before parts the two.</summary>
    private void BeginWord(char first)
    {
        if (_bare.Length == 0)
        {
            _wordStarts.Add(_phrase.Length);
        }
        else if (_spaced && !IsJoined(first))
        {
            _bare.Append(WordEnd);
            _wordStarts.Add(_phrase.Length);
        }
        if (_spaced && _phrase.Length > 0)
            _phrase.Append(' ');
        _spaced = false;
    }

    /// <summary>RFC 5322 §4.4: white space may stand around the dots and the "@" of an address.</summary>
    private readonly bool IsJoined(char next) => next is '.' or '@' || _bare[^1] is '@' || (_bare[^1] == '.' && HasAt());

    private readonly bool HasAt()
    {
        for (var i = _bare.Length - 1; i >= Math.Max(0, _bare.Length - 300) && _bare[i] != WordEnd; i--)
        {
            if (_bare[i] == '@')
                return true;
        }
        return false;
    }

    private void AppendWord(ReadOnlySpan<char> word)
    {
        BeginWord(word[0]);
        _phrase.Append(word);
        _bare.Append(word);
    }

    /// <summary>A comma: what stands before it without an address may be the first half of a name that should have been quoted.</summary>
    private void EndEntry()
    {
        var half = _angle is null && _phrase.Length is > 0 and <= LongestHalfName && (_halfName?.Length ?? 0) <= LongestHalfName && !HasAddress()
            ? _halfName + _phrase.ToString() + ", " : null;
        Flush();
        _halfName = half;
    }

    private readonly bool HasAddress()
    {
        foreach (var chunk in _bare.GetChunks())
        {
            if (chunk.Span.Contains('@'))
                return true;
        }
        return false;
    }

    private void ReadAngleEntry()
    {
        // Two in one entry: the comma between them was forgotten.
        if (_angle is not null && AddrSpec.Split(_angle) is not null)
        {
            var rest = _phrase.ToString(_phraseBeforeAngle, _phrase.Length - _phraseBeforeAngle);
            Flush();
            _phrase.Append(rest.TrimStart());
        }
        _phraseBeforeAngle = _phrase.Length;
        _angle = ReadAngle();
        _spaced = true;
    }

    private void Flush()
    {
        if (found.Count < MostAddresses && _angle is not null && AddrSpec.Split(_angle) is var (local, domain))
            found.Add(new Mailbox(Phrase.Read(_halfName + _phrase.ToString(0, _phraseBeforeAngle)), local, domain));
        else if (HasAddress())
            FlushBare();
        Clear();
    }

    /// <summary>Words without angle brackets: those with an "@" are addresses, what stands before one is its name.</summary>
    private readonly void FlushBare()
    {
        var nameStart = 0;
        var word = 0;
        foreach (var bare in _bare.ToString().Split(WordEnd))
        {
            var start = _wordStarts[word++];
            if (!bare.Contains('@', StringComparison.Ordinal) || found.Count >= MostAddresses || AddrSpec.Split(bare) is not var (local, domain))
                continue;
            found.Add(new Mailbox(Phrase.Read(_comment ?? _phrase.ToString(nameStart, start - nameStart)), local, domain));
            nameStart = word < _wordStarts.Count ? _wordStarts[word] : _phrase.Length;
        }
    }

    private void Clear()
    {
        _phrase.Clear();
        _bare.Clear();
        _wordStarts.Clear();
        _angle = _comment = _halfName = null;
        _phraseBeforeAngle = 0;
        _spaced = false;
    }

    /// <summary>The text between angle brackets without white space and comments, its quoted strings kept as they are.</summary>
    private string ReadAngle()
    {
        var inside = new StringBuilder();
        _at++;
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == '>')
            {
                _at++;
                break;
            }
            // A bracket that never closes ends with its list entry; a comma may still belong to a route.
            if (c == ';' || (c == ',' && !(inside.Length > 0 && inside[0] == '@')))
                break;
            if (c == '"')
                ReadQuoted(null, inside);
            else if (c == '(' && _unclosed < MostUnclosed)
                ReadComment();
            else
            {
                if (c == '<')
                    inside.Clear();
                else if (!char.IsWhiteSpace(c) && !char.IsControl(c) && !Phrase.IsInvisible(c))
                    inside.Append(c);
                _at++;
            }
        }
        return inside.ToString();
    }

    private void ReadQuoted(StringBuilder? phrase, StringBuilder wire)
    {
        if (_unclosed == MostUnclosed)
        {
            _at++;
            return;
        }
        var start = _at++;
        var closed = false;
        var content = new StringBuilder();
        while (_at < _text.Length && !closed)
        {
            var c = _text[_at++];
            if (c == '"')
                closed = true;
            else if (c == '\\' && _at < _text.Length)
                content.Append(_text[_at++]);
            else
                content.Append(c);
        }
        if (!closed)
        {
            // A quote that never closes is an ordinary character: the rest of the list must not vanish in it.
            _unclosed++;
            _at = start + 1;
            return;
        }
        var inner = content.ToString();
        if (phrase is not null)
        {
            BeginWord('"');
            phrase.Append(inner);
        }
        wire.Append(Mailbox.IsDotAtom(inner) ? inner : Phrase.QuoteAlways(inner));
    }

    private string? ReadComment()
    {
        var start = _at;
        var content = new StringBuilder();
        var depth = 0;
        while (_at < _text.Length)
        {
            var c = _text[_at++];
            if (c == '(' && depth++ == 0)
                continue;
            if (c == ')' && --depth == 0)
                return content.ToString();
            if (c == '\\' && _at < _text.Length)
                c = _text[_at++];
            content.Append(c);
        }
        _unclosed++;
        _at = start + 1;
        return null;
    }

    /// <summary>
    /// The length of the encoded word that starts here, or 0. Broken mailers leave commas and colons inside,
    /// so the word is taken whole before the list is split.
    /// </summary>
    private readonly int EncodedWordLength()
    {
        var rest = _text[_at..];
        if (rest.Length > LongestLookAhead)
            rest = rest[..LongestLookAhead];
        return EncodedWords.TryMatch(rest, out var word) && !rest[..word.Length].ContainsAny(' ', '\t') ? word.Length : 0;
    }
}
