using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Gives one domain, read afresh.</summary>
internal static class GetDomain
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, ShowDomain show, string domainId)
    {
        var domain = await DomainEndpoints.FindAsync(store, http, domainId);
        return ApiJson.Ok(new Envelope<DomainResponse>(await show.OfAsync(http, domain)));
    }
}
