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
        Assert.Equal([newest.Id, middle.Id, old.Id], (await Store.ApiKeys.ListAsync(tenant.OrgId, 100, null, Cancel)).Items.Select(k => k.Id));
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

    private Task<ApiKey?> RotateAsync(ApiKey key, byte[] hash, long oldUntil) =>
        Store.ApiKeys.RotateAsync(key.OrgId, key.Id, "comm_new0000", hash, oldUntil, Cancel);

    [Fact]
    public async Task A_rotated_key_keeps_all_but_its_secret()
    {
        var (key, old) = await AddKeyAsync(await NewTenantAsync(), expiresAt: Now + 5000);
        var hash = RandomNumberGenerator.GetBytes(32);
        var rotated = await RotateAsync(key, hash, Now);
        Assert.Equivalent(key with { Prefix = "comm_new0000" }, rotated, strict: true);
        foreach (var node in Engine.Nodes)
        {
            Assert.Equivalent(rotated, await node.ApiKeys.FindByHashAsync(hash, Cancel), strict: true);
            Assert.Equal(Now, (await node.ApiKeys.FindByHashAsync(old, Cancel))!.SecretExpiresAt);
        }
    }

    [Fact]
    public async Task A_later_rotation_does_not_prolong_an_older_secret()
    {
        var (key, first) = await AddKeyAsync(await NewTenantAsync());
        var second = RandomNumberGenerator.GetBytes(32);
        await RotateAsync(key, second, Now + 1000);
        await RotateAsync(key, RandomNumberGenerator.GetBytes(32), Now + 9000);
        Assert.Equal(Now + 1000, (await Store.ApiKeys.FindByHashAsync(first, Cancel))!.SecretExpiresAt);
        Assert.Equal(Now + 9000, (await Store.ApiKeys.FindByHashAsync(second, Cancel))!.SecretExpiresAt);
        await RotateAsync(key, RandomNumberGenerator.GetBytes(32), Now);
        Assert.Equal(Now, (await Store.ApiKeys.FindByHashAsync(second, Cancel))!.SecretExpiresAt);
    }

    [Fact]
    public async Task A_revoked_unknown_or_foreign_key_cannot_be_rotated()
    {
        var (key, _) = await AddKeyAsync(await NewTenantAsync());
        var stranger = await NewTenantAsync();
        Assert.Null(await RotateAsync(key with { OrgId = stranger.OrgId }, RandomNumberGenerator.GetBytes(32), Now));
        Assert.Null(await RotateAsync(key with { Id = "key_unknown" }, RandomNumberGenerator.GetBytes(32), Now));
        await Store.ApiKeys.RevokeAsync(key.OrgId, key.Id, Cancel);
        Assert.Null(await RotateAsync(key, RandomNumberGenerator.GetBytes(32), Now));
    }

    [Fact]
    public async Task No_more_active_keys_are_made_than_allowed_however_many_ask_at_once()
    {
        var tenant = await NewTenantAsync();
        await AddKeyAsync(tenant, expiresAt: Now - 1);
        var results = await AllAtOnceAsync(8, i => Node(i).ApiKeys.CreateAsync(
            new ApiKey(tenant.OrgId, EntityId.New("key_"), "k", "comm_abcdef0", ["read"], "active", null, null, Now),
            RandomNumberGenerator.GetBytes(32), Cancel, most: 3));
        Assert.Equal(3, results.Count(static r => r == KeyCreation.Created));
        Assert.Equal(5, results.Count(static r => r == KeyCreation.TooMany));
    }

    [Fact]
    public async Task Keys_are_listed_in_pages()
    {
        var tenant = await NewTenantAsync();
        for (var i = 0; i < 5; i++)
            await AddKeyAsync(tenant, Now + (i / 2));
        var all = (await Store.ApiKeys.ListAsync(tenant.OrgId, 100, null, Cancel)).Items.Select(static k => k.Id).ToList();
        var paged = new List<string>();
        PageCursor? cursor = null;
        do
        {
            var page = await Store.ApiKeys.ListAsync(tenant.OrgId, 2, cursor, Cancel);
            paged.AddRange(page.Items.Select(static k => k.Id));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(5, all.Count);
        Assert.Equal(all, paged);
    }

    [Fact]
    public async Task The_last_use_only_moves_forward()
    {
        var tenant = await NewTenantAsync();
        var (key, _) = await AddKeyAsync(tenant);
        await Store.ApiKeys.RecordUsesAsync([new KeyUse(key.OrgId, key.Id, 500), new KeyUse(key.OrgId, "key_gone", 1)], Cancel);
        await Store.ApiKeys.RecordUsesAsync([new KeyUse(key.OrgId, key.Id, 400)], Cancel);
        Assert.Equal(500, (await Store.ApiKeys.GetAsync(key.OrgId, key.Id, Cancel))!.LastUsedAt);
    }
}
