using System.Globalization;
using System.Text;

namespace Commune.SearchEvaluation;

/// <summary>What one ranking makes of all queries.</summary>
public sealed record Evaluation(string Name, IReadOnlyList<(EvaluationQuery Query, IReadOnlyList<string> Ranking)> Ranked)
{
    public static async Task<Evaluation> MakeAsync(EvaluationSet set, IRanking ranking, CancellationToken ct)
    {
        var ranked = new List<(EvaluationQuery, IReadOnlyList<string>)>();
        foreach (var query in set.Queries)
            ranked.Add((query, await ranking.RankAsync(query.Text, ct)));
        return new Evaluation(ranking.Name, ranked);
    }

    /// <summary>Of one kind of query; of all without one.</summary>
    public RankingMeasures Measures(string? kind = null) =>
        RankingMeasures.Of([.. Ranked.Where(one => kind is null || one.Query.Kind == kind)]);

    /// <summary>A line for each kind of query and one for all, as text.</summary>
    public string Table(EvaluationSet set)
    {
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"{Name,-34}{"queries",8}{"shared",8}{"nDCG@10",10}{"hit@1",8}{"hit@5",8}");
        foreach (var kind in set.Queries.Select(static query => query.Kind).Distinct(StringComparer.Ordinal))
            table.AppendLine(Row("  " + kind, SharedWords(set, kind), Measures(kind)));
        table.AppendLine(Row("  all", SharedWords(set, null), Measures()));
        return table.ToString();
    }

    /// <summary>The queries whose first five have no answer, one a line.</summary>
    public IEnumerable<string> Misses() => Ranked.Where(static one => RankingMeasures.Hit(one.Query, one.Ranking, 5) == 0)
        .Select(static one => $"{one.Query.Kind}: {one.Query.Text} => {string.Join(", ", one.Query.Grades.Keys)}; found {string.Join(", ", one.Ranking.Take(3))}");

    private static string Row(string name, double shared, RankingMeasures measures) => string.Create(CultureInfo.InvariantCulture,
        $"{name,-34}{measures.Queries,8}{shared,8:P0}{measures.Ndcg10,10:0.000}{measures.Hit1,8:0.000}{measures.Hit5,8:0.000}");

    /// <summary>The part of a query's words that stand in a mail that answers it, on average.</summary>
    private static double SharedWords(EvaluationSet set, string? kind)
    {
        var words = set.Mails.ToDictionary(static mail => mail.Id, static mail => PlainWords.Of(mail.Text).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        return set.Queries.Where(query => kind is null || query.Kind == kind).Average(query =>
        {
            var asked = PlainWords.Of(query.Text).ToHashSet(StringComparer.Ordinal);
            return query.Grades.Where(static grade => grade.Value == EvaluationQuery.Answers)
                .Average(grade => asked.Count(words[grade.Key].Contains) / (double)Math.Max(1, asked.Count));
        });
    }
}
