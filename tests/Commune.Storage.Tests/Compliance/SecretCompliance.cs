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
    public async Task Nodes_that_ask_at_once_agree()
    {
        var answers = await AllAtOnceAsync(16, i => Node(i).Secrets.GetOrAddAsync("agreed", [(byte)i], Cancel));
        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
    }
}
