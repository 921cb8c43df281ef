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

    [Fact]
    public async Task Eight_writers_and_four_readers_with_cursors_see_each_event_once_and_in_order()
    {
        const int Each = 125;
        var (tenant, inbox) = await BeginAsync();
        var before = await Store.Events.NewestAsync(tenant.OrgId, Cancel);
        var writers = AllAtOnceAsync(8, async i =>
        {
            for (var n = 0; n < Each; n++)
                await tenant.ReceiveAsync(inbox, new Letter(), Node(i));
            return i;
        });
        var readers = AllAtOnceAsync(4, async i =>
        {
            using var watch = Node(i).Events.Watch(tenant.OrgId);
            List<long> seen = [];
            while (seen.Count < 8 * Each)
            {
                var page = await Node(i).Events.ReadAsync(tenant.OrgId, before + seen.Count, 7 + i, Cancel);
                seen.AddRange(page.Select(e => e.Sequence));
                if (page.Count == 0)
                    await Task.WhenAny(watch.WaitAsync(Patience, Cancel), writers);
            }

            return seen;
        });

        await writers;
        foreach (var seen in await readers)
            Assert.Equal(Enumerable.Range(1, 8 * Each).Select(n => before + n), seen);
        Assert.Equal(before + (8 * Each), await Store.Events.NewestAsync(tenant.OrgId, Cancel));
    }

    [Fact]
    public async Task A_commit_wakes_who_watches_the_log_on_any_node()
    {
        var (tenant, inbox) = await BeginAsync();
        using var watch = Node(1).Events.Watch(tenant.OrgId);
        using var elsewhere = Node(1).Events.Watch("org_other");
        // The clock stands still: only signals end these waits.
        var newest = await Node(1).Events.NewestAsync(tenant.OrgId, Cancel);
        for (var n = 1; n <= 3; n++)
        {
            await tenant.ReceiveAsync(inbox, new Letter(), Node(0));
            while (await Node(1).Events.NewestAsync(tenant.OrgId, Cancel) < newest + n)
                await watch.WaitAsync(Patience, Cancel).WaitAsync(Patience, Cancel);
        }

        var thread = Assert.Single((await Store.Threads.ListAsync(tenant.Threads(inbox, limit: 1), Cancel)).Items);
        await DrainAsync(watch);
        var woken = watch.WaitAsync(Patience, Cancel);
        await Node(0).Threads.ChangeTriageAsync(tenant.OrgId, thread.Id, new TriageChange(Status: "closed"), Now, Cancel);
        await woken.WaitAsync(Patience, Cancel);
        Assert.False(elsewhere.WaitAsync(Patience, Cancel).IsCompleted && Engine.Nodes.Count == 1);
    }

    [Fact]
    public async Task A_watch_ends_its_wait_when_the_time_is_over_or_the_caller_goes()
    {
        var tenant = await NewTenantAsync();
        using var watch = Store.Events.Watch(tenant.OrgId);
        await DrainAsync(watch);
        var waiting = watch.WaitAsync(TimeSpan.FromSeconds(5), Cancel);
        Time.Advance(TimeSpan.FromSeconds(5));
        await waiting.WaitAsync(Patience, Cancel);

        using var gone = new CancellationTokenSource();
        var abandoned = watch.WaitAsync(Patience, gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);
    }

    [Fact]
    public async Task An_unknown_organisation_has_an_empty_log()
    {
        Assert.Equal(0, await Store.Events.NewestAsync("org_unknown", Cancel));
        Assert.Empty(await Store.Events.ReadAsync("org_unknown", 0, 10, Cancel));
    }

    [Fact]
    public async Task Message_events_tell_who_writes_what_and_whether_a_thread_began()
    {
        var (tenant, inbox) = await BeginAsync();
        var first = new Letter { Text = "Is \"this\" còrrect?\u0000\ud800" };
        await tenant.ReceiveAsync(inbox, first);
        var answer = new Letter { InReplyTo = first.MessageId, References = [first.MessageId!], Subject = new string('x', 5000) };
        await tenant.ReceiveAsync(inbox, answer);
        await tenant.SendAsync(tenant.Outgoing(inbox, "ada@example.org", "bob@example.org"));

        var events = await tenant.AllEventsAsync();
        var received = events.Where(e => e.Type == "message.received").Select(e => DataOf(e)).ToList();
        Assert.Equal([true, false], received.Select(data => data.GetProperty("new_thread").GetBoolean()));
        Assert.Equal((first.From, "Ada", first.Subject), (received[0].GetProperty("from").GetString(), received[0].GetProperty("from_name").GetString(), received[0].GetProperty("subject").GetString()));
        Assert.StartsWith("Is \"this\" còrrect?", received[0].GetProperty("snippet").GetString(), StringComparison.Ordinal);
        Assert.Equal(300, received[1].GetProperty("subject").GetString()!.Length);

        var queued = DataOf(Assert.Single(events, e => e.Type == "message.queued"));
        Assert.Equal(["ada@example.org", "bob@example.org"], queued.GetProperty("to").EnumerateArray().Select(to => to.GetString()), StringComparer.Ordinal);
        Assert.True(queued.GetProperty("new_thread").GetBoolean());
    }

    [Fact]
    public async Task A_triage_event_tells_the_state_and_only_what_changed()
    {
        var (tenant, inbox) = await BeginAsync();
        var thread = (await tenant.ReceiveAsync(inbox, new Letter())).ThreadId;
        await Store.Threads.ChangeTriageAsync(tenant.OrgId, thread, new TriageChange(Status: "closed", AddTags: ["a", "b"]), Now, Cancel);
        await Store.Threads.ChangeTriageAsync(tenant.OrgId, thread, new TriageChange(Assign: true, AssignedTo: "kim", RemoveTags: ["a"]), Now, Cancel);
        var updates = (await tenant.AllEventsAsync()).Where(e => e.Type == "thread.updated").Select(e => e.Data).ToList();
        Assert.Equal(
            [
                """{"status":"closed","assigned_to":null,"tags":["a","b"],"changed":{"status":{"from":"open","to":"closed"},"tags":{"added":["a","b"],"removed":[]}}}""",
                """{"status":"closed","assigned_to":"kim","tags":["b"],"changed":{"assigned_to":{"from":null,"to":"kim"},"tags":{"added":[],"removed":["a"]}}}""",
            ],
            updates, StringComparer.Ordinal);
    }

    private static System.Text.Json.JsonElement DataOf(MailEvent e) => System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(e.Data!);

    /// <summary>Takes pulses that were on their way until none comes any more for a turn of the clock.</summary>
    private async Task DrainAsync(IEventWatch watch)
    {
        for (var quiet = 0; quiet < 2; quiet++)
        {
            var wait = watch.WaitAsync(TimeSpan.FromSeconds(1), Cancel);
            Time.Advance(TimeSpan.FromSeconds(1));
            await wait.WaitAsync(Patience, Cancel);
        }
    }
}
