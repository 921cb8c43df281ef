using Commune.Server.Api.Description;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Search;

/// <summary>
/// Calls by which older clients asked for a conversation to be indexed. Everything is indexed as it is stored, so there is nothing left to do
/// (contract section 18).
/// </summary>
public static class SearchIndexEndpoints
{
    private const string What = "Does nothing: everything is indexed as it is stored. Older clients ask for it.";

    public static void MapSearchIndex(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/search/index", (Delegate)HandleAsync).Needs(Scopes.Any)
            .Is(Call.Named("search.index").Gives<Envelope<Indexed>>().Saying(What).Deprecated());
        v1.MapPost("/search/index/batch", (Delegate)HandleAsync).Needs(Scopes.Any)
            .Is(Call.Named("search.indexBatch").Gives<Envelope<Indexed>>().Saying(What).Deprecated().TwinOf("search.index"));
    }

    private static async Task<IResult> HandleAsync(HttpContext http)
    {
        await RequestBody.ReadAsync(http);
        return ApiJson.Ok(new Envelope<Indexed>(new Indexed(true)));
    }

    internal sealed record Indexed(bool Success)
    {
        public string Message => "Mail is indexed as it is stored; this call does nothing.";
    }
}
