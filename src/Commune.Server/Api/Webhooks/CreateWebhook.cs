using Commune.Server.Hosting;
using Commune.Server.Webhooks;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Api.Webhooks;

/// <summary>Makes an endpoint that is told of events of the whole organisation. The secret is shown here, and not again.</summary>
internal static class CreateWebhook
{
    public static async Task<IResult> HandleAsync(
        HttpContext http, IStore store, EndpointGuard guard, IOptions<CommuneOptions> options, TimeProvider time)
    {
        var orgId = Authentication.CallerOf(http).OrgId;
        var endpoint = WebhookInput.Read(await RequestBody.ReadAsync(http), isNew: true).New(orgId, time.GetUtcNow().ToUnixTimeMilliseconds());
        // What is told is what the log shows, which needs this scope too.
        Authentication.Require(http, Scopes.MessagesRead);
        await guard.CheckAsync(endpoint.Endpoint, "endpoint", http.RequestAborted);
        await UpdateWebhook.CheckInboxesAsync(store, http, endpoint.InboxIds);
        var most = options.Value.Limits.Webhooks;
        return await store.WebhookEndpoints.CreateAsync(
            endpoint, most, http.RequestAborted, AuditTrail.Entry(http, "webhook.create", endpoint.Id)) switch
        {
            WebhookCreation.Created => ApiJson.Created(new Envelope<IssuedEndpoint>(new IssuedEndpoint(endpoint))),
            _ => throw ApiException.Forbidden($"This organization has {most} webhooks, the most there may be; delete one first", "webhook_limit"),
        };
    }
}
