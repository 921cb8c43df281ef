using Commune.Peers;

namespace Commune.Storage.Tests.Testing;

/// <summary>
/// What both engines must do. A role's facts stand in an abstract class; Engines.cs runs it once per engine.
/// The database is shared by the facts of a class, so each fact makes its own organisations.
/// </summary>
public abstract class StoreCompliance(Engine engine) : IAsyncLifetime
{
    /// <summary>How long a test waits for a signal before it fails.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    protected Engine Engine => engine;

    protected IStore Store => engine.Store;

    protected ManualTimeProvider Time => engine.Time;

    protected long Now => engine.Time.UnixMilliseconds;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        if (engine.Unavailable is { } reason)
            Machine.SkipOrFail(reason);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected Task<Tenant> NewTenantAsync() => Tenant.CreateAsync(engine.Store, engine.Time);

    /// <summary>The node that writer number <paramref name="i"/> uses.</summary>
    protected IStore Node(int i) => engine.Nodes[i % engine.Nodes.Count];

    /// <summary>Starts all at once and waits for all.</summary>
    protected static Task<T[]> AllAtOnceAsync<T>(int count, Func<int, Task<T>> work) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => work(i), Cancel)));

    /// <summary>Takes every deliver job of an organisation that is due.</summary>
    protected async Task<IReadOnlyList<Job>> ClaimDeliveriesAsync(Tenant tenant, long now, TimeSpan? lease = null) =>
        [.. (await Store.Jobs.ClaimAsync(JobKind.Deliver, 10_000, 10_000, now, lease ?? TimeSpan.FromMinutes(5), Cancel))
            .Where(job => job.OrgId == tenant.OrgId)];
}
