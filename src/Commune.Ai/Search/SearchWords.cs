using System.Text;
using Commune.Ai.Embeddings;

namespace Commune.Ai.Search;

/// <summary>How a term stands in its text.</summary>
public enum WordKind
{
    /// <summary>A word or number, the finest piece that is read.</summary>
    Word,

    /// <summary>Several of them written as one, without what joins them: "A-17" is a17. Follows nothing; its words come after it.</summary>
    Whole,

    /// <summary>The letters or the digits alone of a word that has both.</summary>
    Split,

    /// <summary>Two neighbouring letters of a script without spaces.</summary>
    Pair,

    /// <summary>One such letter.</summary>
    Single,
}

/// <summary>Takes the terms of a text in order.</summary>
public interface IWordSink
{
    /// <param name="term">Valid during the call only.</param>
    /// <param name="start">Where it stands in the text.</param>
    void Take(ReadOnlySpan<char> term, int start, int length, WordKind kind);
}

/// <summary>
/// Reads the terms of a text: words of any script in lower case and without accents, Latin ones as stems; numbers and ids whole and in parts;
/// scripts without spaces as pairs of letters. The same for what is indexed and for what is asked.
/// </summary>
public static class SearchWords
{
    /// <summary>What is longer is no word that anybody looks for.</summary>
    public const int LongestTerm = 64;

    private const int MostSplits = 4;
    private const int ShortestSplit = 3;

    public static void Read<TSink>(ReadOnlySpan<char> text, ref TSink sink)
        where TSink : IWordSink
    {
        Span<char> word = stackalloc char[LongestTerm];
        for (var at = 0; at < text.Length;)
            at = ReadNext(text, at, word, ref sink);
    }

    /// <summary>Reads what begins at a place.</summary>
    /// <param name="word">Room for <see cref="LongestTerm"/> letters.</param>
    /// <returns>Where to go on.</returns>
    internal static int ReadNext<TSink>(ReadOnlySpan<char> text, int at, Span<char> word, ref TSink sink)
        where TSink : IWordSink
    {
        if (ReadPlain(text, at, word) is > 0 and var plain)
        {
            sink.Take(word[..PorterStemmer.Stem(word[..plain])], at, plain, WordKind.Word);
            return at + plain;
        }
        switch (KindAt(text, at, out var width))
        {
            case LetterKind.Letter or LetterKind.Digit:
                return ReadRun(text, at, word, ref sink);
            case LetterKind.Dense:
                return ReadDense(text, at, ref sink);
            case LetterKind.Sign:
                sink.Take(text.Slice(at, width), at, width, WordKind.Word);
                break;
        }
        return at + width;
    }

    /// <summary>Reads a plain word as a number (<see cref="WordCache.Pack"/>): its length, or 0 when there is none or it is too long for that.</summary>
    internal static int ReadPlain(ReadOnlySpan<char> text, int start, out ulong word)
    {
        word = 0;
        var end = Math.Min(text.Length - start, WordCache.LongestWord + 1);
        for (var length = 0; length < end; length++)
        {
            var letter = (uint)((text[start + length] | ' ') - 'a');
            if (letter > 25)
                return length > 0 && EndsPlain(text[(start + length)..]) ? length : 0;
            word = (word << 5) | (letter + 1);
        }
        return end <= WordCache.LongestWord ? end : 0;
    }

    /// <summary>Reads a word of the letters a to z with nothing that may join it to another, as most are: its length, or 0.</summary>
    private static int ReadPlain(ReadOnlySpan<char> text, int start, Span<char> word)
    {
        text = text[start..];
        for (var length = 0; ; length++)
        {
            if (length == text.Length)
                return length <= word.Length ? length : 0;
            var c = text[length];
            var lower = (char)(c | ' ');
            if (lower is < 'a' or > 'z')
                return length > 0 && EndsPlain(text[length..]) ? length : 0;
            if (length == word.Length)
                return 0;
            word[length] = lower;
        }
    }

    /// <param name="rest">What follows the letters.</param>
    private static bool EndsPlain(ReadOnlySpan<char> rest) =>
        rest[0] <= ' ' || (char.IsAscii(rest[0]) && !char.IsAsciiDigit(rest[0]) && (rest.Length == 1 || (char.IsAscii(rest[1]) && !char.IsAsciiLetterOrDigit(rest[1]))));

    private static LetterKind KindAt(ReadOnlySpan<char> text, int at, out int width)
    {
        width = 1;
        var c = text[at];
        if (!char.IsSurrogate(c))
            return Letters.Read(c);
        if (Rune.DecodeFromUtf16(text[at..], out var rune, out width) != System.Buffers.OperationStatus.Done)
            return LetterKind.Break;
        return Letters.Read(rune);
    }

    /// <summary>Letters, digits, and what joins them: "INV-2026/001", "kim@example.com", "don't".</summary>
    private static int ReadRun<TSink>(ReadOnlySpan<char> text, int start, Span<char> word, ref TSink sink)
        where TSink : IWordSink
    {
        var end = EndOfRun(text, start, out var joins, out var digits, out var isAddress, out var lone);
        if (joins == 0)
        {
            TakeWord(text, start, end, word, ref sink);
            return end;
        }
        // "e-mail" and "email" are one word.
        if (lone && !digits && TakeWhole(text, start, end, word, ref sink, WordKind.Word, stem: true))
            return end;
        if (digits || isAddress)
            TakeWhole(text, start, end, word, ref sink, WordKind.Whole, stem: false);
        if (isAddress && text[start..end].LastIndexOf('@') is > 0 and var sign)
            TakeWhole(text, start + sign + 1, end, word, ref sink, WordKind.Whole, stem: false);
        for (var at = start; at < end;)
        {
            var stop = at;
            while (stop < end && KindAt(text, stop, out var width) is not (LetterKind.Break or LetterKind.Dense or LetterKind.Sign))
                stop += width;
            if (stop > at)
                TakeWord(text, at, stop, word, ref sink);
            at = stop + 1;
            // What stands behind the apostrophe of "kim's" carries no meaning.
            if (at < end && IsApostrophe(text[at - 1]))
                at = SkipEnding(text, at, end);
        }
        return end;
    }

    /// <param name="lone">One of the parts is a single letter, and only hyphens join them.</param>
    private static int EndOfRun(ReadOnlySpan<char> text, int start, out int joins, out bool digits, out bool isAddress, out bool lone)
    {
        (joins, digits, isAddress, lone) = (0, false, false, true);
        var (partLetters, anyLone) = (0, false);
        var at = start;
        var last = LetterKind.Break;
        while (at < text.Length)
        {
            var kind = KindAt(text, at, out var width);
            if (kind is LetterKind.Letter or LetterKind.Digit or LetterKind.Unseen)
            {
                digits |= kind == LetterKind.Digit;
                partLetters += kind == LetterKind.Unseen ? 0 : 1;
                last = kind == LetterKind.Unseen ? last : kind;
                at += width;
                continue;
            }
            if (kind != LetterKind.Break || at + 1 >= text.Length || !Joins(text[at], last, KindAt(text, at + 1, out _)))
                break;
            isAddress |= text[at] is '@' or '.';
            lone &= text[at] == '-';
            anyLone |= partLetters == 1;
            partLetters = 0;
            joins++;
            at++;
        }
        lone &= anyLone;
        return at;
    }

    private static bool Joins(char c, LetterKind before, LetterKind after)
    {
        if (after is not (LetterKind.Letter or LetterKind.Digit))
            return false;
        return c switch
        {
            '-' or '_' or '/' or '.' or '@' or '\u2010' or '\u2011' => true,
            ',' or ':' => before == LetterKind.Digit && after == LetterKind.Digit,
            _ when IsApostrophe(c) => before == LetterKind.Letter && after == LetterKind.Letter,
            _ => false,
        };
    }

    private static bool IsApostrophe(char c) => c is '\'' or '\u2019' or '\u02BC' or '\uFF07';

    private static int SkipEnding(ReadOnlySpan<char> text, int at, int end)
    {
        var length = 0;
        while (at + length < end && char.IsAsciiLetter(text[at + length]))
            length++;
        return text.Slice(at, length) is "s" or "m" or "d" or "t" or "re" or "ve" or "ll" or "S" or "T" ? at + length : at;
    }

    private static bool TakeWhole<TSink>(ReadOnlySpan<char> text, int start, int end, Span<char> word, ref TSink sink, WordKind kind, bool stem)
        where TSink : IWordSink
    {
        var length = Fold(text[start..end], word, out var isLatin);
        if (length < 2)
            return false;
        if (stem && isLatin)
            length = PorterStemmer.Stem(word[..length]);
        sink.Take(word[..length], start, end - start, kind);
        return true;
    }

    private static void TakeWord<TSink>(ReadOnlySpan<char> text, int start, int end, Span<char> word, ref TSink sink)
        where TSink : IWordSink
    {
        var length = Fold(text[start..end], word, out var isLatin);
        if (length <= 0)
            return;
        if (isLatin)
        {
            sink.Take(word[..PorterStemmer.Stem(word[..length])], start, end - start, WordKind.Word);
            return;
        }
        sink.Take(word[..length], start, end - start, WordKind.Word);
        if (HasDigit(word[..length]))
            TakeSplits(word[..length], start, end - start, ref sink);
    }

    private static bool HasDigit(ReadOnlySpan<char> word)
    {
        foreach (var c in word)
        {
            if (char.IsAsciiDigit(c))
                return true;
        }
        return false;
    }

    private static void TakeSplits<TSink>(ReadOnlySpan<char> word, int start, int length, ref TSink sink)
        where TSink : IWordSink
    {
        var (from, taken) = (0, 0);
        for (var i = 1; i <= word.Length && taken < MostSplits; i++)
        {
            if (i < word.Length && char.IsAsciiDigit(word[i]) == char.IsAsciiDigit(word[i - 1]))
                continue;
            if (i - from >= ShortestSplit && i - from < word.Length)
            {
                sink.Take(word[from..i], start, length, WordKind.Split);
                taken++;
            }
            from = i;
        }
    }

    /// <summary>The letters and digits in the form in which they are compared; -1 when there are too many.</summary>
    private static int Fold(ReadOnlySpan<char> text, Span<char> word, out bool isLatin)
    {
        var length = 0;
        isLatin = true;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAsciiLetterLower(c))
            {
                if (length == word.Length)
                    return -1;
                word[length++] = c;
                continue;
            }
            if (char.IsAscii(c))
            {
                if (!char.IsAsciiLetterOrDigit(c))
                    continue;
                if (length == word.Length)
                    return -1;
                isLatin &= !char.IsAsciiDigit(c);
                word[length++] = char.ToLowerInvariant(c);
                continue;
            }
            if (char.IsSurrogate(c))
            {
                // Only whole letters come here; those of two units are compared in lower case.
                if (length + 2 > word.Length || !Rune.TryGetRuneAt(text[i..].ToString(), 0, out var rune))
                    return -1;
                isLatin = false;
                length += Rune.ToLowerInvariant(rune).EncodeToUtf16(word[length..]);
                i++;
                continue;
            }
            if (Letters.Read(c, out var folded) is not (LetterKind.Letter or LetterKind.Digit))
                continue;
            if (Letters.Spelling(folded) is { } spelling)
            {
                if (length + spelling.Length > word.Length)
                    return -1;
                spelling.CopyTo(word[length..]);
                length += spelling.Length;
                continue;
            }
            if (length == word.Length)
                return -1;
            isLatin &= char.IsAsciiLetterLower(folded);
            word[length++] = folded;
        }
        return length;
    }

    private static int ReadDense<TSink>(ReadOnlySpan<char> text, int start, ref TSink sink)
        where TSink : IWordSink
    {
        Span<char> pair = stackalloc char[4];
        var (at, beforeStart, beforeWidth) = (start, start, 0);
        while (at < text.Length)
        {
            var kind = KindAt(text, at, out var width);
            if (kind == LetterKind.Unseen)
            {
                at += width;
                continue;
            }
            if (kind != LetterKind.Dense)
                break;
            FoldDense(text.Slice(at, width), pair[beforeWidth..]);
            sink.Take(pair.Slice(beforeWidth, width), at, width, WordKind.Single);
            if (beforeWidth > 0)
                sink.Take(pair[..(beforeWidth + width)], beforeStart, at + width - beforeStart, WordKind.Pair);
            pair.Slice(beforeWidth, width).CopyTo(pair);
            (beforeStart, beforeWidth) = (at, width);
            at += width;
        }
        return at;
    }

    private static void FoldDense(ReadOnlySpan<char> letter, Span<char> into)
    {
        letter.CopyTo(into);
        if (letter.Length == 1)
        {
            Letters.Read(letter[0], out var folded);
            into[0] = folded;
        }
    }
}
