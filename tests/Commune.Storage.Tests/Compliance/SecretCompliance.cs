using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class SecretCompliance(Engine engine) : StoreCompliance(engine)
{
    [Fact]
    public async Task The_first_candidate_stays_the_secret()
    {
        Assert.Equal([1, 2], await Store.Secrets.GetOrAddAsync("links", [1, 2], Cancel));
        Assert.Equal([1, 2], await Store.Secrets.GetOrAddAsync("links", [3, 4], Cancel));
    }

    [Fact]
    public async Task Names_have_secrets_of_their_own()
    {
        await Store.Secrets.GetOrAddAsync("one", [1], Cancel);
        Assert.Equal([2], await Store.Secrets.GetOrAddAsync("two", [2], Cancel));
    }

    [Fact]
    public async Task A_secret_is_replaced_by_the_first_who_knows_the_present_one()
    {
        await Store.Secrets.GetOrAddAsync("ring", [0], Cancel);
        var replaced = await AllAtOnceAsync(8, i => Node(i).Secrets.ReplaceAsync("ring", [0], [(byte)(i + 1)], Cancel));
        Assert.Single(replaced, static done => done);
        Assert.Equal([(byte)(Array.IndexOf(replaced, true) + 1)], await Store.Secrets.GetOrAddAsync("ring", [9], Cancel));
        Assert.False(await Store.Secrets.ReplaceAsync("none", [0], [1], Cancel));
    }

    [Fact]
    public async Task Nodes_that_ask_at_once_agree()
    {
        var answers = await AllAtOnceAsync(16, i => Node(i).Secrets.GetOrAddAsync("agreed", [(byte)i], Cancel));
        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
    }
}
