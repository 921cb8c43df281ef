namespace Commune.SearchEvaluation;

/// <summary>How good rankings are, on average; each number from 0 to 1.</summary>
/// <param name="Ndcg10">Discounted cumulative gain of the first ten, against the best possible.</param>
/// <param name="Hit1">How often the first answers the query.</param>
/// <param name="Hit5">How often one of the first five does.</param>
public sealed record RankingMeasures(int Queries, double Ndcg10, double Hit1, double Hit5)
{
    private const int Depth = 10;

    /// <summary>Of the rankings of some queries.</summary>
    public static RankingMeasures Of(IReadOnlyList<(EvaluationQuery Query, IReadOnlyList<string> Ranking)> ranked) => ranked.Count == 0
        ? new RankingMeasures(0, 0, 0, 0)
        : new RankingMeasures(
            ranked.Count,
            ranked.Average(static one => Ndcg(one.Query, one.Ranking)),
            ranked.Average(static one => Hit(one.Query, one.Ranking, 1)),
            ranked.Average(static one => Hit(one.Query, one.Ranking, 5)));

    internal static double Ndcg(EvaluationQuery query, IReadOnlyList<string> ranking)
    {
        // A mail that a ranking repeats counts once, at its first place.
        var found = Gain(ranking.Distinct(StringComparer.Ordinal).Select(id => query.Grades.GetValueOrDefault(id)));
        return found / Gain(query.Grades.Values.OrderDescending());
    }

    internal static double Hit(EvaluationQuery query, IReadOnlyList<string> ranking, int depth) =>
        ranking.Take(depth).Any(id => query.Grades.GetValueOrDefault(id) == EvaluationQuery.Answers) ? 1 : 0;

    private static double Gain(IEnumerable<int> grades) =>
        grades.Take(Depth).Select(static (grade, place) => (Math.Pow(2, grade) - 1) / Math.Log2(place + 2)).Sum();
}
