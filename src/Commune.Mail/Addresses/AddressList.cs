using System.Text;
using Commune.Mail.Mime;

namespace Commune.Mail.Addresses;

/// <summary>Reads the address lists that mail really carries (RFC 5322 §3.4 and §4.4): what cannot be read is skipped.</summary>
public static class AddressList
{
    private const int MostAddresses = 10_000;

    // More than RFC 5321 lets through, and little enough to be kept.
    private const int LongestAddress = 1000;

    /// <summary>
    /// The mailboxes of a From, To, Cc… value, in order. Groups are flattened, comments and source routes dropped;
    /// a comment after a bare address is its name. Encoded words in names are decoded, never those in addresses.
    /// </summary>
    public static IReadOnlyList<Mailbox> Parse(string? headerValue)
    {
        if (string.IsNullOrWhiteSpace(headerValue))
            return [];
        var found = new List<Mailbox>();
        new Reader(headerValue, found).Read();
        return found;
    }

    private ref struct Reader(string text, List<Mailbox> found)
    {
        // An encoded word without its end: looking ahead stops here, so that reading stays linear.
        private const int LongestLookAhead = 1000;

        // Quotes and comments that never close are read again as text; after a few of them no more are tried.
        private const int MostUnclosed = 10;

        private readonly ReadOnlySpan<char> _text = text;
        private readonly StringBuilder _phrase = new();
        private readonly StringBuilder _bare = new();
        private string? _angle;
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
                    case ',' or ';':
                        Flush();
                        _at++;
                        break;
                    case ':':
                        // The name of a group (RFC 5322 §3.4) says nothing about its members.
                        Clear();
                        _at++;
                        break;
                    case '<':
                        _angle = ReadAngle();
                        break;
                    case '(' when _unclosed < MostUnclosed:
                        _comment = ReadComment() ?? _comment;
                        _spaced = true;
                        break;
                    case '"':
                        ReadQuoted(_phrase, _bare);
                        break;
                    case ' ' or '\t' or '\r' or '\n' or '>':
                        _spaced = true;
                        _at++;
                        break;
                    case '=' when EncodedWordLength() is > 0 and var length:
                        AppendWord(_text.Slice(_at, length));
                        _bare.Append(_text.Slice(_at, length));
                        _at += length;
                        break;
                    default:
                        AppendWord(_text.Slice(_at, 1));
                        _bare.Append(c);
                        _at++;
                        break;
                }
            }
            if (found.Count < MostAddresses)
                Flush();
        }

        private void AppendWord(ReadOnlySpan<char> word)
        {
            if (_spaced && _phrase.Length > 0)
                _phrase.Append(' ');
            _spaced = false;
            _phrase.Append(word);
        }

        private void Flush()
        {
            if (_angle is not null && Split(_angle) is var (local, domain))
                found.Add(new Mailbox(Name(_phrase.ToString(), _angle), local, domain));
            else if (_bare.Length > 0 && Split(_bare.ToString()) is var (bareLocal, bareDomain))
                found.Add(new Mailbox(Name(_comment, ""), bareLocal, bareDomain));
            Clear();
        }

        private void Clear()
        {
            _phrase.Clear();
            _bare.Clear();
            _angle = _comment = null;
            _spaced = false;
        }

        private static string? Name(string? phrase, string address)
        {
            if (phrase is null)
                return null;
            var name = HeaderText.Tidy(EncodedWords.Decode(phrase)).Trim();
            // Outlook writes "'kim@example.com'" where it knows no name.
            if (name.Length > 2 && name[0] == '\'' && name[^1] == '\'' && name.AsSpan(1, name.Length - 2).SequenceEqual(address))
                return address;
            return name.Length == 0 ? null : name;
        }

        private static (string Local, string Domain)? Split(string address)
        {
            // RFC 5322 §4.4: an obsolete route, "@a,@b:local@domain".
            if (address.StartsWith('@') && address.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                address = address[(colon + 1)..];
            var at = address.LastIndexOf('@');
            if (at <= 0 || at == address.Length - 1 || address.Length > LongestAddress || address.Any(char.IsControl))
                return null;
            var local = address[..at];
            var domain = address[(at + 1)..].TrimEnd('.').ToLowerInvariant();
            if (domain.Length == 0)
                return null;
            if (domain[0] != '[' && domain.AsSpan().ContainsAny("@<>()[]\",;:\\ "))
                return null;
            if (local[0] != '"' && local.AsSpan().ContainsAny("@<>()[]\",;:\\ "))
                local = Phrase.QuoteAlways(local.Replace("\"", "", StringComparison.Ordinal));
            return (local, domain);
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
                    else if (!char.IsWhiteSpace(c) && !char.IsControl(c))
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
            if (phrase is not null)
                AppendWord([]);
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
            phrase?.Append(inner);
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
}
