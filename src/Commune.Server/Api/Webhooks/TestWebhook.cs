using System.Text.Json;
using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Server.Webhooks;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>Calls the webhook of an inbox once, signed, with a made-up message, and tells how it answered. Nothing is stored or tried again.</summary>
internal static class TestWebhook
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, WebhookClient client, WebhookOptions options, TimeProvider time)
    {
        var body = await RequestBody.ReadAsync(http);
        var inbox = await InboxEndpoints.FindAsync(store, http, body.RequiredText("inbox_id"), null);
        if (inbox.Webhook is not { } webhook)
            throw ApiException.Invalid("inbox_id", "This inbox has no webhook; set one with PUT /v1/inboxes/:id first");

        var now = time.GetUtcNow();
        var payload = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize<JsonElement>(WebhookPayload.Render(Sample(inbox, now), [])))!;
        payload["test"] = true;
        var call = new WebhookCall(
            webhook.Endpoint, CallWebhook.SecretsOf(webhook, now.ToUnixTimeMilliseconds()), EntityId.NewSortable("wdel_", now), 1,
            JsonSerializer.SerializeToUtf8Bytes(payload, ApiJson.Options), options.FirstTimeout);
        var answer = await client.SendAsync(call, http.RequestAborted);
        return ApiJson.Ok(new Envelope<TestResult>(new TestResult(
            answer.Error is null, answer.StatusCode, (long)answer.Latency.TotalMilliseconds, webhook.Endpoint, Test: true, answer.Error)));
    }

    private static MailMessage Sample(Inbox inbox, DateTimeOffset now) => new(
        inbox.OrgId, EntityId.NewSortable("msg_", now), EntityId.NewSortable("conv_", now), inbox.Id, inbox.Address, inbox.DomainId, "inbound",
        now.ToUnixTimeMilliseconds(), "Webhook test",
        [new Participant("sender", $"webhook-test@{inbox.DomainName}", "Webhook test"), new Participant("to", inbox.Address, null)],
        "This call tests the webhook. No such mail came in.", null, [], $"<{EntityId.New("test-")}@{inbox.DomainName}>", null, [], null, null, null);

    internal sealed record TestResult(bool Delivered, int? StatusCode, long ResponseTimeMs, string Endpoint, bool Test, string? Error);
}
