using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class DkimRotationCompliance(Engine engine) : StoreCompliance(engine)
{
    private const long Overlap = 1000;

    private static DkimKey Rsa(Domain domain, string selector) => Tenant.NewKey(domain, selector);

    private static DkimKey Ed25519(Domain domain, string selector) => Tenant.NewKey(domain, selector) with { Algorithm = DkimKey.Ed25519 };

    private Task<IReadOnlyList<DkimKey>> KeysAsync(Domain domain, int node = 0) => Node(node).Domains.GetDkimKeysAsync(domain.OrgId, domain.Id, Cancel);

    private Task<DkimRotation> RotateAsync(Domain domain, bool atOnce, params DkimKey[] next) =>
        Store.Domains.RotateDkimAsync(domain.OrgId, domain.Id, next, Overlap, atOnce, Now, Cancel);

    [Fact]
    public async Task The_present_key_signs_until_the_next_one_is_switched_to_and_stays_for_the_overlap()
    {
        var tenant = await NewTenantAsync();
        var domain = tenant.Domain;
        var old = Assert.Single(await KeysAsync(domain));
        Assert.Equal(DkimRotation.Started, await RotateAsync(domain, false, Rsa(domain, "next")));
        Assert.Equal([old, Rsa(domain, "next") with { Role = "next" }], await KeysAsync(domain));

        Assert.True(await Store.Domains.SwitchDkimKeyAsync(domain.OrgId, domain.Id, "next", Now + 5, Cancel));
        Assert.False(await Store.Domains.SwitchDkimKeyAsync(domain.OrgId, domain.Id, "next", Now + 5, Cancel));
        Assert.Equal([Rsa(domain, "next"), old with { Role = "former", KeepUntil = Now + 5 + Overlap }], await KeysAsync(domain, 1));

        await Store.Domains.RetireDkimKeysAsync(Now + 4 + Overlap, Cancel);
        Assert.Equal(2, (await KeysAsync(domain)).Count);
        await Store.Domains.RetireDkimKeysAsync(Now + 5 + Overlap, Cancel);
        Assert.Equal([Rsa(domain, "next")], await KeysAsync(domain));
        Assert.Equal(["domain.dkim_rotation_started", "domain.dkim_rotated"], await tenant.EventTypesAsync());
        Assert.Contains("\"former_selectors\":[\"commune\"]", (await tenant.AllEventsAsync())[1].Data!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_algorithm_switches_by_itself_and_a_second_rotation_waits_for_both()
    {
        var tenant = await NewTenantAsync();
        var domain = tenant.Domain;
        Assert.True(await Store.Domains.SetDkimEd25519Async(domain.OrgId, domain.Id, Ed25519(domain, "ed"), Cancel));
        Assert.Equal(DkimRotation.Started, await RotateAsync(domain, false, Rsa(domain, "rsa2"), Ed25519(domain, "ed2")));
        Assert.Equal(["commune", "rsa2", "ed", "ed2"], (await KeysAsync(domain)).Select(static key => key.Selector));
        Assert.True(await Store.Domains.SwitchDkimKeyAsync(domain.OrgId, domain.Id, "ed2", Now, Cancel));
        Assert.Equal(["active", "next", "active", "former"], (await KeysAsync(domain)).Select(static key => key.Role));
        Assert.Equal(DkimRotation.Pending, await RotateAsync(domain, false, Rsa(domain, "rsa3")));
        Assert.True(await Store.Domains.SwitchDkimKeyAsync(domain.OrgId, domain.Id, "rsa2", Now, Cancel));
        Assert.Equal(DkimRotation.Started, await RotateAsync(domain, false, Rsa(domain, "rsa3")));
    }

    [Fact]
    public async Task A_signature_that_is_turned_off_takes_its_next_key_along()
    {
        var domain = (await NewTenantAsync()).Domain;
        await Store.Domains.SetDkimEd25519Async(domain.OrgId, domain.Id, Ed25519(domain, "ed"), Cancel);
        await RotateAsync(domain, false, Rsa(domain, "rsa2"), Ed25519(domain, "ed2"));
        await Store.Domains.SwitchDkimKeyAsync(domain.OrgId, domain.Id, "rsa2", Now, Cancel);
        await Store.Domains.SetDkimEd25519Async(domain.OrgId, domain.Id, null, Cancel);
        Assert.Equal(DkimRotation.Started, await RotateAsync(domain, false, Rsa(domain, "rsa3")));
        await Store.Domains.SetDkimEd25519Async(domain.OrgId, domain.Id, Ed25519(domain, "unused"), Cancel);
        Assert.Equal(["ed"], (await KeysAsync(domain)).Where(static key => key.Algorithm == DkimKey.Ed25519).Select(static key => key.Selector));
    }

    [Fact]
    public async Task At_once_means_at_once_and_of_many_that_rotate_one_does()
    {
        var tenant = await NewTenantAsync();
        var domain = tenant.Domain;
        Assert.Equal(DkimRotation.Started, await RotateAsync(domain, true, Rsa(domain, "now")));
        Assert.Equal(["active", "former"], (await KeysAsync(domain)).Select(static key => key.Role));
        var raced = await AllAtOnceAsync(6, i => Node(i).Domains.RotateDkimAsync(domain.OrgId, domain.Id, [Rsa(domain, $"r{i}")], Overlap, false, Now, Cancel));
        Assert.Single(raced, DkimRotation.Started);
        Assert.Equal(5, raced.Count(static result => result == DkimRotation.Pending));
    }

    [Fact]
    public async Task A_domain_is_rotated_by_its_owner_only_and_checked_soon()
    {
        var (tenant, stranger) = (await NewTenantAsync(), await NewTenantAsync());
        var domain = await tenant.AddDomainAsync($"{EntityId.New("n")}.example");
        await Store.DomainChecks.RecordAsync(new DomainCheck(domain.OrgId, domain.Id, "pending", "{}", Now, null, Now + 86_400_000), Cancel);
        Assert.Equal(DkimRotation.NotFound, await Store.Domains.RotateDkimAsync(stranger.OrgId, domain.Id, [Rsa(domain, "x")], Overlap, false, Now, Cancel));
        Assert.DoesNotContain(await Store.DomainChecks.ClaimDueAsync(Now + 60_000, Now + 90_000_000, 1000, Cancel), due => due.Id == domain.Id);
        Assert.Equal(DkimRotation.Started, await RotateAsync(domain, false, Rsa(domain, "x")));
        Assert.Contains(await Store.DomainChecks.ClaimDueAsync(Now + 60_000, Now + 90_000_000, 1000, Cancel), due => due.Id == domain.Id);
        Assert.False(await Store.Domains.SwitchDkimKeyAsync(stranger.OrgId, domain.Id, "x", Now, Cancel));
    }
}
