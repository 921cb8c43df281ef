using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Tests.Running;

/// <summary>An organisation that was written to the store before the program started, with an admin key.</summary>
public sealed record Tenant(string OrgId, string AdminKey)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static async Task<Tenant> CreateAsync(IStore store, string slug, string tier)
    {
        var now = Start.ToUnixTimeMilliseconds();
        var organisation = new Organisation(EntityId.New("org_"), slug, slug, tier, "active", now, now);
        Assert.True(await store.Organisations.CreateAsync(organisation, CancellationToken.None));
        return new Tenant(organisation.Id, await AddKeyAsync(store, organisation.Id, ["admin"]));
    }

    /// <returns>The secret.</returns>
    public static async Task<string> AddKeyAsync(IStore store, string orgId, IReadOnlyList<string> permissions, string status = "active", long? expiresAt = null)
    {
        var secret = ApiKeySecret.New();
        var key = new ApiKey(orgId, EntityId.New("key_"), "test", ApiKeySecret.PrefixOf(secret), permissions, status, expiresAt, null, Start.ToUnixTimeMilliseconds());
        await store.ApiKeys.CreateAsync(key, ApiKeySecret.HashOf(secret), CancellationToken.None);
        return secret;
    }
}
