namespace Commune.SearchEvaluation;

/// <summary>Two rankings as one, by reciprocal ranks (Cormack, Clarke and Büttcher 2009): scores of different kinds need not be compared.</summary>
public sealed class HybridRanking(IRanking first, IRanking second) : IRanking
{
    private const double K = 60;
    private const int Depth = 100;

    public string Name => $"{first.Name} + {second.Name}";

    public async Task<IReadOnlyList<string>> RankAsync(string query, CancellationToken ct)
    {
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var ranking in (ReadOnlySpan<IReadOnlyList<string>>)[await first.RankAsync(query, ct), await second.RankAsync(query, ct)])
        {
            for (var i = 0; i < ranking.Count && i < Depth; i++)
                scores[ranking[i]] = scores.GetValueOrDefault(ranking[i]) + 1 / (K + i + 1);
        }
        return [.. scores.OrderByDescending(static score => score.Value).ThenBy(static score => score.Key, StringComparer.Ordinal).Select(static score => score.Key)];
    }
}
