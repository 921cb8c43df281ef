using System.Text.Json;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>Queueing a message: what is there once it returned.</summary>
public abstract class OutboundCompliance(Engine engine) : StoreCompliance(engine)
{
    private async Task<(Tenant Tenant, Inbox Inbox)> BeginAsync()
    {
        var tenant = await NewTenantAsync();
        return (tenant, await tenant.AddInboxAsync());
    }

    [Fact]
    public async Task A_queued_message_is_listed_at_once_with_everything_it_carries()
    {
        var (tenant, inbox) = await BeginAsync();
        var mail = tenant.Outgoing(inbox, "ada@example.org", "bob@example.net");
        var queued = await tenant.SendAsync(mail);
        Assert.Equal(mail.NewThreadId, queued.ThreadId);
        var expected = new MailMessage(
            tenant.OrgId, mail.MessageId, mail.NewThreadId, inbox.Id, inbox.Address, inbox.DomainId, "outbound", queued.CreatedAt, "Offer",
            mail.Participants, "Dear all", "<p>Dear all</p>", [], mail.SmtpMessageId, null, [], "queued", null, null);
        foreach (var node in Engine.Nodes)
        {
            var listed = Assert.Single((await node.Messages.ListAsync(tenant.Messages(inbox), Cancel)).Items);
            Assert.Equivalent(expected, listed with { DeliveryData = null, Metadata = null }, strict: true);
            Assert.Equal(mail.Raw.Inline!.Value.ToArray(), (await node.Messages.GetRawAsync(tenant.OrgId, mail.MessageId, Cancel))!.Inline!.Value.ToArray());
        }
    }

    [Fact]
    public async Task A_message_without_a_thread_begins_one()
    {
        var (tenant, inbox) = await BeginAsync();
        var mail = tenant.Outgoing(inbox);
        var queued = await tenant.SendAsync(mail);
        var thread = await tenant.ThreadAsync(queued.ThreadId);
        Assert.Equal(
            ("Offer", mail.NewReplyToken, 1, "outbound", "Dear all", queued.CreatedAt, "open"),
            (thread.Subject, thread.ReplyToken, thread.MessageCount, thread.LastDirection, thread.Snippet, thread.LastMessageAt, thread.Triage.Status));
        Assert.Contains("ada@example.org", thread.Participants);
        Assert.Equal(queued.ThreadId, Assert.Single((await Store.Threads.ListAsync(tenant.Threads(inbox), Cancel)).Items).Id);
    }

    [Fact]
    public async Task An_answer_joins_its_thread_and_becomes_its_latest_message()
    {
        var (tenant, inbox) = await BeginAsync();
        var received = await tenant.ReceiveAsync(inbox, new Letter { Subject = "Question" });
        var mail = tenant.Outgoing(inbox, "zoe@example.net") with { ThreadId = received.ThreadId };
        var queued = await tenant.SendAsync(mail);
        var thread = await tenant.ThreadAsync(received.ThreadId);
        Assert.Equal(received.ThreadId, queued.ThreadId);
        Assert.Equal(
            ("Question", 2, "outbound", "Dear all", queued.CreatedAt),
            (thread.Subject, thread.MessageCount, thread.LastDirection, thread.Snippet, thread.LastMessageAt));
        Assert.Contains("zoe@example.net", thread.Participants);
        Assert.Null(await Store.Threads.GetAsync(tenant.OrgId, mail.NewThreadId, Cancel));
    }

    [Fact]
    public async Task Every_recipient_waits_in_the_queue()
    {
        var (tenant, inbox) = await BeginAsync();
        var mail = tenant.Outgoing(inbox, "ada@example.org", "bob@example.net");
        await tenant.SendAsync(mail);
        var states = await Store.Outbound.GetRecipientsAsync(tenant.OrgId, mail.MessageId, Cancel);
        Assert.Equal(["ada@example.org", "bob@example.net"], states.Select(s => s.Address).Order(StringComparer.Ordinal));
        Assert.All(states, s => Assert.Equal(("queued", 0, null, null), (s.Status, s.Attempts, s.LastCode, s.LastDetail)));
    }

    [Fact]
    public async Task There_is_one_job_for_each_destination()
    {
        var (tenant, inbox) = await BeginAsync();
        var mail = tenant.Outgoing(inbox, "ada@example.org", "eve@example.org", "bob@example.net");
        await tenant.SendAsync(mail);
        var jobs = await ClaimDeliveriesAsync(tenant, Now + 60_000);
        Assert.Equal(["example.net", "example.org"], jobs.Select(j => j.Key).Order(StringComparer.Ordinal));
        foreach (var job in jobs)
        {
            var payload = JsonSerializer.Deserialize<DeliverPayload>(job.Payload, JsonSerializerOptions.Web);
            Assert.Equal(new DeliverPayload(tenant.OrgId, mail.MessageId, job.Key), payload);
        }
    }

    [Fact]
    public async Task A_worker_loads_the_bytes_and_those_who_wait_at_its_destination()
    {
        var (tenant, inbox) = await BeginAsync();
        var mail = tenant.Outgoing(inbox, "ada@example.org", "Eve@example.org", "bob@example.net");
        var queued = await tenant.SendAsync(mail);
        var envelope = (await Store.Outbound.LoadAsync(new DeliverPayload(tenant.OrgId, mail.MessageId, "example.org"), Cancel))!;
        Assert.Equal(
            (tenant.OrgId, mail.MessageId, inbox.Id, mail.SmtpMessageId, inbox.Address, queued.CreatedAt),
            (envelope.OrgId, envelope.MessageId, envelope.InboxId, envelope.SmtpMessageId, envelope.SenderAddress, envelope.QueuedAt));
        Assert.Equal(["Eve@example.org", "ada@example.org"], envelope.Recipients.Order(StringComparer.Ordinal));
        Assert.Equal(mail.Raw.Inline!.Value.ToArray(), envelope.Raw.Inline!.Value.ToArray());
    }

    [Fact]
    public async Task Nothing_is_loaded_where_nobody_waits()
    {
        var (tenant, inbox) = await BeginAsync();
        var mail = tenant.Outgoing(inbox);
        await tenant.SendAsync(mail);
        Assert.Null(await Store.Outbound.LoadAsync(new DeliverPayload(tenant.OrgId, mail.MessageId, "elsewhere.example"), Cancel));
        Assert.Null(await Store.Outbound.LoadAsync(new DeliverPayload(tenant.OrgId, "msg_unknown", "example.org"), Cancel));
    }

    [Fact]
    public async Task Queueing_is_reported()
    {
        var (tenant, inbox) = await BeginAsync();
        var mail = tenant.Outgoing(inbox);
        var queued = await tenant.SendAsync(mail);
        var reported = Assert.Single(await tenant.AllEventsAsync(), e => e.Type == "message.queued");
        Assert.Equal((mail.MessageId, queued.ThreadId, inbox.Id), (reported.MessageId, reported.ThreadId, reported.InboxId));
    }

    [Fact]
    public async Task An_upload_that_is_sent_belongs_to_the_message()
    {
        var (tenant, inbox) = await BeginAsync();
        var upload = new Attachment(tenant.OrgId, EntityId.New("att_"), null, null, new string('a', 64), "b.pdf", "application/pdf", 3, null, Now);
        Assert.True(await Store.Messages.AddAttachmentAsync(upload, quota: null, Cancel));
        var mail = tenant.Outgoing(inbox);
        var inline = new Attachment(tenant.OrgId, EntityId.New("att_"), mail.MessageId, "2", null, "c.txt", "text/plain", 4, null, Now);
        var queued = await tenant.SendAsync(mail with { Attachments = [upload with { MessageId = mail.MessageId }, inline] });
        Assert.Equal([upload.Id, inline.Id], (await tenant.MessageAsync(mail.MessageId)).AttachmentIds);
        Assert.Equal(mail.MessageId, (await Store.Messages.GetAttachmentAsync(tenant.OrgId, upload.Id, Cancel))?.MessageId);
        Assert.Equal("c.txt", (await Store.Messages.GetAttachmentAsync(tenant.OrgId, inline.Id, Cancel))?.FileName);
        Assert.True((await tenant.ThreadAsync(queued.ThreadId)).HasAttachments);
    }

    [Theory]
    [InlineData("thread")]
    [InlineData("deleted inbox")]
    [InlineData("inactive inbox")]
    public async Task What_is_gone_sends_nothing(string gone)
    {
        var (tenant, inbox) = await BeginAsync();
        var mail = tenant.Outgoing(inbox) with
        {
            Idempotency = new IdempotencyClaim("k", new byte[32], 202, [1]),
            Limits = new SendLimits(10, 10),
            ThreadId = gone == "thread" ? "conv_unknown" : null,
        };
        if (gone == "deleted inbox")
            await Store.Inboxes.DeleteAsync(tenant.OrgId, inbox.Id, Cancel);
        if (gone == "inactive inbox")
            await Store.Inboxes.UpdateAsync(inbox with { Status = "inactive" }, Cancel);

        Assert.IsType<QueueResult.Gone>(await Store.Outbound.QueueAsync(mail, Cancel));

        Assert.Null(await Store.Messages.GetAsync(tenant.OrgId, mail.MessageId, Cancel));
        Assert.Null(await Store.Threads.GetAsync(tenant.OrgId, mail.NewThreadId, Cancel));
        Assert.Empty(await Store.Outbound.GetRecipientsAsync(tenant.OrgId, mail.MessageId, Cancel));
        Assert.Null(await Store.Outbound.FindIdempotentAsync(tenant.OrgId, "k", new byte[32], Now, Cancel));
        Assert.Equal(0, (await Store.Outbound.GetUsageAsync(tenant.OrgId, Now, Cancel)).LastHour);
        Assert.Empty(await ClaimDeliveriesAsync(tenant, Now + 60_000));
        Assert.DoesNotContain("message.queued", await tenant.EventTypesAsync());
    }

    [Fact]
    public async Task Of_64_messages_sent_at_once_each_is_listed_once()
    {
        var (tenant, inbox) = await BeginAsync();
        var mails = Enumerable.Range(0, 64).Select(_ => tenant.Outgoing(inbox)).ToArray();
        await AllAtOnceAsync(64, i => tenant.SendAsync(mails[i], Node(i)));
        var listed = await tenant.AllMessagesAsync(tenant.Messages(inbox, limit: 10));
        Assert.Equal(mails.Select(m => m.MessageId).Order(StringComparer.Ordinal), listed.Select(m => m.Id).Order(StringComparer.Ordinal));
        Assert.Equal(64, (await ClaimDeliveriesAsync(tenant, Now + 60_000)).Count);
    }
}
