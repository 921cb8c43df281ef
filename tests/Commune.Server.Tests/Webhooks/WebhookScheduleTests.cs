using Commune.Peers;
using Commune.Server.Tests.Running;
using Commune.Storage;

namespace Commune.Server.Tests.Webhooks;

/// <summary>When a delivery is tried again, and when no more: delays, the breaker, endpoints that are gone, retries and replays.</summary>
public abstract class WebhookScheduleTests(Engine engine) : WebhookRig(engine)
{
    [Theory]
    [InlineData("60", 60)]
    [InlineData("1", 5)]
    [InlineData("999999", 7200)]
    public async Task Retry_After_is_honoured_within_bounds(string header, int seconds)
    {
        Hook.On(new FakeHookAnswer.Reply(429, $"Retry-After: {header}\r\n"));
        var id = await OweAsync();
        await RunDueAsync();
        var delivery = await DeliveryAsync(id);
        Assert.Equal(429, delivery.LastCode);
        Assert.Equal(Now + (seconds * 1000L), delivery.NextRetryAt);
        Assert.Equal(delivery.NextRetryAt, await Store.Jobs.NextDueAsync(JobKind.Webhook, Cancel));
    }

    [Fact]
    public async Task Eight_attempts_with_the_same_bytes_and_fresh_signatures_then_it_is_dead()
    {
        Options.BreakerFailures = 100;
        Hook.On(new FakeHookAnswer.Reply(503));
        var id = await OweAsync();
        var delays = new List<double>();
        for (var attempt = 1; attempt <= 8; attempt++)
        {
            await RunDueAsync();
            var delivery = await DeliveryAsync(id);
            Assert.Equal(attempt, delivery.Attempts);
            if (delivery.NextRetryAt is not { } next)
                break;
            delays.Add((next - Now) / 1000d);
            Time.Advance(TimeSpan.FromMilliseconds(next - Now));
        }
        Assert.Equal([5, 30, 120, 600, 1800, 3600, 7200], delays);
        var dead = await DeliveryAsync(id);
        Assert.Equal(("dead", 8, (long?)null, (long?)Now), (dead.Status, dead.Attempts, dead.NextRetryAt, dead.DeadAt));
        Assert.Null(await Store.Jobs.NextDueAsync(JobKind.Webhook, Cancel));
        Assert.Equal(8, Hook.Calls.Count);
        Assert.Single(Hook.Calls.Select(static c => Convert.ToHexString(c.Body)).Distinct(StringComparer.Ordinal));
        Assert.Equal(8, Hook.Calls.Select(static c => c.Headers["x-commune-signature"]).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7", "8"], Hook.Calls.Select(static c => c.Headers["x-commune-attempt"]), StringComparer.Ordinal);
        Assert.Equal(8, (await Store.Webhooks.GetAttemptsAsync(Inbox.OrgId, id, Cancel)).Count);
        Assert.Contains("webhook.dead", await EventsAsync(), StringComparer.Ordinal);

        // A dead one that is retried gets a fresh set.
        Assert.Equal(WebhookRetry.Retried, await Store.Webhooks.RetryAsync(Inbox.OrgId, id, Now, Cancel));
        await RunDueAsync();
        var again = await DeliveryAsync(id);
        Assert.Equal(("failed", 9, 8, (long?)(Now + 5000)), (again.Status, again.Attempts, again.EarlierAttempts, again.NextRetryAt));
    }

    [Fact]
    public async Task After_five_failures_in_a_row_the_endpoint_is_left_alone_and_one_probe_tries_it()
    {
        Hook.On(new FakeHookAnswer.Reply(500));
        var failing = new List<string>();
        for (var i = 0; i < 5; i++)
            failing.Add(await OweAsync());
        await RunDueAsync();
        Assert.Equal(5, Hook.Calls.Count);
        Assert.Contains("webhook.paused", await EventsAsync(), StringComparer.Ordinal);
        var openedAt = Now;

        // Nothing is called while the circuit is open, and waiting uses no attempts.
        var waiting = await OweAsync();
        await RunDueAsync();
        Time.Advance(TimeSpan.FromMinutes(4));
        await RunDueAsync();
        Assert.Equal(5, Hook.Calls.Count);
        Assert.Equal(("pending", 0), ((await DeliveryAsync(waiting)).Status, (await DeliveryAsync(waiting)).Attempts));
        Assert.All(failing, id => Assert.Equal(1, DeliveryAsync(id).Result.Attempts));
        Assert.Equal(openedAt + 300_000, await Store.Jobs.NextDueAsync(JobKind.Webhook, Cancel));

        // One probe, and when it fails the pause begins anew.
        Time.Advance(TimeSpan.FromMinutes(1));
        await RunDueAsync();
        Assert.Equal(6, Hook.Calls.Count);
        Time.Advance(TimeSpan.FromMinutes(2));
        await RunDueAsync();
        Assert.Equal(6, Hook.Calls.Count);

        // A probe that succeeds closes the circuit: all the rest goes out at once.
        Hook.On(FakeHookAnswer.Ok);
        Time.Advance(TimeSpan.FromMinutes(3));
        await RunDueAsync();
        await RunDueAsync();
        Assert.Contains("webhook.resumed", await EventsAsync(), StringComparer.Ordinal);
        foreach (var id in (string[])[.. failing, waiting])
            Assert.Equal("delivered", (await DeliveryAsync(id)).Status);
        Assert.Equal(1, Hook.MostParallelOfOneDelivery);
    }

    [Fact]
    public async Task A_retry_that_a_person_asks_for_goes_past_an_open_circuit()
    {
        Hook.On(new FakeHookAnswer.Reply(500));
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await OweAsync());
        await RunDueAsync();
        Hook.On(FakeHookAnswer.Ok);
        await Store.Webhooks.RetryAsync(Inbox.OrgId, ids[0], Now, Cancel);
        await RunDueAsync();
        Assert.Equal("delivered", (await DeliveryAsync(ids[0])).Status);
        Assert.Equal(WebhookRetry.AlreadyDelivered, await Store.Webhooks.RetryAsync(Inbox.OrgId, ids[0], Now, Cancel));
    }

    [Fact]
    public async Task An_endpoint_that_is_gone_is_called_no_more()
    {
        Hook.On(new FakeHookAnswer.Reply(410));
        var id = await OweAsync();
        await RunDueAsync();
        Assert.Equal(("dead", 1), ((await DeliveryAsync(id)).Status, (await DeliveryAsync(id)).Attempts));
        Assert.Equal("HTTP 410", (await Store.Inboxes.GetAsync(Inbox.OrgId, Inbox.Id, Cancel))!.Webhook!.DisabledReason);
        Assert.Contains("webhook.disabled", await EventsAsync(), StringComparer.Ordinal);

        await AcceptAsync(Inbox);
        await RunDueAsync();
        Assert.Single(Hook.Calls);
        Assert.Equal(1, (await ListAsync()).Total);
    }

    [Fact]
    public async Task After_a_change_of_endpoint_what_waits_goes_to_the_new_one()
    {
        Hook.On(new FakeHookAnswer.Reply(500));
        var id = await OweAsync();
        await RunDueAsync();
        await using var second = new FakeHook();
        await Store.Inboxes.UpdateAsync(Inbox with { Webhook = Inbox.Webhook! with { Endpoint = second.Url } }, Cancel);
        Time.Advance(TimeSpan.FromSeconds(10));
        await RunDueAsync();
        Assert.Equal(second.Url, (await DeliveryAsync(id)).Endpoint);
        Assert.Equal(Hook.Calls[0].Text, Assert.Single(second.Calls).Text);
    }

    [Fact]
    public async Task Deliveries_that_ended_are_kept_for_thirty_days()
    {
        Hook.On(new FakeHookAnswer.Reply(410));
        var dead = await OweAsync();
        await RunDueAsync();
        Time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        await Store.Webhooks.SweepAsync((Time.GetUtcNow() - Options.Retention).ToUnixTimeMilliseconds(), Cancel);
        Assert.Equal("dead", (await DeliveryAsync(dead)).Status);
        Time.Advance(TimeSpan.FromSeconds(1));
        await Store.Webhooks.SweepAsync((Time.GetUtcNow() - Options.Retention).ToUnixTimeMilliseconds(), Cancel);
        Assert.Null(await Store.Webhooks.GetAsync(Inbox.OrgId, dead, Cancel));
        Assert.Empty(await Store.Webhooks.GetAttemptsAsync(Inbox.OrgId, dead, Cancel));
    }

    [Fact]
    public async Task A_replay_sends_the_dead_again_and_what_was_delivered_as_new_deliveries()
    {
        var delivered = await OweAsync();
        await RunDueAsync();
        Hook.On(new FakeHookAnswer.Reply(410));
        var dead = await OweAsync();
        await RunDueAsync();
        await Store.Inboxes.UpdateAsync(Inbox, Cancel);
        Hook.On(FakeHookAnswer.Ok);
        Assert.Equal(0, await ReplayAsync(["failed"]));
        Assert.Equal(1, await ReplayAsync(["failed", "dead"]));
        await RunDueAsync();
        Assert.Equal(("delivered", 2), ((await DeliveryAsync(dead)).Status, (await DeliveryAsync(dead)).Attempts));
        Assert.Equal(2, await ReplayAsync(["delivered"]));
        await RunDueAsync();
        var all = await ListAsync();
        Assert.Equal(4, all.Total);
        Assert.All(all.Page.Items, static d => Assert.Equal("delivered", d.Status));
        Assert.Contains(all.Page.Items, d => d.Id == delivered);
    }
}

public sealed class SqliteWebhookScheduleTests(SqliteEngine engine) : WebhookScheduleTests(engine);

public sealed class PostgresWebhookScheduleTests(PostgresEngine engine) : WebhookScheduleTests(engine);
