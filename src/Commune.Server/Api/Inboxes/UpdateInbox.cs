using Commune.Server.Hosting;
using Commune.Server.Webhooks;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>Changes the members that are sent and leaves the others.</summary>
internal static class UpdateInbox
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, EndpointGuard guard, string inboxId, string? domainId = null)
    {
        var body = await RequestBody.ReadAsync(http);
        var localPart = body.Text("local_part") is { } text ? InboxSettings.LocalPart(text) : null;
        var displayName = InboxSettings.DisplayName(body, out var nameGiven);
        var status = InboxSettings.Status(body, "");
        // Read once for their mistakes, which come before any look-up; the present settings are needed to read them for good.
        InboxSettings.Webhook(body.Member("webhook"), null);
        InboxSettings.ExtractionSchema(body.Member("extraction_schema"), null);
        InboxSettings.Screening(body.Member("screening"), null);

        var inbox = await InboxEndpoints.FindAsync(store, http, inboxId, domainId);
        if (localPart is not null && localPart != inbox.LocalPart && await store.Domains.GetAsync(inbox.OrgId, inbox.DomainId, http.RequestAborted) is { } domain)
            ReservedAddresses.Check(inbox.OrgId, domain, localPart);
        var updated = inbox with
        {
            LocalPart = localPart ?? inbox.LocalPart,
            DisplayName = nameGiven ? displayName : inbox.DisplayName,
            Webhook = await guard.AdmitAsync(InboxSettings.Webhook(body.Member("webhook"), inbox.Webhook), inbox.Webhook, http.RequestAborted),
            ExtractionSchema = InboxSettings.ExtractionSchema(body.Member("extraction_schema"), inbox.ExtractionSchema),
            Screening = InboxSettings.Screening(body.Member("screening"), inbox.Screening),
            Status = status.Length > 0 ? status : inbox.Status,
        };
        return await InboxEndpoints.SaveAsync(store, http, updated);
    }
}
