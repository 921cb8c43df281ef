using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>Caps beside the limits of an organisation: by recipient, by thread, by domain.</summary>
public abstract class SendCapCompliance(Engine engine) : StoreCompliance(engine)
{
    private static SendCap Hourly(string counted, int most) => new(counted, SendCap.Hour, most, "hour");

    private static SendCap Daily(string counted, int most) => new(counted, SendCap.Day, most, "day");

    private async Task<(Tenant Tenant, Inbox Inbox)> BeginAsync()
    {
        var tenant = await NewTenantAsync();
        return (tenant, await tenant.AddInboxAsync());
    }

    private Task<QueueResult> SendAsync(Tenant tenant, Inbox inbox, int node, params SendCap[] caps) =>
        Node(node).Outbound.QueueAsync(tenant.Outgoing(inbox) with { Caps = caps }, Cancel);

    [Fact]
    public async Task Of_32_sent_at_once_over_all_nodes_exactly_as_many_as_the_cap_are_queued()
    {
        var (tenant, inbox) = await BeginAsync();
        var cap = Hourly(SendCap.ToRecipient("ada@example.org"), 7);
        var results = await AllAtOnceAsync(32, i => SendAsync(tenant, inbox, i, cap));
        Assert.Equal(7, results.OfType<QueueResult.Queued>().Count());
        Assert.All(results.OfType<QueueResult.CapReached>(), reached => Assert.Equal(cap, reached.Cap));
        Assert.Equal(25, results.OfType<QueueResult.CapReached>().Count());
    }

    [Fact]
    public async Task A_cap_counts_only_what_it_names()
    {
        var (tenant, inbox) = await BeginAsync();
        Assert.IsType<QueueResult.Queued>(await SendAsync(tenant, inbox, 0, Hourly("to:a@x.example", 1)));
        Assert.IsType<QueueResult.Queued>(await SendAsync(tenant, inbox, 0, Hourly("to:b@x.example", 1)));
        Assert.IsType<QueueResult.CapReached>(await SendAsync(tenant, inbox, 0, Hourly("to:c@x.example", 1), Hourly("to:a@x.example", 1)));
        // What was refused has counted nothing.
        Assert.IsType<QueueResult.Queued>(await SendAsync(tenant, inbox, 0, Hourly("to:c@x.example", 1)));
        var (other, theirs) = await BeginAsync();
        Assert.IsType<QueueResult.Queued>(await SendAsync(other, theirs, 0, Hourly("to:a@x.example", 1)));
    }

    [Fact]
    public async Task Caps_of_an_hour_and_a_day_share_one_count()
    {
        var (tenant, inbox) = await BeginAsync();
        SendCap[] caps = [Hourly("to:a@x.example", 2), Daily("to:a@x.example", 3)];
        await SendAsync(tenant, inbox, 0, caps);
        await SendAsync(tenant, inbox, 0, caps);
        Assert.Equal("hour", Assert.IsType<QueueResult.CapReached>(await SendAsync(tenant, inbox, 0, caps)).Cap.Name);
        Time.Advance(TimeSpan.FromMinutes(61));
        Assert.IsType<QueueResult.Queued>(await SendAsync(tenant, inbox, 0, caps));
        Assert.Equal("day", Assert.IsType<QueueResult.CapReached>(await SendAsync(tenant, inbox, 0, caps)).Cap.Name);
    }

    [Fact]
    public async Task A_refusal_tells_when_the_window_frees_up_and_then_it_does()
    {
        var (tenant, inbox) = await BeginAsync();
        var cap = Hourly("thread:conv_1", 1);
        var first = Now;
        await SendAsync(tenant, inbox, 0, cap);
        Time.Advance(TimeSpan.FromMinutes(20));
        var reached = Assert.IsType<QueueResult.CapReached>(await SendAsync(tenant, inbox, 0, cap));
        Assert.InRange(reached.FreesAt, first + 3_600_000 - 1_000, first + 3_600_000 + 1_000);
        Time.Advance(TimeSpan.FromMilliseconds(reached.FreesAt - Now));
        Assert.IsType<QueueResult.Queued>(await SendAsync(tenant, inbox, 0, cap));
    }

    [Fact]
    public async Task Sweeping_forgets_only_what_counts_no_more()
    {
        var (tenant, inbox) = await BeginAsync();
        var cap = Daily("domain:d_1", 1);
        await SendAsync(tenant, inbox, 0, cap);
        await Store.SweepAsync(Now + 86_400_000 - 10_000, Cancel);
        Assert.IsType<QueueResult.CapReached>(await SendAsync(tenant, inbox, 0, cap));
        await Store.SweepAsync(Now + 86_400_000 + 1_000, Cancel);
        Assert.IsType<QueueResult.Queued>(await SendAsync(tenant, inbox, 0, cap));
    }
}
