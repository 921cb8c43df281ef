using System.Security.Cryptography;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class ApiKeyCompliance(Engine engine) : StoreCompliance(engine)
{
    private async Task<(ApiKey Key, byte[] Hash)> AddKeyAsync(Tenant tenant, long? createdAt = null, long? expiresAt = null)
    {
        var key = new ApiKey(
            tenant.OrgId, EntityId.New("key_"), "CI", "comm_abcdef0", ["messages:read", "threads"], "active", expiresAt, null, createdAt ?? Now);
        var hash = RandomNumberGenerator.GetBytes(32);
        await Store.ApiKeys.CreateAsync(key, hash, Cancel);
        return (key, hash);
    }

    [Fact]
    public async Task A_key_is_found_by_its_hash_with_scopes_and_expiry()
    {
        var tenant = await NewTenantAsync();
        var (key, hash) = await AddKeyAsync(tenant, expiresAt: Now + 86_400_000);
        var found = await Store.ApiKeys.FindByHashAsync(hash, Cancel);
        Assert.Equivalent(key, found, strict: true);
        Assert.Equal(["messages:read", "threads"], found!.Permissions);
    }

    [Fact]
    public async Task A_key_without_expiry_keeps_none()
    {
        var (_, hash) = await AddKeyAsync(await NewTenantAsync());
        Assert.Null((await Store.ApiKeys.FindByHashAsync(hash, Cancel))!.ExpiresAt);
    }

    [Fact]
    public async Task An_unknown_hash_finds_nothing() =>
        Assert.Null(await Store.ApiKeys.FindByHashAsync(RandomNumberGenerator.GetBytes(32), Cancel));

    [Fact]
    public async Task Keys_are_listed_newest_first()
    {
        var tenant = await NewTenantAsync();
        var (old, _) = await AddKeyAsync(tenant, Now);
        var (newest, _) = await AddKeyAsync(tenant, Now + 2);
        var (middle, _) = await AddKeyAsync(tenant, Now + 1);
        Assert.Equal([newest.Id, middle.Id, old.Id], (await Store.ApiKeys.ListAsync(tenant.OrgId, Cancel)).Select(k => k.Id));
    }

    [Fact]
    public async Task A_revoked_key_no_longer_opens_anything()
    {
        var (key, hash) = await AddKeyAsync(await NewTenantAsync());
        Assert.True(await Store.ApiKeys.RevokeAsync(key.OrgId, key.Id, Cancel));
        foreach (var node in Engine.Nodes)
            Assert.NotEqual("active", (await node.ApiKeys.FindByHashAsync(hash, Cancel))?.Status);
    }

    [Fact]
    public async Task A_key_is_revoked_once()
    {
        var (key, _) = await AddKeyAsync(await NewTenantAsync());
        Assert.True(await Store.ApiKeys.RevokeAsync(key.OrgId, key.Id, Cancel));
        Assert.False(await Store.ApiKeys.RevokeAsync(key.OrgId, key.Id, Cancel));
    }

    [Fact]
    public async Task An_unknown_key_cannot_be_revoked() =>
        Assert.False(await Store.ApiKeys.RevokeAsync((await NewTenantAsync()).OrgId, "key_unknown", Cancel));
}
