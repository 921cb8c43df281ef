using System.Buffers;

namespace Commune.Mail.Text;

internal enum HtmlTokenKind
{
    End,
    Text,
    Open,
    Close,
    Comment,
}

/// <summary>
/// The tags and the text of HTML, as the tokenizer of the HTML standard (§13.2.5) sees them, over the source itself: nothing is
/// copied and no tree is built, so that nothing can grow beyond the source. The content of scripts, styles and their like is passed over.
/// Text is given with its character references.
/// </summary>
internal ref struct HtmlTokens(ReadOnlySpan<char> html)
{
    private const int LongestName = 24;
    private const int LongestCondition = 40;

    private readonly ReadOnlySpan<char> _html = html;
    private int _at;
    // The element whose content is not markup, and that is therefore passed over.
    private string? _raw;

    /// <summary>Of a text or a comment, conditional ones and those that are none but by mistake included.</summary>
    public ReadOnlySpan<char> Text { readonly get; private set; }

    /// <summary>In lower case.</summary>
    public string Name { readonly get; private set; } = "";

    public HtmlAttributes Attributes { readonly get; private set; }

    public bool IsSelfClosing { readonly get; private set; }

    /// <summary>At the end tag of an element whose content is not markup: that content.</summary>
    public ReadOnlySpan<char> Raw { readonly get; private set; }

    /// <summary>What was not read yet.</summary>
    public readonly ReadOnlySpan<char> Rest => _html[_at..];

    public HtmlTokenKind Next()
    {
        Raw = default;
        if (_raw is not null)
        {
            var start = _at;
            SkipRaw(_raw);
            Raw = _html[start.._at];
        }
        while (_at < _html.Length)
        {
            var start = _at;
            var angle = start;
            while (true)
            {
                var found = _html[angle..].IndexOf('<');
                angle = found < 0 ? _html.Length : angle + found;
                if (found < 0 || (angle + 1 < _html.Length && (char.IsAsciiLetter(_html[angle + 1]) || _html[angle + 1] is '/' or '!' or '?')))
                    break;
                angle++;
            }
            if (angle > start)
            {
                Text = _html[start..angle];
                _at = angle;
                return HtmlTokenKind.Text;
            }
            if (_html[start + 1] is '!' or '?')
            {
                ReadComment();
                if (!_html[start..].StartsWith("<!--") && IsDeclaration(Text))
                    continue;
                return HtmlTokenKind.Comment;
            }
            var close = _html[start + 1] == '/';
            if (close && (start + 2 >= _html.Length || !char.IsAsciiLetter(_html[start + 2])))
            {
                ReadTo(">", start + 2);
                return HtmlTokenKind.Comment;
            }
            if (!ReadTag(start + (close ? 2 : 1)))
                break;
            if (!close && Name is "script" or "style" or "xmp" or "iframe" or "noembed" or "noframes" or "title" or "textarea")
                _raw = Name;
            return close ? HtmlTokenKind.Close : HtmlTokenKind.Open;
        }
        _at = _html.Length;
        return HtmlTokenKind.End;
    }

    private bool ReadTag(int at)
    {
        var start = at;
        while (at < _html.Length && _html[at] is not (' ' or '\t' or '\r' or '\n' or '\f' or '/' or '>'))
            at++;
        if (at == _html.Length)
            return false;
        var name = _html[start..at];
        var attributes = at;
        // A ">" in quotes does not end the tag; quotes count only after "=".
        while (true)
        {
            var stop = _html[at..].IndexOfAny('>', '=');
            if (stop < 0)
                return false;
            at += stop;
            if (_html[at] == '>')
                break;
            at++;
            while (at < _html.Length && char.IsWhiteSpace(_html[at]))
                at++;
            if (at >= _html.Length || _html[at] is not ('"' or '\''))
                continue;
            var quote = _html[(at + 1)..].IndexOf(_html[at]);
            if (quote < 0)
                return false;
            at += quote + 2;
        }
        Name = HtmlNames.Find(name) ?? name[..Math.Min(name.Length, LongestName)].ToString().ToLowerInvariant();
        IsSelfClosing = at > attributes && _html[at - 1] == '/';
        Attributes = new HtmlAttributes(_html[attributes..at]);
        _at = at + 1;
        return true;
    }

    /// <summary>"DOCTYPE html", "[endif]", "xml:namespace …": what programs write and nobody reads.</summary>
    private static bool IsDeclaration(ReadOnlySpan<char> text) =>
        (text.StartsWith("doctype html", StringComparison.OrdinalIgnoreCase) && (text.Length < LongestCondition || text.Contains("//DTD", StringComparison.OrdinalIgnoreCase)))
        || (text.Length < 2 * LongestCondition && text.StartsWith("xml", StringComparison.OrdinalIgnoreCase)) || (text.Length < LongestCondition && (text.StartsWith("[if", StringComparison.OrdinalIgnoreCase) || text.StartsWith("[endif", StringComparison.OrdinalIgnoreCase)));

    private void ReadComment()
    {
        var rest = _html[_at..];
        Text = default;
        if (!rest.StartsWith("<!--"))
        {
            ReadTo(">", _at + 2);
        }
        else if (rest.StartsWith("<!-->"))
        {
            _at += 5;
        }
        else if (rest.StartsWith("<!--->"))
        {
            _at += 6;
        }
        else
        {
            var start = _at + 4;
            for (_at = start; ; _at++)
            {
                var found = _html[_at..].IndexOf("--");
                if (found < 0)
                {
                    Text = _html[start..];
                    _at = _html.Length;
                    return;
                }
                _at += found;
                // "--!>" ends one as well (§13.2.5.52).
                var length = _html[_at..].StartsWith("-->") ? 3 : _html[_at..].StartsWith("--!>") ? 4 : 0;
                if (length == 0)
                    continue;
                Text = _html[start.._at];
                _at += length;
                return;
            }
        }
    }

    private void ReadTo(ReadOnlySpan<char> end, int from)
    {
        from = Math.Min(from, _html.Length);
        var found = _html[from..].IndexOf(end);
        Text = found < 0 ? _html[from..] : _html.Slice(from, found);
        _at = found < 0 ? _html.Length : from + found + end.Length;
    }

    /// <summary>To the end tag of an element whose content is not markup; the end tag is read next.</summary>
    private void SkipRaw(string name)
    {
        _raw = null;
        while (true)
        {
            var found = _html[_at..].IndexOf("</");
            if (found < 0)
            {
                _at = _html.Length;
                return;
            }
            _at += found;
            var tag = _html[(_at + 2)..];
            if (tag.StartsWith(name, StringComparison.OrdinalIgnoreCase)
                && (tag.Length == name.Length || tag[name.Length] is ' ' or '\t' or '\r' or '\n' or '\f' or '/' or '>'))
            {
                return;
            }
            _at += 2;
        }
    }
}

/// <summary>The attributes of one tag, read when asked for.</summary>
internal readonly ref struct HtmlAttributes(ReadOnlySpan<char> source)
{
    private readonly ReadOnlySpan<char> _source = source;

    public bool IsEmpty => _source.TrimEnd('/').IsWhiteSpace();

    public Enumerator GetEnumerator() => new(_source);

    public bool Has(ReadOnlySpan<char> name)
    {
        foreach (var attribute in this)
        {
            if (attribute.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>The value with its character references decoded; null without the attribute.</summary>
    public string? Find(ReadOnlySpan<char> name)
    {
        foreach (var attribute in this)
        {
            if (attribute.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return HtmlCharacters.Decode(attribute.Value);
        }
        return null;
    }

    public readonly ref struct Attribute(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        public readonly ReadOnlySpan<char> Name = name;
        /// <summary>With its character references.</summary>
        public readonly ReadOnlySpan<char> Value = value;
    }

    /// <summary>A tag with more is none that anybody wrote; they are not read.</summary>
    public const int Most = 200;

    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \t\r\n\f");

    public ref struct Enumerator(ReadOnlySpan<char> rest)
    {
        private ReadOnlySpan<char> _rest = rest;
        private int _count;
        private Attribute _current;

        public readonly Attribute Current => _current;

        public bool MoveNext()
        {
            var start = 0;
            while (start < _rest.Length && (IsBlank(_rest[start]) || _rest[start] == '/'))
                start++;
            _rest = _rest[start..];
            if (_rest.IsEmpty || _count++ == Most)
                return false;
            // An "=" in the first place is part of the name (§13.2.5.32).
            var end = 1;
            while (end < _rest.Length && !IsBlank(_rest[end]) && _rest[end] is not ('/' or '='))
                end++;
            var name = _rest[..end];
            _rest = _rest[end..];
            var after = SkipBlanks(_rest);
            if (!after.StartsWith('='))
            {
                _current = new Attribute(name, default);
                return true;
            }
            after = SkipBlanks(after[1..]);
            if (!after.IsEmpty && after[0] is '"' or '\'')
            {
                var close = after[1..].IndexOf(after[0]);
                var value = close < 0 ? after[1..] : after.Slice(1, close);
                _rest = close < 0 ? default : after[(close + 2)..];
                _current = new Attribute(name, value);
                return true;
            }
            var blank = after.IndexOfAny(Blanks);
            var bare = blank < 0 ? after : after[..blank];
            _rest = after[bare.Length..];
            _current = new Attribute(name, bare);
            return true;
        }

        private static ReadOnlySpan<char> SkipBlanks(ReadOnlySpan<char> text)
        {
            var start = 0;
            while (start < text.Length && IsBlank(text[start]))
                start++;
            return text[start..];
        }

        private static bool IsBlank(char c) => c is ' ' or '\t' or '\r' or '\n' or '\f';
    }
}
