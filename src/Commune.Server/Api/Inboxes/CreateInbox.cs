using Commune.Server.Hosting;
using Commune.Server.Webhooks;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>Creates an inbox: on the shared domain unless a domain is named.</summary>
internal static class CreateInbox
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, EndpointGuard guard, TimeProvider time, string? domainId = null)
    {
        var caller = Authentication.CallerOf(http);
        var body = await RequestBody.ReadAsync(http);
        var localPart = InboxSettings.LocalPart(body.RequiredText("local_part"));
        var displayName = InboxSettings.DisplayName(body, out _);
        var webhook = await guard.AdmitAsync(InboxSettings.Webhook(body.Member("webhook"), null), null, http.RequestAborted);
        var status = InboxSettings.Status(body, "active");
        var screening = InboxSettings.Screening(body.Member("screening"), null);
        var schema = InboxSettings.ExtractionSchema(body.Member("extraction_schema"), null);

        // Without a domain the inbox goes to the shared one, even when the organisation has its own (contract section 8, Rules).
        domainId ??= body.Text("domain_id");
        var domain = domainId is null
            ? await store.Domains.GetSharedAsync(http.RequestAborted)
            : await store.Domains.GetAsync(caller.OrgId, domainId, http.RequestAborted) ?? throw ApiException.NotFound("Domain");
        ReservedAddresses.Check(caller.OrgId, domain, localPart);

        var inbox = new Inbox(caller.OrgId, EntityId.New("i_"), domain.Id, domain.Name, localPart, displayName, webhook, schema, status,
            time.GetUtcNow().ToUnixTimeMilliseconds())
        {
            Screening = screening,
        };
        if (!await store.Inboxes.CreateAsync(inbox, http.RequestAborted, AuditTrail.Entry(http, "inbox.create", inbox.Id)))
            throw ApiException.Conflict($"{inbox.Address} is taken; choose another local_part", "address_taken");
        return ApiJson.Created(new InboxCreated(InboxResponse.From(inbox)));
    }
}
