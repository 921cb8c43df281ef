using System.Security.Cryptography;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class WebhookEndpointCompliance(Engine engine) : StoreCompliance(engine)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);
    private static readonly TriageChange Closed = new(Status: "closed");

    [Fact]
    public async Task An_endpoint_is_kept_as_it_was_given_changed_and_removed()
    {
        var tenant = await NewTenantAsync();
        var endpoint = NewEndpoint(tenant) with
        {
            Headers = new Dictionary<string, string> { ["X-Api-Key"] = "s\"ecret" }, InboxIds = ["i_1"], Description = "für \"uns\"", FormerSecret = "whsec_f", FormerSecretUntil = 5,
        };
        Assert.Equal(WebhookCreation.Created, await Store.WebhookEndpoints.CreateAsync(endpoint, 50, Cancel));
        AssertSame(endpoint, await Store.WebhookEndpoints.GetAsync(tenant.OrgId, endpoint.Id, Cancel));
        var changed = endpoint with { Endpoint = "https://other.example/", Events = ["*"], Enabled = false, Headers = new Dictionary<string, string>(), UpdatedAt = Now + 1 };
        AssertSame(changed, await Store.WebhookEndpoints.ChangeAsync(tenant.OrgId, endpoint.Id, _ => changed, Cancel));
        AssertSame(changed, await Node(1).WebhookEndpoints.GetAsync(tenant.OrgId, endpoint.Id, Cancel));
        Assert.True(await Store.WebhookEndpoints.DeleteAsync(tenant.OrgId, endpoint.Id, Cancel));
        Assert.False(await Store.WebhookEndpoints.DeleteAsync(tenant.OrgId, endpoint.Id, Cancel));
        Assert.Null(await Store.WebhookEndpoints.ChangeAsync(tenant.OrgId, endpoint.Id, _ => changed, Cancel));
        Assert.Null(await Store.WebhookEndpoints.GetAsync(tenant.OrgId, endpoint.Id, Cancel));
    }

    [Fact]
    public async Task An_endpoint_is_of_one_organisation()
    {
        var (one, two) = (await NewTenantAsync(), await NewTenantAsync());
        var endpoint = await AddAsync(one);
        Assert.Null(await Store.WebhookEndpoints.GetAsync(two.OrgId, endpoint.Id, Cancel));
        Assert.False(await Store.WebhookEndpoints.DeleteAsync(two.OrgId, endpoint.Id, Cancel));
        Assert.Null(await Store.WebhookEndpoints.ChangeAsync(two.OrgId, endpoint.Id, static found => found, Cancel));
        Assert.Empty((await Store.WebhookEndpoints.ListAsync(two.OrgId, 10, null, Cancel)).Items);
        await two.ReceiveAsync(await two.AddInboxAsync(), new Letter());
        Assert.Equal(0, (await ListAsync(two)).Total);
    }

    [Fact]
    public async Task The_list_is_paged_oldest_first_and_has_a_bound()
    {
        var tenant = await NewTenantAsync();
        var made = new List<string>();
        for (var i = 0; i < 3; i++)
            made.Add((await AddAsync(tenant, endpoint => endpoint with { CreatedAt = Now + i })).Id);
        Assert.Equal(WebhookCreation.TooMany, await Store.WebhookEndpoints.CreateAsync(NewEndpoint(tenant), 3, Cancel));
        var first = await Store.WebhookEndpoints.ListAsync(tenant.OrgId, 2, null, Cancel);
        var second = await Store.WebhookEndpoints.ListAsync(tenant.OrgId, 2, first.Next, Cancel);
        Assert.Equal(made, [.. first.Items.Select(static e => e.Id), .. second.Items.Select(static e => e.Id)]);
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task Two_that_come_at_once_do_not_exceed_the_bound()
    {
        var tenant = await NewTenantAsync();
        var made = await AllAtOnceAsync(8, i => Node(i).WebhookEndpoints.CreateAsync(NewEndpoint(tenant), 3, Cancel));
        Assert.Equal(3, made.Count(static result => result == WebhookCreation.Created));
    }

    [Fact]
    public async Task Of_changes_that_come_at_once_none_is_lost()
    {
        var tenant = await NewTenantAsync();
        var endpoint = await AddAsync(tenant);
        await AllAtOnceAsync(8, i => Node(i).WebhookEndpoints.ChangeAsync(
            tenant.OrgId, endpoint.Id, found => found with { Events = [.. found.Events, $"thread.{i}"] }, Cancel));
        Assert.Equal(9, (await Store.WebhookEndpoints.GetAsync(tenant.OrgId, endpoint.Id, Cancel))!.Events.Count);
    }

    [Fact]
    public async Task Every_event_owes_a_call_to_each_endpoint_that_wants_its_type_and_inbox()
    {
        var tenant = await NewTenantAsync();
        var (inbox, other) = (await tenant.AddInboxAsync(), await tenant.AddInboxAsync());
        var all = await AddAsync(tenant, static endpoint => endpoint with { Events = ["*"] });
        var threads = await AddAsync(tenant, static endpoint => endpoint with { Events = ["thread.*"] });
        var mail = await AddAsync(tenant, static endpoint => endpoint with { Events = ["email.received", "email.sent"] });
        var ofOther = await AddAsync(tenant, endpoint => endpoint with { Events = ["*"], InboxIds = [other.Id] });
        await AddAsync(tenant, static endpoint => endpoint with { Events = ["*"], Enabled = false });
        await AddAsync(tenant, static endpoint => endpoint with { Events = ["*"], DisabledReason = "HTTP 410" });

        var stored = await tenant.ReceiveAsync(inbox, new Letter());
        await Store.Threads.ChangeTriageAsync(tenant.OrgId, stored.ThreadId, Closed, Now, Cancel);
        await tenant.SendAsync(tenant.Outgoing(other));
        Assert.Equal(["message.received", "thread.updated", "message.queued"], await ToldAsync(tenant, all));
        Assert.Equal(["thread.updated"], await ToldAsync(tenant, threads));
        Assert.Equal(["message.received", "message.queued"], await ToldAsync(tenant, mail));
        Assert.Equal(["message.queued"], await ToldAsync(tenant, ofOther));

        var events = await tenant.AllEventsAsync();
        foreach (var delivery in (await ListAsync(tenant)).Page.Items)
        {
            var entry = events.Single(entry => entry.Sequence == delivery.EventSequence);
            Assert.Equal((entry.Type, entry.InboxId ?? "", entry.MessageId ?? "", entry.At), (delivery.EventType!, delivery.InboxId, delivery.MessageId, delivery.CreatedAt));
        }
        Assert.Equal(7, (await ClaimAsync(tenant)).Count);
    }

    [Fact]
    public async Task A_change_of_the_endpoints_holds_for_the_next_event_on_every_node()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var endpoint = await AddAsync(tenant);
        for (var i = 0; i < 2; i++)
            await tenant.ReceiveAsync(inbox, new Letter(), Node(i));
        Assert.Equal(2, (await ListAsync(tenant)).Total);
        Assert.NotNull(await Node(1).WebhookEndpoints.ChangeAsync(tenant.OrgId, endpoint.Id, static found => found with { Enabled = false }, Cancel));
        for (var i = 0; i < 2; i++)
            await tenant.ReceiveAsync(inbox, new Letter(), Node(i));
        Assert.Equal(2, (await ListAsync(tenant)).Total);
        var second = await AddAsync(tenant);
        for (var i = 0; i < 2; i++)
            await tenant.ReceiveAsync(inbox, new Letter(), Node(i));
        Assert.Equal(2, (await ToldAsync(tenant, second)).Count);
        Assert.True(await Node(1).WebhookEndpoints.DeleteAsync(tenant.OrgId, second.Id, Cancel));
        await tenant.ReceiveAsync(inbox, new Letter());
        Assert.Equal(4, (await ListAsync(tenant)).Total);
    }

    [Fact]
    public async Task An_event_without_an_inbox_is_told_to_endpoints_that_name_none()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var all = await AddAsync(tenant, static endpoint => endpoint with { Events = ["organisation.*"] });
        var narrow = await AddAsync(tenant, endpoint => endpoint with { Events = ["*"], InboxIds = [inbox.Id] });
        await Store.Pauses.PauseAsync(new SendingPause(tenant.OrgId, Now, Now + 1000, 10, 5, 1), Cancel);
        Assert.Equal(["organisation.sending_paused"], await ToldAsync(tenant, all));
        Assert.Empty(await ToldAsync(tenant, narrow));
        var delivery = Assert.Single((await ListAsync(tenant)).Page.Items);
        Assert.Equal(("", ""), (delivery.InboxId, delivery.MessageId));
        var work = (await Store.Webhooks.LoadAsync(tenant.OrgId, delivery.Id, Cancel))!;
        Assert.Equal(all.Secret, work.Webhook!.Secret);
        var job = Assert.Single(await ClaimAsync(tenant));
        Assert.True(await Store.Webhooks.PrepareAsync(job, all.Endpoint, [1], Cancel));
        Assert.True(await Store.Webhooks.RecordAsync(job, all.Endpoint, Outcome(200), Cancel));
        Assert.Equal("delivered", (await Store.Webhooks.GetAsync(tenant.OrgId, delivery.Id, Cancel))!.Status);
        Assert.Single(await Store.Webhooks.GetAttemptsAsync(tenant.OrgId, delivery.Id, Cancel));
    }

    [Fact]
    public async Task A_failing_endpoint_is_not_told_of_its_own_failures_and_two_do_not_feed_each_other()
    {
        var tenant = await NewTenantAsync();
        var (one, two) = (await AddAsync(tenant, static endpoint => endpoint with { Events = ["*"] }), await AddAsync(tenant, static endpoint => endpoint with { Events = ["*"] }));
        await tenant.ReceiveAsync(await tenant.AddInboxAsync(), new Letter());
        for (var round = 0; round < 5; round++)
        {
            foreach (var job in await ClaimAsync(tenant))
            {
                var delivery = (await Store.Webhooks.GetAsync(tenant.OrgId, job.Payload, Cancel))!;
                await Store.Webhooks.RecordAsync(job, delivery.Endpoint, Outcome(500), Cancel);
            }
        }
        Assert.Equal(["message.received", "webhook.dead"], (await ToldAsync(tenant, one)).Distinct(StringComparer.Ordinal));
        Assert.Equal(2, (await ToldAsync(tenant, one)).Count);
        Assert.Equal(2, (await ToldAsync(tenant, two)).Count);
        Assert.Equal(4, (await tenant.EventTypesAsync()).Count(static type => type == "webhook.dead"));
        Assert.Empty(await ClaimAsync(tenant, Now + 86_400_000));
    }

    [Fact]
    public async Task An_endpoint_that_says_that_it_is_gone_is_switched_off_once()
    {
        var tenant = await NewTenantAsync();
        var endpoint = await AddAsync(tenant);
        var inbox = await tenant.AddInboxAsync();
        for (var i = 0; i < 2; i++)
            await tenant.ReceiveAsync(inbox, new Letter());
        foreach (var job in await ClaimAsync(tenant))
            await Store.Webhooks.RecordAsync(job, endpoint.Endpoint, Outcome(410) with { Disables = true }, Cancel);
        Assert.Equal("HTTP 410", (await Store.WebhookEndpoints.GetAsync(tenant.OrgId, endpoint.Id, Cancel))!.DisabledReason);
        Assert.Single(await tenant.EventTypesAsync(), "webhook.disabled");
        await tenant.ReceiveAsync(inbox, new Letter());
        Assert.Equal(2, (await ListAsync(tenant)).Total);
    }

    [Fact]
    public async Task Deliveries_are_listed_and_replayed_by_endpoint()
    {
        var tenant = await NewTenantAsync();
        var (one, two) = (await AddAsync(tenant), await AddAsync(tenant));
        await tenant.ReceiveAsync(await tenant.AddInboxAsync(), new Letter());
        foreach (var job in await ClaimAsync(tenant))
            await Store.Webhooks.RecordAsync(job, (await Store.Webhooks.GetAsync(tenant.OrgId, job.Payload, Cancel))!.Endpoint, Outcome(200), Cancel);
        var listed = await Store.Webhooks.ListAsync(new WebhookQuery(tenant.OrgId, null, null, null, 10, 0, null, one.Id), Cancel);
        Assert.Equal((1, one.Endpoint), (listed.Total, Assert.Single(listed.Page.Items).Endpoint));
        Assert.Equal(1, await Store.Webhooks.ReplayAsync(new WebhookReplay(tenant.OrgId, 0, long.MaxValue, null, ["delivered"], 10, two.Id), Now, Cancel));
        var again = (await ListAsync(tenant)).Page.Items[0];
        Assert.Equal((two.Id, "message.received", "pending"), (again.WebhookId!, again.EventType!, again.Status));
    }

    [Fact]
    public async Task Deleting_an_inbox_takes_the_deliveries_of_its_events_and_an_organisation_its_endpoints()
    {
        var tenant = await NewTenantAsync();
        var (inbox, other) = (await tenant.AddInboxAsync(), await tenant.AddInboxAsync());
        await AddAsync(tenant, static endpoint => endpoint with { Events = ["*"] });
        foreach (var each in (Inbox[])[inbox, other])
            await Store.Threads.ChangeTriageAsync(tenant.OrgId, (await tenant.ReceiveAsync(each, new Letter())).ThreadId, Closed, Now, Cancel);
        foreach (var job in await ClaimAsync(tenant))
        {
            Assert.True(await Store.Webhooks.PrepareAsync(job, "https://x.example/", [1], Cancel));
            await Store.Webhooks.RecordAsync(job, "https://x.example/", Outcome(500) with { RetryAt = Now + 1 }, Cancel);
        }
        var gone = (await Store.Webhooks.ListAsync(new WebhookQuery(tenant.OrgId, inbox.Id, null, null, 10, 0, null), Cancel)).Page.Items;
        Assert.Equal(2, gone.Count);
        Assert.Equal(2, await DeleteAsync(tenant, DeletionScope.Inbox, inbox.Id));
        Assert.Equal([other.Id, other.Id], (await ListAsync(tenant)).Page.Items.Select(static d => d.InboxId));
        foreach (var delivery in gone)
            Assert.Empty(await Store.Webhooks.GetAttemptsAsync(tenant.OrgId, delivery.Id, Cancel));
        await DeleteAsync(tenant, DeletionScope.Organization, null);
        Assert.Empty((await Store.WebhookEndpoints.ListAsync(tenant.OrgId, 10, null, Cancel)).Items);
    }

    private async Task<long> DeleteAsync(Tenant tenant, string scope, string? inboxId)
    {
        var token = RandomNumberGenerator.GetBytes(32);
        var request = EntityId.New("req_");
        await Store.Deletions.CreateAsync(new DeletionTarget(tenant.OrgId, scope, inboxId, null), request, token, token, Now, Now + 1000, Cancel);
        var preview = (await Store.Deletions.GetAsync(tenant.OrgId, request, Cancel))!.Preview["webhook_deliveries"];
        Assert.Equal(DeletionConfirmation.Executing, await Store.Deletions.ConfirmAsync(tenant.OrgId, request, token, Now, Now, Cancel));
        while (!await Store.Deletions.StepAsync(tenant.OrgId, request, Now, Cancel))
        {
        }
        Assert.Equal(preview, (await Store.Deletions.GetAsync(tenant.OrgId, request, Cancel))!.Deleted!["webhook_deliveries"]);
        return preview;
    }

    private WebhookOutcome Outcome(int code) =>
        new(code, code < 300 ? null : $"HTTP {code}", 1, Now, Now, RetryAt: null, Disables: false, Threshold: 100, Now + 300_000);

    private async Task<WebhookEndpoint> AddAsync(Tenant tenant, Func<WebhookEndpoint, WebhookEndpoint>? change = null)
    {
        var endpoint = NewEndpoint(tenant);
        endpoint = change?.Invoke(endpoint) ?? endpoint;
        Assert.Equal(WebhookCreation.Created, await Store.WebhookEndpoints.CreateAsync(endpoint, 50, Cancel));
        return endpoint;
    }

    private WebhookEndpoint NewEndpoint(Tenant tenant) => new(
        tenant.OrgId, EntityId.New("wh_"), $"https://hooks.example/{EntityId.New("h")}", ["message.received"], [], "whsec_x", null, null,
        new Dictionary<string, string>(), null, Enabled: true, null, Now, Now);

    private async Task<List<string>> ToldAsync(Tenant tenant, WebhookEndpoint endpoint) =>
        [.. (await Store.Webhooks.ListAsync(new WebhookQuery(tenant.OrgId, null, null, null, 100, 0, null, endpoint.Id), Cancel)).Page.Items
            .OrderBy(static delivery => delivery.EventSequence).Select(static delivery => delivery.EventType!)];

    private Task<WebhookPage> ListAsync(Tenant tenant) => Store.Webhooks.ListAsync(new WebhookQuery(tenant.OrgId, null, null, null, 100, 0, null), Cancel);

    /// <summary>Takes the organisation's jobs that are due; those of others are given back.</summary>
    private async Task<IReadOnlyList<Job>> ClaimAsync(Tenant tenant, long? at = null)
    {
        var mine = new List<Job>();
        foreach (var job in await Store.Jobs.ClaimAsync(JobKind.Webhook, 10_000, 10_000, at ?? Now, Lease, Cancel))
        {
            if (job.OrgId == tenant.OrgId)
                mine.Add(job);
            else
                await Store.Jobs.RescheduleAsync(job, job.DueAt, Cancel);
        }
        return mine;
    }

    private static void AssertSame(WebhookEndpoint expected, WebhookEndpoint? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Events, actual.Events);
        Assert.Equal(expected.InboxIds, actual.InboxIds);
        Assert.Equal(expected.Headers, actual.Headers);
        Assert.Equal(expected, actual with { Events = expected.Events, InboxIds = expected.InboxIds, Headers = expected.Headers });
    }
}
