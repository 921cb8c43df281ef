using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>Deletes an inbox and frees its address; its mail stays until it is deleted as data.</summary>
internal static class DeleteInbox
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string inboxId, string? domainId = null)
    {
        var inbox = await InboxEndpoints.FindAsync(store, http, inboxId, domainId);
        return await store.Inboxes.DeleteAsync(inbox.OrgId, inbox.Id, http.RequestAborted, AuditTrail.Entry(http, "inbox.delete", inbox.Id))
            ? ApiJson.Ok(new Envelope<Deleted>(new Deleted(true)))
            : throw ApiException.NotFound("Inbox");
    }

    internal sealed record Deleted(bool Ok);
}
