using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>Inboxes (contract section 8), on the nested and the un-nested paths.</summary>
public static class InboxEndpoints
{
    public static void MapInboxes(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/inboxes", CreateInbox.HandleAsync).Needs(Scopes.InboxesWrite);
        v1.MapGet("/inboxes", ListInboxes.HandleAsync).Needs(Scopes.InboxesRead);
        v1.MapPost("/domains/{domainId}/inboxes", CreateInbox.HandleAsync).Needs(Scopes.InboxesWrite);
        v1.MapGet("/domains/{domainId}/inboxes", ListInboxes.HandleAsync).Needs(Scopes.InboxesRead);
        foreach (var path in (string[])["/inboxes/{inboxId}", "/domains/{domainId}/inboxes/{inboxId}"])
        {
            v1.MapGet(path, GetInbox.HandleAsync).Needs(Scopes.InboxesRead);
            v1.MapMethods(path, ["PUT", "PATCH"], UpdateInbox.HandleAsync).Needs(Scopes.InboxesWrite);
            v1.MapDelete(path, DeleteInbox.HandleAsync).Needs(Scopes.InboxesWrite);
            v1.MapGet(path + "/wait", WaitForMessage.HandleAsync).Needs(Scopes.MessagesRead);
            v1.MapGet(path + "/lists", GetSenderLists.HandleAsync).Needs(Scopes.InboxesRead);
            v1.MapPut(path + "/lists", SetSenderLists.HandleAsync).Needs(Scopes.InboxesWrite);
            v1.MapPost(path + "/webhook", SetWebhook.HandleAsync).Needs(Scopes.InboxesWrite);
            v1.MapPut(path + "/extraction-schema", SetExtractionSchema.SetAsync).Needs(Scopes.InboxesWrite);
            v1.MapDelete(path + "/extraction-schema", SetExtractionSchema.RemoveAsync).Needs(Scopes.InboxesWrite);
            v1.MapPost(path + "/extraction-schema/test", TestExtractionSchema.HandleAsync).Needs(Scopes.InboxesWrite);
            v1.MapPost(path + "/extraction-schema/backfill", BackfillExtraction.StartAsync).Needs(Scopes.InboxesWrite);
            v1.MapGet(path + "/extraction-schema/backfill", BackfillExtraction.GetAsync).Needs(Scopes.InboxesRead);
            v1.MapPost(path + "/schema", SetExtractionSchema.SetFromCliAsync).Needs(Scopes.InboxesWrite);
            v1.MapDelete(path + "/schema", SetExtractionSchema.RemoveAsync).Needs(Scopes.InboxesWrite);
        }
    }

    /// <summary>The caller's inbox; 404 when it is unknown or stands under another domain than the path says.</summary>
    internal static async Task<Inbox> FindAsync(IStore store, HttpContext http, string inboxId, string? domainId)
    {
        var inbox = await store.Inboxes.GetAsync(Authentication.CallerOf(http).OrgId, inboxId, http.RequestAborted);
        return inbox is not null && (domainId is null || inbox.DomainId == domainId) ? inbox : throw ApiException.NotFound("Inbox");
    }

    /// <summary>Writes the inbox as it is now to be, and answers with it.</summary>
    internal static async Task<IResult> SaveAsync(IStore store, HttpContext http, Inbox inbox) =>
        await store.Inboxes.UpdateAsync(inbox, http.RequestAborted, AuditTrail.Entry(http, "inbox.update", inbox.Id)) switch
        {
            InboxUpdate.Updated => ApiJson.Ok(new Envelope<InboxResponse>(InboxResponse.From(inbox))),
            InboxUpdate.AddressTaken => throw ApiException.Conflict($"{inbox.Address} is taken; choose another local_part", "address_taken"),
            _ => throw ApiException.NotFound("Inbox"),
        };

    /// <summary>400 without a filter, 404 for an inbox or domain that is not the caller's: the rule of every list that asks for one.</summary>
    internal static async Task CheckFilterAsync(IStore store, HttpContext http, string? inboxId, string? domainId)
    {
        if (inboxId is not null)
            await FindAsync(store, http, inboxId, null);
        if (domainId is not null && await store.Domains.GetAsync(Authentication.CallerOf(http).OrgId, domainId, http.RequestAborted) is null)
            throw ApiException.NotFound("Domain");
    }
}
