using System.Buffers;
using System.Text;

namespace Commune.Ai.Screening;

/// <summary>
/// A text in the form that is compared (<see cref="FoldTable"/>), letters that stand apart joined to words, and where each character came from.
/// </summary>
internal sealed class FoldedText : IDisposable
{
    private readonly string _source;
    private char[] _folded;
    private readonly List<(int Folded, int Source)> _shifts = [];

    private FoldedText(string source, int length)
    {
        _source = source;
        _folded = ArrayPool<char>.Shared.Rent(Math.Max(16, length));
    }

    public ReadOnlySpan<char> Text => _folded.AsSpan(0, Length);

    public int Length { get; private set; }

    public bool IsAscii { get; private set; }

    /// <summary>Words that mix letters of scripts in a way that only deceives.</summary>
    public int MixedWords { get; private set; }

    /// <summary>The first of them, as it was written.</summary>
    public string? MixedWord { get; private set; }

    public static FoldedText Of(string source, int longest)
    {
        var length = Math.Min(source.Length, longest);
        var folded = new FoldedText(source, length);
        folded.IsAscii = Ascii.IsValid(source.AsSpan(0, length));
        if (folded.IsAscii)
        {
            Ascii.ToLower(source.AsSpan(0, length), folded._folded, out _);
            folded.Length = length;
        }
        else
        {
            folded.Fold(length);
            folded.FoldLookalikes();
        }
        return folded;
    }

    /// <summary>The place in the source of a place in the folded text.</summary>
    public int SourceOf(int folded)
    {
        var (low, high) = (0, _shifts.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_shifts[middle].Folded <= folded)
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 ? Math.Min(folded, _source.Length) : Math.Min(_source.Length, _shifts[low - 1].Source + (folded - _shifts[low - 1].Folded));
    }

    /// <summary>The source behind a range of the folded text, on one line and at most <paramref name="most"/> characters of it.</summary>
    public string Quote(int start, int end, int most = 120)
    {
        var from = SourceOf(start);
        var to = Math.Max(from, SourceOf(end));
        return QuoteOf(_source.AsSpan(from, Math.Min(to - from, most * 3)), most);
    }

    public static string QuoteOf(ReadOnlySpan<char> text, int most = 120)
    {
        if (Ascii.IsValid(text))
            return QuoteOfAscii(text, most);
        var quote = new StringBuilder(Math.Min(text.Length, most + 1));
        var blank = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (quote.Length >= most)
            {
                quote.Append('…');
                break;
            }
            if (Rune.IsWhiteSpace(rune))
            {
                blank = quote.Length > 0;
                continue;
            }
            if (Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.Control
                or System.Globalization.UnicodeCategory.PrivateUse)
                continue;
            if (blank)
                quote.Append(' ');
            blank = false;
            quote.Append(rune.ToString());
        }
        return quote.ToString();
    }

    private static string QuoteOfAscii(ReadOnlySpan<char> text, int most)
    {
        Span<char> quote = stackalloc char[most + 2];
        var length = 0;
        var blank = false;
        foreach (var c in text)
        {
            if (length >= most)
            {
                quote[length++] = '…';
                break;
            }
            if (c is ' ' or (>= '\t' and <= '\r'))
            {
                blank = length > 0;
                continue;
            }
            if (c is < ' ' or '\x7f')
                continue;
            if (blank)
                quote[length++] = ' ';
            blank = false;
            quote[length++] = c;
        }
        return new string(quote[..length]);
    }

    public void Dispose() => ArrayPool<char>.Shared.Return(_folded);

    private void Fold(int length)
    {
        var source = _source.AsSpan(0, length);
        var (at, to) = (0, 0);
        while (at < length)
        {
            var rest = source[at..];
            var run = rest.IndexOfAnyExceptInRange('\0', '\x7f');
            if (run < 0)
                run = rest.Length;
            if (run > 0)
            {
                Ascii.ToLower(rest[..run], _folded.AsSpan(to), out _);
                at += run;
                to += run;
                continue;
            }
            var c = source[at];
            var taken = 1;
            char folded;
            if (char.IsHighSurrogate(c) && at + 1 < length && char.IsLowSurrogate(source[at + 1]))
            {
                folded = FoldTable.Fold(c, source[at + 1]);
                taken = 2;
            }
            else
            {
                folded = char.IsSurrogate(c) ? ' ' : FoldTable.Fold(c);
            }
            at += taken;
            if (folded != FoldTable.Nothing)
                _folded[to++] = folded;
            if (folded == FoldTable.Nothing || taken == 2)
                _shifts.Add((to, at));
        }
        Length = to;
    }

    /// <summary>A word with Latin letters and their doubles from another script is read as it looks.</summary>
    private void FoldLookalikes()
    {
        var text = _folded.AsSpan(0, Length);
        var at = 0;
        // A word without a foreign letter mixes nothing.
        while (text[at..].IndexOfAnyExceptInRange('\0', '\x7f') is >= 0 and var foreign)
        {
            var from = at;
            at += foreign;
            if (!char.IsLetter(text[at]))
            {
                at++;
                continue;
            }
            while (at > from && char.IsLetter(text[at - 1]))
                at--;
            var (end, latin, alike, other) = (at, 0, 0, 0);
            for (; end < text.Length && char.IsLetter(text[end]); end++)
            {
                if (text[end] is >= 'a' and <= 'z')
                    latin++;
                else if (FoldTable.LookalikeOf(text[end]) != 0)
                    alike++;
                else
                    other++;
            }
            // "iPhone-а" and "№5а" are none: the foreign letters must stand among the others.
            if (latin > 0 && alike > 0 && other == 0)
            {
                MixedWords++;
                MixedWord ??= Quote(at, end, 40);
                for (var i = at; i < end; i++)
                    text[i] = FoldTable.LookalikeOf(text[i]) is var plain && plain != 0 ? plain : text[i];
            }
            at = end;
        }
    }
}
