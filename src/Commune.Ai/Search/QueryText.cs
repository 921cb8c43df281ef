namespace Commune.Ai.Search;

/// <summary>What a plain text asks for, without filters and quotation marks.</summary>
public static class QueryText
{
    public static IReadOnlyList<SearchConcept> ConceptsOf(string text) => QueryWords.Of(text);
}
