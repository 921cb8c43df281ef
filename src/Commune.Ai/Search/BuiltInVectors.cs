using Commune.Ai.Embeddings;

namespace Commune.Ai.Search;

/// <summary>Vectors of the embedding that comes with the program. It abstains where it knows too few of the words, as in other languages.</summary>
public sealed class BuiltInVectors : IVectorSource
{
    public string Model => BuiltInEmbedding.Shared.ModelId;

    public int Dimensions => BuiltInEmbedding.Shared.Dimensions;

    public sbyte[] OfMessage(string subject, string reply)
    {
        var vector = new sbyte[Dimensions];
        var coverage = BuiltInEmbedding.Shared.Embed($"{subject}\n{reply}", vector);
        return IsKnown(coverage) ? vector : [];
    }

    public sbyte[]? OfQuery(string text)
    {
        var vector = new sbyte[Dimensions];
        return IsKnown(BuiltInEmbedding.Shared.Embed(text, vector)) ? vector : null;
    }

    private static bool IsKnown(WordCoverage coverage) => coverage.Known > 0 && coverage.Known * 2 >= coverage.Words;
}
