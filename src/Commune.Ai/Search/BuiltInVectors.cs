using Commune.Ai.Embeddings;

namespace Commune.Ai.Search;

/// <summary>Vectors of the embedding that comes with the program. It abstains where it knows too few of the words, as in other languages.</summary>
public sealed class BuiltInVectors : IVectorSource
{
    public string Model => BuiltInEmbedding.Shared.ModelId;

    public int Dimensions => BuiltInEmbedding.Shared.Dimensions;

    public sbyte[] OfMessage(DocumentTermsBuilder words)
    {
        ArgumentNullException.ThrowIfNull(words);
        return words.ToVector();
    }

    public sbyte[]? OfQuery(string text)
    {
        var vector = new sbyte[Dimensions];
        return BuiltInEmbedding.Shared.Embed(text, vector).IsEnough ? vector : null;
    }
}
