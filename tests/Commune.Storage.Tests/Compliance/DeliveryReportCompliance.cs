using System.Text.Json;
using Commune.Mail.Reports;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>What comes back after the mail was handed over.</summary>
public abstract class DeliveryReportCompliance(Engine engine) : StoreCompliance(engine)
{
    private const string Ada = "ada@example.org";

    /// <summary>A mail that all its recipients have taken.</summary>
    private async Task<(Tenant Tenant, OutboundMail Mail)> DeliveredAsync(params string[] to)
    {
        var tenant = await NewTenantAsync();
        var mail = tenant.Outgoing(await tenant.AddInboxAsync(), to);
        await tenant.SendAsync(mail);
        foreach (var job in await ClaimDeliveriesAsync(tenant, Now))
        {
            var payload = DeliverPayload.Parse(job.Payload);
            var waiting = (await Store.Outbound.LoadAsync(payload, Cancel))!.Recipients;
            Assert.True(await Store.Outbound.RecordAsync(
                job, payload, [.. waiting.Select(address => new RecipientOutcome(address, "delivered", 250, "250 Ok"))], null, Now, Cancel));
        }
        Time.Advance(TimeSpan.FromHours(1));
        return (tenant, mail);
    }

    private DeliveryReport Report(OutboundMail mail, DeliveryReportKind kind, string recipient = Ada, string detail = "550 5.1.1 No such user", string? id = "r1") => new()
    {
        OrgId = mail.OrgId,
        MessageId = mail.MessageId,
        Recipient = recipient,
        Kind = kind,
        Code = 550,
        Detail = detail,
        ReportId = id,
        At = Now,
    };

    private Task<bool> RecordAsync(DeliveryReport report) => Store.DeliveryReports.RecordReportAsync(report, Cancel);

    private async Task<string[]> EventsAsync(OutboundMail mail) =>
        [.. (await Store.DeliveryEvents.ListAsync(new DeliveryEventQuery(mail.OrgId, null, null, mail.MessageId, null, 100, null), Cancel)).Items
            .Reverse().Select(entry => entry.Type)];

    private static JsonElement DataOf(MailMessage message) => JsonSerializer.Deserialize<JsonElement>(message.DeliveryData!);

    [Fact]
    public async Task A_late_bounce_turns_delivered_into_bounced()
    {
        var (tenant, mail) = await DeliveredAsync();
        Assert.True(await RecordAsync(Report(mail, DeliveryReportKind.Bounced, recipient: "ADA@example.org")));
        var message = await tenant.MessageAsync(mail.MessageId);
        Assert.Equal("bounced", message.DeliveryStatus);
        var data = DataOf(message);
        Assert.Equal(("hard", "550 5.1.1 No such user"), (data.GetProperty("bounce_type").GetString(), data.GetProperty("bounce_reason").GetString()));
        Assert.True(data.TryGetProperty("delivered_at", out _) && data.TryGetProperty("bounced_at", out _));
        Assert.Equal(["sent", "delivered", "bounced"], await EventsAsync(mail));
        Assert.Equal("hard_bounce", Assert.Single(await Store.Suppressions.FindAsync(mail.OrgId, mail.InboxId, [Ada], Now, Cancel)).Reason);
    }

    [Fact]
    public async Task The_same_report_twice_is_one_event()
    {
        var (_, mail) = await DeliveredAsync();
        foreach (var kind in Enum.GetValues<DeliveryReportKind>())
        {
            Assert.True(await RecordAsync(Report(mail, kind)));
            Assert.False(await RecordAsync(Report(mail, kind)));
        }
        Assert.Equal(["sent", "delivered", "delivery_delayed", "bounced", "complained"], await EventsAsync(mail));
    }

    [Fact]
    public async Task The_same_report_at_once_on_several_nodes_is_one_event()
    {
        var (_, mail) = await DeliveredAsync();
        var recorded = await AllAtOnceAsync(16, i => Node(i).DeliveryReports.RecordReportAsync(Report(mail, DeliveryReportKind.Bounced), Cancel));
        Assert.Single(recorded, true);
        Assert.Single(await EventsAsync(mail), "bounced");
    }

    [Fact]
    public async Task A_notice_of_delay_is_an_event_and_no_bounce()
    {
        var (tenant, mail) = await DeliveredAsync();
        Assert.True(await RecordAsync(Report(mail, DeliveryReportKind.Delayed, id: "after 4 hours")));
        Assert.True(await RecordAsync(Report(mail, DeliveryReportKind.Delayed, id: "after a day")));
        Assert.Equal("delivered", (await tenant.MessageAsync(mail.MessageId)).DeliveryStatus);
        Assert.Equal(["sent", "delivered", "delivery_delayed", "delivery_delayed"], await EventsAsync(mail));
        Assert.Empty(await Store.Suppressions.FindAsync(mail.OrgId, mail.InboxId, [Ada], Now, Cancel));
    }

    [Fact]
    public async Task A_complaint_is_worse_than_a_bounce_and_suppresses_for_ever()
    {
        var (tenant, mail) = await DeliveredAsync();
        await RecordAsync(Report(mail, DeliveryReportKind.Bounced));
        Assert.True(await RecordAsync(Report(mail, DeliveryReportKind.Complained, detail: "Feedback report: abuse")));
        var message = await tenant.MessageAsync(mail.MessageId);
        Assert.Equal("complained", message.DeliveryStatus);
        Assert.True(DataOf(message).TryGetProperty("complained_at", out _));
        var entry = Assert.Single(await Store.Suppressions.FindAsync(mail.OrgId, mail.InboxId, [Ada], Now, Cancel));
        Assert.Equal(("complaint", null), (entry.Reason, entry.ExpiresAt));
        Assert.False(await RecordAsync(Report(mail, DeliveryReportKind.Bounced, id: "another")));
        Assert.Equal("complained", (await tenant.MessageAsync(mail.MessageId)).DeliveryStatus);
    }

    [Fact]
    public async Task Only_the_recipient_that_is_named_is_touched()
    {
        var (_, mail) = await DeliveredAsync(Ada, "bob@example.org");
        await RecordAsync(Report(mail, DeliveryReportKind.Bounced, "bob@example.org"));
        var states = await Store.Outbound.GetRecipientsAsync(mail.OrgId, mail.MessageId, Cancel);
        Assert.Equal(["delivered", "bounced"], states.Select(state => state.Status));
        Assert.False(await RecordAsync(Report(mail, DeliveryReportKind.Bounced, "eve@example.org")));
    }

    [Fact]
    public async Task The_class_that_the_report_was_read_as_is_kept()
    {
        var (tenant, mail) = await DeliveredAsync();
        await RecordAsync(Report(mail, DeliveryReportKind.Bounced, detail: "x") with { BounceClass = BounceClass.Full });
        var entry = (await Store.DeliveryEvents.ListAsync(new DeliveryEventQuery(mail.OrgId, null, null, mail.MessageId, "bounced", 1, null), Cancel)).Items[0];
        Assert.Equal("full", entry.BounceClass);
        Assert.Equal("soft", DataOf(await tenant.MessageAsync(mail.MessageId)).GetProperty("bounce_type").GetString());
        Assert.Empty(await Store.Suppressions.FindAsync(mail.OrgId, mail.InboxId, [Ada], Now, Cancel));
    }

    [Fact]
    public async Task A_bounce_of_a_mail_that_still_waits_ends_the_waiting()
    {
        var tenant = await NewTenantAsync();
        var mail = tenant.Outgoing(await tenant.AddInboxAsync());
        await tenant.SendAsync(mail);
        Assert.True(await RecordAsync(Report(mail, DeliveryReportKind.Bounced)));
        Assert.Null(await Store.Outbound.LoadAsync(new DeliverPayload(mail.OrgId, mail.MessageId, "example.org"), Cancel));
        Assert.Equal(["sent", "bounced"], await EventsAsync(mail));
    }

    [Fact]
    public async Task A_complaint_that_is_faster_than_the_outcome_tells_that_the_mail_arrived()
    {
        var tenant = await NewTenantAsync();
        var mail = tenant.Outgoing(await tenant.AddInboxAsync());
        await tenant.SendAsync(mail);
        var job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now));
        Assert.True(await RecordAsync(Report(mail, DeliveryReportKind.Complained)));
        await Store.Outbound.RecordAsync(job, DeliverPayload.Parse(job.Payload), [new RecipientOutcome(Ada, "delivered", 250, "250 Ok")], null, Now, Cancel);
        Assert.Equal(["sent", "delivered", "complained"], await EventsAsync(mail));
        Assert.Equal("complained", (await tenant.MessageAsync(mail.MessageId)).DeliveryStatus);
    }

    [Fact]
    public async Task A_recipient_that_was_skipped_cannot_bounce()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        await Store.Suppressions.AddAsync(new Suppression(tenant.OrgId, EntityId.New("sup_"), Ada, inbox.Id, inbox.DomainId, "manual", null, null, Now, null), Cancel);
        var mail = tenant.Outgoing(inbox, Ada);
        await tenant.SendAsync(mail);
        foreach (var kind in Enum.GetValues<DeliveryReportKind>())
            Assert.False(await RecordAsync(Report(mail, kind)));
        Assert.Equal("suppressed", (await tenant.MessageAsync(mail.MessageId)).DeliveryStatus);
    }

    [Fact]
    public async Task Another_organisations_report_changes_nothing()
    {
        var (tenant, mail) = await DeliveredAsync();
        var stranger = await NewTenantAsync();
        Assert.False(await RecordAsync(Report(mail, DeliveryReportKind.Bounced) with { OrgId = stranger.OrgId }));
        Assert.Equal("delivered", (await tenant.MessageAsync(mail.MessageId)).DeliveryStatus);
        Assert.Null(await Store.DeliveryReports.FindByMessageIdAsync(stranger.OrgId, mail.SmtpMessageId, Cancel));
        Assert.Null(await Store.DeliveryReports.FindByIdPrefixAsync(stranger.OrgId, mail.MessageId[..20], Cancel));
    }

    [Fact]
    public async Task A_received_mail_is_nothing_to_report_about()
    {
        var (tenant, mail) = await DeliveredAsync();
        var inbox = await tenant.AddInboxAsync();
        var received = await tenant.ReceiveAsync(inbox, new Letter { MessageId = mail.SmtpMessageId });
        Assert.Equal(mail.MessageId, (await Store.DeliveryReports.FindByMessageIdAsync(tenant.OrgId, mail.SmtpMessageId, Cancel))?.MessageId);
        Assert.Null(await Store.DeliveryReports.FindByIdPrefixAsync(tenant.OrgId, received.MessageId[..20], Cancel));
        Assert.False(await RecordAsync(Report(mail, DeliveryReportKind.Bounced) with { MessageId = received.MessageId }));
    }

    [Fact]
    public async Task A_sent_message_is_found_by_its_Message_ID_and_by_the_beginning_of_its_id()
    {
        var (tenant, mail) = await DeliveredAsync("bob@example.org", Ada);
        var thread = await tenant.ThreadAsync(mail.NewThreadId);
        foreach (var found in new[]
        {
            await Store.DeliveryReports.FindByMessageIdAsync(mail.OrgId, mail.SmtpMessageId, Cancel),
            await Store.DeliveryReports.FindByIdPrefixAsync(mail.OrgId, mail.MessageId[..20], Cancel),
        })
        {
            Assert.NotNull(found);
            Assert.Equal((mail.MessageId, mail.InboxId, thread.ReplyToken), (found.MessageId, found.Route.InboxId, found.ReplyToken));
            Assert.Equal([Ada, "bob@example.org"], found.Recipients);
        }
        var next = tenant.Outgoing(await tenant.AddInboxAsync());
        await tenant.SendAsync(next);
        Assert.Null(await Store.DeliveryReports.FindByIdPrefixAsync(mail.OrgId, "msg_", Cancel));
    }
}
