namespace Commune.Ai.Search;

/// <summary>Which messages are worth a row at all: what has nothing to do with the query is left out, not ranked last.</summary>
public static class Relevance
{
    /// <summary>Below this, texts are about different things.</summary>
    public const double LeastSimilarity = .40;

    /// <summary>The rare words of the query are there in good part.</summary>
    public const double LeastCoverage = .30;

    /// <param name="hasExact">It has a number or id of the query.</param>
    /// <param name="words">How many of the query's words it has, of how many that were asked for.</param>
    public static bool IsRelevant(bool hasExact, double similarity, double coverage, int words, int asked) =>
        hasExact || similarity >= LeastSimilarity || coverage >= LeastCoverage || (words > 0 && words * 2 >= asked);
}
