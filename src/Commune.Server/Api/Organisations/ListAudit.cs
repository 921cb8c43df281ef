using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Organisations;

/// <summary>Lists who changed what in the organisation, newest first.</summary>
internal static class ListAudit
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store)
    {
        var page = await store.Audit.ListAsync(
            Authentication.CallerOf(http).OrgId, http.Request.Query.Limit(50, 1000), http.Request.Query.Cursor(), http.RequestAborted);
        return ApiJson.Ok(ListEnvelope<AuditResponse>.From(page.Select(AuditResponse.From)));
    }

    /// <param name="Actor">The id of the key or agent; <c>operator</c> for a command of the server's machine.</param>
    internal sealed record AuditResponse(string Id, string Actor, string Action, string Target, string? Address, string CreatedAt)
    {
        public static AuditResponse From(AuditEntry entry) =>
            new(entry.Id, entry.Actor, entry.Action, entry.Target, entry.Address, ApiJson.Time(entry.At));
    }
}
