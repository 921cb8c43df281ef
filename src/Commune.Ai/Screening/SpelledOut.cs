using System.Buffers;
using System.Text;

namespace Commune.Ai.Screening;

/// <summary>Words whose letters were set apart ("i g n o r e", "i.g.n.o.r.e") or replaced by digits ("1gn0re"), as the words they stand for.</summary>
internal static class SpelledOut
{
    private const int ShortestRun = 6;
    private const int MostDigits = 4096;
    private const int NearLetter = 4;

    private static readonly SearchValues<char> Digits = SearchValues.Create("013457@$");

    /// <summary>The letters of all such runs joined, a line for each; null without any.</summary>
    public static string? Join(ReadOnlySpan<char> folded)
    {
        StringBuilder? joined = null;
        // A run of six letters set apart covers four places in a row of every eight.
        for (var at = 0; at + 3 < folded.Length; at += 8)
        {
            var letter = char.IsAsciiLetterOrDigit(folded[at]) ? at : at + 1;
            // As it is nearly everywhere.
            if (char.IsAsciiLetter(folded[letter + 1]))
                continue;
            if (!IsApart(folded, letter) || !IsApart(folded, letter + 2))
                continue;
            var start = letter;
            while (start >= 2 && IsApart(folded, start - 2))
                start -= 2;
            var end = start;
            var run = new StringBuilder();
            while (IsApart(folded, end))
            {
                run.Append(folded[end]);
                end += 2;
                // More blanks part words.
                if (end < folded.Length && folded[end - 1] is ' ' or '.' or '-' or '_')
                {
                    var skip = end;
                    while (skip < folded.Length && skip - end < 4 && folded[skip] is ' ' or '\n')
                        skip++;
                    if (skip > end && IsApart(folded, skip))
                    {
                        run.Append(' ');
                        end = skip;
                    }
                }
            }
            if (run.Length >= ShortestRun)
                (joined ??= new StringBuilder()).Append(run).Append("\n\n");
            at = Math.Max(at, end - 8);
        }
        return joined?.ToString();
    }

    private static bool IsApart(ReadOnlySpan<char> text, int at) => at >= 0 && at < text.Length && char.IsLetterOrDigit(text[at])
        && (at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (at + 1 >= text.Length || text[at + 1] is ' ' or '.' or '-' or '_' or '*' or '|' or '/' or ',' or '\n' or '~' or '+');

    /// <summary>The text with digits inside words as the letters they look like; null when there are fewer than two.</summary>
    public static string? WithoutDigits(ReadOnlySpan<char> folded)
    {
        var count = 0;
        for (var at = 0; count < 2 && at < folded.Length - 1;)
        {
            var next = folded[at..].IndexOfAny(Digits);
            if (next < 0)
                return null;
            at += next;
            count += IsLeet(folded, at) ? 1 : 0;
            at++;
        }
        if (count < 2)
            return null;
        var plain = new char[folded.Length];
        folded.CopyTo(plain);
        var replaced = 0;
        for (var i = 0; replaced < MostDigits && folded[i..].IndexOfAny(Digits) is >= 0 and var next; i++)
        {
            i += next;
            if (!IsLeet(folded, i))
                continue;
            replaced++;
            plain[i] = folded[i] switch { '0' => 'o', '1' => 'i', '3' => 'e', '4' => 'a', '5' => 's', '7' => 't', '@' => 'a', '$' => 's', _ => folded[i] };
        }
        return new string(plain);
    }

    /// <summary>A digit in a word, with a letter near on either side; no sign of an address or a price.</summary>
    private static bool IsLeet(ReadOnlySpan<char> text, int at)
    {
        if (text[at] is not ('0' or '1' or '3' or '4' or '5' or '7' or '@' or '$'))
            return false;
        var (before, behind) = (at - 1, at + 1);
        while (before >= 0 && at - before <= NearLetter && IsDigit(text[before]))
            before--;
        while (behind < text.Length && behind - at <= NearLetter && IsDigit(text[behind]))
            behind++;
        var (follows, leads) = (before >= 0 && text[before] is >= 'a' and <= 'z', behind < text.Length && text[behind] is >= 'a' and <= 'z');
        if (text[at] is '@' or '$')
            return leads && !IsDomain(text[behind..]);
        // "A17" and "17b" are no words: there are letters on both sides, or none but words begin so.
        return leads && (follows || before < 0 || text[before] is ' ' or '\n') || (follows && before > 0 && text[before - 1] is >= 'a' and <= 'z');
    }

    private static bool IsDigit(char c) => char.IsAsciiDigit(c) || c is '@' or '$';

    private static bool IsDomain(ReadOnlySpan<char> text)
    {
        var end = 0;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '-'))
            end++;
        return end + 1 < text.Length && text[end] == '.' && char.IsAsciiLetter(text[end + 1]);
    }

    /// <summary>Each letter thirteen places on.</summary>
    public static string Rot13(ReadOnlySpan<char> folded) => string.Create(folded.Length, folded, static (plain, from) =>
    {
        for (var i = 0; i < plain.Length; i++)
            plain[i] = from[i] is >= 'a' and <= 'z' ? (char)('a' + ((from[i] - 'a' + 13) % 26)) : from[i];
    });

    public static string Backwards(ReadOnlySpan<char> folded)
    {
        var plain = folded.ToArray();
        Array.Reverse(plain);
        return new string(plain);
    }
}
