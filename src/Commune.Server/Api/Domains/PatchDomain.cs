using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Changes the settings of a domain; what the body does not name stays as it is.</summary>
internal static class PatchDomain
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, ShowDomain show, string domainId)
    {
        var body = await RequestBody.ReadAsync(http);
        var tls = TlsOf(body);
        var domain = await DomainEndpoints.FindAsync(store, http, domainId);
        if (tls is not null && tls != domain.Tls)
        {
            if (domain.Shared)
                throw ApiException.Conflict("The shared domain is set up by the operator", "shared_domain");
            await store.Domains.SetTlsAsync(domain.OrgId, domain.Id, tls, http.RequestAborted);
            domain = await DomainEndpoints.FindAsync(store, http, domainId);
        }
        return ApiJson.Ok(new Envelope<DomainResponse>(await show.OfAsync(http, domain)));
    }

    private static string? TlsOf(RequestBody body) => body.Text("tls") switch
    {
        null => null,
        var tls and (DomainTls.Opportunistic or DomainTls.Require or DomainTls.Verify) => tls,
        _ => throw ApiException.Invalid("tls", "tls must be opportunistic, require or verify"),
    };
}
