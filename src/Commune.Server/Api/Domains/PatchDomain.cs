using Commune.Mail.Cryptography;
using Commune.Server.Hosting;
using Commune.Server.Outbound;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Changes the settings of a domain; what the body does not name stays as it is.</summary>
internal static class PatchDomain
{
    public static async Task<IResult> HandleAsync(
        HttpContext http, IStore store, ShowDomain show, DkimKeyRing keys, TimeProvider time, string domainId)
    {
        var body = await RequestBody.ReadAsync(http);
        var (tls, ed25519) = (TlsOf(body), body.Flag("dkim_ed25519"));
        var sending = DomainSending.Read(body);
        var domain = await DomainEndpoints.FindAsync(store, http, domainId);
        if (domain.Shared && (tls is not null || ed25519 is not null))
            throw ApiException.Conflict("The shared domain is set up by the operator, by settings such as Commune__SharedDomainEd25519", "shared_domain");
        if (tls is not null && tls != domain.Tls)
            await store.Domains.SetTlsAsync(domain.OrgId, domain.Id, tls, http.RequestAborted);
        if (ed25519 is { } on && on != domain.DkimEd25519)
            await SetEd25519Async(store, keys, domain, on, time, http.RequestAborted);
        await sending.ApplyAsync(store, Authentication.CallerOf(http).OrgId, domain, time, http.RequestAborted);
        return ApiJson.Ok(new Envelope<DomainResponse>(await show.OfAsync(http, await DomainEndpoints.FindAsync(store, http, domainId))));
    }

    /// <summary>Turns the second DKIM signature on or off; mail carries it once its record is verified.</summary>
    private static async Task SetEd25519Async(IStore store, DkimKeyRing keys, Domain domain, bool on, TimeProvider time, CancellationToken cancellation)
    {
        if (on && !Ed25519.IsSupported)
            throw ApiException.Conflict("This server has no OpenSSL 3 (libcrypto.so.3), which Ed25519 needs", "ed25519_unavailable");
        await store.Domains.SetDkimEd25519Async(domain.OrgId, domain.Id, on ? CreateDomain.NewEd25519Key(domain, time) : null, cancellation);
        keys.Forget(domain.Id);
    }

    private static string? TlsOf(RequestBody body) => body.Text("tls") switch
    {
        null => null,
        var tls and (DomainTls.Opportunistic or DomainTls.Require or DomainTls.Verify) => tls,
        _ => throw ApiException.Invalid("tls", "tls must be opportunistic, require or verify"),
    };
}
