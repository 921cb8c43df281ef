using System.Text.Json;
using Commune.Mail.Cryptography;
using Commune.Server.Hosting;
using Commune.Server.Outbound;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Turns the domain's second DKIM signature, Ed25519, on or off; mail carries it once its record is verified.</summary>
internal static class PatchDomain
{
    public static async Task<IResult> HandleAsync(
        HttpContext http, IStore store, ShowDomain show, DkimKeyRing keys, TimeProvider time, string domainId)
    {
        var body = await RequestBody.ReadAsync(http);
        var wanted = Wanted(body);
        var domain = await DomainEndpoints.FindAsync(store, http, domainId);
        if (wanted is { } on && on != domain.DkimEd25519)
        {
            if (domain.Shared)
                throw ApiException.Conflict("The shared domain is set up by the operator: Commune__SharedDomainEd25519", "shared_domain");
            if (on && !Ed25519.IsSupported)
                throw ApiException.Conflict("This server has no OpenSSL 3 (libcrypto.so.3), which Ed25519 needs", "ed25519_unavailable");
            await store.Domains.SetDkimEd25519Async(domain.OrgId, domain.Id, on ? CreateDomain.NewEd25519Key(domain, time) : null, http.RequestAborted);
            keys.Forget(domain.Id);
            domain = await DomainEndpoints.FindAsync(store, http, domainId);
        }
        return ApiJson.Ok(new Envelope<DomainResponse>(await show.OfAsync(http, domain)));
    }

    private static bool? Wanted(RequestBody body) => body.Member("dkim_ed25519")?.ValueKind switch
    {
        null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw ApiException.Invalid("dkim_ed25519", "dkim_ed25519 must be true or false"),
    };
}
