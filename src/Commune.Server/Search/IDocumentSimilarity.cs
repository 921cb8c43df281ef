namespace Commune.Server.Search;

/// <summary>How near documents are to a query in the space of a provider's model.</summary>
internal interface IDocumentSimilarity
{
    /// <summary>Whether the document has a vector that the query is compared with.</summary>
    bool Has(uint document);

    /// <summary>The cosine; false where the document has no vector of this model.</summary>
    bool TryCompare(uint document, out float cosine);
}

/// <summary>The documents that an engine found nearest. Those behind them are taken for unlike, those that it does not have yet are left to the built-in vectors.</summary>
/// <param name="copied">Up to this document the engine has all there are.</param>
/// <param name="isCut">The engine may have more than it gave.</param>
internal sealed class NearestDocuments(Dictionary<uint, float> found, long copied, bool isCut) : IDocumentSimilarity
{
    public bool Has(uint document) => found.ContainsKey(document);

    public bool TryCompare(uint document, out float cosine) => found.TryGetValue(document, out cosine) || (isCut && document <= copied);
}
