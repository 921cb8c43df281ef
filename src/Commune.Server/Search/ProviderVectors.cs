using Commune.Ai.Search;

namespace Commune.Server.Search;

/// <summary>What a node keeps of a provider's vectors of one organisation. The gate of the index guards it.</summary>
internal sealed class ProviderVectors(string model)
{
    private readonly Dictionary<uint, (sbyte[] Numbers, float Length)> vectors = [];

    public string Model => model;

    /// <summary>The newest document that was read.</summary>
    public long Known { get; private set; }

    public long Bytes { get; private set; }

    public void Add(DocumentBytes vector)
    {
        Known = Math.Max(Known, vector.Document);
        if (vector.Numbers.Length == 0)
            return;
        vectors[(uint)vector.Document] = (vector.Numbers, LengthOf(vector.Numbers));
        Bytes += vector.Numbers.Length + 80;
    }

    public void Remove(long document)
    {
        if (vectors.Remove((uint)document, out var gone))
            Bytes -= gone.Numbers.Length + 80;
    }

    public bool Has(uint document) => vectors.ContainsKey(document);

    /// <summary>The cosine of a document and a query; false where the document has no vector of this model.</summary>
    public bool TryCompare(uint document, Similarity query, float queryLength, out float similarity)
    {
        similarity = 0;
        if (!vectors.TryGetValue(document, out var vector) || vector.Numbers.Length != query.Dimensions)
            return false;
        // Similarity counts a stored number as a 127th; what is stored here is of any scale.
        similarity = query.To(vector.Numbers) * (127f * 127f) / (vector.Length * queryLength);
        return true;
    }

    internal static float LengthOf(ReadOnlySpan<sbyte> numbers)
    {
        var sum = 0L;
        foreach (var number in numbers)
            sum += number * number;
        return sum == 0 ? 1 : MathF.Sqrt(sum);
    }

    /// <summary>The numbers as bytes, the largest as 127: what a cosine needs of them.</summary>
    internal static sbyte[] Pack(ReadOnlySpan<float> vector)
    {
        var largest = 0f;
        foreach (var number in vector)
            largest = Math.Max(largest, Math.Abs(number));
        var packed = new sbyte[vector.Length];
        for (var i = 0; largest > 0 && i < packed.Length; i++)
            packed[i] = (sbyte)MathF.Round(vector[i] / largest * 127);
        return packed;
    }
}

/// <summary>The vector of a document, as it is stored.</summary>
internal readonly record struct DocumentBytes(long Document, sbyte[] Numbers);

/// <summary>A query in the space of a provider's model, and the documents it is compared with.</summary>
internal sealed class ProviderQuery(ProviderVectors vectors, sbyte[] query) : IDocumentSimilarity
{
    private readonly Similarity similarity = new(query);
    private readonly float length = ProviderVectors.LengthOf(query);

    public bool Has(uint document) => vectors.Has(document);

    public bool TryCompare(uint document, out float cosine) => vectors.TryCompare(document, similarity, length, out cosine);
}
