using System.Security.Cryptography;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class AgentCompliance(Engine engine) : StoreCompliance(engine)
{
    private async Task<Agent> AddAgentAsync()
    {
        var shared = Engine.Bootstrap.SharedDomain;
        var signup = new AgentSignup(
            RandomNumberGenerator.GetBytes(32), EntityId.New("s"), shared.Id, "Agent", "Org", RandomNumberGenerator.GetBytes(32), "chal_x", null, null, null, Now + 1000);
        Assert.True(await Store.Registrations.BeginAsync(signup, Now, Cancel));
        var organisation = new Organisation(EntityId.New("org_"), "Org", signup.Slug, "free", "active", Now, Now);
        var agent = new Agent(organisation.Id, EntityId.New("agt_"), "Agent", signup.PublicKey, "active", null, Now);
        var inbox = new Inbox(organisation.Id, EntityId.New("i_"), shared.Id, shared.Name, signup.Slug, "Agent", null, null, "active", Now);
        var audit = new AuditEntry(organisation.Id, EntityId.NewSortable("aud_", Time.GetUtcNow()), Now, agent.Id, "agent.register", agent.Id, null);
        Assert.Equal(SignupCompletion.Completed, await Store.Registrations.CompleteAsync(signup, new RegisteredAgent(organisation, inbox, agent, audit), Now, Cancel));
        return agent;
    }

    [Fact]
    public async Task A_timestamp_is_taken_once_across_nodes()
    {
        var agent = await AddAgentAsync();
        var results = await AllAtOnceAsync(8, i => Node(i).Agents.ClaimTimestampAsync(agent, 123_456, Now, Cancel));
        Assert.Single(results, true);
        Assert.True(await Store.Agents.ClaimTimestampAsync(agent, 123_457, Now, Cancel));
        Assert.True(await Store.Agents.ClaimTimestampAsync(await AddAgentAsync(), 123_456, Now, Cancel));
    }

    [Fact]
    public async Task A_timestamp_is_remembered_for_two_minutes_and_more()
    {
        var agent = await AddAgentAsync();
        Assert.True(await Store.Agents.ClaimTimestampAsync(agent, 1, Now, Cancel));
        await Store.SweepAsync(Now + 120_000, Cancel);
        Assert.False(await Store.Agents.ClaimTimestampAsync(agent, 1, Now, Cancel));
        await Store.SweepAsync(Now + 3_600_000, Cancel);
        Assert.True(await Store.Agents.ClaimTimestampAsync(agent, 1, Now, Cancel));
    }

    [Fact]
    public async Task An_agent_is_revoked_once_and_by_its_own_organisation()
    {
        var agent = await AddAgentAsync();
        Assert.False(await Store.Agents.RevokeAsync((await NewTenantAsync()).OrgId, agent.Id, Cancel));
        Assert.True(await Store.Agents.RevokeAsync(agent.OrgId, agent.Id, Cancel));
        Assert.False(await Store.Agents.RevokeAsync(agent.OrgId, agent.Id, Cancel));
        foreach (var node in Engine.Nodes)
            Assert.Equal("inactive", (await node.Agents.FindAsync(agent.Id, Cancel))!.Status);
        Assert.Equal(agent.Id, Assert.Single((await Store.Agents.ListAsync(agent.OrgId, 10, null, Cancel)).Items).Id);
    }

    [Fact]
    public async Task An_unknown_agent_is_not_found() => Assert.Null(await Store.Agents.FindAsync("agt_unknown", Cancel));
}
