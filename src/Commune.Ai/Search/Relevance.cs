namespace Commune.Ai.Search;

/// <summary>Which messages are worth a row at all: what has nothing to do with the query is left out, not ranked last.</summary>
public static class Relevance
{
    /// <summary>"Customer angry about shipping" and "my parcel is two weeks late and nobody answers" have .19.</summary>
    private const double LeastSimilarity = .18;
    private const double EnoughSimilarity = .40;

    /// <summary>
    /// How similar a text must be to be about the same thing. Where nothing is close, what comes near the closest will do, but not anything:
    /// of unrelated short texts a tenth has more than .37, a twentieth more than .41.
    /// </summary>
    /// <param name="best">The similarity of the closest text.</param>
    public static double SimilarityNeeded(double best) => Math.Clamp(best * .8, LeastSimilarity, EnoughSimilarity);

    /// <summary>The rare words of the query are there in good part.</summary>
    private const double LeastCoverage = .30;

    /// <summary>Where only words can tell, one is enough that not every mail has.</summary>
    private const double LeastCoverageAlone = .04;

    /// <param name="hasExact">It has a number or id of the query.</param>
    /// <param name="needed">What <see cref="SimilarityNeeded"/> says.</param>
    /// <param name="words">How many of the query's words it has, of how many that were asked for.</param>
    /// <param name="isCompared">False where the query or the message has no vector, as in other languages.</param>
    public static bool IsRelevant(bool hasExact, bool isCompared, double similarity, double needed, double coverage, int words, int asked) =>
        hasExact || (isCompared && similarity >= needed) || coverage >= (isCompared ? LeastCoverage : LeastCoverageAlone) || (words > 0 && words * 2 >= asked);
}
