namespace Commune.Ai.Search;

/// <summary>
/// How words and meaning are joined: the similarity counts always, the words by the square of how much of the query they cover, so that stray
/// common words do not win over meaning and rare words do (docs/decisions/0009).
/// </summary>
public static class HybridScore
{
    private const double LexicalFactor = 3;

    /// <param name="similarity">Cosine of the two vectors; 0 where they abstain.</param>
    /// <param name="coverage">See <see cref="Bm25.Coverage"/>.</param>
    public static double Raw(double similarity, double coverage) => similarity + (LexicalFactor * coverage * coverage);

    /// <summary>The score that callers see: 0 to 1, in the order of <see cref="Raw"/>.</summary>
    public static double Shown(double raw) => 1 - Math.Exp(-1.5 * Math.Max(0, raw));
}
