using System.Text;

namespace Commune.Ai.Screening;

/// <summary>Sentences that were taken apart into words ("Ignore. all. previous. rules", one word a line, "ig-no-re") or written without blanks between them.</summary>
internal static class PartedWords
{
    /// <summary>And the one before them, with which a sentence ends that has more.</summary>
    private const int LeastWords = 3;
    private const int LongestWord = 24;
    private const int LongestSentence = LongestWord + 8;
    private const int LongestRunTogether = 200;
    private const int ShortestRunTogether = 18;
    private const int LeastMarks = 4;
    private const int Step = 8;

    /// <summary>The words of all such sentences, a line for each; null without any.</summary>
    public static string? Join(ReadOnlySpan<char> folded)
    {
        StringBuilder? joined = null;
        JoinSentences(folded, ref joined);
        JoinPieces(folded, ref joined);
        return joined?.ToString();
    }

    /// <summary>The word around a place when it is longer than words are; null when it is not.</summary>
    public static string? RunTogether(ReadOnlySpan<char> text, int at)
    {
        var (start, end) = (at, at);
        while (start > 0 && at - start < LongestRunTogether && char.IsLetter(text[start - 1]))
            start--;
        while (end < text.Length && end - at < LongestRunTogether && char.IsLetter(text[end]))
            end++;
        return end - start >= ShortestRunTogether ? text[start..end].ToString() : null;
    }

    /// <summary>What is said in single words, each of which ends as a sentence or a paragraph does.</summary>
    private static void JoinSentences(ReadOnlySpan<char> text, ref StringBuilder? joined)
    {
        var (run, first, at) = (0, 0, 0);
        while (at < text.Length)
        {
            var end = text[at..].IndexOfAny("\n.!?");
            end = end < 0 ? text.Length : at + end;
            // As nearly all of them.
            if (run == 0 && end - at > LongestSentence)
            {
                at = end + 1;
                continue;
            }
            var word = text[at..end].Trim();
            if (IsOneWord(word))
            {
                first = run++ == 0 ? WordBefore(text, at) : first;
            }
            else if (!word.IsEmpty)
            {
                Take(text[first..at], run, ref joined);
                run = 0;
            }
            at = end + 1;
        }
        Take(text[first..], run, ref joined);
    }

    private static int WordBefore(ReadOnlySpan<char> text, int at)
    {
        var start = text[..at].TrimEnd(" \n.!?").Length;
        var least = Math.Max(0, start - LongestWord);
        while (start > least && char.IsLetter(text[start - 1]))
            start--;
        return start;
    }

    private static void Take(ReadOnlySpan<char> words, int run, ref StringBuilder? joined)
    {
        if (run < LeastWords)
            return;
        joined ??= new StringBuilder();
        var blank = true;
        foreach (var c in words)
        {
            var isLetter = char.IsLetterOrDigit(c) || c == '\'';
            if (isLetter || !blank)
                joined.Append(isLetter ? c : ' ');
            blank = !isLetter;
        }
        joined.Append("\n\n");
    }

    private static bool IsOneWord(ReadOnlySpan<char> word)
    {
        if (word.Length is 0 or > LongestWord)
            return false;
        foreach (var c in word)
        {
            if (!char.IsLetter(c) && c is not ('\'' or '-' or '*' or ','))
                return false;
        }
        return true;
    }

    /// <summary>"ig-nore pre-vi-ous in-struc-tions": marks inside words, many close together.</summary>
    private static void JoinPieces(ReadOnlySpan<char> text, ref StringBuilder? joined)
    {
        var (marks, first, last) = (0, 0, -100);
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOfAny("-_*|~");
            if (next < 0)
                break;
            at += next;
            if (IsInside(text, at))
            {
                if (at - last > Step * 2)
                {
                    Put(text, first, last, marks, ref joined);
                    (marks, first) = (0, at);
                }
                marks++;
                last = at;
            }
            at++;
        }
        Put(text, first, last, marks, ref joined);
    }

    private static void Put(ReadOnlySpan<char> text, int first, int last, int marks, ref StringBuilder? joined)
    {
        if (marks < LeastMarks)
            return;
        var start = first;
        while (start > 0 && first - start < LongestWord && text[start - 1] != '\n')
            start--;
        var end = Math.Min(text.Length, last + LongestWord);
        joined ??= new StringBuilder();
        for (var i = start; i < end; i++)
        {
            if (text[i] is not ('-' or '_' or '*' or '|' or '~') || !IsInside(text, i))
                joined.Append(text[i]);
        }
        joined.Append("\n\n");
    }

    private static bool IsInside(ReadOnlySpan<char> text, int at) =>
        at > 0 && at + 1 < text.Length && char.IsLetter(text[at - 1]) && char.IsLetter(text[at + 1]);
}
