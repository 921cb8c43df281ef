namespace Commune.Ai.Search;

/// <summary>Which words of an index somebody may have meant by a word that is in no message.</summary>
public static class NearWords
{
    /// <summary>Shorter words have too many neighbours.</summary>
    public const int Shortest = 4;

    /// <summary>Words this long may have two slips.</summary>
    private const int TwoSlips = 8;

    public static int SlipsAllowed(int length) => length < Shortest ? 0 : length < TwoSlips ? 1 : 2;

    /// <summary>
    /// Where words stand, in the order of letters, that differ from this one by a slip but not in the first letter. Numbers that begin like
    /// words (inv2026001), of which there may be millions, lie outside.
    /// </summary>
    /// <param name="word">Of the shortest length at least.</param>
    public static IEnumerable<(string From, string Before)> Beginnings(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        if (!char.IsAsciiLetterLower(word[0]) || !char.IsAsciiLetterLower(word[1]) || !char.IsAsciiLetterLower(word[2]))
        {
            // Letters of which there are many: a slip in the second one is not looked for.
            var length = char.IsSurrogatePair(word, 0) ? 3 : 2;
            return [(word[..length], word[..length] + '\uFFFD')];
        }
        var (first, second, third, fourth) = (word[0], word[1], word[2], word[3]);
        var beginnings = new HashSet<string>(StringComparer.Ordinal) { $"{first}{third}{fourth}", $"{first}{third}{second}" };
        for (var letter = 'a'; letter <= 'z'; letter++)
        {
            beginnings.Add($"{first}{second}{letter}");
            beginnings.Add($"{first}{letter}{third}");
            beginnings.Add($"{first}{letter}{second}");
        }
        return beginnings.Select(static beginning => (beginning + 'a', beginning + '{'));
    }

    /// <summary>Letters left out, added, changed, or swapped with their neighbour; more than <paramref name="most"/> count as one more than that.</summary>
    public static int Slips(ReadOnlySpan<char> first, ReadOnlySpan<char> second, int most)
    {
        if (Math.Abs(first.Length - second.Length) > most || first.Length > SearchWords.LongestTerm || second.Length > SearchWords.LongestTerm)
            return most + 1;
        Span<int> beforeLast = stackalloc int[second.Length + 1];
        Span<int> last = stackalloc int[second.Length + 1];
        Span<int> row = stackalloc int[second.Length + 1];
        for (var j = 0; j <= second.Length; j++)
            last[j] = j;
        for (var i = 1; i <= first.Length; i++)
        {
            row[0] = i;
            var least = i;
            for (var j = 1; j <= second.Length; j++)
            {
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + (first[i - 1] == second[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && first[i - 1] == second[j - 2] && first[i - 2] == second[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
                least = Math.Min(least, row[j]);
            }
            if (least > most)
                return most + 1;
            var oldest = beforeLast;
            beforeLast = last;
            last = row;
            row = oldest;
        }
        return Math.Min(last[second.Length], most + 1);
    }
}
