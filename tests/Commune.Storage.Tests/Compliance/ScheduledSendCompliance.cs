using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class ScheduledSendCompliance(Engine engine) : StoreCompliance(engine)
{
    private const long Hour = 3_600_000;

    private async Task<(Tenant Tenant, Inbox Inbox)> BeginAsync()
    {
        var tenant = await NewTenantAsync();
        return (tenant, await tenant.AddInboxAsync());
    }

    private async Task<(OutboundMail Mail, string ThreadId)> ScheduleAsync(Tenant tenant, Inbox inbox, bool cancelOnReply = false)
    {
        var mail = tenant.Outgoing(inbox) with { SendAt = Now + Hour, CancelOnReply = cancelOnReply };
        return (mail, (await tenant.SendAsync(mail)).ThreadId);
    }

    private async Task<Job?> ClaimReleaseAsync(string messageId, int node = 0) =>
        (await Node(node).Jobs.ClaimAsync(JobKind.Release, 10_000, 10_000, Now, TimeSpan.FromMinutes(5), Cancel)).FirstOrDefault(job => job.Key == messageId);

    private Task<ReleasedSchedule> ReleaseAsync(Job job, string destination = "example.org", long? seenUpTo = null, int node = 0)
    {
        var payload = ReleasePayload.Parse(job.Payload);
        return Node(node).Scheduled.ReleaseAsync(job, payload,
            [new NewJob(EntityId.New("job_"), JobKind.Deliver, destination, payload.OrgId, new DeliverPayload(payload.OrgId, payload.MessageId, destination).ToJson(), Now)], [],
            seenUpTo ?? Now, Now, Cancel);
    }

    private async Task<string?> StatusAsync(Tenant tenant, string messageId) => (await tenant.MessageAsync(messageId)).DeliveryStatus;

    [Fact]
    public async Task A_scheduled_message_is_listed_and_has_no_delivery_before_its_time()
    {
        var (tenant, inbox) = await BeginAsync();
        var (mail, threadId) = await ScheduleAsync(tenant, inbox, cancelOnReply: true);
        var stored = await tenant.MessageAsync(mail.MessageId);
        Assert.Equal("scheduled", stored.DeliveryStatus);
        Assert.Contains("scheduled_for", stored.DeliveryData, StringComparison.Ordinal);
        Assert.Equal(1, (await tenant.ThreadAsync(threadId)).MessageCount);
        Assert.Empty(await ClaimDeliveriesAsync(tenant, Now + (40 * Hour)));
        Assert.Null(await ClaimReleaseAsync(mail.MessageId));
        Assert.Equal(["message.scheduled"], await tenant.EventTypesAsync());
        var waiting = await Store.Scheduled.FindAsync(tenant.OrgId, mail.MessageId, Cancel);
        Assert.Equal(new ScheduledSend(tenant.OrgId, mail.MessageId, threadId, Now + Hour, CancelOnReply: true, stored.CreatedAt), waiting);
        Assert.Equal(1, (await Store.Outbound.GetUsageAsync(tenant.OrgId, Now, Cancel)).LastHour);
    }

    [Fact]
    public async Task When_its_time_comes_it_is_queued_once()
    {
        var (tenant, inbox) = await BeginAsync();
        var (mail, _) = await ScheduleAsync(tenant, inbox);
        Time.Advance(TimeSpan.FromHours(1));
        var job = await ClaimReleaseAsync(mail.MessageId);
        Assert.NotNull(job);
        Assert.Equal(ReleasedSchedule.Released, await ReleaseAsync(job));
        Assert.Equal(ReleasedSchedule.Gone, await ReleaseAsync(job));
        Assert.Equal("queued", await StatusAsync(tenant, mail.MessageId));
        var delivery = Assert.Single(await ClaimDeliveriesAsync(tenant, Now));
        var envelope = await Store.Outbound.LoadAsync(DeliverPayload.Parse(delivery.Payload), Cancel);
        // The four days of trying begin now, not when it was written.
        Assert.Equal((Now, "ada@example.org"), (envelope!.QueuedAt, Assert.Single(envelope.Recipients)));
        Assert.Equal(["message.scheduled", "message.queued"], await tenant.EventTypesAsync());
        Assert.Null(await Store.Scheduled.FindAsync(tenant.OrgId, mail.MessageId, Cancel));
    }

    [Fact]
    public async Task A_cancelled_message_is_never_released()
    {
        var (tenant, inbox) = await BeginAsync();
        var (mail, _) = await ScheduleAsync(tenant, inbox);
        Time.Advance(TimeSpan.FromHours(1));
        var job = await ClaimReleaseAsync(mail.MessageId);
        Assert.Equal(CancelledSchedule.Cancelled, await Store.Scheduled.CancelAsync(tenant.OrgId, mail.MessageId, "why", Now, Cancel));
        Assert.Equal(CancelledSchedule.Cancelled, await Store.Scheduled.CancelAsync(tenant.OrgId, mail.MessageId, "again", Now, Cancel));
        Assert.Equal(ReleasedSchedule.Gone, await ReleaseAsync(job!));
        var stored = await tenant.MessageAsync(mail.MessageId);
        Assert.Equal("cancelled", stored.DeliveryStatus);
        Assert.Contains("why", stored.DeliveryData, StringComparison.Ordinal);
        Assert.Equal("cancelled", Assert.Single(await Store.Outbound.GetRecipientsAsync(tenant.OrgId, mail.MessageId, Cancel)).Status);
        Assert.Empty(await ClaimDeliveriesAsync(tenant, Now + Hour));
        Assert.Equal(["message.scheduled", "message.cancelled"], await tenant.EventTypesAsync());
    }

    [Fact]
    public async Task What_is_released_cannot_be_cancelled()
    {
        var (tenant, inbox) = await BeginAsync();
        var (mail, _) = await ScheduleAsync(tenant, inbox);
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(ReleasedSchedule.Released, await ReleaseAsync((await ClaimReleaseAsync(mail.MessageId))!));
        Assert.Equal(CancelledSchedule.NotScheduled, await Store.Scheduled.CancelAsync(tenant.OrgId, mail.MessageId, "late", Now, Cancel));
        Assert.Equal("queued", await StatusAsync(tenant, mail.MessageId));
    }

    [Fact]
    public async Task Cancelling_and_releasing_at_once_do_one_of_the_two()
    {
        var (tenant, inbox) = await BeginAsync();
        for (var i = 0; i < 10; i++)
        {
            var (mail, _) = await ScheduleAsync(tenant, inbox);
            Time.Advance(TimeSpan.FromHours(1));
            var job = (await ClaimReleaseAsync(mail.MessageId))!;
            var releasing = Task.Run(() => ReleaseAsync(job), Cancel);
            var cancelled = await Task.Run(() => Node(1).Scheduled.CancelAsync(tenant.OrgId, mail.MessageId, "race", Now, Cancel), Cancel);
            var released = await releasing;
            Assert.Equal(released == ReleasedSchedule.Released, cancelled == CancelledSchedule.NotScheduled);
            Assert.Equal(released == ReleasedSchedule.Released ? "queued" : "cancelled", await StatusAsync(tenant, mail.MessageId));
        }
    }

    [Fact]
    public async Task A_reply_that_was_not_looked_at_holds_the_release_of_what_it_cancels()
    {
        var (tenant, inbox) = await BeginAsync();
        var (mail, threadId) = await ScheduleAsync(tenant, inbox, cancelOnReply: true);
        Assert.Equal([mail.MessageId], await Store.Scheduled.FindCancelledByReplyAsync(tenant.OrgId, threadId, Cancel));
        var created = (await tenant.MessageAsync(mail.MessageId)).CreatedAt;
        var reply = await tenant.ReceiveAsync(inbox, new Letter { InReplyTo = mail.SmtpMessageId });
        Assert.Equal(threadId, reply.ThreadId);
        Time.Advance(TimeSpan.FromHours(1));
        var job = (await ClaimReleaseAsync(mail.MessageId))!;
        Assert.Equal(ReleasedSchedule.Answered, await ReleaseAsync(job, seenUpTo: created));
        Assert.Equal("scheduled", await StatusAsync(tenant, mail.MessageId));
        Assert.Equal(ReleasedSchedule.Released, await ReleaseAsync(job, seenUpTo: Now));
    }

    [Fact]
    public async Task What_a_reply_cancels_is_found_though_a_moment_ago_there_was_none()
    {
        var (tenant, inbox) = await BeginAsync();
        var (_, threadId) = await ScheduleAsync(tenant, inbox);
        Assert.Empty(await Store.Scheduled.FindCancelledByReplyAsync(tenant.OrgId, threadId, Cancel));
        var (mail, waitingId) = await ScheduleAsync(tenant, inbox, cancelOnReply: true);
        Assert.Equal([mail.MessageId], await Store.Scheduled.FindCancelledByReplyAsync(tenant.OrgId, waitingId, Cancel));
    }

    [Fact]
    public async Task Only_what_asks_for_it_is_cancelled_by_a_reply()
    {
        var (tenant, inbox) = await BeginAsync();
        var (mail, threadId) = await ScheduleAsync(tenant, inbox);
        await tenant.ReceiveAsync(inbox, new Letter { InReplyTo = mail.SmtpMessageId });
        Assert.Empty(await Store.Scheduled.FindCancelledByReplyAsync(tenant.OrgId, threadId, Cancel));
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(ReleasedSchedule.Released, await ReleaseAsync((await ClaimReleaseAsync(mail.MessageId))!, seenUpTo: 0));
    }

    [Fact]
    public async Task Another_organisations_message_and_one_that_was_sent_at_once_cannot_be_cancelled()
    {
        var (tenant, inbox) = await BeginAsync();
        var (mail, _) = await ScheduleAsync(tenant, inbox);
        var other = await NewTenantAsync();
        Assert.Equal(CancelledSchedule.UnknownMessage, await Store.Scheduled.CancelAsync(other.OrgId, mail.MessageId, "x", Now, Cancel));
        var sent = tenant.Outgoing(inbox);
        await tenant.SendAsync(sent);
        Assert.Equal(CancelledSchedule.NotScheduled, await Store.Scheduled.CancelAsync(tenant.OrgId, sent.MessageId, "x", Now, Cancel));
    }

    [Fact]
    public async Task A_time_that_is_past_sends_at_once()
    {
        var (tenant, inbox) = await BeginAsync();
        var mail = tenant.Outgoing(inbox) with { SendAt = Now };
        await tenant.SendAsync(mail);
        Assert.Equal("queued", await StatusAsync(tenant, mail.MessageId));
        Assert.Single(await ClaimDeliveriesAsync(tenant, Now));
    }
}
