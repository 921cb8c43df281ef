using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>Contract section 4: sliding windows of accepted sends.</summary>
public abstract class SendLimitCompliance(Engine engine) : StoreCompliance(engine)
{
    private const long Hour = 3_600_000;
    private const long Day = 24 * Hour;

    private async Task<(Tenant Tenant, Inbox Inbox)> BeginAsync()
    {
        var tenant = await NewTenantAsync();
        return (tenant, await tenant.AddInboxAsync());
    }

    private Task<QueueResult> SendAsync(Tenant tenant, Inbox inbox, SendLimits limits, int node = 0) =>
        Node(node).Outbound.QueueAsync(tenant.Outgoing(inbox, "ada@example.org", "bob@example.net") with { Limits = limits }, Cancel);

    private Task<SendUsage> UsageAsync(Tenant tenant) => Store.Outbound.GetUsageAsync(tenant.OrgId, Now, Cancel);

    [Fact]
    public async Task Of_32_sent_at_once_exactly_as_many_as_allowed_are_queued()
    {
        var (tenant, inbox) = await BeginAsync();
        var results = await AllAtOnceAsync(32, i => SendAsync(tenant, inbox, new SendLimits(10, 1_000), i));
        Assert.Equal(10, results.OfType<QueueResult.Queued>().Count());
        var exceeded = results.OfType<QueueResult.LimitExceeded>().ToList();
        Assert.Equal(22, exceeded.Count);
        Assert.All(exceeded, e => Assert.False(e.Day));
        Assert.Equal(10, (await Store.Messages.ListAsync(tenant.Messages(inbox), Cancel)).Items.Count);
        Assert.Equal((10, 10), ((await UsageAsync(tenant)).LastHour, (await UsageAsync(tenant)).LastDay));
    }

    [Fact]
    public async Task The_day_has_its_own_limit()
    {
        var (tenant, inbox) = await BeginAsync();
        var limits = new SendLimits(2, 3);
        for (var i = 0; i < 3; i++)
        {
            Assert.IsType<QueueResult.Queued>(await SendAsync(tenant, inbox, limits));
            Time.Advance(TimeSpan.FromMinutes(90));
        }

        Assert.True(Assert.IsType<QueueResult.LimitExceeded>(await SendAsync(tenant, inbox, limits)).Day);
        Time.Advance(TimeSpan.FromHours(20));
        Assert.IsType<QueueResult.Queued>(await SendAsync(tenant, inbox, limits));
    }

    [Fact]
    public async Task Nothing_sent_is_nothing_used()
    {
        var (tenant, _) = await BeginAsync();
        Assert.Equal(new SendUsage(0, 0, 0, 0), await UsageAsync(tenant));
    }

    [Fact]
    public async Task A_message_counts_once_however_many_it_goes_to()
    {
        var (tenant, inbox) = await BeginAsync();
        await SendAsync(tenant, inbox, new SendLimits(10, 10));
        Assert.Equal(1, (await UsageAsync(tenant)).LastHour);
    }

    [Fact]
    public async Task Usage_tells_when_the_windows_free_up()
    {
        var (tenant, inbox) = await BeginAsync();
        var first = Now;
        await SendAsync(tenant, inbox, new SendLimits(10, 10));
        Time.Advance(TimeSpan.FromMinutes(10));
        await SendAsync(tenant, inbox, new SendLimits(10, 10));
        var usage = await UsageAsync(tenant);
        Assert.Equal((2, 2), (usage.LastHour, usage.LastDay));
        // Sends are counted by the second.
        Assert.InRange(usage.HourFreesAt, first + Hour - 1_000, first + Hour + 1_000);
        Assert.InRange(usage.DayFreesAt, first + Day - 1_000, first + Day + 1_000);
    }

    [Fact]
    public async Task A_send_leaves_the_hour_after_an_hour_and_the_day_after_a_day()
    {
        var (tenant, inbox) = await BeginAsync();
        var first = Now;
        await SendAsync(tenant, inbox, new SendLimits(10, 10));
        Time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(2));
        var usage = await UsageAsync(tenant);
        Assert.Equal((0, 1, 0), (usage.LastHour, usage.LastDay, usage.HourFreesAt));
        Assert.InRange(usage.DayFreesAt, first + Day - 1_000, first + Day + 1_000);
        Time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(new SendUsage(0, 0, 0, 0), await UsageAsync(tenant));
    }

    [Fact]
    public async Task The_window_slides()
    {
        var (tenant, inbox) = await BeginAsync();
        var limits = new SendLimits(2, 100);
        await SendAsync(tenant, inbox, limits);
        Time.Advance(TimeSpan.FromMinutes(40));
        await SendAsync(tenant, inbox, limits);
        var exceeded = Assert.IsType<QueueResult.LimitExceeded>(await SendAsync(tenant, inbox, limits));
        Assert.Equal(2, exceeded.Usage.LastHour);
        Time.Advance(TimeSpan.FromMinutes(21));
        Assert.IsType<QueueResult.Queued>(await SendAsync(tenant, inbox, limits));
        Assert.IsType<QueueResult.LimitExceeded>(await SendAsync(tenant, inbox, limits));
    }

    [Fact]
    public async Task A_refused_send_stores_nothing_and_leaves_its_key_free()
    {
        var (tenant, inbox) = await BeginAsync();
        var limits = new SendLimits(1, 100);
        await SendAsync(tenant, inbox, limits);
        var refused = tenant.Outgoing(inbox) with { Limits = limits, Idempotency = new IdempotencyClaim("k", new byte[32], 202, [1]) };
        Assert.IsType<QueueResult.LimitExceeded>(await Store.Outbound.QueueAsync(refused, Cancel));
        Assert.Null(await Store.Messages.GetAsync(tenant.OrgId, refused.MessageId, Cancel));
        Assert.Null(await Store.Threads.GetAsync(tenant.OrgId, refused.NewThreadId, Cancel));
        Assert.Null(await Store.Outbound.FindIdempotentAsync(tenant.OrgId, "k", new byte[32], Now, Cancel));
        Assert.Equal(1, (await UsageAsync(tenant)).LastHour);
    }

    [Fact]
    public async Task A_replayed_send_is_not_counted_and_not_limited()
    {
        var (tenant, inbox) = await BeginAsync();
        var claim = new IdempotencyClaim("k", new byte[32], 202, [1]);
        var limits = new SendLimits(1, 1);
        await tenant.SendAsync(tenant.Outgoing(inbox) with { Limits = limits, Idempotency = claim });
        Assert.IsType<QueueResult.Replayed>(await Store.Outbound.QueueAsync(tenant.Outgoing(inbox) with { Limits = limits, Idempotency = claim }, Cancel));
        Assert.Equal(1, (await UsageAsync(tenant)).LastHour);
    }

    [Fact]
    public async Task No_limits_means_unlimited()
    {
        var (tenant, inbox) = await BeginAsync();
        for (var i = 0; i < 20; i++)
            await tenant.SendAsync(tenant.Outgoing(inbox));
    }

    [Fact]
    public async Task Received_mail_is_not_counted()
    {
        var (tenant, inbox) = await BeginAsync();
        await tenant.ReceiveAsync(inbox, new Letter());
        Assert.Equal(0, (await UsageAsync(tenant)).LastDay);
    }

    [Fact]
    public async Task Organisations_are_counted_apart()
    {
        var (one, inboxOne) = await BeginAsync();
        var (two, inboxTwo) = await BeginAsync();
        await SendAsync(one, inboxOne, new SendLimits(1, 1));
        Assert.IsType<QueueResult.Queued>(await SendAsync(two, inboxTwo, new SendLimits(1, 1)));
    }

    [Fact]
    public async Task Sweeping_does_not_forget_what_still_counts()
    {
        var (tenant, inbox) = await BeginAsync();
        await SendAsync(tenant, inbox, new SendLimits(10, 10));
        await Store.SweepAsync(Now + Day - 10_000, Cancel);
        Assert.Equal((1, 1), ((await UsageAsync(tenant)).LastHour, (await UsageAsync(tenant)).LastDay));
    }
}
