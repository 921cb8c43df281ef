using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>Single statements and single transactions on pooled connections: everything that is not in the group commit.</summary>
internal sealed class PostgresDatabase(NpgsqlDataSource source, CommitAnnouncer announcer, WebhookSubscriptions subscriptions)
{
    public async Task<List<T>> QueryAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellation, params object?[] values)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        return await new PostgresSession(connection).QueryAsync(sql, map, cancellation, values);
    }

    /// <summary>Reads rows as long as <paramref name="take"/> wants them.</summary>
    public async Task QueryWhileAsync(string sql, Func<NpgsqlDataReader, bool> take, CancellationToken cancellation, params object?[] values)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await new PostgresSession(connection).QueryWhileAsync(sql, take, cancellation, values);
    }

    /// <summary>The first row, or null.</summary>
    public async Task<T?> FindAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellation, params object?[] values) where T : class
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        return await new PostgresSession(connection).FindAsync(sql, map, cancellation, values);
    }

    public async Task<bool> ExistsAsync(string sql, CancellationToken cancellation, params object?[] values)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        return await new PostgresSession(connection).ExistsAsync(sql, cancellation, values);
    }

    public async Task<int> ExecuteAsync(string sql, CancellationToken cancellation, params object?[] values)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        return await new PostgresSession(connection).ExecuteAsync(sql, cancellation, values);
    }

    /// <summary>Answers with what several statements read of the same state of the database, by key: never by reading a table.</summary>
    public async Task<T> ReadSnapshotAsync<T>(Func<PostgresSession, Task<T>> body, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        var session = new PostgresSession(connection, transaction);
        await session.ExecuteAsync(
            "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)",
            cancellation);
        var result = await body(session);
        await transaction.CommitAsync(cancellation);
        return result;
    }

    /// <summary>
    /// Runs <paramref name="body"/> in a transaction and commits; again from the start when the server says that it met another one,
    /// or when the connection broke before COMMIT was sent. An exception of <paramref name="body"/> rolls back.
    /// </summary>
    public async Task<T> TransactAsync<T>(Func<PostgresSession, Task<T>> body, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var committing = false;
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellation);
                await using var transaction = await connection.BeginTransactionAsync(cancellation);
                var session = new PostgresSession(connection, transaction, subscriptions);
                var result = await body(session);
                committing = true;
                await transaction.CommitAsync(cancellation);
                if (session.Appended is { } orgId)
                    announcer.Announce(orgId);
                return result;
            }
            catch (Exception error) when (attempt < PostgresErrors.Attempts && PostgresErrors.MayRetry(error, committing))
            {
                // Begun anew at once: the server has made a conflict wait already, and a broken connection left the pool.
            }
        }
    }
}
