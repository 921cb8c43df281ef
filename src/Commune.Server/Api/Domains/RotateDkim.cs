using System.Globalization;
using System.Text.Json;
using Commune.Server.Hosting;
using Commune.Server.Outbound;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>
/// Makes new DKIM keys. Each signs once its record is found in DNS, and the record of the one before it is to stay for the overlap. Of the shared domain,
/// and of one that is trusted without DNS, they sign at once.
/// </summary>
internal static class RotateDkim
{
    private const int StandardOverlap = 72;
    private const int LongestOverlap = 30 * 24;

    public static async Task<IResult> HandleAsync(
        HttpContext http, IStore store, ShowDomain show, DkimKeyRing keys, TimeProvider time, string domainId)
    {
        var body = await RequestBody.ReadAsync(http);
        var (overlap, atOnce) = (OverlapOf(body), body.Flag("at_once"));
        var domain = await DomainEndpoints.FindAsync(store, http, domainId);
        if (domain.OrgId != Authentication.CallerOf(http).OrgId)
            throw ApiException.Forbidden($"{domain.Name} is this server's shared domain; only its operator can change it", "shared_domain");

        var now = time.GetUtcNow();
        var at = now.ToUnixTimeMilliseconds();
        var watched = !domain.Shared && await store.DomainChecks.GetAsync(domain.OrgId, domain.Id, http.RequestAborted) is not null;
        switch (await store.Domains.RotateDkimAsync(
            domain.OrgId, domain.Id, NewKeys(domain, now), overlap, atOnce ?? !watched, at, http.RequestAborted,
            AuditTrail.Entry(http, "domain.dkim_rotate", domain.Id)))
        {
            case DkimRotation.Pending:
                throw ApiException.Conflict(
                    "A rotation is under way: publish the records whose role is next (GET /v1/domains/:id/records), then POST /v1/domains/:id/verify", "rotation_pending");
            case DkimRotation.NotFound:
                throw ApiException.NotFound("Domain");
        }
        keys.Forget(domain.Id);
        return ApiJson.Ok(new Envelope<DomainResponse>(await show.OfAsync(http, await DomainEndpoints.FindAsync(store, http, domainId))));
    }

    /// <summary>A key for each signature that the domain has, under selectors that were never used.</summary>
    private static IReadOnlyList<DkimKey> NewKeys(Domain domain, DateTimeOffset now)
    {
        var suffix = $"-{now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}-{EntityId.New("")[..6]}";
        var at = now.ToUnixTimeMilliseconds();
        var rsa = CreateDomain.NewKey(domain, CreateDomain.Selector + suffix, at);
        return domain.DkimEd25519 ? [rsa, CreateDomain.NewEd25519Key(domain, CreateDomain.Ed25519Selector + suffix, at)] : [rsa];
    }

    /// <summary>In ms.</summary>
    private static long OverlapOf(RequestBody body) => body.Member("overlap", "overlap_hours") switch
    {
        null or { ValueKind: JsonValueKind.Null } => StandardOverlap * 3_600_000L,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out var hours) && hours is >= 0 and <= LongestOverlap => (long)(hours * 3_600_000),
        _ => throw ApiException.Invalid("overlap", $"overlap must be a number of hours, 0 to {LongestOverlap}"),
    };
}
