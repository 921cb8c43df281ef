using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class MtaStsCompliance(Engine engine) : StoreCompliance(engine)
{
    private CachedMtaStsPolicy NewPolicy(string id = "1") =>
        new($"{EntityId.New("d")}.example", id, "version: STSv1\r\nmode: enforce\r\nmx: *.example\r\nmax_age: 86400\r\n", Now, Now + 86_400_000);

    [Fact]
    public async Task A_policy_is_kept_and_seen_by_every_node()
    {
        var policy = NewPolicy();
        Assert.Null(await Store.MtaSts.GetAsync(policy.Domain, Cancel));
        await Store.MtaSts.PutAsync(policy, Cancel);
        Assert.Equal(policy, await Node(1).MtaSts.GetAsync(policy.Domain, Cancel));
    }

    [Fact]
    public async Task A_policy_that_was_fetched_later_takes_the_place_of_the_earlier_and_not_the_other_way()
    {
        var policy = NewPolicy();
        var later = policy with { PolicyId = "2", Policy = "version: STSv1", FetchedAt = Now + 1, ExpiresAt = Now + 2 };
        await Store.MtaSts.PutAsync(policy, Cancel);
        await Store.MtaSts.PutAsync(later, Cancel);
        await Store.MtaSts.PutAsync(policy, Cancel);
        Assert.Equal(later, await Store.MtaSts.GetAsync(policy.Domain, Cancel));
    }

    [Fact]
    public async Task A_policy_long_expired_is_swept()
    {
        var policy = NewPolicy();
        await Store.MtaSts.PutAsync(policy, Cancel);
        await Store.SweepAsync(policy.ExpiresAt - 1, Cancel);
        Assert.NotNull(await Store.MtaSts.GetAsync(policy.Domain, Cancel));
        await Store.SweepAsync(policy.ExpiresAt + 1, Cancel);
        Assert.Null(await Store.MtaSts.GetAsync(policy.Domain, Cancel));
    }
}
