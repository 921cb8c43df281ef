using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>Events and metrics (contract section 13): one event per recipient and change, and counts of the very same rows.</summary>
public abstract class DeliveryEventCompliance(Engine engine) : StoreCompliance(engine)
{
    private static readonly (string Status, int? Code, string Detail)[] Outcomes =
    [
        ("delivered", 250, "250 2.0.0 Ok"), ("deferred", 451, "451 4.7.1 Greylisted"), ("bounced", 550, "550 5.1.1 No such user"),
        ("bounced", 552, "552 5.2.2 Mailbox full"), ("failed", null, "connection refused"),
    ];

    private async Task<List<DeliveryEvent>> AllAsync(Tenant tenant, Inbox? inbox = null, string? messageId = null, string? type = null, int pageSize = 200)
    {
        List<DeliveryEvent> all = [];
        for (PageCursor? cursor = null; ;)
        {
            var page = await Store.DeliveryEvents.ListAsync(
                new DeliveryEventQuery(tenant.OrgId, inbox?.Id, inbox is null && messageId is null ? tenant.Domain.Id : null, messageId, type, pageSize, cursor), Cancel);
            all.AddRange(page.Items);
            if ((cursor = page.Next) is null)
                return all;
        }
    }

    private async Task RecordAsync(Tenant tenant, long? retryAt, params RecipientOutcome[] outcomes)
    {
        var job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now));
        Assert.True(await Store.Outbound.RecordAsync(job, DeliverPayload.Parse(job.Payload), outcomes, retryAt, Now, Cancel));
        Time.Advance(TimeSpan.FromMinutes(1));
    }

    private async Task<string[]> TypesOldestFirstAsync(Tenant tenant, OutboundMail mail) =>
        [.. (await AllAsync(tenant, messageId: mail.MessageId)).AsEnumerable().Reverse().Select(entry => entry.Type)];

    [Fact]
    public async Task What_is_older_than_the_retention_goes_and_the_rest_stays()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var (old, young) = (tenant.Outgoing(inbox), tenant.Outgoing(inbox));
        await tenant.SendAsync(old);
        await RecordAsync(tenant, null, new RecipientOutcome("ada@example.org", "delivered", 250, "250 2.0.0 Ok"));
        var cut = Now;
        await tenant.SendAsync(young);
        await RecordAsync(tenant, null, new RecipientOutcome("ada@example.org", "delivered", 250, "250 2.0.0 Ok"));
        await Store.DeliveryEvents.SweepAsync(cut, Cancel);
        Assert.Empty(await AllAsync(tenant, messageId: old.MessageId));
        Assert.Equal(["delivered", "sent"], (await AllAsync(tenant, messageId: young.MessageId)).Select(static entry => entry.Type));
    }

    [Theory]
    [InlineData("delivered")]
    [InlineData("bounced")]
    [InlineData("failed")]
    public async Task The_first_attempt_is_told_as_sent_and_then_its_outcome(string status)
    {
        var tenant = await NewTenantAsync();
        var mail = tenant.Outgoing(await tenant.AddInboxAsync());
        await tenant.SendAsync(mail);
        await RecordAsync(tenant, null, new RecipientOutcome("ada@example.org", status, 550, "550 5.1.1 the answer"));
        var events = await AllAsync(tenant, messageId: mail.MessageId);
        Assert.Equal([status, "sent"], events.Select(entry => entry.Type));
        Assert.All(events, entry => Assert.Equal(
            (mail.MessageId, mail.InboxId, mail.DomainId, "ada@example.org", (int?)550, "550 5.1.1 the answer"),
            (entry.MessageId, entry.InboxId, entry.DomainId, entry.Recipient, entry.Code, entry.Detail)));
        Assert.Equal(status == "bounced" ? "hard" : null, events[0].BounceClass);
        Assert.Equal(["message.queued", "message.sent", "message." + status], await tenant.EventTypesAsync());
    }

    [Fact]
    public async Task Waiting_is_told_when_it_begins_and_sent_only_once()
    {
        var tenant = await NewTenantAsync();
        var mail = tenant.Outgoing(await tenant.AddInboxAsync());
        await tenant.SendAsync(mail);
        var deferred = new RecipientOutcome("ada@example.org", "deferred", 451, "451 4.7.1 Greylisted");
        await RecordAsync(tenant, Now + 1000, deferred);
        await RecordAsync(tenant, Now + 1000, deferred);
        await RecordAsync(tenant, null, new RecipientOutcome("ada@example.org", "delivered", 250, "250 Ok"));
        Assert.Equal(["sent", "delivery_delayed", "delivered"], await TypesOldestFirstAsync(tenant, mail));
    }

    [Fact]
    public async Task Filters_are_combined()
    {
        var tenant = await NewTenantAsync();
        var (one, two) = (await tenant.AddInboxAsync(), await tenant.AddInboxAsync());
        var mails = new[] { tenant.Outgoing(one), tenant.Outgoing(two) };
        foreach (var mail in mails)
        {
            await tenant.SendAsync(mail);
            await RecordAsync(tenant, null, new RecipientOutcome("ada@example.org", "delivered", 250, "250 Ok"));
        }
        Assert.Equal(4, (await AllAsync(tenant)).Count);
        Assert.Equal(2, (await AllAsync(tenant, one)).Count);
        Assert.Equal(mails[0].MessageId, Assert.Single(await AllAsync(tenant, one, type: "delivered")).MessageId);
        Assert.Empty(await AllAsync(tenant, one, mails[1].MessageId));
    }

    [Fact]
    public async Task Another_organisations_rows_are_neither_listed_nor_counted()
    {
        var (tenant, stranger) = (await NewTenantAsync(), await NewTenantAsync());
        var inbox = await tenant.AddInboxAsync();
        var mail = tenant.Outgoing(inbox);
        await tenant.SendAsync(mail);
        await RecordAsync(tenant, null, new RecipientOutcome("ada@example.org", "delivered", 250, "250 Ok"));
        Assert.Empty((await Store.DeliveryEvents.ListAsync(new DeliveryEventQuery(stranger.OrgId, inbox.Id, null, null, null, 10, null), Cancel)).Items);
        Assert.Empty((await Store.DeliveryEvents.ListAsync(new DeliveryEventQuery(stranger.OrgId, null, null, mail.MessageId, null, 10, null), Cancel)).Items);
        Assert.Equal(DeliveryCounts.None, await Store.DeliveryEvents.CountAsync(stranger.OrgId, inbox.Id, null, 0, long.MaxValue, Cancel));
        Assert.Equal(DeliveryCounts.None, await Store.DeliveryEvents.CountAsync(stranger.OrgId, null, null, 0, long.MaxValue, Cancel));
    }

    [Fact]
    public async Task A_window_counts_what_lies_in_it()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        List<long> times = [];
        for (var day = 0; day < 4; day++)
        {
            var mail = tenant.Outgoing(inbox);
            await tenant.SendAsync(mail);
            await RecordAsync(tenant, null, new RecipientOutcome("ada@example.org", "delivered", 250, "250 Ok"));
            times.Add((await AllAsync(tenant, messageId: mail.MessageId))[0].At);
            Time.Advance(TimeSpan.FromDays(1));
        }
        Assert.Equal(2, (await Store.DeliveryEvents.CountAsync(tenant.OrgId, inbox.Id, null, times[1], times[2], Cancel)).Delivered);
        Assert.Equal(3, (await Store.DeliveryEvents.CountAsync(tenant.OrgId, null, tenant.Domain.Id, times[1], long.MaxValue, Cancel)).Delivered);
        Assert.Equal(1, (await Store.DeliveryEvents.CountAsync(tenant.OrgId, null, null, 0, times[0], Cancel)).Delivered);
    }

    /// <summary>Random histories: whatever happens in whatever order, the counts are those of the list, and each recipient's tale makes sense.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Metrics_agree_with_the_events_to_the_last_unit(int seed)
    {
        var random = new Random(seed);
        var tenant = await NewTenantAsync();
        Inbox[] inboxes = [await tenant.AddInboxAsync(), await tenant.AddInboxAsync()];
        string[] addresses = [.. Enumerable.Range(0, 6).Select(i => $"u{i}@d{i % 3}.example")];
        List<OutboundMail> sent = [];
        for (var step = 0; step < 120; step++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(random.Next(0, 5000)));
            switch (random.Next(3))
            {
                case 0:
                    var mail = tenant.Outgoing(inboxes[random.Next(2)], [.. addresses.Where(_ => random.Next(3) == 0).DefaultIfEmpty(addresses[0])]);
                    await tenant.SendAsync(mail);
                    sent.Add(mail);
                    break;
                case 1:
                    foreach (var job in await ClaimDeliveriesAsync(tenant, Now, TimeSpan.FromMilliseconds(1)))
                        await AttemptAsync(random, job);
                    break;
                case 2 when sent.Count > 0:
                    var about = sent[random.Next(sent.Count)];
                    await Store.DeliveryReports.RecordReportAsync(
                        new DeliveryReport
                        {
                            OrgId = tenant.OrgId,
                            MessageId = about.MessageId,
                            Recipient = about.Recipients[random.Next(about.Recipients.Count)].Address,
                            Kind = (DeliveryReportKind)random.Next(3),
                            Code = 550,
                            Detail = random.Next(2) == 0 ? "550 5.1.1 No such user" : "552 5.2.2 Full",
                            ReportId = $"r{random.Next(4)}",
                            At = Now,
                        },
                        Cancel);
                    break;
            }
        }

        var all = await AllAsync(tenant, pageSize: 7);
        Assert.Equal(all.OrderByDescending(entry => entry.At).Select(entry => entry.At), all.Select(entry => entry.At));
        Assert.Equal(all.Count, all.DistinctBy(entry => entry.Id).Count());
        Assert.Equal(Tally(all), await Store.DeliveryEvents.CountAsync(tenant.OrgId, null, tenant.Domain.Id, 0, long.MaxValue, Cancel));
        Assert.Equal(Tally(all), await Store.DeliveryEvents.CountAsync(tenant.OrgId, null, null, 0, long.MaxValue, Cancel));
        foreach (var inbox in inboxes)
        {
            Assert.Equal(
                Tally(all.Where(entry => entry.InboxId == inbox.Id)), await Store.DeliveryEvents.CountAsync(tenant.OrgId, inbox.Id, null, 0, long.MaxValue, Cancel));
        }
        foreach (var mail in sent)
            await AssertMakesSenseAsync(tenant, mail);
        var log = (await tenant.EventTypesAsync()).Where(type => type is not "message.queued").ToList();
        Assert.Equal(all.Count, log.Count);
    }

    private async Task AttemptAsync(Random random, Job job)
    {
        var payload = DeliverPayload.Parse(job.Payload);
        if (await Store.Outbound.LoadAsync(payload, Cancel) is not { } envelope)
        {
            await Store.Jobs.CompleteAsync(job, Cancel);
            return;
        }
        var outcomes = envelope.Recipients.Select(address =>
        {
            var (status, code, detail) = Outcomes[random.Next(Outcomes.Length)];
            return new RecipientOutcome(address, status, code, detail);
        }).ToList();
        await Store.Outbound.RecordAsync(job, payload, outcomes, outcomes.Any(one => one.Status == "deferred") ? Now + 1000 : null, Now, Cancel);
    }

    private async Task AssertMakesSenseAsync(Tenant tenant, OutboundMail mail)
    {
        var events = (await AllAsync(tenant, messageId: mail.MessageId)).AsEnumerable().Reverse().ToLookup(entry => entry.Recipient, entry => entry.Type);
        foreach (var state in await Store.Outbound.GetRecipientsAsync(tenant.OrgId, mail.MessageId, Cancel))
        {
            var tale = events[state.Address].ToList();
            var changes = tale.Where(type => type is not "delivery_delayed").ToList();
            Assert.Equal(changes.Count, changes.Distinct().Count());
            if (tale.Count > 0)
                Assert.Equal(state.Status == "suppressed" ? "suppressed" : "sent", tale[0]);
            if (state.Status is "queued" or "deferred")
                Assert.DoesNotContain(tale, type => type is not ("sent" or "delivery_delayed"));
            else
                Assert.Equal(state.Status, changes[^1]);
        }
    }

    private static DeliveryCounts Tally(IEnumerable<DeliveryEvent> events)
    {
        var list = events.ToList();
        long Of(string type) => list.Count(entry => entry.Type == type);
        return new DeliveryCounts(
            Of("sent"), Of("delivered"), Of("bounced"), list.Count(entry => entry is { Type: "bounced", BounceClass: "hard" }), Of("complained"), Of("failed"),
            Of("delivery_delayed"), Of("suppressed"));
    }
}
