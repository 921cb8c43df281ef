using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class EventCompliance(Engine engine) : StoreCompliance(engine)
{
    private async Task<(Tenant Tenant, Inbox Inbox)> BeginAsync()
    {
        var tenant = await NewTenantAsync();
        return (tenant, await tenant.AddInboxAsync());
    }

    [Fact]
    public async Task A_received_message_is_reported_with_its_place()
    {
        var (tenant, inbox) = await BeginAsync();
        var stored = await tenant.ReceiveAsync(inbox, new Letter());
        var reported = Assert.Single(await tenant.AllEventsAsync(), e => e.Type == "message.received");
        Assert.Equal(
            (tenant.OrgId, inbox.Id, stored.ThreadId, stored.MessageId),
            (reported.OrgId, reported.InboxId, reported.ThreadId, reported.MessageId));
        Assert.Equal((await tenant.MessageAsync(stored.MessageId)).CreatedAt, reported.At);
    }

    [Fact]
    public async Task Reading_goes_on_behind_a_number_and_stops_at_the_limit()
    {
        var (tenant, inbox) = await BeginAsync();
        for (var i = 0; i < 5; i++)
            await tenant.ReceiveAsync(inbox, new Letter());
        var all = await tenant.AllEventsAsync();
        Assert.Equal(all.Skip(1).Take(2), await Store.Events.ReadAsync(tenant.OrgId, all[0].Sequence, 2, Cancel));
        Assert.Empty(await Store.Events.ReadAsync(tenant.OrgId, all[^1].Sequence, 10, Cancel));
    }

    [Fact]
    public async Task Each_organisation_counts_from_1()
    {
        var (one, inboxOne) = await BeginAsync();
        var (two, inboxTwo) = await BeginAsync();
        await one.ReceiveAsync(inboxOne, new Letter());
        await two.ReceiveAsync(inboxTwo, new Letter());
        Assert.Equal(1, (await one.AllEventsAsync())[0].Sequence);
        Assert.Equal(1, (await two.AllEventsAsync())[0].Sequence);
    }

    [Fact]
    public async Task Numbers_have_no_gap_and_times_never_go_back_under_64_writers()
    {
        var (tenant, inbox) = await BeginAsync();
        var stored = await AllAtOnceAsync(64, i => tenant.ReceiveAsync(inbox, new Letter(), Node(i)));
        var events = await tenant.AllEventsAsync();
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Sequence));
        Assert.Equal(events.Select(e => e.At).Order(), events.Select(e => e.At));
        Assert.Equal(
            stored.Select(s => s.MessageId).Order(StringComparer.Ordinal),
            events.Where(e => e.Type == "message.received").Select(e => e.MessageId!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Messages_and_events_stand_in_the_same_order()
    {
        var (tenant, inbox) = await BeginAsync();
        await AllAtOnceAsync(32, i => tenant.ReceiveAsync(inbox, new Letter(), Node(i)));
        var messages = (await tenant.AllMessagesAsync(tenant.Messages(inbox))).ToDictionary(m => m.Id, m => m.CreatedAt, StringComparer.Ordinal);
        var times = (await tenant.AllEventsAsync()).Where(e => e.Type == "message.received").Select(e => messages[e.MessageId!]).ToList();
        Assert.Equal(times.Order(), times);
    }

    [Fact]
    public async Task A_refused_change_leaves_no_gap()
    {
        var (tenant, inbox) = await BeginAsync();
        var letter = new Letter { RetryKey = new byte[32] };
        await tenant.ReceiveAsync(inbox, letter);
        await tenant.ReceiveAsync(inbox, letter);
        await Store.Outbound.QueueAsync(tenant.Outgoing(inbox) with { ThreadId = "conv_unknown" }, Cancel);
        await tenant.ReceiveAsync(inbox, new Letter());
        var events = await tenant.AllEventsAsync();
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Sequence));
        Assert.Equal(2, events.Count(e => e.Type == "message.received"));
    }

    [Fact]
    public async Task A_reader_that_follows_the_log_misses_and_repeats_nothing_while_8_writers_write()
    {
        var (tenant, inbox) = await BeginAsync();
        var writers = AllAtOnceAsync(8, async i =>
        {
            List<string> ids = [];
            for (var n = 0; n < 25; n++)
            {
                if (n % 5 == 0)
                {
                    var mail = tenant.Outgoing(inbox);
                    await tenant.SendAsync(mail, Node(i));
                    ids.Add(mail.MessageId);
                }
                else
                {
                    ids.Add((await tenant.ReceiveAsync(inbox, new Letter(), Node(i))).MessageId);
                }
            }

            return ids;
        });

        List<MailEvent> seen = [];
        bool finished;
        do
        {
            finished = writers.IsCompleted;
            while (await Node(seen.Count).Events.ReadAsync(tenant.OrgId, seen.Count == 0 ? 0 : seen[^1].Sequence, 7, Cancel) is { Count: > 0 } page)
                seen.AddRange(page);
        }
        while (!finished);

        Assert.Equal(Enumerable.Range(1, seen.Count).Select(i => (long)i), seen.Select(e => e.Sequence));
        var written = (await writers).SelectMany(ids => ids);
        Assert.Equal(
            written.Order(StringComparer.Ordinal),
            seen.Where(e => e.Type is "message.received" or "message.queued").Select(e => e.MessageId!).Order(StringComparer.Ordinal));
    }
}
