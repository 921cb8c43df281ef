using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Lists the shared domain, then the caller's own, newest first.</summary>
internal static class ListDomains
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, ShowDomain show)
    {
        var (limit, cursor) = (http.Request.Query.Limit(100, 1000), http.Request.Query.Cursor());
        var page = await store.Domains.ListAsync(Authentication.CallerOf(http).OrgId, limit, cursor, http.RequestAborted);
        List<Domain> domains = cursor is null ? [await store.Domains.GetSharedAsync(http.RequestAborted), .. page.Items] : [.. page.Items];
        var shown = new List<DomainResponse>();
        foreach (var domain in domains)
            shown.Add(await show.OfAsync(http, domain));
        return ApiJson.Ok(new ListEnvelope<DomainResponse>(shown, page.Next?.Encode(), page.Next is not null));
    }
}
