using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>
/// Has the server look at tables that grow fast. Its own look comes once a minute, and until the first one it takes a table for empty: plans made
/// then read all of an organisation's rows where they should find one, and prepared statements keep them. A look makes every plan anew.
/// </summary>
internal sealed class TableStatistics(NpgsqlDataSource source, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly CancellationTokenSource stopping = new();
    private long lookedAt = time.GetTimestamp();
    private Task looking = Task.CompletedTask;

    /// <summary>To be called when something was written; returns at once.</summary>
    public void Written()
    {
        if (time.GetElapsedTime(Volatile.Read(ref lookedAt)) < Every)
            return;
        lock (gate)
        {
            if (!looking.IsCompleted || stopping.IsCancellationRequested || time.GetElapsedTime(lookedAt) < Every)
                return;
            lookedAt = time.GetTimestamp();
            looking = Task.Run(() => LookAsync(stopping.Token));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        Task last;
        lock (gate)
            last = looking;
        await last;
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellation);
            var session = new PostgresSession(connection);
            // Those that have grown fivefold since the last look: the larger a table, the rarer.
            var grown = await session.QueryAsync(
                """
                SELECT quote_ident(c.relname)
                FROM pg_stat_user_tables s
                JOIN pg_class c ON c.oid = s.relid
                WHERE s.schemaname = current_schema() AND s.n_mod_since_analyze > 500 + 4 * c.reltuples
                """,
                static row => row.GetString(0), cancellation);
            foreach (var table in grown)
                await session.ExecuteAsync("ANALYZE " + table, cancellation);
        }
        catch (Exception error) when (PostgresErrors.IsConnectionFailure(error) || error is PostgresException or OperationCanceledException)
        {
            // The server's own look comes later.
        }
    }
}
