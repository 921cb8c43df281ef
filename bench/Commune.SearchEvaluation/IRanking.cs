namespace Commune.SearchEvaluation;

/// <summary>Something that answers a query with mails.</summary>
public interface IRanking
{
    string Name { get; }

    /// <summary>Ids of mails, best first; those that are not relevant may be left out.</summary>
    Task<IReadOnlyList<string>> RankAsync(string query, CancellationToken ct);
}
