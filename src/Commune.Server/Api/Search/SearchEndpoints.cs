using Commune.Server.Hosting;

namespace Commune.Server.Api.Search;

/// <summary>Search (contract section 11).</summary>
public static class SearchEndpoints
{
    public static void MapSearch(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/search/threads", SearchThreads.HandleAsync).Needs(Scopes.ThreadsRead);
        v1.MapGet("/search/messages", SearchMessages.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapPost("/search/index", (Delegate)IndexAsync).Needs(Scopes.Any);
        v1.MapPost("/search/index/batch", (Delegate)IndexAsync).Needs(Scopes.Any);
    }

    /// <summary>
    /// Calls by which older clients asked for a conversation to be indexed. Everything is indexed as it is stored, so there is nothing left to do
    /// (contract section 18).
    /// </summary>
    private static async Task<IResult> IndexAsync(HttpContext http)
    {
        await RequestBody.ReadAsync(http);
        return ApiJson.Ok(new Envelope<Indexed>(new Indexed(true)));
    }

    private sealed record Indexed(bool Success)
    {
        public string Message => "Mail is indexed as it is stored; this call does nothing.";
    }
}
