using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>Start, stop and start again.</summary>
public abstract class LifecycleCompliance(Engine engine) : StoreCompliance(engine)
{
    [Fact]
    public async Task A_store_that_was_migrated_answers_the_check() => await Store.CheckAsync(Cancel);

    [Fact]
    public async Task Migrating_twice_changes_nothing()
    {
        var tenant = await NewTenantAsync();
        await Store.MigrateAsync(Cancel);
        Assert.Equal(tenant.Organisation, await Store.Organisations.GetAsync(tenant.OrgId, Cancel));
    }

    [Fact]
    public async Task Everything_survives_a_restart()
    {
        await using var database = await Engine.NewDatabaseAsync();
        var bootstrap = Engine.NewBootstrap(Now);
        Tenant tenant;
        Inbox inbox;
        var letter = new Letter { Text = "kept" };
        AcceptedDelivery received;
        OutboundMail sent;
        List<MailEvent> events;
        await using (var store = database.Open(Time))
        {
            await store.MigrateAsync(Cancel);
            await store.Organisations.BootstrapAsync(bootstrap, Cancel);
            tenant = await Tenant.CreateAsync(store, Time);
            inbox = await tenant.AddInboxAsync("in");
            received = await tenant.ReceiveAsync(inbox, letter);
            await store.Threads.ChangeTriageAsync(tenant.OrgId, received.ThreadId, new TriageChange("waiting"), Now, Cancel);
            sent = tenant.Outgoing(inbox) with { Idempotency = new IdempotencyClaim("k", new byte[32], 202, [7]) };
            await tenant.SendAsync(sent);
            events = await tenant.AllEventsAsync();
        }

        await using var again = database.Open(Time);
        await again.MigrateAsync(Cancel);
        Assert.True(await again.Organisations.AnyAsync(Cancel));
        Assert.NotNull(await again.ApiKeys.FindByHashAsync(bootstrap.KeyHash, Cancel));
        Assert.Equal(inbox.Id, (await again.Inboxes.RouteAsync(tenant.Domain.Name, "in", Cancel))?.InboxId);
        Assert.Equal("kept", (await again.Messages.GetAsync(tenant.OrgId, received.MessageId, Cancel))?.Content);
        Assert.Equal("waiting", (await again.Threads.GetAsync(tenant.OrgId, received.ThreadId, Cancel))?.Triage.Status);
        Assert.Equal(events, await again.Events.ReadAsync(tenant.OrgId, 0, 100, Cancel));
        Assert.IsType<QueueResult.Replayed>(await again.Outbound.FindIdempotentAsync(tenant.OrgId, "k", new byte[32], Now, Cancel));
        Assert.Single(await again.Jobs.ClaimAsync(JobKind.Deliver, 10, 10, Now + 60_000, TimeSpan.FromMinutes(1), Cancel));

        // The log and its clock go on where they stopped.
        var next = Assert.Single(await again.Inbound.AcceptAsync(Tenant.Inbound(Letter.AnswerTo(sent.SmtpMessageId), Now, inbox), Cancel));
        Assert.Equal(sent.NewThreadId, next.ThreadId);
        var appended = Assert.Single(await again.Events.ReadAsync(tenant.OrgId, events[^1].Sequence, 100, Cancel));
        Assert.Equal(events[^1].Sequence + 1, appended.Sequence);
        Assert.True(appended.At > events.Max(e => e.At));
    }

    [Fact]
    public async Task A_store_of_a_later_release_is_not_touched()
    {
        await using var database = await Engine.NewDatabaseAsync();
        await using (var store = database.Open(Time))
            await store.MigrateAsync(Cancel);
        await database.PretendNewerSchemaAsync();
        await AssertStartFailsAsync(() => database.Open(Time));
    }

    [Fact]
    public async Task Nodes_that_start_at_once_migrate_once()
    {
        await using var database = await Engine.NewDatabaseAsync();
        await using var one = database.Open(Time);
        await using var two = Engine.Nodes.Count > 1 ? database.Open(Time) : null;
        IStore[] nodes = two is null ? [one] : [one, two];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => nodes[i % nodes.Length].MigrateAsync(Cancel)));
        await one.CheckAsync(Cancel);
    }

    [Fact]
    public async Task Sweeping_an_empty_store_is_no_error() => await Store.SweepAsync(Now, Cancel);

    [Fact]
    public async Task A_disposed_store_answers_no_check()
    {
        await using var database = await Engine.NewDatabaseAsync();
        var store = database.Open(Time);
        await store.MigrateAsync(Cancel);
        await store.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => store.CheckAsync(Cancel).WaitAsync(Patience, Cancel));
    }

    [Fact]
    public async Task Disposing_while_mail_comes_in_loses_nothing_that_was_accepted()
    {
        await using var database = await Engine.NewDatabaseAsync();
        List<string> accepted = [];
        Tenant tenant;
        await using (var store = database.Open(Time))
        {
            await store.MigrateAsync(Cancel);
            await store.Organisations.BootstrapAsync(Engine.NewBootstrap(Now), Cancel);
            tenant = await Tenant.CreateAsync(store, Time);
            var inbox = await tenant.AddInboxAsync();
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var writers = AllAtOnceAsync(8, async _ =>
            {
                while (true)
                {
                    try
                    {
                        var stored = await tenant.ReceiveAsync(inbox, new Letter());
                        lock (accepted)
                        {
                            accepted.Add(stored.MessageId);
                            if (accepted.Count >= 50)
                                reached.TrySetResult();
                        }
                    }
                    catch (Exception e) when (e is not Xunit.Sdk.XunitException)
                    {
                        // The store is closed: it says so by whatever exception, and the writer ends.
                        return e;
                    }
                }
            });
            await reached.Task.WaitAsync(Patience, Cancel);
            await store.DisposeAsync();
            await writers.WaitAsync(Patience, Cancel);
        }

        await using var again = database.Open(Time);
        await again.MigrateAsync(Cancel);
        foreach (var id in accepted)
            Assert.NotNull(await again.Messages.GetAsync(tenant.OrgId, id, Cancel));
    }

    /// <summary>Asserts that the store refuses to start with one clear line.</summary>
    internal static async Task<StoreStartException> AssertStartFailsAsync(Func<IStore> open)
    {
        var refusal = await Assert.ThrowsAsync<StoreStartException>(async () =>
        {
            await using var store = open();
            await store.MigrateAsync(Cancel);
        });
        Assert.NotEmpty(refusal.Message);
        Assert.DoesNotContain("\n", refusal.Message, StringComparison.Ordinal);
        return refusal;
    }
}
