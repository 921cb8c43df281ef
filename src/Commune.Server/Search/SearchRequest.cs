using Commune.Ai.Search;
using Commune.Storage;

namespace Commune.Server.Search;

/// <param name="Filters">Those of the request; the query may have more.</param>
/// <param name="ByThread">One row for each thread, its best message; else one for each message.</param>
internal sealed record SearchRequest(
    string OrgId, string Query, string? InboxId, string? DomainId, SearchFilters Filters, bool ByThread, int Limit, PageCursor? Cursor);

/// <param name="Score">0 to 1.</param>
/// <param name="Excerpt">Of the body or the file, around what was found.</param>
/// <param name="SubjectHighlights">Ranges of the subject.</param>
internal sealed record SearchHit(FoundMessage Message, double Score, Excerpt Excerpt, IReadOnlyList<TextRange> SubjectHighlights);

/// <param name="Embedding">The model whose vectors ranked; null when none did.</param>
/// <param name="Degraded">Why the provider's vectors did not rank; null when they did, or there is no provider.</param>
/// <param name="Unindexed">Messages that cannot be found yet, or have no vector of the provider's yet.</param>
internal sealed record SearchResult(IReadOnlyList<SearchHit> Hits, PageCursor? Next, string? Embedding, string? Degraded, long Unindexed);
