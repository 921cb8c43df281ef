using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class DomainCompliance(Engine engine) : StoreCompliance(engine)
{
    private static string NewName() => $"{EntityId.New("n")}.example";

    [Fact]
    public async Task A_domain_comes_back_with_its_key()
    {
        var tenant = await NewTenantAsync();
        var domain = Tenant.NewDomain(tenant.OrgId, NewName(), Now) with { Region = "eu" };
        var key = Tenant.NewKey(domain);
        Assert.Equal(DomainCreation.Created, await Store.Domains.CreateAsync(domain, key, Cancel));
        Assert.Equal(domain, await Store.Domains.GetAsync(tenant.OrgId, domain.Id, Cancel));
        Assert.Equal([key], await Store.Domains.GetDkimKeysAsync(tenant.OrgId, domain.Id, Cancel));
    }

    [Fact]
    public async Task The_same_name_twice_in_one_organisation_is_a_duplicate()
    {
        var tenant = await NewTenantAsync();
        var first = await tenant.AddDomainAsync(NewName());
        var second = Tenant.NewDomain(tenant.OrgId, first.Name, Now);
        Assert.Equal(DomainCreation.Duplicate, await Store.Domains.CreateAsync(second, Tenant.NewKey(second), Cancel));
        Assert.Null(await Store.Domains.GetAsync(tenant.OrgId, second.Id, Cancel));
    }

    [Fact]
    public async Task A_name_may_be_pending_in_two_organisations_and_the_first_to_verify_owns_it()
    {
        var (one, two) = (await NewTenantAsync(), await NewTenantAsync());
        var ofOne = await one.AddDomainAsync(NewName());
        var ofTwo = await two.AddDomainAsync(ofOne.Name);
        Assert.Null(await Store.Domains.FindVerifiedAsync(ofOne.Name, Cancel));

        Assert.True(await Store.Domains.SetStatusAsync(two.OrgId, ofTwo.Id, "verified", Now + 7, Cancel));
        Assert.False(await Store.Domains.SetStatusAsync(one.OrgId, ofOne.Id, "verified", Now + 8, Cancel));

        Assert.Equal(ofTwo with { Status = "verified", VerifiedAt = Now + 7 }, await Store.Domains.FindVerifiedAsync(ofOne.Name, Cancel));
        Assert.Equal(ofOne, await Store.Domains.GetAsync(one.OrgId, ofOne.Id, Cancel));
    }

    [Fact]
    public async Task Of_two_organisations_that_verify_at_once_one_wins()
    {
        var name = NewName();
        var tenants = new[] { await NewTenantAsync(), await NewTenantAsync(), await NewTenantAsync(), await NewTenantAsync() };
        var domains = new List<Domain>();
        foreach (var tenant in tenants)
            domains.Add(await tenant.AddDomainAsync(name));

        var won = await AllAtOnceAsync(4, i => Node(i).Domains.SetStatusAsync(tenants[i].OrgId, domains[i].Id, "verified", Now, Cancel));

        Assert.Single(won, true);
        Assert.Equal(tenants[Array.IndexOf(won, true)].OrgId, (await Store.Domains.FindVerifiedAsync(name, Cancel))?.OrgId);
    }

    [Fact]
    public async Task Verifying_again_is_no_conflict_with_oneself()
    {
        var tenant = await NewTenantAsync();
        Assert.True(await Store.Domains.SetStatusAsync(tenant.OrgId, tenant.Domain.Id, "verified", Now + 1, Cancel));
        Assert.Equal(tenant.OrgId, (await Store.Domains.FindVerifiedAsync(tenant.Domain.Name, Cancel))?.OrgId);
    }

    [Fact]
    public async Task A_verified_name_cannot_be_registered_elsewhere()
    {
        var (owner, other) = (await NewTenantAsync(), await NewTenantAsync());
        var domain = Tenant.NewDomain(other.OrgId, owner.Domain.Name, Now);
        Assert.Equal(DomainCreation.Owned, await Store.Domains.CreateAsync(domain, Tenant.NewKey(domain), Cancel));
        Assert.Null(await Store.Domains.GetAsync(other.OrgId, domain.Id, Cancel));
    }

    [Fact]
    public async Task The_shared_name_cannot_be_registered()
    {
        var tenant = await NewTenantAsync();
        var domain = Tenant.NewDomain(tenant.OrgId, Engine.Bootstrap.SharedDomain.Name, Now);
        Assert.Equal(DomainCreation.Owned, await Store.Domains.CreateAsync(domain, Tenant.NewKey(domain), Cancel));
    }

    [Fact]
    public async Task Leaving_verified_gives_the_name_up()
    {
        var (one, two) = (await NewTenantAsync(), await NewTenantAsync());
        Assert.True(await Store.Domains.SetStatusAsync(one.OrgId, one.Domain.Id, "failed", Now, Cancel));
        Assert.Null(await Store.Domains.FindVerifiedAsync(one.Domain.Name, Cancel));
        Assert.False(await Store.Inboxes.IsLocalDomainAsync(one.Domain.Name, Cancel));
        var taken = await two.AddDomainAsync(one.Domain.Name);
        Assert.True(await Store.Domains.SetStatusAsync(two.OrgId, taken.Id, "verified", Now, Cancel));
        Assert.Equal(two.OrgId, (await Store.Domains.FindVerifiedAsync(one.Domain.Name, Cancel))?.OrgId);
    }

    [Fact]
    public async Task Setting_another_status_than_verified_keeps_it_unowned()
    {
        var tenant = await NewTenantAsync();
        var domain = await tenant.AddDomainAsync(NewName());
        Assert.True(await Store.Domains.SetStatusAsync(tenant.OrgId, domain.Id, "failed", Now, Cancel));
        Assert.Equal("failed", (await Store.Domains.GetAsync(tenant.OrgId, domain.Id, Cancel))?.Status);
        Assert.Null(await Store.Domains.FindVerifiedAsync(domain.Name, Cancel));
    }

    [Fact]
    public async Task The_shared_domain_and_its_keys_are_found_whoever_asks()
    {
        var tenant = await NewTenantAsync();
        var shared = Engine.Bootstrap.SharedDomain;
        Assert.True((await Store.Domains.GetAsync(tenant.OrgId, shared.Id, Cancel))?.Shared);
        Assert.Equal([Engine.Bootstrap.SharedDkimKey], await Store.Domains.GetDkimKeysAsync(tenant.OrgId, shared.Id, Cancel));
        Assert.Equal(shared.Id, (await Store.Domains.FindVerifiedAsync(shared.Name, Cancel))?.Id);
        Assert.True(await Store.Inboxes.IsLocalDomainAsync(shared.Name, Cancel));
    }

    [Fact]
    public async Task Domains_are_paged_newest_first_without_the_shared_one()
    {
        var tenant = await NewTenantAsync();
        List<string> expected = [tenant.Domain.Id];
        for (var i = 1; i <= 10; i++)
        {
            var domain = Tenant.NewDomain(tenant.OrgId, NewName(), Now + i);
            await Store.Domains.CreateAsync(domain, Tenant.NewKey(domain), Cancel);
            expected.Insert(0, domain.Id);
        }

        List<string> seen = [];
        PageCursor? cursor = null;
        do
        {
            var page = await Store.Domains.ListAsync(tenant.OrgId, 4, cursor, Cancel);
            Assert.InRange(page.Items.Count, 1, 4);
            seen.AddRange(page.Items.Select(d => d.Id));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task Domains_made_in_the_same_millisecond_are_paged_once_each()
    {
        var tenant = await NewTenantAsync();
        for (var i = 0; i < 8; i++)
            await tenant.AddDomainAsync(NewName());
        List<string> seen = [];
        PageCursor? cursor = null;
        do
        {
            var page = await Store.Domains.ListAsync(tenant.OrgId, 2, cursor, Cancel);
            seen.AddRange(page.Items.Select(d => d.Id));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(9, seen.Count);
        Assert.Equal(9, seen.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_domain_that_holds_an_inbox_is_not_deleted()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        Assert.False(await Store.Domains.DeleteAsync(tenant.OrgId, tenant.Domain.Id, Cancel));
        Assert.NotNull(await Store.Domains.GetAsync(tenant.OrgId, tenant.Domain.Id, Cancel));
        Assert.True(await Store.Inboxes.DeleteAsync(tenant.OrgId, inbox.Id, Cancel));
        Assert.True(await Store.Domains.DeleteAsync(tenant.OrgId, tenant.Domain.Id, Cancel));
    }

    [Fact]
    public async Task A_deleted_domain_is_gone_with_its_keys_and_its_name_is_free()
    {
        var (tenant, other) = (await NewTenantAsync(), await NewTenantAsync());
        Assert.True(await Store.Domains.DeleteAsync(tenant.OrgId, tenant.Domain.Id, Cancel));
        Assert.False(await Store.Domains.DeleteAsync(tenant.OrgId, tenant.Domain.Id, Cancel));
        Assert.Null(await Store.Domains.GetAsync(tenant.OrgId, tenant.Domain.Id, Cancel));
        Assert.Empty(await Store.Domains.GetDkimKeysAsync(tenant.OrgId, tenant.Domain.Id, Cancel));
        Assert.Null(await Store.Domains.FindVerifiedAsync(tenant.Domain.Name, Cancel));
        await other.AddDomainAsync(tenant.Domain.Name);
    }

    [Fact]
    public async Task The_shared_domain_is_never_deleted()
    {
        var shared = Engine.Bootstrap.SharedDomain;
        Assert.False(await Store.Domains.DeleteAsync(shared.OrgId, shared.Id, Cancel));
        Assert.Equal(shared.Id, (await Store.Domains.GetSharedAsync(Cancel)).Id);
    }
    [Fact]
    public async Task The_second_key_is_used_while_it_is_turned_on_and_stands_behind_the_first()
    {
        var tenant = await NewTenantAsync();
        var (rsa, second) = (Tenant.NewKey(tenant.Domain), NewEd25519Key(tenant.Domain, "two"));
        Assert.False((await Store.Domains.GetAsync(tenant.OrgId, tenant.Domain.Id, Cancel))!.DkimEd25519);

        Assert.True(await Store.Domains.SetDkimEd25519Async(tenant.OrgId, tenant.Domain.Id, second, Cancel));
        Assert.Equal(tenant.Domain with { DkimEd25519 = true }, await Store.Domains.GetAsync(tenant.OrgId, tenant.Domain.Id, Cancel));
        Assert.Equal([rsa, second], await Store.Domains.GetDkimKeysAsync(tenant.OrgId, tenant.Domain.Id, Cancel));

        Assert.True(await Store.Domains.SetDkimEd25519Async(tenant.OrgId, tenant.Domain.Id, null, Cancel));
        Assert.Equal(tenant.Domain, await Store.Domains.GetAsync(tenant.OrgId, tenant.Domain.Id, Cancel));
        Assert.Equal([rsa], await Store.Domains.GetDkimKeysAsync(tenant.OrgId, tenant.Domain.Id, Cancel));
    }

    [Fact]
    public async Task A_second_key_that_is_turned_on_again_is_the_same_and_has_to_be_verified_again()
    {
        var tenant = await NewTenantAsync();
        var second = NewEd25519Key(tenant.Domain, "two");
        await Store.Domains.SetDkimEd25519Async(tenant.OrgId, tenant.Domain.Id, second, Cancel);
        await Store.Domains.SetDkimKeyVerifiedAsync(tenant.OrgId, tenant.Domain.Id, "two", Now, Cancel);
        await Store.Domains.SetDkimEd25519Async(tenant.OrgId, tenant.Domain.Id, null, Cancel);
        await Store.Domains.SetDkimEd25519Async(tenant.OrgId, tenant.Domain.Id, NewEd25519Key(tenant.Domain, "three"), Cancel);
        Assert.Equal(second, (await Store.Domains.GetDkimKeysAsync(tenant.OrgId, tenant.Domain.Id, Cancel))[1]);
    }

    [Fact]
    public async Task A_key_is_verified_since_its_record_was_first_seen_until_it_is_not()
    {
        var tenant = await NewTenantAsync();
        await Store.Domains.SetDkimEd25519Async(tenant.OrgId, tenant.Domain.Id, NewEd25519Key(tenant.Domain, "two"), Cancel);
        Assert.Equal(Now + 5, await VerifiedAsync(Now + 5));
        Assert.Equal(Now + 5, await VerifiedAsync(Now + 9));
        Assert.Null(await VerifiedAsync(null));
        Assert.Equal(Now + 11, await VerifiedAsync(Now + 11));

        async Task<long?> VerifiedAsync(long? at)
        {
            await Store.Domains.SetDkimKeyVerifiedAsync(tenant.OrgId, tenant.Domain.Id, "two", at, Cancel);
            var keys = await Store.Domains.GetDkimKeysAsync(tenant.OrgId, tenant.Domain.Id, Cancel);
            Assert.Null(keys[0].VerifiedAt);
            return keys[1].VerifiedAt;
        }
    }

    [Fact]
    public async Task A_second_key_turned_on_twice_at_once_is_one_key()
    {
        var tenant = await NewTenantAsync();
        Assert.All(
            await AllAtOnceAsync(4, i => Node(i).Domains.SetDkimEd25519Async(tenant.OrgId, tenant.Domain.Id, NewEd25519Key(tenant.Domain, $"two-{i}"), Cancel)),
            Assert.True);
        Assert.Equal(2, (await Store.Domains.GetDkimKeysAsync(tenant.OrgId, tenant.Domain.Id, Cancel)).Count);
    }

    [Fact]
    public async Task Another_organisation_turns_no_second_key_on()
    {
        var (owner, stranger) = (await NewTenantAsync(), await NewTenantAsync());
        Assert.False(await Store.Domains.SetDkimEd25519Async(stranger.OrgId, owner.Domain.Id, NewEd25519Key(owner.Domain, "two"), Cancel));
        Assert.Single(await Store.Domains.GetDkimKeysAsync(owner.OrgId, owner.Domain.Id, Cancel));
    }

    private static DkimKey NewEd25519Key(Domain domain, string selector) =>
        Tenant.NewKey(domain, selector) with { Algorithm = DkimKey.Ed25519, CreatedAt = domain.CreatedAt + 1 };

    [Fact]
    public async Task How_a_domain_sends_is_set_one_member_at_a_time()
    {
        var tenant = await NewTenantAsync();
        var id = tenant.Domain.Id;
        Assert.Equal((null, false), (tenant.Domain.WarmUpFrom, tenant.Domain.Unsubscribe));
        var begun = Now;
        var set = await Store.Domains.SetSendingAsync(tenant.OrgId, id, warmUp: true, unsubscribe: null, begun, Cancel);
        Assert.Equal((begun, false), (set!.WarmUpFrom, set.Unsubscribe));
        // Asked for again it does not begin again.
        set = await Store.Domains.SetSendingAsync(tenant.OrgId, id, warmUp: true, unsubscribe: true, begun + 5, Cancel);
        Assert.Equal((begun, true), (set!.WarmUpFrom, set.Unsubscribe));
        set = await Store.Domains.SetSendingAsync(tenant.OrgId, id, warmUp: false, unsubscribe: null, begun + 6, Cancel);
        Assert.Equal((null, true), (set!.WarmUpFrom, set.Unsubscribe));
        Assert.Equal(set, await Store.Domains.GetAsync(tenant.OrgId, id, Cancel));
        Assert.Null(await Store.Domains.SetSendingAsync((await NewTenantAsync()).OrgId, id, warmUp: true, unsubscribe: true, begun, Cancel));
    }
}
