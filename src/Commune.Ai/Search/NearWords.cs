namespace Commune.Ai.Search;

/// <summary>Which words of an index somebody may have meant by a word that is in no message.</summary>
public static class NearWords
{
    /// <summary>Shorter words have too many neighbours.</summary>
    public const int Shortest = 4;

    /// <summary>Words this long may have two slips.</summary>
    private const int TwoSlips = 8;

    public static int SlipsAllowed(int length) => length < Shortest ? 0 : length < TwoSlips ? 1 : 2;

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
