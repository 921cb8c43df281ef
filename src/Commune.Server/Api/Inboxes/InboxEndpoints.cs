using Commune.Server.Api.Description;
using Commune.Server.Api.Messages;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>Inboxes (contract section 8), on the nested and the un-nested paths.</summary>
public static class InboxEndpoints
{
    public static void MapInboxes(this IEndpointRouteBuilder v1)
    {
        var create = Call.Named("inboxes.create").Takes<NewInboxRequest>().Gives<InboxCreated>(StatusCodes.Status201Created)
            .Fails(404, "The domain is unknown").Fails(409, "The address is taken");
        var list = Call.Named("inboxes.list").Gives<ListEnvelope<InboxResponse>>();
        v1.MapPost("/inboxes", CreateInbox.HandleAsync).Needs(Scopes.InboxesWrite).Is(create);
        v1.MapGet("/inboxes", ListInboxes.HandleAsync).Needs(Scopes.InboxesRead).Is(list.Asks(QueryField.Domain).Paged(100, 1000));
        v1.MapPost("/domains/{domainId}/inboxes", CreateInbox.HandleAsync).Needs(Scopes.InboxesWrite).Is(create.Under("domain").TwinOf("inboxes.create"));
        v1.MapGet("/domains/{domainId}/inboxes", ListInboxes.HandleAsync).Needs(Scopes.InboxesRead).Is(list.Under("domain").Paged(100, 1000).TwinOf("inboxes.list"));
        MapInbox(v1, "/inboxes/{inboxId}", static call => call);
        MapInbox(v1, "/domains/{domainId}/inboxes/{inboxId}", static call => call.Under("domain").TwinOf(call.Twin ?? call.Id));
    }

    /// <summary>The calls of one inbox, at one of its two paths.</summary>
    private static void MapInbox(IEndpointRouteBuilder v1, string path, Func<Call, Call> here)
    {
        v1.MapGet(path, GetInbox.HandleAsync).Needs(Scopes.InboxesRead).Is(here(Call.Named("inboxes.get").Gives<Envelope<InboxResponse>>()));
        v1.MapMethods(path, ["PUT", "PATCH"], UpdateInbox.HandleAsync).Needs(Scopes.InboxesWrite).Is(here(
            Call.Named("inboxes.update").Takes<InboxChangeRequest>().Gives<Envelope<InboxResponse>>().Fails(409, "The address is taken")));
        v1.MapDelete(path, DeleteInbox.HandleAsync).Needs(Scopes.InboxesWrite).Is(here(Call.Named("inboxes.delete").Gives<Envelope<DeleteInbox.Deleted>>()));
        v1.MapGet(path + "/wait", WaitForMessage.HandleAsync).Needs(Scopes.MessagesRead).Is(here(Call.Named("inboxes.wait").Gives<AwaitedResponse>().Asks(
            new QueryField("from", "From this address, or from this domain and what is below it."), new QueryField("subject", "With this in the subject."),
            new QueryField("timeout", "Seconds to wait; 30 without it, 120 at most.") { Kind = "number", Example = "1" },
            new QueryField("after", "Behind this cursor or event, since this time, or as long ago as 30s or 2m says; without it what comes after the call.")).Fails(429, "Too many wait")));
        v1.MapGet(path + "/lists", GetSenderLists.HandleAsync).Needs(Scopes.InboxesRead).Is(here(Call.Named("inboxes.senderLists").Gives<Envelope<SenderListsResponse>>()));
        v1.MapPut(path + "/lists", SetSenderLists.HandleAsync).Needs(Scopes.InboxesWrite).Is(here(
            Call.Named("inboxes.setSenderLists").Takes<SenderListsRequest>().Gives<Envelope<SenderListsResponse>>()));
        v1.MapPost(path + "/webhook", SetWebhook.HandleAsync).Needs(Scopes.InboxesWrite).Is(here(
            Call.Named("inboxes.setWebhook").Takes<WebhookRequest>().Gives<Envelope<InboxResponse>>()));
        v1.MapPut(path + "/extraction-schema", SetExtractionSchema.SetAsync).Needs(Scopes.InboxesWrite).Is(here(
            Call.Named("inboxes.setExtractionSchema").Takes<ExtractionSchemaRequest>().Gives<Envelope<InboxResponse>>().Saying("Sets the extraction schema: inbound mail is read into its fields.")));
        v1.MapDelete(path + "/extraction-schema", SetExtractionSchema.RemoveAsync).Needs(Scopes.InboxesWrite).Is(here(
            Call.Named("inboxes.removeExtractionSchema").Gives<Envelope<InboxResponse>>().Saying("Removes the extraction schema.")));
        v1.MapPost(path + "/extraction-schema/test", TestExtractionSchema.HandleAsync).Needs(Scopes.InboxesWrite).Is(here(
            Call.Named("inboxes.testExtractionSchema").Takes<SchemaTestRequest>().Gives<Envelope<ExtractionResponse>>()
            .Fails(403, "message_id needs the scope messages:read as well").Fails(409, "Neither the inbox nor the request has a schema")));
        v1.MapPost(path + "/extraction-schema/backfill", BackfillExtraction.StartAsync).Needs(Scopes.InboxesWrite).Is(here(
            Call.Named("inboxes.startBackfill").Gives<Envelope<BackfillResponse>>(StatusCodes.Status202Accepted)
            .Saying("Has the older mail of an inbox read by its schema: begins, or answers with the backfill under way; one that stopped goes on where it was.")
            .Fails(409, "The inbox has no enabled schema, or extraction is switched off on this server")));
        v1.MapGet(path + "/extraction-schema/backfill", BackfillExtraction.GetAsync).Needs(Scopes.InboxesRead).Is(here(
            Call.Named("inboxes.backfill").Gives<Envelope<BackfillResponse>>().Saying("Tells how far the reading of older mail is; 404 when none was begun.")));
        v1.MapPost(path + "/schema", SetExtractionSchema.SetFromCliAsync).Needs(Scopes.InboxesWrite).Is(here(
            Call.Named("inboxes.setSchema").Takes<BareSchemaRequest>().Gives<Envelope<InboxResponse>>().Saying("Sets the extraction schema, in the form of the CLI.").TwinOf("inboxes.setExtractionSchema")));
        v1.MapDelete(path + "/schema", SetExtractionSchema.RemoveAsync).Needs(Scopes.InboxesWrite).Is(here(
            Call.Named("inboxes.removeSchema").Gives<Envelope<InboxResponse>>().Saying("Removes the extraction schema.").TwinOf("inboxes.removeExtractionSchema")));
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
