using Commune.Ai.Search;

namespace Commune.Server.Search;

/// <summary>Makes vectors of mail, so that they are there when they are wanted again, and none of queries: words alone rank.</summary>
internal sealed class WordsOnly(IVectorSource vectors) : IVectorSource
{
    public string Model => vectors.Model;

    public int Dimensions => vectors.Dimensions;

    public sbyte[] OfMessage(DocumentTermsBuilder words) => vectors.OfMessage(words);

    public sbyte[]? OfQuery(string text) => null;
}
