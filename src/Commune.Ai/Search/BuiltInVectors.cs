using Commune.Ai.Embeddings;

namespace Commune.Ai.Search;

/// <summary>Vectors of the embedding that comes with the program. It abstains where it knows too few of the words, as in other languages.</summary>
public sealed class BuiltInVectors : IVectorSource
{
    public string Model => BuiltInEmbedding.Shared.ModelId;

    public int Dimensions => BuiltInEmbedding.Shared.Dimensions;

    public sbyte[] OfMessage(DocumentTermsBuilder words, string title, string text)
    {
        ArgumentNullException.ThrowIfNull(words);
        if (!BuiltInEmbedding.Shared.IsOther(text.Length > 0 ? text : title))
            return words.ToVector();
        // What was read once for words and meaning was read as English.
        var vector = new sbyte[Dimensions];
        return !BuiltInEmbedding.Shared.TryEmbedOther($"{title}\n{text}", vector, out var coverage) ? words.ToVector() : coverage.IsEnough ? vector : [];
    }

    public sbyte[]? OfQuery(string text)
    {
        var vector = new sbyte[Dimensions];
        return BuiltInEmbedding.Shared.Embed(text, vector).IsEnough ? vector : null;
    }
}
