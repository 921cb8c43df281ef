using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Server.Webhooks;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>Gives an endpoint another secret, the one in the body or a new one; for a time calls are signed with the former one as well.</summary>
internal static class RotateWebhookSecret
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, EndpointGuard guard, TimeProvider time, string webhookId)
    {
        var body = await RequestBody.ReadAsync(http);
        var secret = body.Text("secret");
        InboxSettings.CheckSecret(secret, "secret");
        var next = string.IsNullOrEmpty(secret) ? InboxSettings.NewSecret() : secret;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return ApiJson.Ok(new Envelope<IssuedEndpoint>(new IssuedEndpoint(await UpdateWebhook.SaveAsync(
            http, store, guard, webhookId, present => present with { Secret = next, UpdatedAt = now }, "webhook.rotate_secret"))));
    }
}
