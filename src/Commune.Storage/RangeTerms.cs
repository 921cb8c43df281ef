namespace Commune.Storage;

/// <summary>Gathers the terms of segments' blocks that lie in one of some ranges.</summary>
/// <param name="limit">Of each range and segment so many at most, the first.</param>
internal sealed class RangeTerms(IReadOnlyList<TermRange> ranges, int limit)
{
    private readonly SortedSet<byte[]> terms = new(ByteOrder.Instance);
    private readonly Dictionary<(long Segment, int Range), int> taken = [];
    private (long Segment, byte[] First) last = (-1, []);

    /// <summary>In order, and none overlaps another.</summary>
    public IReadOnlyList<TermRange> Ranges { get; } = Join(ranges);

    public IReadOnlyList<byte[]> Terms => [.. terms];

    /// <summary>Takes a block; of a segment they come in order, but one may come again.</summary>
    public void Take(long segment, ReadOnlySpan<byte> first, ReadOnlySpan<byte> others)
    {
        if (last.Segment == segment && first.SequenceEqual(last.First))
            return;
        last = (segment, first.ToArray());
        var entries = new TermEntries(first, 0, others, stackalloc byte[TermEntries.LongestTerm]);
        var range = 0;
        while (entries.Read())
        {
            while (range < Ranges.Count && entries.Term.SequenceCompareTo(Ranges[range].Before) >= 0)
                range++;
            if (range == Ranges.Count)
                return;
            if (entries.Term.SequenceCompareTo(Ranges[range].From) < 0)
                continue;
            var before = taken.GetValueOrDefault((segment, range));
            if (before == limit)
                continue;
            taken[(segment, range)] = before + 1;
            terms.Add(entries.Term.ToArray());
        }
    }

    private static List<TermRange> Join(IReadOnlyList<TermRange> ranges)
    {
        var joined = new List<TermRange>();
        foreach (var range in ranges.OrderBy(static range => range.From, ByteOrder.Instance))
        {
            if (joined.Count == 0 || ByteOrder.Instance.Compare(range.From, joined[^1].Before) > 0)
                joined.Add(range);
            else if (ByteOrder.Instance.Compare(range.Before, joined[^1].Before) > 0)
                joined[^1] = joined[^1] with { Before = range.Before };
        }
        return joined;
    }
}
