using Commune.Mail.Addresses;
using Commune.Mail.Dkim;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Registers a custom domain and makes its DKIM key; mail flows once its records stand in DNS.</summary>
internal static class CreateDomain
{
    public const string Selector = "commune";
    public const string Ed25519Selector = "commune-ed25519";

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, ShowDomain show, TimeProvider time)
    {
        var body = await RequestBody.ReadAsync(http);
        var name = HostName(body.RequiredText("name", "domain"));
        var shared = await store.Domains.GetSharedAsync(http.RequestAborted);
        if (name == shared.Name || name.EndsWith("." + shared.Name, StringComparison.Ordinal))
            throw ApiException.Conflict($"{name} is this server's shared domain, or under it; inboxes there need no domain of their own", "domain_taken");

        var domain = new Domain(Authentication.CallerOf(http).OrgId, EntityId.New("d_"), name, "not_started", body.Text("region"), false,
            time.GetUtcNow().ToUnixTimeMilliseconds(), null);
        switch (await store.Domains.CreateAsync(domain, NewKey(domain), http.RequestAborted, AuditTrail.Entry(http, "domain.create", domain.Id)))
        {
            case DomainCreation.Duplicate:
                throw ApiException.Conflict($"{name} is registered already; GET /v1/domains lists it", "domain_exists");
            case DomainCreation.Owned:
                throw ApiException.Conflict($"{name} is verified by another organisation", "domain_taken");
        }
        return ApiJson.Created(new Envelope<DomainResponse>(await show.OfAsync(http, domain)));
    }

    /// <summary>A fresh 2048-bit signing key for the domain.</summary>
    internal static DkimKey NewKey(Domain domain) => NewKey(domain, Selector, domain.CreatedAt);

    internal static DkimKey NewKey(Domain domain, string selector, long at)
    {
        var (pem, record) = DkimSigningKey.Generate();
        return new DkimKey(domain.OrgId, domain.Id, selector, DkimKey.Rsa, pem, PublicKeyIn(record), at);
    }

    /// <summary>A fresh key for the domain's second signature.</summary>
    internal static DkimKey NewEd25519Key(Domain domain, TimeProvider time) =>
        NewEd25519Key(domain, Ed25519Selector, time.GetUtcNow().ToUnixTimeMilliseconds());

    internal static DkimKey NewEd25519Key(Domain domain, string selector, long at)
    {
        var (pem, record) = DkimSigningKey.GenerateEd25519();
        return new DkimKey(domain.OrgId, domain.Id, selector, DkimKey.Ed25519, pem, PublicKeyIn(record), at);
    }

    private static string PublicKeyIn(string record) => record[(record.IndexOf("p=", StringComparison.Ordinal) + 2)..];

    internal static string HostName(string text)
    {
        var name = new Mailbox(null, "x", text.Trim().TrimEnd('.')).AsciiDomain.ToLowerInvariant();
        var valid = SettingText.IsHostName(name) && name.Contains('.', StringComparison.Ordinal) && !name[(name.LastIndexOf('.') + 1)..].All(char.IsAsciiDigit);
        return valid ? name : throw ApiException.Invalid("name", "name must be a host name with a dot, such as mycompany.com");
    }
}
