using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class SendingPauseCompliance(Engine engine) : StoreCompliance(engine)
{
    private async Task<(Tenant Tenant, Inbox Inbox)> BeginAsync()
    {
        var tenant = await NewTenantAsync();
        return (tenant, await tenant.AddInboxAsync());
    }

    private SendingPause PauseOf(Tenant tenant, int bounces = 20) => new(tenant.OrgId, Now, Now + 1000, 100, bounces, 1);

    private Task<QueueResult> SendAsync(Tenant tenant, Inbox inbox, int node = 0) => Node(node).Outbound.QueueAsync(tenant.Outgoing(inbox), Cancel);

    [Fact]
    public async Task A_paused_organisation_sends_nothing_and_others_send_on()
    {
        var (tenant, inbox) = await BeginAsync();
        var (other, theirs) = await BeginAsync();
        var pause = PauseOf(tenant);
        await Store.Pauses.PauseAsync(pause, Cancel);
        for (var node = 0; node < Engine.Nodes.Count; node++)
            Assert.Equal(pause, Assert.IsType<QueueResult.Paused>(await SendAsync(tenant, inbox, node)).Pause);
        Assert.Equal(pause, await Store.Pauses.GetAsync(tenant.OrgId, Cancel));
        Assert.Contains(pause, await Store.Pauses.ListAsync(Cancel));
        Assert.IsType<QueueResult.Queued>(await SendAsync(other, theirs));
        Assert.Empty((await Store.Messages.ListAsync(tenant.Messages(inbox), Cancel)).Items);
    }

    [Fact]
    public async Task A_pause_begins_once_and_its_figures_are_renewed()
    {
        var (tenant, _) = await BeginAsync();
        var first = PauseOf(tenant);
        await Store.Pauses.PauseAsync(first, Cancel);
        Time.Advance(TimeSpan.FromMinutes(1));
        var second = PauseOf(tenant, bounces: 21);
        await Store.Pauses.PauseAsync(second, Cancel);
        Assert.Equal(second with { PausedAt = first.PausedAt }, await Store.Pauses.GetAsync(tenant.OrgId, Cancel));
        Assert.Single(await tenant.EventTypesAsync(), "organisation.sending_paused");
    }

    [Fact]
    public async Task After_it_is_lifted_the_organisation_sends_again()
    {
        var (tenant, inbox) = await BeginAsync();
        Assert.False(await Store.Pauses.ResumeAsync(tenant.OrgId, null, Now, Cancel));
        await Store.Pauses.PauseAsync(PauseOf(tenant), Cancel);
        Assert.True(await Store.Pauses.ResumeAsync(tenant.OrgId, Now, Now, Cancel));
        Assert.False(await Store.Pauses.ResumeAsync(tenant.OrgId, Now, Now, Cancel));
        Assert.Null(await Store.Pauses.GetAsync(tenant.OrgId, Cancel));
        Assert.IsType<QueueResult.Queued>(await SendAsync(tenant, inbox));
        Assert.Equal(["organisation.sending_paused", "organisation.sending_resumed", "message.queued"], await tenant.EventTypesAsync());
    }

    [Fact]
    public async Task A_repeat_of_an_accepted_send_is_answered_during_a_pause()
    {
        var (tenant, inbox) = await BeginAsync();
        var claim = new IdempotencyClaim("k", new byte[32], 202, [1]);
        await tenant.SendAsync(tenant.Outgoing(inbox) with { Idempotency = claim });
        await Store.Pauses.PauseAsync(PauseOf(tenant), Cancel);
        Assert.IsType<QueueResult.Replayed>(await Store.Outbound.QueueAsync(tenant.Outgoing(inbox) with { Idempotency = claim }, Cancel));
    }
}
