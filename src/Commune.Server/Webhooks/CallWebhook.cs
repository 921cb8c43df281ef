using Commune.Server.Api.AgentView;
using Commune.Server.Metrics;
using Commune.Storage;

namespace Commune.Server.Webhooks;

/// <summary>
/// One job of the webhook lane: one attempt of one delivery (docs/webhooks.md). The body is fixed before the first attempt, and whatever comes
/// of it is recorded with the job's end or next time in one transaction.
/// </summary>
internal sealed partial class CallWebhook(
    IStore store, ReceivedHeaders headers, WebhookClient client, WebhookSchedule schedule, WebhookOptions options, Traffic traffic, TimeProvider time,
    ILogger<CallWebhook> log)
{
    /// <summary>Longer than any attempt: a probe whose worker died gives way to another after this.</summary>
    private static readonly TimeSpan ProbeMargin = TimeSpan.FromSeconds(30);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task RunAsync(Job job, CancellationToken cancellation)
    {
        if (await store.Webhooks.LoadAsync(job.OrgId, job.Payload, cancellation) is not { } work)
        {
            await store.Jobs.CompleteAsync(job, cancellation);
            return;
        }
        if (NowhereToGo(work) is { } reason)
        {
            await store.Webhooks.AbandonAsync(job, reason, Now, cancellation);
            return;
        }
        if (await PausedUntilAsync(work, cancellation) is { } until)
        {
            await store.Jobs.RescheduleAsync(job, until, cancellation);
            return;
        }
        await AttemptAsync(job, work, work.Webhook!, cancellation);
    }

    private static string? NowhereToGo(WebhookWork work) => work.Webhook switch
    {
        null => work.Delivery.WebhookId is null ? "The inbox has no webhook any more" : "The webhook was removed",
        { DisabledReason: { } why } => $"The webhook is disabled: {why}",
        _ => null,
    };

    /// <summary>Null when the endpoint may be called now: its circuit is closed, or this is the one probe, or a person asked for it.</summary>
    private async Task<long?> PausedUntilAsync(WebhookWork work, CancellationToken cancellation)
    {
        if (work.Failures < options.BreakerFailures || work.Delivery.Forced)
            return null;
        var now = Now;
        if (now < work.OpenUntil)
            return work.OpenUntil;
        var until = now + (long)(options.RetryTimeout + ProbeMargin).TotalMilliseconds;
        return await store.Webhooks.TryProbeAsync(work.Delivery.OrgId, work.Webhook!.Endpoint, now, until, cancellation) ? null : until;
    }

    private async Task AttemptAsync(Job job, WebhookWork work, WebhookSetting webhook, CancellationToken cancellation)
    {
        var delivery = work.Delivery;
        var body = work.Payload ?? await RenderAsync(delivery, webhook, cancellation);
        if (body is null)
        {
            await store.Webhooks.AbandonAsync(job, "What it would tell of was deleted", Now, cancellation);
            return;
        }
        if ((work.Payload is null || delivery.Endpoint != webhook.Endpoint)
            && !await store.Webhooks.PrepareAsync(job, webhook.Endpoint, body, cancellation))
            return;

        var inSet = delivery.Attempts - delivery.EarlierAttempts + 1;
        var startedAt = Now;
        var call = new WebhookCall(webhook.Endpoint, SecretsOf(webhook, startedAt), delivery.Id, delivery.Attempts + 1, body,
            inSet == 1 ? options.FirstTimeout : options.RetryTimeout, work.Headers);
        var answer = await client.SendAsync(call, cancellation);
        traffic.Called(answer.Latency, succeeded: answer.Error is null);

        // RFC 9110 §15.5.11: gone for good, so that nothing more is sent there.
        var gone = answer.StatusCode == StatusCodes.Status410Gone;
        var now = Now;
        var delay = answer.Error is null || gone ? null : schedule.After(inSet, answer.RetryAfter);
        var recorded = await store.Webhooks.RecordAsync(
            job, webhook.Endpoint,
            new WebhookOutcome(
                answer.StatusCode, answer.Error, (long)answer.Latency.TotalMilliseconds, startedAt, now,
                delay is { } wait ? now + (long)wait.TotalMilliseconds : null, gone, options.BreakerFailures,
                now + (long)options.BreakerPause.TotalMilliseconds),
            cancellation);
        if (!recorded)
            LogLeaseLost(log, delivery.Id);
        else if (answer.Error is { } error)
            LogFailed(log, delivery.Id, call.Attempt, error);
    }

    /// <summary>Null when the message or event is gone.</summary>
    private async Task<byte[]?> RenderAsync(WebhookDelivery delivery, WebhookSetting webhook, CancellationToken cancellation)
    {
        if (delivery is { EventSequence: { } sequence, EventType: not "message.received" })
        {
            var found = await store.Events.ReadAsync(delivery.OrgId, sequence - 1, 1, cancellation);
            return found is [var entry] && entry.Sequence == sequence ? EventPayload.Render(entry, delivery.WebhookId!) : null;
        }
        if (await store.Messages.GetAsync(delivery.OrgId, delivery.MessageId, cancellation) is not { } message)
            return null;
        var attachments = new List<Attachment>();
        foreach (var id in message.AttachmentIds)
        {
            if (await store.Messages.GetAttachmentAsync(delivery.OrgId, id, cancellation) is { } attachment)
                attachments.Add(attachment);
        }
        var view = webhook.AgentView ? (await new ReadAgentView(store).OfAsync([message], cancellation))[0] : null;
        return WebhookPayload.Render(message, attachments, await headers.OfAsync(message, cancellation), delivery, view);
    }

    internal static IReadOnlyList<string> SecretsOf(WebhookSetting webhook, long now) =>
        webhook is { FormerSecret: { } former } && now < webhook.FormerSecretUntil ? [webhook.Secret, former] : [webhook.Secret];

    [LoggerMessage(Level = LogLevel.Information, Message = "Webhook delivery {DeliveryId}, attempt {Attempt}: {Error}")]
    private static partial void LogFailed(ILogger log, string deliveryId, int attempt, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook delivery {DeliveryId}: the lease ran out before the outcome was recorded; another worker has it now")]
    private static partial void LogLeaseLost(ILogger log, string deliveryId);
}
