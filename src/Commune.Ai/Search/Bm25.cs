namespace Commune.Ai.Search;

/// <summary>
/// The lexical score of one organisation's mail (Robertson and Walker's BM25), and how much of a query it covers.
/// </summary>
/// <param name="Documents">How many messages there are.</param>
/// <param name="AverageLength">Their mean number of words.</param>
public readonly record struct Bm25(long Documents, double AverageLength)
{
    private const double K1 = 1.2;
    private const double B = .75;

    /// <summary>No message can have more of a word's rarity than this times.</summary>
    public const double Most = K1 + 1;

    /// <summary>The rarity of a word that stands in so many messages; more than nothing even where all have it.</summary>
    public double Rarity(long documents) => documents <= 0
        ? Math.Log(Documents + 2)
        : Math.Log(1 + ((Math.Max(0, Documents - documents) + .5) / (documents + .5)));

    /// <summary>What a word gives that stands <paramref name="count"/> times among <paramref name="length"/> words, for each unit of rarity.</summary>
    public double Weight(double count, int length) =>
        count * Most / (count + (K1 * (1 - B + (B * length / Math.Max(1, AverageLength)))));

    /// <summary>Near 1 only when the rare words of the query really are there.</summary>
    /// <param name="score">Sum of rarity times weight over the words that are there.</param>
    /// <param name="rarities">Sum of the rarities of all words that were asked for.</param>
    public static double Coverage(double score, double rarities) => rarities <= 0 ? 0 : Math.Min(1, score / (Most * rarities));
}
