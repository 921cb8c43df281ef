namespace Commune.Ai.Embeddings;

/// <summary>Up to four rows of the table that a word of another language takes, and how much it counts, as one number.</summary>
/// <param name="Packed">Fifteen bits for each row's number plus one, and four for the kind.</param>
internal readonly record struct WordRows(ulong Packed)
{
    public const int Most = 4;
    private const int RowBits = 15;
    private const int KindAt = 60;

    /// <summary>A word that says nothing by itself.</summary>
    public static WordRows Silent { get; } = new(1UL << KindAt);

    public bool IsNone => Packed == 0;

    public bool IsSilent => Packed == Silent.Packed;

    private int Count => (63 - System.Numerics.BitOperations.LeadingZeroCount(Packed & ((1UL << KindAt) - 1)) + RowBits) / RowBits;

    /// <param name="rows">Only the first four count.</param>
    public static WordRows Of(IEnumerable<int> rows)
    {
        var packed = 0UL;
        foreach (var row in rows.Take(Most).Reverse())
            packed = (packed << RowBits) | (uint)(row + 1);
        return new WordRows(packed);
    }

    /// <summary>Those of two parts of a word.</summary>
    public static WordRows Of(WordRows head, WordRows tail)
    {
        if (head.IsNone || tail.IsNone)
            return new WordRows((head.IsNone ? tail : head).Packed | (2UL << KindAt));
        var room = Math.Min(head.Count, Most - Math.Min(tail.Count, Most / 2));
        var packed = (head.Packed & ((1UL << (RowBits * room)) - 1)) | (tail.Packed << (RowBits * room));
        return new WordRows((packed & ((1UL << KindAt) - 1)) | (3UL << KindAt));
    }

    public IEnumerable<int> Rows()
    {
        for (var rest = Packed & ((1UL << KindAt) - 1); rest != 0; rest >>= RowBits)
            yield return (int)(rest & ((1UL << RowBits) - 1)) - 1;
    }

    public void AddTo(Span<float> sum, EmbeddingTable table)
    {
        // One part of a word tells less than the word, and two tell more.
        var weight = (Packed >> KindAt) switch { 2 => .7f, 3 => 2f, _ => 1f } / Math.Max(1, Count);
        for (var rest = Packed & ((1UL << KindAt) - 1); rest != 0; rest >>= RowBits)
            table.AddWord((int)(rest & ((1UL << RowBits) - 1)) - 1, weight, sum);
    }
}
