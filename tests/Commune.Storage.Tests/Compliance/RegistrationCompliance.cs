using System.Security.Cryptography;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class RegistrationCompliance(Engine engine) : StoreCompliance(engine)
{
    private const long Lifetime = 900_000;

    private Domain Shared => Engine.Bootstrap.SharedDomain;

    private AgentSignup NewSignup(string? slug = null, byte[]? invite = null) => new(
        RandomNumberGenerator.GetBytes(32), slug ?? EntityId.New("s"), Shared.Id, "Agent", "Org", RandomNumberGenerator.GetBytes(32), "chal_x", 7,
        """{"capabilities":["mail"]}""", invite, Now + Lifetime);

    private RegisteredAgent Registered(AgentSignup signup)
    {
        var organisation = new Organisation(EntityId.New("org_"), signup.OrgName, signup.Slug, "free", "active", Now, Now);
        var agent = new Agent(organisation.Id, EntityId.New("agt_"), signup.AgentName, signup.PublicKey, "active", signup.Profile, Now);
        var inbox = new Inbox(organisation.Id, EntityId.New("i_"), Shared.Id, Shared.Name, signup.Slug, signup.AgentName, null, null, "active", Now);
        return new RegisteredAgent(organisation, inbox, agent, new AuditEntry(
            organisation.Id, EntityId.NewSortable("aud_", Time.GetUtcNow()), Now, agent.Id, "agent.register", agent.Id, null));
    }

    [Fact]
    public async Task A_signup_is_found_by_its_token_until_it_lapses()
    {
        var signup = NewSignup();
        Assert.True(await Store.Registrations.BeginAsync(signup, Now, Cancel));
        foreach (var node in Engine.Nodes)
            Assert.Equivalent(signup, await node.Registrations.FindAsync(signup.TokenHash, Now, Cancel), strict: true);
        Assert.Null(await Store.Registrations.FindAsync(signup.TokenHash, Now + Lifetime, Cancel));
        Assert.Null(await Store.Registrations.FindAsync(RandomNumberGenerator.GetBytes(32), Now, Cancel));
    }

    [Fact]
    public async Task Completing_makes_organisation_inbox_and_agent_once()
    {
        var signup = NewSignup();
        await Store.Registrations.BeginAsync(signup, Now, Cancel);
        var registered = Registered(signup);
        var results = await AllAtOnceAsync(6, i => Node(i).Registrations.CompleteAsync(signup, i == 0 ? registered : Registered(signup), Now, Cancel));
        Assert.Single(results, SignupCompletion.Completed);
        Assert.Equal(5, results.Count(static r => r == SignupCompletion.Gone));

        var organisation = (await Store.Organisations.FindBySlugAsync(signup.Slug, Cancel))!;
        var route = (await Store.Inboxes.RouteAsync(Shared.Name, signup.Slug, Cancel))!;
        Assert.Equal(organisation.Id, route.OrgId);
        Assert.Equal("Agent", (await Store.Inboxes.GetAsync(organisation.Id, route.InboxId, Cancel))!.DisplayName);
        var agent = Assert.Single((await Store.Agents.ListAsync(organisation.Id, 10, null, Cancel)).Items);
        Assert.Equivalent(agent, await Store.Agents.FindAsync(agent.Id, Cancel), strict: true);
        Assert.Equal(signup.PublicKey, agent.PublicKey);
        Assert.Equal("agent.register", Assert.Single((await Store.Audit.ListAsync(organisation.Id, 10, null, Cancel)).Items).Action);
    }

    [Fact]
    public async Task A_pending_slug_is_held_and_freed_when_it_lapses()
    {
        var signup = NewSignup();
        await Store.Registrations.BeginAsync(signup, Now, Cancel);
        var tenant = await NewTenantAsync();
        Assert.False(await Store.Registrations.BeginAsync(NewSignup(signup.Slug), Now + Lifetime - 1, Cancel));
        Assert.False(await Store.Organisations.CreateAsync(tenant.Organisation with { Id = EntityId.New("org_"), Slug = signup.Slug }, Cancel));
        Assert.False(await Store.Inboxes.CreateAsync(tenant.NewInbox(signup.Slug, Shared), Cancel));
        Assert.Null(await Store.Inboxes.RouteAsync(Shared.Name, signup.Slug, Cancel));

        var again = NewSignup(signup.Slug) with { ExpiresAt = Now + (2 * Lifetime) };
        Assert.True(await Store.Registrations.BeginAsync(again, Now + Lifetime, Cancel));
        Assert.Null(await Store.Registrations.FindAsync(signup.TokenHash, Now, Cancel));
    }

    [Fact]
    public async Task A_sweep_frees_the_address_of_a_lapsed_signup()
    {
        var signup = NewSignup();
        await Store.Registrations.BeginAsync(signup, Now, Cancel);
        await Store.SweepAsync(Now + Lifetime, Cancel);
        Assert.True(await Store.Inboxes.CreateAsync((await NewTenantAsync()).NewInbox(signup.Slug, Shared), Cancel));
    }

    [Fact]
    public async Task A_slug_or_address_that_is_taken_cannot_be_registered()
    {
        var tenant = await NewTenantAsync();
        Assert.False(await Store.Registrations.BeginAsync(NewSignup(tenant.Organisation.Slug), Now, Cancel));
        var inbox = await tenant.AddInboxAsync(EntityId.New("b"), Shared);
        Assert.False(await Store.Registrations.BeginAsync(NewSignup(inbox.LocalPart), Now, Cancel));
    }

    [Fact]
    public async Task Of_many_who_want_one_slug_one_gets_it()
    {
        var slug = EntityId.New("s");
        var results = await AllAtOnceAsync(8, i => Node(i).Registrations.BeginAsync(NewSignup(slug), Now, Cancel));
        Assert.Single(results, true);
    }

    [Fact]
    public async Task An_invite_serves_one_registration()
    {
        var invite = RandomNumberGenerator.GetBytes(32);
        await Store.Registrations.AddInviteAsync(invite, Now, Now + 1000, Cancel);
        Assert.True(await Store.Registrations.HasInviteAsync(invite, Now, Cancel));
        Assert.False(await Store.Registrations.HasInviteAsync(invite, Now + 1000, Cancel));
        var (first, second) = (NewSignup(invite: invite), NewSignup(invite: invite));
        await Store.Registrations.BeginAsync(first, Now, Cancel);
        await Store.Registrations.BeginAsync(second, Now, Cancel);
        Assert.Equal(SignupCompletion.Completed, await Store.Registrations.CompleteAsync(first, Registered(first), Now, Cancel));
        Assert.Equal(SignupCompletion.InviteUsed, await Store.Registrations.CompleteAsync(second, Registered(second), Now, Cancel));
        Assert.Null(await Store.Organisations.FindBySlugAsync(second.Slug, Cancel));
    }

    [Fact]
    public async Task Attempts_are_counted_per_address_and_kind_in_a_sliding_window()
    {
        var address = EntityId.New("");
        var limit = new AttemptLimit(2, 1000);
        Assert.Null(await Store.Registrations.CountAttemptAsync("register", address, limit, Now, Cancel));
        Assert.Null(await Store.Registrations.CountAttemptAsync("register", address, limit, Now + 400, Cancel));
        Assert.Equal(Now + 1000, await Store.Registrations.CountAttemptAsync("register", address, limit, Now + 500, Cancel));
        Assert.Null(await Store.Registrations.CountAttemptAsync("verify", address, limit, Now + 500, Cancel));
        Assert.Null(await Store.Registrations.CountAttemptAsync("register", EntityId.New(""), limit, Now + 500, Cancel));
        Assert.Null(await Store.Registrations.CountAttemptAsync("register", address, limit, Now + 1000, Cancel));
    }

    [Fact]
    public async Task Attempts_at_once_do_not_exceed_the_limit()
    {
        var address = EntityId.New("");
        var results = await AllAtOnceAsync(10, i => Node(i).Registrations.CountAttemptAsync("register", address, new AttemptLimit(4, 1000), Now, Cancel));
        Assert.Equal(4, results.Count(static r => r is null));
    }
}
