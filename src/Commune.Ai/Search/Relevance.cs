namespace Commune.Ai.Search;

/// <summary>Which messages are worth a row at all: what has nothing to do with the query is left out, not ranked last.</summary>
public static class Relevance
{
    private const double LeastSimilarity = .30;
    private const double EnoughSimilarity = .40;

    /// <summary>
    /// How similar a text must be to be about the same thing. Where nothing is close, what comes near the closest will do, but not anything:
    /// of unrelated short texts a tenth has more than .37, a twentieth more than .41.
    /// </summary>
    /// <param name="best">The similarity of the closest text.</param>
    public static double SimilarityNeeded(double best) => Math.Clamp(best * .8, LeastSimilarity, EnoughSimilarity);

    /// <summary>The rare words of the query are there in good part.</summary>
    public const double LeastCoverage = .30;

    /// <param name="hasExact">It has a number or id of the query.</param>
    /// <param name="needed">What <see cref="SimilarityNeeded"/> says.</param>
    /// <param name="words">How many of the query's words it has, of how many that were asked for.</param>
    public static bool IsRelevant(bool hasExact, double similarity, double needed, double coverage, int words, int asked) =>
        hasExact || similarity >= needed || coverage >= LeastCoverage || (words > 0 && words * 2 >= asked);
}
