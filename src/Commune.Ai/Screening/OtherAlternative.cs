namespace Commune.Ai.Screening;

/// <summary>People read the HTML, and models the plain text: a sender who writes something else into each counts on that.</summary>
internal static class OtherAlternative
{
    private const int LeastWords = 20;
    private const int MostWords = 2000;
    private const int LongestCompared = 20_000;

    public static void Find(string text, string html, SignalList signals)
    {
        var words = WordsOf(text);
        if (words.Count < LeastWords)
            return;
        var shown = WordsOf(html);
        var common = words.Count(shown.Contains);
        if (common * 4 < words.Count)
            signals.Add("other_alternative", 0.08, "text", $"{common} of {words.Count} words of the plain text are in the HTML");
    }

    private static HashSet<string> WordsOf(string text)
    {
        var words = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var lookup = words.GetAlternateLookup<ReadOnlySpan<char>>();
        var rest = text.AsSpan(0, Math.Min(text.Length, LongestCompared));
        while (!rest.IsEmpty && words.Count < MostWords)
        {
            var start = 0;
            while (start < rest.Length && !char.IsLetter(rest[start]))
                start++;
            var end = start;
            while (end < rest.Length && char.IsLetter(rest[end]))
                end++;
            if (end - start is >= 4 and <= 40)
                lookup.Add(rest[start..end]);
            rest = rest[end..];
        }
        return words;
    }
}
