using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>
/// The extension pgvector: a table for each model and length with an HNSW index. The numbers are stored bytes, which a halfvec has exactly and in half the
/// space of a vector.
/// </summary>
internal sealed class PgVector(PostgresDatabase database, TimeProvider time) : IVectorEngine
{
    /// <summary>Of as many an organisation's vectors, or an inbox's, all are compared: an index that everybody shares would find too few of them.</summary>
    internal int MostCompared { get; set; } = 20_000;

    private const string Tables = "search_near_";

    /// <summary>Taken by who makes or removes tables; any number that nobody else uses in this database.</summary>
    private const long LockId = 0x636f6d6d766563;
    private const int DeletedAtOnce = 5_000;

    private static readonly Version Oldest = new(0, 8);
    private static readonly TimeSpan QueryLimit = TimeSpan.FromSeconds(1);

    public const string Name = "pgvector";

    public string Target => Name;

    /// <summary>Of a halfvec with an HNSW index.</summary>
    public int MostNumbers => 4000;

    /// <returns>The extension when it can be used, else why not.</returns>
    public static async Task<(PgVector? Engine, string? Missing)> OpenAsync(PostgresDatabase database, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            var missing = await database.TransactAsync(
                async session =>
                {
                    await LockAsync(session, cancellation);
                    var versions = await session.QueryAsync(
                        "SELECT COALESCE(installed_version, default_version) FROM pg_available_extensions WHERE name = 'vector'",
                        static row => row.GetString(0), cancellation);
                    if (FindObstacle(versions.FirstOrDefault()) is { } obstacle)
                        return obstacle;
                    await session.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS vector", cancellation);
                    return await session.ExistsAsync("SELECT 1 WHERE to_regtype('halfvec') IS NOT NULL", cancellation)
                        ? null : "the extension vector is in a schema that search_path does not name.";
                },
                cancellation);
            return missing is null ? (new PgVector(database, time), null) : (null, missing);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return (null, "the user may not create the extension vector: have a superuser run CREATE EXTENSION vector in the database.");
        }
        catch (NpgsqlException error)
        {
            return (null, Reason(error));
        }
    }

    /// <summary>Removes all copies, so that none outlives what was deleted while nobody follows.</summary>
    /// <returns>Why that failed; null when nothing is left.</returns>
    public static async Task<string?> RemoveAsync(PostgresDatabase database, CancellationToken cancellation)
    {
        try
        {
            return await database.TransactAsync<string?>(
                async session =>
                {
                    await LockAsync(session, cancellation);
                    await session.ExecuteAsync("SELECT set_config('lock_timeout', '10s', true)", cancellation);
                    var tables = await session.QueryAsync(
                        @"SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relname ~ '^search_near_[0-9a-f]{16}_[0-9]+$' AND pg_table_is_visible(oid)",
                        static row => row.GetString(0), cancellation);
                    foreach (var table in tables)
                        await session.ExecuteAsync($"DROP TABLE {table}", cancellation);
                    await session.ExecuteAsync("DELETE FROM search_mirrors WHERE target = $1", cancellation, Name);
                    return null;
                },
                cancellation);
        }
        catch (NpgsqlException error)
        {
            return $"its tables could not be removed: {Reason(error)}";
        }
    }

    /// <param name="version">Null when the server does not have the extension.</param>
    /// <returns>Why it cannot be used; null when it can.</returns>
    internal static string? FindObstacle(string? version)
    {
        if (version is null)
            return "the server does not have the extension vector.";
        // Before 0.8 a search with a filter ends before it has found enough.
        return Version.TryParse(version, out var parsed) && parsed >= Oldest ? null : $"the extension vector is of version {version}; 0.8 is needed.";
    }

    public string CollectionOf(string model, int length) =>
        $"{Tables}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(model)).AsSpan(0, 8))}_{length}";

    public Task<bool> EnsureAsync(string collection, int length, CancellationToken cancellation) => TryAsync(
        async session =>
        {
            if (await IsThereAsync(session, collection, cancellation))
                return false;
            await LockAsync(session, cancellation);
            if (await IsThereAsync(session, collection, cancellation))
                return false;
            // It may be there without its vectors: that is how DROP EXTENSION … CASCADE leaves it.
            await session.ExecuteAsync($"DROP TABLE IF EXISTS {collection}", cancellation);
            await session.ExecuteAsync(
                $"""
                CREATE TABLE {collection} (
                    org_id   text COLLATE "C" NOT NULL,
                    document bigint NOT NULL,
                    inbox_id text COLLATE "C" NOT NULL,
                    vector   halfvec({length}) NOT NULL,
                    PRIMARY KEY (org_id, document)
                )
                """,
                cancellation);
            await session.ExecuteAsync($"CREATE INDEX {collection}_by_inbox ON {collection} (org_id, inbox_id, document)", cancellation);
            await session.ExecuteAsync($"CREATE INDEX {collection}_near ON {collection} USING hnsw (vector halfvec_cosine_ops)", cancellation);
            // What others had in a table that somebody removed is gone as well.
            await session.ExecuteAsync(
                """
                UPDATE search_mirrors SET place = 0
                WHERE target = $1 AND $2 || left(encode(sha256(convert_to(model, 'UTF8')), 'hex'), 16) || '_' || length = $3
                """,
                cancellation, Name, Tables, collection);
            return true;
        },
        cancellation);

    public Task UpsertAsync(string collection, string orgId, IReadOnlyList<MirroredVector> vectors, CancellationToken cancellation) => TryAsync(
        session => session.ExecuteAsync(
            $"""
            INSERT INTO {collection} (org_id, document, inbox_id, vector)
            SELECT $1, k.document, k.inbox_id, k.vector::halfvec
            FROM unnest($2::bigint[], $3::text[], $4::text[]) AS k (document, inbox_id, vector)
            ON CONFLICT (org_id, document) DO UPDATE SET inbox_id = excluded.inbox_id, vector = excluded.vector
            """,
            cancellation, orgId, vectors.Select(static vector => vector.Document).ToArray(), vectors.Select(static vector => vector.InboxId).ToArray(),
            vectors.Select(static vector => TextOf(MemoryMarshal.Cast<byte, sbyte>(vector.Vector))).ToArray()),
        cancellation);

    public Task DeleteAsync(string collection, string orgId, IReadOnlyList<long> documents, CancellationToken cancellation) => TryAsync(
        async session => await IsThereAsync(session, collection, cancellation)
            ? await session.ExecuteAsync($"DELETE FROM {collection} WHERE org_id = $1 AND document = ANY ($2)", cancellation, orgId, documents.ToArray()) : 0,
        cancellation);

    public async Task DeleteAllAsync(string collection, string orgId, CancellationToken cancellation)
    {
        while (await TryAsync(DeleteSomeAsync, cancellation) == DeletedAtOnce)
        {
            // A transaction for each part of a large organisation.
        }
        await TryAsync(DropIfEmptyAsync, cancellation);

        async Task<int> DeleteSomeAsync(PostgresSession session) => await IsThereAsync(session, collection, cancellation)
            ? await session.ExecuteAsync(
                $"DELETE FROM {collection} WHERE org_id = $1 AND document IN (SELECT document FROM {collection} WHERE org_id = $1 ORDER BY document LIMIT $2)",
                cancellation, orgId, (long)DeletedAtOnce)
            : 0;

        async Task<bool> DropIfEmptyAsync(PostgresSession session)
        {
            if (!await IsThereAsync(session, collection, cancellation) || await session.ExistsAsync($"SELECT 1 FROM {collection} LIMIT 1", cancellation))
                return false;
            await LockAsync(session, cancellation);
            await session.ExecuteAsync("SELECT set_config('lock_timeout', '2s', true)", cancellation);
            await session.ExecuteAsync($"LOCK TABLE {collection} IN ACCESS EXCLUSIVE MODE", cancellation);
            // Whoever copies into it now finds that it is not there, and begins anew.
            if (!await session.ExistsAsync($"SELECT 1 FROM {collection} LIMIT 1", cancellation))
                await session.ExecuteAsync($"DROP TABLE {collection}", cancellation);
            return true;
        }
    }

    public async Task<NearVectors> NearestAsync(
        string collection, string orgId, sbyte[] query, IReadOnlyCollection<string>? inboxIds, long upTo, int limit, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(QueryLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        object[] own = inboxIds is null ? [orgId, upTo] : [orgId, upTo, inboxIds.ToArray()];
        var isOwn = inboxIds is null ? "org_id = $1 AND document <= $2" : "org_id = $1 AND document <= $2 AND inbox_id = ANY ($3)";
        var (near, most) = ($"vector <=> ${own.Length + 1}::halfvec", $"${own.Length + 2}");
        try
        {
            return await database.ReadSnapshotAsync(
                async session =>
                {
                    var counted = await session.QueryAsync(
                        $"SELECT count(*) FROM (SELECT 1 FROM {collection} WHERE {isOwn} LIMIT {MostCompared + 1}) AS own",
                        static row => row.GetInt64(0), either.Token, own);
                    var isIndexed = counted[0] > MostCompared;
                    if (isIndexed)
                    {
                        // The index goes on until it has found enough that is the organisation's; without sorting no other plan is left.
                        await session.ExecuteAsync(
                            "SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', '400', true), set_config('enable_sort', 'off', true)",
                            either.Token);
                    }
                    var found = await session.QueryAsync(
                        isIndexed
                            ? $"SELECT document, (1 - ({near}))::real FROM {collection} WHERE {isOwn} ORDER BY {near} LIMIT {most}"
                            : $"""
                            WITH own AS MATERIALIZED (SELECT document, {near} AS distance FROM {collection} WHERE {isOwn})
                            SELECT document, (1 - distance)::real FROM own ORDER BY distance LIMIT {most}
                            """,
                        static row => (Document: (uint)row.GetInt64(0), Cosine: row.GetFloat(1)), either.Token, [.. own, TextOf(query), (long)limit]);
                    // A vector of zeros is near to nothing.
                    return new NearVectors(
                        found.Where(static one => !float.IsNaN(one.Cosine)).ToDictionary(static one => one.Document, static one => one.Cosine),
                        isIndexed || found.Count >= limit);
                },
                either.Token);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new VectorEngineException($"pgvector gave no answer within {QueryLimit.TotalSeconds:0.#} s.", error);
        }
        catch (NpgsqlException error)
        {
            throw new VectorEngineException($"pgvector: {Reason(error)}", error);
        }
    }

    private async Task<T> TryAsync<T>(Func<PostgresSession, Task<T>> body, CancellationToken cancellation)
    {
        try
        {
            return await database.TransactAsync(body, cancellation);
        }
        catch (NpgsqlException error)
        {
            throw new VectorEngineException($"pgvector: {Reason(error)}", error);
        }
    }

    private static Task<bool> IsThereAsync(PostgresSession session, string collection, CancellationToken cancellation) => session.ExistsAsync(
        "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'vector' AND NOT attisdropped", cancellation, collection);

    private static Task<int> LockAsync(PostgresSession session, CancellationToken cancellation) =>
        session.ExecuteAsync("SELECT pg_advisory_xact_lock($1)", cancellation, LockId);

    private static string Reason(NpgsqlException error) =>
        error is PostgresException { SqlState: var state } ? $"the server answered with error {state}." : $"the server cannot be reached ({error.GetType().Name}).";

    private static string TextOf(ReadOnlySpan<sbyte> vector)
    {
        var text = new StringBuilder("[", (vector.Length * 4) + 2);
        foreach (var number in vector)
            text.Append(number).Append(',');
        text[^1] = ']';
        return text.ToString();
    }
}
