namespace Commune.Storage.Tests.Testing;

/// <summary>One empty place that a store can be opened on, again and again; gone when disposed.</summary>
public abstract class TestDatabase : IAsyncDisposable
{
    /// <summary>Opens a store without migrating it. The caller disposes it.</summary>
    public abstract IStore Open(TimeProvider time);

    /// <summary>Makes the database look as if a later release had migrated it.</summary>
    public abstract Task PretendNewerSchemaAsync();

    public abstract ValueTask DisposeAsync();
}
