using System.Security.Cryptography;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class WebhookCompliance(Engine engine) : StoreCompliance(engine)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private static readonly byte[] Body = "{\"a\":1}"u8.ToArray();

    [Fact]
    public async Task A_mail_to_an_inbox_with_a_webhook_owes_one_delivery_in_its_own_transaction()
    {
        var tenant = await NewTenantAsync();
        var inbox = await AddHookedInboxAsync(tenant);
        var stored = await tenant.ReceiveAsync(inbox, new Letter());
        var delivery = Assert.Single((await ListAsync(tenant)).Page.Items);
        Assert.Equal((inbox.Id, stored.MessageId, inbox.Webhook!.Endpoint, "pending", 0),
            (delivery.InboxId, delivery.MessageId, delivery.Endpoint, delivery.Status, delivery.Attempts));
        Assert.StartsWith("wdel_", delivery.Id, StringComparison.Ordinal);
        var job = Assert.Single(await ClaimAsync(tenant));
        Assert.Equal((delivery.Id, WebhookKey.Of(tenant.OrgId, delivery.Endpoint)), (job.Payload, job.Key));
    }

    [Fact]
    public async Task A_retry_of_the_same_mail_owes_nothing_more()
    {
        var tenant = await NewTenantAsync();
        var inbox = await AddHookedInboxAsync(tenant);
        var letter = new Letter { RetryKey = RandomNumberGenerator.GetBytes(32) };
        await tenant.ReceiveAsync(inbox, letter);
        Assert.True((await tenant.ReceiveAsync(inbox, letter)).Duplicate);
        Assert.Equal(1, (await ListAsync(tenant)).Total);
    }

    [Theory]
    [InlineData("inbound", true)]
    [InlineData("email.received", true)]
    [InlineData("message.received", true)]
    [InlineData("*", true)]
    [InlineData("message.sent", false)]
    public async Task Only_events_that_mean_inbound_mail_owe_a_delivery(string type, bool owed)
    {
        var tenant = await NewTenantAsync();
        var inbox = await AddHookedInboxAsync(tenant, type: type);
        await tenant.ReceiveAsync(inbox, new Letter());
        Assert.Equal(owed ? 1 : 0, (await ListAsync(tenant)).Total);
    }

    [Fact]
    public async Task Without_a_webhook_or_with_a_disabled_one_nothing_is_owed()
    {
        var tenant = await NewTenantAsync();
        await tenant.ReceiveAsync(await tenant.AddInboxAsync(), new Letter());
        var inbox = await AddHookedInboxAsync(tenant);
        await Store.Inboxes.UpdateAsync(inbox with { Webhook = inbox.Webhook! with { DisabledReason = "HTTP 410" } }, Cancel);
        await tenant.ReceiveAsync(inbox, new Letter());
        Assert.Equal(0, (await ListAsync(tenant)).Total);
        Assert.Equal("HTTP 410", (await Store.Inboxes.GetAsync(tenant.OrgId, inbox.Id, Cancel))!.Webhook!.DisabledReason);
    }

    [Fact]
    public async Task The_body_is_fixed_once_and_gone_when_it_was_delivered()
    {
        var tenant = await NewTenantAsync();
        var inbox = await AddHookedInboxAsync(tenant);
        await tenant.ReceiveAsync(inbox, new Letter());
        var job = Assert.Single(await ClaimAsync(tenant));
        var work = await Store.Webhooks.LoadAsync(tenant.OrgId, job.Payload, Cancel);
        Assert.Null(work!.Payload);
        Assert.Equal(inbox.Webhook!.Secret, work.Webhook!.Secret);
        Assert.True(await Store.Webhooks.PrepareAsync(job, inbox.Webhook.Endpoint, Body, Cancel));
        work = await Store.Webhooks.LoadAsync(tenant.OrgId, job.Payload, Cancel);
        Assert.Equal(Body, work!.Payload);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Body)), work.Delivery.PayloadHash);
        Assert.True(await Store.Webhooks.RecordAsync(job, inbox.Webhook.Endpoint, Success(), Cancel));
        work = await Store.Webhooks.LoadAsync(tenant.OrgId, job.Payload, Cancel);
        Assert.Null(work!.Payload);
        Assert.Equal(("delivered", 1, (long?)12, (long?)Now), (work.Delivery.Status, work.Delivery.Attempts, work.Delivery.LatencyMs, work.Delivery.DeliveredAt));
    }

    [Fact]
    public async Task Nothing_is_recorded_by_who_lost_the_lease()
    {
        var tenant = await NewTenantAsync();
        var inbox = await AddHookedInboxAsync(tenant);
        await tenant.ReceiveAsync(inbox, new Letter());
        var job = Assert.Single(await ClaimAsync(tenant)) with { Lease = "lease_other" };
        Assert.False(await Store.Webhooks.PrepareAsync(job, inbox.Webhook!.Endpoint, Body, Cancel));
        Assert.False(await Store.Webhooks.RecordAsync(job, inbox.Webhook.Endpoint, Failure(Now + 5000), Cancel));
        Assert.False(await Store.Webhooks.AbandonAsync(job, "gone", Now, Cancel));
        Assert.Equal("pending", (await Store.Webhooks.GetAsync(tenant.OrgId, job.Payload, Cancel))!.Status);
        Assert.Empty(await Store.Webhooks.GetAttemptsAsync(tenant.OrgId, job.Payload, Cancel));
    }

    [Fact]
    public async Task A_failure_sets_the_next_time_and_keeps_the_attempt()
    {
        var tenant = await NewTenantAsync();
        var inbox = await AddHookedInboxAsync(tenant);
        await tenant.ReceiveAsync(inbox, new Letter());
        var job = Assert.Single(await ClaimAsync(tenant));
        Assert.True(await Store.Webhooks.RecordAsync(job, inbox.Webhook!.Endpoint, Failure(Now + 5000), Cancel));
        var delivery = (await Store.Webhooks.GetAsync(tenant.OrgId, job.Payload, Cancel))!;
        Assert.Equal(("failed", (long?)(Now + 5000), (int?)500, "HTTP 500"), (delivery.Status, delivery.NextRetryAt, delivery.LastCode, delivery.LastError));
        Assert.Equal(new WebhookAttempt(1, 500, "HTTP 500", 12, Now), Assert.Single(await Store.Webhooks.GetAttemptsAsync(tenant.OrgId, job.Payload, Cancel)));
        Assert.Empty(await ClaimAsync(tenant, Now + 4999));
        Assert.Single(await ClaimAsync(tenant, Now + 5000));
    }

    [Fact]
    public async Task The_circuit_of_an_endpoint_is_shared_by_its_inboxes_and_by_all_nodes()
    {
        var tenant = await NewTenantAsync();
        var endpoint = $"https://hooks.example/{tenant.OrgId}";
        var inboxes = new[] { await AddHookedInboxAsync(tenant, endpoint), await AddHookedInboxAsync(tenant, endpoint) };
        foreach (var inbox in (Inbox[])[inboxes[0], inboxes[1], inboxes[0]])
            await tenant.ReceiveAsync(inbox, new Letter());
        var jobs = await ClaimAsync(tenant);
        await Node(0).Webhooks.RecordAsync(jobs[0], endpoint, Failure(Now + 1), Cancel);
        await Node(1).Webhooks.RecordAsync(jobs[1], endpoint, Failure(Now + 1), Cancel);
        var work = (await Node(1).Webhooks.LoadAsync(tenant.OrgId, jobs[2].Payload, Cancel))!;
        Assert.Equal((2, Now + 300_000), (work.Failures, work.OpenUntil));
        Assert.Empty(await ClaimAsync(tenant, Now + 299_999));

        // One probe when the pause is over.
        Assert.False(await Store.Webhooks.TryProbeAsync(tenant.OrgId, endpoint, Now + 299_999, Now + 360_000, Cancel));
        var probes = await AllAtOnceAsync(8, i => Node(i).Webhooks.TryProbeAsync(tenant.OrgId, endpoint, Now + 300_000, Now + 360_000, Cancel));
        Assert.Single(probes, static taken => taken);

        Assert.True(await Store.Webhooks.RecordAsync(jobs[2], endpoint, Success(), Cancel));
        Assert.Equal(0, (await Store.Webhooks.LoadAsync(tenant.OrgId, jobs[0].Payload, Cancel))!.Failures);
        Assert.Equal(2, (await ClaimAsync(tenant, Now + 1)).Count);
        var events = await Store.Events.ReadAsync(tenant.OrgId, 0, 100, Cancel);
        Assert.Equal(["webhook.paused", "webhook.resumed"], events.Select(static e => e.Type).Where(static t => t.StartsWith("webhook.", StringComparison.Ordinal)));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(static i => (long)i), events.Select(static e => e.Sequence));
    }

    [Fact]
    public async Task Each_turn_of_a_circuit_is_told_once_though_nodes_fail_and_succeed_at_once()
    {
        for (var round = 0; round < 10; round++)
        {
            var tenant = await NewTenantAsync();
            var inbox = await AddHookedInboxAsync(tenant);
            for (var i = 0; i < 8; i++)
                await tenant.ReceiveAsync(inbox, new Letter());
            var jobs = await ClaimAsync(tenant);
            await AllAtOnceAsync(jobs.Count, i => Node(i).Webhooks.RecordAsync(
                jobs[i], inbox.Webhook!.Endpoint, i % 3 == 2 ? Success() : Failure(Now + 1), Cancel));
            var told = (await tenant.EventTypesAsync()).Where(static type => type is "webhook.paused" or "webhook.resumed").ToList();
            Assert.Equal(told.Select(static (_, i) => i % 2 == 0 ? "webhook.paused" : "webhook.resumed"), told);
            var open = Assert.Single((await Store.Webhooks.GetHealthAsync(tenant.OrgId, 0, Cancel)).Endpoints).OpenUntil > 0;
            Assert.Equal(open, told.Count % 2 == 1);
        }
    }

    [Fact]
    public async Task A_circuit_is_of_one_organisation()
    {
        var (one, two) = (await NewTenantAsync(), await NewTenantAsync());
        const string Endpoint = "https://hooks.example/shared";
        await one.ReceiveAsync(await AddHookedInboxAsync(one, Endpoint), new Letter());
        await two.ReceiveAsync(await AddHookedInboxAsync(two, Endpoint), new Letter());
        var job = Assert.Single(await ClaimAsync(one));
        await Store.Webhooks.RecordAsync(job, Endpoint, Failure(Now + 1) with { Threshold = 1 }, Cancel);
        var other = Assert.Single((await ListAsync(two)).Page.Items);
        Assert.Equal(0, (await Store.Webhooks.LoadAsync(two.OrgId, other.Id, Cancel))!.Failures);
        Assert.Null(await Store.Webhooks.GetAsync(two.OrgId, job.Payload, Cancel));
        Assert.Null(await Store.Webhooks.LoadAsync(two.OrgId, job.Payload, Cancel));
        Assert.Equal(WebhookRetry.NotFound, await Store.Webhooks.RetryAsync(two.OrgId, job.Payload, Now, Cancel));
    }

    [Fact]
    public async Task A_delivery_that_is_dead_comes_back_with_a_fresh_set()
    {
        var tenant = await NewTenantAsync();
        var inbox = await AddHookedInboxAsync(tenant);
        await tenant.ReceiveAsync(inbox, new Letter());
        var job = Assert.Single(await ClaimAsync(tenant));
        await Store.Webhooks.RecordAsync(job, inbox.Webhook!.Endpoint, Failure(null), Cancel);
        Assert.Equal("dead", (await Store.Webhooks.GetAsync(tenant.OrgId, job.Payload, Cancel))!.Status);
        Assert.Empty(await ClaimAsync(tenant, Now + 86_400_000));
        Assert.Equal(WebhookRetry.Retried, await Store.Webhooks.RetryAsync(tenant.OrgId, job.Payload, Now, Cancel));
        var delivery = (await Store.Webhooks.GetAsync(tenant.OrgId, job.Payload, Cancel))!;
        Assert.Equal(("pending", 1, 1, true, (long?)null), (delivery.Status, delivery.Attempts, delivery.EarlierAttempts, delivery.Forced, delivery.DeadAt));
        Assert.Single(await ClaimAsync(tenant));
    }

    [Fact]
    public async Task A_retry_of_what_is_being_attempted_gives_it_to_nobody_else()
    {
        var tenant = await NewTenantAsync();
        await tenant.ReceiveAsync(await AddHookedInboxAsync(tenant), new Letter());
        var job = Assert.Single(await ClaimAsync(tenant));
        Assert.Equal(WebhookRetry.Retried, await Store.Webhooks.RetryAsync(tenant.OrgId, job.Payload, Now, Cancel));
        Assert.Empty(await ClaimAsync(tenant));
        Assert.True(await Store.Jobs.RenewAsync(job, Now + 1000, Cancel));
    }

    [Fact]
    public async Task Health_counts_by_endpoint_and_over_all()
    {
        var tenant = await NewTenantAsync();
        var inbox = await AddHookedInboxAsync(tenant);
        for (var i = 0; i < 4; i++)
            await tenant.ReceiveAsync(inbox, new Letter());
        var jobs = await ClaimAsync(tenant);
        await Store.Webhooks.RecordAsync(jobs[0], inbox.Webhook!.Endpoint, Success(), Cancel);
        await Store.Webhooks.RecordAsync(jobs[1], inbox.Webhook.Endpoint, Failure(Now + 1), Cancel);
        await Store.Webhooks.RecordAsync(jobs[2], inbox.Webhook.Endpoint, Failure(null), Cancel);
        var (endpoints, totals) = await Store.Webhooks.GetHealthAsync(tenant.OrgId, 0, Cancel);
        var endpoint = Assert.Single(endpoints);
        Assert.Equal((4, 1, 1, 1, 12d, (long?)Now, (long?)Now),
            (endpoint.Total, endpoint.Delivered, endpoint.Failed, endpoint.Dead, endpoint.AverageLatencyMs!.Value, endpoint.LastSuccess, endpoint.LastFailure));
        Assert.Equal(Now + 300_000, endpoint.OpenUntil);
        Assert.Equal(new WebhookTotals(1, 1, 1, 1), totals);
        Assert.Empty((await Store.Webhooks.GetHealthAsync(tenant.OrgId, Now + 60_000, Cancel)).Endpoints);
    }

    [Fact]
    public async Task Deleting_a_message_takes_its_deliveries_and_their_attempts()
    {
        var tenant = await NewTenantAsync();
        var inbox = await AddHookedInboxAsync(tenant);
        await tenant.ReceiveAsync(inbox, new Letter());
        var job = Assert.Single(await ClaimAsync(tenant));
        await Store.Webhooks.PrepareAsync(job, inbox.Webhook!.Endpoint, Body, Cancel);
        await Store.Webhooks.RecordAsync(job, inbox.Webhook.Endpoint, Failure(Now + 1), Cancel);

        var token = RandomNumberGenerator.GetBytes(32);
        var (target, request) = (new DeletionTarget(tenant.OrgId, DeletionScope.Messages, inbox.Id, null), EntityId.New("req_"));
        await Store.Deletions.CreateAsync(target, request, token, token, Now, Now + 1000, Cancel);
        Assert.Equal(1, (await Store.Deletions.GetAsync(tenant.OrgId, request, Cancel))!.Preview["webhook_deliveries"]);
        Assert.Equal(DeletionConfirmation.Executing, await Store.Deletions.ConfirmAsync(tenant.OrgId, request, token, Now, Now, Cancel));
        while (!await Store.Deletions.StepAsync(tenant.OrgId, request, Now, Cancel))
        {
        }
        Assert.Equal(1, (await Store.Deletions.GetAsync(tenant.OrgId, request, Cancel))!.Deleted!["webhook_deliveries"]);
        Assert.Equal(0, (await ListAsync(tenant)).Total);
        Assert.Null(await Store.Webhooks.LoadAsync(tenant.OrgId, job.Payload, Cancel));
        Assert.Empty(await Store.Webhooks.GetAttemptsAsync(tenant.OrgId, job.Payload, Cancel));
    }

    private WebhookOutcome Success() => new(200, null, 12, Now, Now, null, Disables: false, Threshold: 2, Now + 300_000);

    private WebhookOutcome Failure(long? retryAt) => new(500, "HTTP 500", 12, Now, Now, retryAt, Disables: false, Threshold: 2, Now + 300_000);

    private Task<WebhookPage> ListAsync(Tenant tenant) =>
        Store.Webhooks.ListAsync(new WebhookQuery(tenant.OrgId, null, null, null, 100, 0, null), Cancel);

    /// <summary>Takes the organisation's jobs that are due; those of others are given back.</summary>
    private async Task<IReadOnlyList<Job>> ClaimAsync(Tenant tenant, long? at = null)
    {
        var now = at ?? Now;
        var mine = new List<Job>();
        foreach (var job in await Store.Jobs.ClaimAsync(JobKind.Webhook, 10_000, 10_000, now, Lease, Cancel))
        {
            if (job.OrgId == tenant.OrgId)
                mine.Add(job);
            else
                await Store.Jobs.RescheduleAsync(job, job.DueAt, Cancel);
        }
        return mine;
    }

    private static async Task<Inbox> AddHookedInboxAsync(Tenant tenant, string? endpoint = null, string type = "inbound")
    {
        var inbox = tenant.NewInbox() with { Webhook = new WebhookSetting(endpoint ?? $"https://hooks.example/{EntityId.New("h")}", [type], "whsec_x") };
        Assert.True(await tenant.Store.Inboxes.CreateAsync(inbox, Cancel));
        return inbox;
    }
}
