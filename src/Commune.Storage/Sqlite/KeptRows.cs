using System.Collections.Concurrent;

namespace Commune.Storage.Sqlite;

/// <summary>
/// What nearly every request looks up and hardly any changes: kept from one request to the next, for the reason and under the terms of <see cref="InboxRoutes"/>.
/// </summary>
internal sealed class KeptRows<TKey, TRow>(SqliteStore store, TimeProvider time)
    where TKey : notnull
{
    private const int Most = 10_000;

    /// <summary>Within it a command beside the server cannot have ended and its caller asked.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<TKey, (TRow Row, long Version, long Since)> known = new();

    /// <summary>What is known, or what the look-up finds; that there is nothing is not kept.</summary>
    /// <param name="read">Of the tables of <see cref="InboxRoutes.Tables"/> alone.</param>
    public Task<TRow> GetAsync(TKey key, Func<SqliteSession, TRow> read, CancellationToken cancellation)
    {
        // Before the look-up: a commit that comes between makes the answer an old one.
        var asOf = store.Routes.Version;
        if (known.TryGetValue(key, out var found) && found.Version == asOf && time.GetElapsedTime(found.Since) < Longest && !cancellation.IsCancellationRequested)
            return Task.FromResult(found.Row);
        return store.ReadAsync(session => Keep(key, read(session), asOf), cancellation);
    }

    private TRow Keep(TKey key, TRow row, long asOf)
    {
        if (row is null)
            return row;
        if (known.Count >= Most)
            known.Clear();
        known[key] = (row, asOf, time.GetTimestamp());
        return row;
    }
}
