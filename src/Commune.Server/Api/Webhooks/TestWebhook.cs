using System.Text.Json;
using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Server.Webhooks;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>
/// Calls the webhook of an inbox, or with <c>webhook_id</c> one of the organisation, once, signed, with a made-up message or event, and tells how
/// it answered. Nothing is stored or tried again.
/// </summary>
internal static class TestWebhook
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, WebhookClient client, WebhookOptions options, TimeProvider time)
    {
        var body = await RequestBody.ReadAsync(http);
        var now = time.GetUtcNow();
        if (body.Text("webhook_id") is { } webhookId)
        {
            var own = await WebhookEndpoints.FindAsync(store, http, webhookId);
            var entry = new MailEvent(own.OrgId, 0, "webhook.test", now.ToUnixTimeMilliseconds(), null, null, null, null);
            return await CallAsync(http, client, own.Setting, EventPayload.Render(entry, own.Id, test: true), own.Headers, options, now);
        }
        var inbox = await InboxEndpoints.FindAsync(store, http, body.RequiredText("inbox_id"), null);
        if (inbox.Webhook is not { } webhook)
            throw ApiException.Invalid("inbox_id", "This inbox has no webhook; set one with PUT /v1/inboxes/:id first");

        var payload = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize<JsonElement>(Render(Sample(inbox, now))))!;
        payload["test"] = true;
        return await CallAsync(http, client, webhook, JsonSerializer.SerializeToUtf8Bytes(payload, ApiJson.Options), null, options, now);
    }

    private static async Task<IResult> CallAsync(
        HttpContext http, WebhookClient client, WebhookSetting webhook, byte[] body, IReadOnlyDictionary<string, string>? headers,
        WebhookOptions options, DateTimeOffset now)
    {
        var call = new WebhookCall(
            webhook.Endpoint, CallWebhook.SecretsOf(webhook, now.ToUnixTimeMilliseconds()), EntityId.NewSortable("wdel_", now), 1, body,
            options.FirstTimeout, headers);
        var answer = await client.SendAsync(call, http.RequestAborted);
        return ApiJson.Ok(new Envelope<TestResult>(new TestResult(
            answer.Error is null, answer.StatusCode, (long)answer.Latency.TotalMilliseconds, webhook.Endpoint, Test: true, answer.Error)));
    }

    private static byte[] Render(MailMessage sample) => WebhookPayload.Render(
        sample, [], new Dictionary<string, string>(StringComparer.Ordinal) { ["message-id"] = sample.SmtpMessageId!, ["subject"] = sample.Subject }, null);

    private static MailMessage Sample(Inbox inbox, DateTimeOffset now) => new(
        inbox.OrgId, EntityId.NewSortable("msg_", now), EntityId.NewSortable("conv_", now), inbox.Id, inbox.Address, inbox.DomainId, "inbound",
        now.ToUnixTimeMilliseconds(), "Webhook test",
        [new Participant("sender", $"webhook-test@{inbox.DomainName}", "Webhook test"), new Participant("to", inbox.Address, null)],
        "This call tests the webhook. No such mail came in.", null, [], $"<{EntityId.New("test-")}@{inbox.DomainName}>", null, [], null, null, null);

    internal sealed record TestResult(bool Delivered, int? StatusCode, long ResponseTimeMs, string Endpoint, bool Test, string? Error);
}
