using System.Globalization;
using Commune.Ai.Search;
using Commune.Server.Api.Inboxes;
using Commune.Server.Api.Threads;
using Commune.Server.Hosting;
using Commune.Server.Search;
using Commune.Storage;

namespace Commune.Server.Api.Search;

/// <summary>Reads what both searches take.</summary>
internal static class SearchParameters
{
    public const int LongestQuery = 2000;

    public static async Task<SearchRequest> ReadAsync(HttpContext http, IStore store, bool byThread)
    {
        var parameters = http.Request.Query;
        var query = parameters.Text("q") ?? throw ApiException.Invalid("q", "q is required: the words to search for");
        if (query.EnumerateRunes().Count() > LongestQuery)
            throw ApiException.Invalid("q", $"q has at most {LongestQuery} characters");
        var (inboxId, domainId) = (parameters.Text("inbox_id"), parameters.Text("domain_id"));
        if (inboxId is null && domainId is null)
            throw ApiException.Invalid("inbox_id", "inbox_id or domain_id is required");
        var filters = new SearchFilters(
            parameters.Text("from"), parameters.Text("to"), parameters.Text("subject"), parameters.Time("before"), parameters.Time("after"),
            parameters.Text("status") is { } status ? TriageInput.Status(status) : null, parameters.Text("tag"), HasAttachment(parameters));
        var cursor = Cursor(parameters);
        await InboxEndpoints.CheckFilterAsync(store, http, inboxId, domainId);
        return new SearchRequest(
            Authentication.CallerOf(http).OrgId, query, inboxId, domainId, filters, byThread, parameters.Limit(20, 100), cursor);
    }

    private static bool? HasAttachment(IQueryCollection parameters) => (parameters.Text("has_attachment") ?? parameters.Text("has"))?.ToLowerInvariant() switch
    {
        null => null,
        "true" or "1" or "attachment" => true,
        "false" or "0" => false,
        _ => throw ApiException.Invalid("has_attachment", "has_attachment must be true or false"),
    };

    private static PageCursor? Cursor(IQueryCollection parameters)
    {
        var cursor = parameters.Cursor();
        if (cursor is { } place && (place.At is < 0 or > uint.MaxValue || !long.TryParse(place.Id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _)))
            throw ApiException.Invalid("cursor", "Invalid cursor");
        return cursor;
    }
}

/// <summary>What ranked a result.</summary>
/// <param name="Embedding">The model whose vectors did; null when words alone did.</param>
/// <param name="Degraded">Why the provider's model did not rank, when there is one: <c>pending</c>, <c>timeout</c>, <c>unavailable</c> or <c>refused</c>; or <c>engine_unavailable</c>, when it did without its search engine.</param>
/// <param name="Lexical">How words are weighed.</param>
/// <param name="Fusion">How both are joined.</param>
public sealed record SearchEngineResponse(string? Embedding, string? Degraded, string Lexical, string Fusion);

/// <summary>A list of rows, best first.</summary>
public sealed record SearchEnvelope<T>(
    IReadOnlyList<T> Data, string SearchType, SearchEngineResponse SearchEngine, long IndexLag, string? NextCursor, bool HasMore)
{
    internal static SearchEnvelope<T> From(SearchResult result, Func<SearchHit, T> show) => new(
        [.. result.Hits.Select(show)],
        result.Embedding is null ? "regex" : "vector",
        new SearchEngineResponse(result.Embedding, result.Degraded, "bm25", result.Embedding is null ? "none" : "coverage-gated-sum"),
        result.Unindexed, result.Next?.Encode(), result.Next is not null);
}

/// <summary>A range of a text: from <paramref name="Start"/> up to, but not including, <paramref name="End"/>, in UTF-16 code units.</summary>
public sealed record HighlightResponse(int Start, int End)
{
    internal static IReadOnlyList<HighlightResponse> From(IReadOnlyList<TextRange> ranges) =>
        [.. ranges.Select(static range => new HighlightResponse(range.Start, range.End))];
}

/// <summary>The file whose text was found.</summary>
public sealed record MatchedAttachmentResponse(string AttachmentId, string Filename)
{
    internal static MatchedAttachmentResponse? Of(FoundAttachment? found) => found is null ? null : new MatchedAttachmentResponse(found.Id, found.FileName);
}
