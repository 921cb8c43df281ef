using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>
/// Puts a scheduled message whose time has come into the queue, unless the other side wrote first. Cancelling and releasing exclude each other
/// in the store; here is only looked at what the transaction cannot tell, whether a reply is somebody's.
/// </summary>
internal sealed partial class ReleaseScheduled(IStore store, ReplyGuard replies, Destinations destinations, TimeProvider time, ILogger<ReleaseScheduled> log)
{
    public const string AnsweredReason = "the other side wrote first";
    private const string InboxGoneReason = "its inbox was deleted or made inactive";
    private const int MostLooks = 10;
    private const int PageSize = 100;

    /// <summary>While sending is paused, and after mail that keeps coming, the message waits on.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(1);

    public async Task RunAsync(Job job, CancellationToken cancellation)
    {
        var payload = ReleasePayload.Parse(job.Payload);
        if (await store.Scheduled.FindAsync(payload.OrgId, payload.MessageId, cancellation) is not { } scheduled)
        {
            await store.Jobs.CompleteAsync(job, cancellation);
            return;
        }
        if (await store.Pauses.GetAsync(payload.OrgId, cancellation) is { } pause && pause.Until > Now())
        {
            await WaitOnAsync(job, cancellation);
            return;
        }

        // The address may be somebody else's by now.
        var message = await store.Messages.GetAsync(payload.OrgId, payload.MessageId, cancellation);
        if (message is null || await store.Inboxes.GetAsync(payload.OrgId, message.InboxId, cancellation) is not { Status: "active" })
        {
            await WithdrawAsync(job, payload, InboxGoneReason, cancellation);
            return;
        }

        var seen = scheduled.CreatedAt;
        for (var look = 0; look < MostLooks; look++)
        {
            if (scheduled.CancelOnReply)
            {
                (var answered, seen) = await LookAsync(scheduled, seen, cancellation);
                if (answered)
                {
                    await WithdrawAsync(job, payload, AnsweredReason, cancellation);
                    return;
                }
            }
            var (deliveries, skipped) = await DeliveriesAsync(payload, cancellation);
            var released = await store.Scheduled.ReleaseAsync(job, payload, deliveries, skipped, seen, Now(), cancellation);
            if (released == ReleasedSchedule.Answered)
                continue;
            if (released == ReleasedSchedule.Released)
                LogReleased(log, payload.MessageId);
            return;
        }
        await WaitOnAsync(job, cancellation);
    }

    private async Task WithdrawAsync(Job job, ReleasePayload payload, string reason, CancellationToken cancellation)
    {
        await store.Scheduled.CancelAsync(payload.OrgId, payload.MessageId, reason, Now(), cancellation);
        await store.Jobs.CompleteAsync(job, cancellation);
    }

    private Task WaitOnAsync(Job job, CancellationToken cancellation) =>
        store.Jobs.RescheduleAsync(job, (time.GetUtcNow() + Wait).ToUnixTimeMilliseconds(), cancellation);

    /// <summary>Whether somebody wrote into the thread after that moment, and up to when it was looked at.</summary>
    private async Task<(bool Answered, long SeenUpTo)> LookAsync(ScheduledSend scheduled, long after, CancellationToken cancellation)
    {
        var page = await store.Messages.ListAsync(
            new MessageQuery(scheduled.OrgId, null, null, scheduled.ThreadId, null, null, after, SortOrder.Ascending, PageSize, null), cancellation);
        foreach (var message in page.Items.Where(static m => m.Direction == "inbound" && !m.IsKeptBack))
        {
            if (!(await replies.ClassifyAsync(message, cancellation)).MustNotBeAnswered)
                return (true, after);
        }
        return (false, page.Items.Count > 0 ? page.Items[^1].CreatedAt : after);
    }

    /// <summary>The jobs of those who may still be written to, and who was put on the suppression list since the message was accepted.</summary>
    private async Task<(IReadOnlyList<NewJob> Jobs, IReadOnlyList<SkippedRecipient> Skipped)> DeliveriesAsync(ReleasePayload payload, CancellationToken cancellation)
    {
        var (orgId, messageId) = payload;
        var inboxId = (await store.Messages.GetAsync(orgId, messageId, cancellation))?.InboxId ?? "";
        var waiting = (await store.Outbound.GetRecipientsAsync(orgId, messageId, cancellation))
            .Where(static recipient => recipient.Status == "queued").Select(static recipient => recipient.Address).ToList();
        var suppressed = (await store.Suppressions.FindAsync(orgId, inboxId, waiting, Now(), cancellation))
            .ToDictionary(static entry => entry.Address, static entry => entry.Reason, StringComparer.OrdinalIgnoreCase);
        var jobs = new List<NewJob>();
        foreach (var destination in waiting.Where(address => !suppressed.ContainsKey(address))
            .Select(static address => address[(address.LastIndexOf('@') + 1)..]).Distinct(StringComparer.Ordinal))
        {
            var kind = await destinations.IsLocalAsync(destination, cancellation) ? JobKind.DeliverLocal : JobKind.Deliver;
            jobs.Add(new NewJob(EntityId.New("job_"), kind, destination, orgId, new DeliverPayload(orgId, messageId, destination).ToJson(), Now()));
        }
        return (jobs, [.. waiting.Where(suppressed.ContainsKey).Select(address => new SkippedRecipient(address, suppressed[address]))]);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(Level = LogLevel.Information, Message = "{MessageId}: its time has come")]
    private static partial void LogReleased(ILogger log, string messageId);
}
