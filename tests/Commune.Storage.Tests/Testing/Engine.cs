using System.Security.Cryptography;
using Commune.Peers;

namespace Commune.Storage.Tests.Testing;

/// <summary>What the compliance suite needs of an engine: a bootstrapped store per test class, and fresh databases on demand.</summary>
public abstract class Engine : IAsyncLifetime
{
    private readonly List<IStore> nodes = [];
    private TestDatabase? database;

    public ManualTimeProvider Time { get; } = new();

    /// <summary>Why this engine cannot be tested here, or null.</summary>
    public string? Unavailable { get; private set; }

    public IStore Store => nodes[0];

    /// <summary>Every store that may work on the same data at once: one where a second is refused.</summary>
    public IReadOnlyList<IStore> Nodes => nodes;

    public Bootstrap Bootstrap { get; private set; } = null!;

    /// <summary>The database of <see cref="Nodes"/>.</summary>
    public TestDatabase Database => database!;

    protected abstract int NodeCount { get; }

    /// <returns>Null when the engine can be used here, else what is missing.</returns>
    protected abstract Task<string?> FindObstacleAsync();

    public abstract Task<TestDatabase> NewDatabaseAsync();

    public async ValueTask InitializeAsync()
    {
        Unavailable = await FindObstacleAsync();
        if (Unavailable is not null)
            return;
        database = await NewDatabaseAsync();
        for (var i = 0; i < NodeCount; i++)
            nodes.Add(database.Open(Time));
        foreach (var node in nodes)
            await node.MigrateAsync(CancellationToken.None);
        Bootstrap = NewBootstrap(Time.UnixMilliseconds);
        Assert.Equal(BootstrapResult.Created, await Store.Organisations.BootstrapAsync(Bootstrap, CancellationToken.None));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        if (database is not null)
            await database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    public static Bootstrap NewBootstrap(long at, string sharedName = "agents.example")
    {
        var organisation = new Organisation(EntityId.New("org_"), "First", "first", "enterprise", "active", at, at);
        var domain = new Domain(organisation.Id, EntityId.New("d_"), sharedName, "verified", null, Shared: true, at, at);
        return new Bootstrap(
            organisation,
            new ApiKey(organisation.Id, EntityId.New("key_"), "operator", "comm_0123456", ["admin"], "active", null, null, at),
            RandomNumberGenerator.GetBytes(32),
            domain,
            Tenant.NewKey(domain));
    }
}
