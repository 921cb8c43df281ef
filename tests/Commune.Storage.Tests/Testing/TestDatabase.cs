namespace Commune.Storage.Tests.Testing;

/// <summary>One empty place that a store can be opened on, again and again; gone when disposed.</summary>
public abstract class TestDatabase : IAsyncDisposable
{
    /// <summary>Opens a store without migrating it. The caller disposes it.</summary>
    public abstract IStore Open(TimeProvider time);

    /// <summary>Makes the database look as if a later release had migrated it.</summary>
    public abstract Task PretendNewerSchemaAsync();

    /// <summary>The first column of what a query gives, as text.</summary>
    public abstract Task<IReadOnlyList<string>> ReadTextsAsync(string sql);

    /// <summary>Every table that has a column of this name.</summary>
    public abstract Task<IReadOnlyList<string>> TablesWithAsync(string column);

    public abstract ValueTask DisposeAsync();
}
