using Commune.Storage;

namespace Commune.Server.Hosting;

/// <summary>Makes audit entries: an endpoint hands one to the store method that makes the change, which writes both in one transaction.</summary>
internal static class AuditTrail
{
    /// <summary>What the caller of a request does.</summary>
    public static AuditEntry Entry(HttpContext http, string action, string target)
    {
        var caller = Authentication.CallerOf(http);
        return Entry(http, caller.OrgId, caller.ActorId, action, target);
    }

    /// <summary>What somebody does whom no credential names yet.</summary>
    public static AuditEntry Entry(HttpContext http, string orgId, string actor, string action, string target)
    {
        var services = http.RequestServices;
        return Entry(services.GetRequiredService<TimeProvider>(), orgId, actor, action, target,
            services.GetRequiredService<ClientAddress>().Of(http).ToString());
    }

    /// <summary>What a command of this machine does.</summary>
    public static AuditEntry OfOperator(TimeProvider time, string orgId, string action, string target) =>
        Entry(time, orgId, "operator", action, target, null);

    private static AuditEntry Entry(TimeProvider time, string orgId, string actor, string action, string target, string? address)
    {
        var now = time.GetUtcNow();
        return new AuditEntry(orgId, EntityId.NewSortable("aud_", now), now.ToUnixTimeMilliseconds(), actor, action, target, address);
    }
}
