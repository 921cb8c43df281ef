using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class OrganisationCompliance(Engine engine) : StoreCompliance(engine)
{
    [Fact]
    public async Task An_empty_database_has_no_organisation()
    {
        await using var database = await Engine.NewDatabaseAsync();
        await using var store = database.Open(Time);
        await store.MigrateAsync(Cancel);
        Assert.False(await store.Organisations.AnyAsync(Cancel));
    }

    [Fact]
    public async Task The_first_start_writes_organisation_key_and_shared_domain()
    {
        var first = Engine.Bootstrap;
        Assert.True(await Store.Organisations.AnyAsync(Cancel));
        Assert.Equal(first.Organisation, await Store.Organisations.GetAsync(first.Organisation.Id, Cancel));
        Assert.Equal(first.Key.Id, (await Store.ApiKeys.FindByHashAsync(first.KeyHash, Cancel))?.Id);
        var shared = await Store.Domains.GetSharedAsync(Cancel);
        Assert.Equal(first.SharedDomain.Id, shared.Id);
        Assert.True(shared.Shared);
        Assert.Equal([first.SharedDkimKey], await Store.Domains.GetDkimKeysAsync(first.Organisation.Id, shared.Id, Cancel));
    }

    [Fact]
    public async Task A_second_start_with_the_same_key_and_domain_changes_nothing()
    {
        var first = Engine.Bootstrap;
        var again = Engine.NewBootstrap(Now + 1000) with { KeyHash = first.KeyHash };
        Assert.Equal(BootstrapResult.Continued, await Store.Organisations.BootstrapAsync(again, Cancel));
        Assert.Null(await Store.Organisations.GetAsync(again.Organisation.Id, Cancel));
        Assert.Equal(first.SharedDomain.Id, (await Store.Domains.GetSharedAsync(Cancel)).Id);
        Assert.Equal(first.Key.Id, (await Store.ApiKeys.FindByHashAsync(first.KeyHash, Cancel))?.Id);
    }

    [Fact]
    public async Task A_new_operator_key_becomes_a_key_of_the_first_organisation()
    {
        await using var database = await Engine.NewDatabaseAsync();
        await using var store = database.Open(Time);
        await store.MigrateAsync(Cancel);
        var first = Engine.NewBootstrap(Now);
        await store.Organisations.BootstrapAsync(first, Cancel);
        var second = Engine.NewBootstrap(Now + 1);
        Assert.Equal(BootstrapResult.Continued, await store.Organisations.BootstrapAsync(second, Cancel));

        var key = await store.ApiKeys.FindByHashAsync(second.KeyHash, Cancel);
        Assert.Equal((first.Organisation.Id, "active"), (key?.OrgId, key?.Status));
        Assert.NotNull(await store.ApiKeys.FindByHashAsync(first.KeyHash, Cancel));
        Assert.Equal(2, (await store.ApiKeys.ListAsync(first.Organisation.Id, 100, null, Cancel)).Items.Count);
    }

    [Fact]
    public async Task Another_shared_domain_replaces_the_former_which_keeps_its_inboxes()
    {
        await using var database = await Engine.NewDatabaseAsync();
        await using var store = database.Open(Time);
        await store.MigrateAsync(Cancel);
        var first = Engine.NewBootstrap(Now, "old.example");
        await store.Organisations.BootstrapAsync(first, Cancel);
        var tenant = await Tenant.CreateAsync(store, Time);
        var inbox = await tenant.AddInboxAsync("kept", first.SharedDomain);

        var second = Engine.NewBootstrap(Now + 1, "new.example") with { KeyHash = first.KeyHash };
        Assert.Equal(BootstrapResult.Continued, await store.Organisations.BootstrapAsync(second, Cancel));

        var shared = await store.Domains.GetSharedAsync(Cancel);
        Assert.Equal(("new.example", first.Organisation.Id), (shared.Name, shared.OrgId));
        Assert.NotEmpty(await store.Domains.GetDkimKeysAsync(tenant.OrgId, shared.Id, Cancel));
        Assert.False((await store.Domains.GetAsync(first.Organisation.Id, first.SharedDomain.Id, Cancel))?.Shared);
        Assert.Equal("kept@old.example", (await store.Inboxes.GetAsync(tenant.OrgId, inbox.Id, Cancel))?.Address);
    }

    [Fact]
    public async Task A_customers_verified_domain_does_not_become_the_shared_one()
    {
        await using var database = await Engine.NewDatabaseAsync();
        await using var store = database.Open(Time);
        await store.MigrateAsync(Cancel);
        var first = Engine.NewBootstrap(Now);
        await store.Organisations.BootstrapAsync(first, Cancel);
        var tenant = await Tenant.CreateAsync(store, Time);

        var second = Engine.NewBootstrap(Now + 1, tenant.Domain.Name);
        Assert.Equal(BootstrapResult.SharedDomainTaken, await store.Organisations.BootstrapAsync(second, Cancel));
        Assert.Equal(first.SharedDomain.Id, (await store.Domains.GetSharedAsync(Cancel)).Id);
        Assert.Equal(tenant.OrgId, (await store.Domains.FindVerifiedAsync(tenant.Domain.Name, Cancel))?.OrgId);
        Assert.Null(await store.ApiKeys.FindByHashAsync(second.KeyHash, Cancel));
    }

    [Fact]
    public async Task Of_concurrent_first_starts_one_creates_and_the_others_continue()
    {
        await using var database = await Engine.NewDatabaseAsync();
        await using var first = database.Open(Time);
        await using var second = Engine.Nodes.Count > 1 ? database.Open(Time) : null;
        IStore[] nodes = second is null ? [first] : [first, second];
        await Task.WhenAll(nodes.Select(node => node.MigrateAsync(Cancel)));

        var results = await AllAtOnceAsync(
            8, i => nodes[i % nodes.Length].Organisations.BootstrapAsync(Engine.NewBootstrap(Now) with { KeyHash = new byte[32] }, Cancel));

        Assert.Single(results, BootstrapResult.Created);
        Assert.Equal(7, results.Count(r => r == BootstrapResult.Continued));
        var key = (await first.ApiKeys.FindByHashAsync(new byte[32], Cancel))!;
        Assert.Equal(key.OrgId, (await first.Domains.GetSharedAsync(Cancel)).OrgId);
        Assert.Single((await first.ApiKeys.ListAsync(key.OrgId, 100, null, Cancel)).Items);
    }

    [Fact]
    public async Task A_slug_is_given_once()
    {
        var tenant = await NewTenantAsync();
        var other = tenant.Organisation with { Id = EntityId.New("org_") };
        Assert.False(await Store.Organisations.CreateAsync(other, Cancel));
        Assert.Null(await Store.Organisations.GetAsync(other.Id, Cancel));
    }

    [Fact]
    public async Task An_organisation_comes_back_as_it_was_created()
    {
        var tenant = await NewTenantAsync();
        Assert.Equal(tenant.Organisation, await Store.Organisations.GetAsync(tenant.OrgId, Cancel));
    }

    [Fact]
    public async Task Renaming_changes_the_name_and_the_time_of_change()
    {
        var tenant = await NewTenantAsync();
        var expected = tenant.Organisation with { Name = "Größer & Söhne 🦉", UpdatedAt = Now + 5 };
        Assert.Equal(expected, await Store.Organisations.RenameAsync(tenant.OrgId, "Größer & Söhne 🦉", Now + 5, Cancel));
        Assert.Equal(expected, await Store.Organisations.GetAsync(tenant.OrgId, Cancel));
    }

    [Fact]
    public async Task Renaming_an_unknown_organisation_gives_nothing() =>
        Assert.Null(await Store.Organisations.RenameAsync("org_unknown", "x", Now, Cancel));
}
