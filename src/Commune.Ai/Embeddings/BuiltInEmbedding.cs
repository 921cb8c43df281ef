namespace Commune.Ai.Embeddings;

/// <summary>
/// Turns an English text into a vector that lies near those of texts which mean the same: a weighted sum of trained word vectors.
/// It needs no model server, no download and some microseconds. Any number of threads may use it.
/// </summary>
public sealed class BuiltInEmbedding
{
    private const int ShortestUnknownWord = 4;
    private const int ShortestSlip = 5;
    private const int ShortestPiece = 3;
    private const int LongestPiece = 4;

    // There is one table, so that threads need one cache each.
    [ThreadStatic]
    private static WordCache? knownPlaces;

    [ThreadStatic]
    private static TextMeaning? spare;

    private readonly EmbeddingTable _table;

    private BuiltInEmbedding(EmbeddingTable table)
    {
        _table = table;
        ModelId = $"commune-english-{table.Dimensions}-{table.Checksum}";
    }

    /// <summary>The embedding that comes with the program.</summary>
    public static BuiltInEmbedding Shared { get; } = new(EmbeddingTable.Load());

    /// <summary>Names the trained table: vectors of different ids must not be compared.</summary>
    public string ModelId { get; }

    /// <summary>How many components a vector has.</summary>
    public int Dimensions => _table.Dimensions;

    /// <summary>Writes the text's vector: a unit vector times 127, rounded. All zeros when no word of the text is known.</summary>
    /// <param name="text">Subject, newline, newest reply. Only its first 4096 words count.</param>
    /// <param name="vector">Room for <see cref="Dimensions"/> components.</param>
    public WordCoverage Embed(ReadOnlySpan<char> text, Span<sbyte> vector)
    {
        if (vector.Length != Dimensions)
            throw new ArgumentException($"A vector of this model has {Dimensions} components, not {vector.Length}.", nameof(vector));
        var meaning = spare ??= new TextMeaning();
        meaning.Clear();
        var reader = new EnglishWordReader(text, stackalloc char[PorterStemmer.LongestWord]);
        while (!meaning.IsFull && reader.Read())
            meaning.Add(reader.Word);
        return meaning.Write(vector);
    }

    /// <summary>Adds the vector of a stem that is too long to be counted; false when it is unknown.</summary>
    internal bool AddLong(ReadOnlySpan<char> stem, Span<float> sum)
    {
        var place = FindPlace(stem, out var isKnown);
        Add(place, stem, 1, sum);
        return isKnown;
    }

    /// <summary>Writes the vector of counted stems and of what is summed already.</summary>
    /// <param name="known">How many words of the sum are in the vocabulary.</param>
    /// <returns>How many words are.</returns>
    internal int Write(ReadOnlySpan<WordCounts.Word> stems, int known, Span<float> sum, Span<sbyte> vector)
    {
        Span<char> letters = stackalloc char[WordCache.LongestWord];
        var places = knownPlaces ??= new WordCache();
        foreach (ref readonly var stem in stems)
        {
            if (stem.Meaning == 0)
                continue;
            if (!places.TryFind(stem.Letters, out var found))
            {
                var anew = FindPlace(letters[..WordCache.Unpack(stem.Letters, letters)], out var isIn);
                found = ((ulong)(anew + 1) << 1) | (isIn ? 1u : 0);
                places.Keep(stem.Letters, found);
            }
            known += (found & 1) != 0 ? stem.Meaning : 0;
            var place = (int)(found >> 1) - 1;
            if (place >= 0)
                _table.AddWord(place, stem.Meaning, sum);
            else
                Add(place, letters[..WordCache.Unpack(stem.Letters, letters)], stem.Meaning, sum);
        }
        if (known > 0)
            Round(sum, vector);
        else
            vector.Clear();
        return known;
    }

    /// <summary>The number of the stem, or of the one that was meant; -1 when there is neither.</summary>
    private int FindPlace(ReadOnlySpan<char> stem, out bool isKnown)
    {
        var place = _table.Find(stem);
        isKnown = place >= 0;
        if (!isKnown && stem.Length >= ShortestSlip)
            place = SlipOfTheKeyboard.Find(stem, _table);
        return place;
    }

    private void Add(int place, ReadOnlySpan<char> stem, int times, Span<float> sum)
    {
        if (place >= 0)
            _table.AddWord(place, times, sum);
        else if (stem.Length >= ShortestUnknownWord)
            AddPieces(stem, times, sum);
    }

    /// <summary>An unknown word, such as a name, takes the mean of its pieces.</summary>
    private void AddPieces(ReadOnlySpan<char> stem, int times, Span<float> sum)
    {
        Span<char> room = stackalloc char[PorterStemmer.LongestWord + 2];
        var marked = room[..(stem.Length + 2)];
        marked[0] = '<';
        stem.CopyTo(marked[1..]);
        marked[^1] = '>';
        var count = marked.Length - ShortestPiece + 1 + marked.Length - LongestPiece + 1;
        for (var length = ShortestPiece; length <= LongestPiece; length++)
        {
            for (var at = 0; at + length <= marked.Length; at++)
                _table.AddPiece((int)(EmbeddingTable.Hash(marked.Slice(at, length)) % (uint)_table.Pieces), (float)times / count, sum);
        }
    }

    private static void Round(ReadOnlySpan<float> sum, Span<sbyte> vector)
    {
        var squares = 0.0;
        foreach (var component in sum)
            squares += (double)component * component;
        var scale = squares > 0 ? 127 / Math.Sqrt(squares) : 0;
        for (var i = 0; i < sum.Length; i++)
            vector[i] = (sbyte)Math.Round(sum[i] * scale);
    }
}
