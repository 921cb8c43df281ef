namespace Commune.Storage.Postgres;

internal sealed class PostgresVectorMirrorStore(PostgresDatabase database, JobSignals signals) : IVectorMirrorStore
{
    public async Task AskAsync(string orgId, CancellationToken cancellation)
    {
        await database.ExecuteAsync(
            PostgresSearchRow.InsertJobs, cancellation, new[] { SearchBlocks.MirrorJobId(orgId) }, JobKind.MirrorVectors, new[] { orgId });
        signals.Pulse(JobKind.MirrorVectors);
        await database.ExecuteAsync(JobListener.Announcement, cancellation, JobKind.MirrorVectors);
    }

    public async Task<IReadOnlyList<string>> ListBehindAsync(string target, int limit, CancellationToken cancellation) => await database.QueryAsync(
        """
        SELECT b.org_id
        FROM (
            SELECT p.org_id
            FROM search_vector_places p
            LEFT JOIN search_mirrors m ON m.org_id = p.org_id AND m.target = $1 AND m.model = p.model AND m.length = p.length
            WHERE p.length > 0 AND (m.place IS NULL OR m.place < p.place)
            UNION
            SELECT m.org_id
            FROM search_mirrors m
            LEFT JOIN search_vector_places p ON p.org_id = m.org_id AND p.model = m.model AND p.length = m.length AND p.place >= m.place
            LEFT JOIN org_heads h ON h.org_id = m.org_id
            WHERE m.target = $1 AND (p.model IS NULL OR h.search_deletions IS DISTINCT FROM m.deletion)) b
        WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = 'mirror_' || b.org_id)
        LIMIT $2
        """,
        static row => row.GetString(0), cancellation, target, (long)limit);

    public async Task<IReadOnlyList<VectorMirror>> ListAsync(string orgId, string target, CancellationToken cancellation) => await database.QueryAsync(
        "SELECT model, length, place, deletion FROM search_mirrors WHERE org_id = $1 AND target = $2 ORDER BY model",
        static row => new VectorMirror(row.GetString(0), (int)row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)), cancellation, orgId, target);

    public Task<(IReadOnlyList<MirroredVector> Vectors, long UpTo, long Deletion)> ReadAsync(
        string orgId, string model, long after, int limit, CancellationToken cancellation) =>
        database.ReadSnapshotAsync<(IReadOnlyList<MirroredVector>, long, long)>(
            async session =>
            {
                var places = await session.QueryAsync(
                    "SELECT place FROM search_vector_places WHERE org_id = $1 AND model = $2", static row => row.GetInt64(0), cancellation, orgId, model);
                var upTo = places.Count > 0 ? places[0] : 0;
                var vectors = await session.QueryAsync(
                    """
                    SELECT v.document, d.inbox_id, d.thread_id, v.vector
                    FROM search_vectors v
                    JOIN search_documents d ON d.org_id = v.org_id AND d.document = v.document
                    WHERE v.org_id = $1 AND v.model = $2 AND v.document > $3 AND v.document <= $5
                    ORDER BY v.document
                    LIMIT $4
                    """,
                    static row => new MirroredVector(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetFieldValue<byte[]>(3)),
                    cancellation, orgId, model, after, (long)limit, upTo);
                if (vectors.Count == limit)
                    upTo = vectors[^1].Document;
                return ([.. vectors.Where(static vector => vector.Vector.Length > 0)], upTo, await NewestDeletionAsync(session, orgId, cancellation));
            },
            cancellation);

    public Task<(IReadOnlyList<long> Documents, long Deletion)?> ReadDeletionsAsync(string orgId, long after, int limit, CancellationToken cancellation) =>
        database.ReadSnapshotAsync<(IReadOnlyList<long>, long)?>(
            async session =>
            {
                var newest = await NewestDeletionAsync(session, orgId, cancellation);
                var rows = await session.QueryAsync(
                    "SELECT deletion, documents FROM search_deletions WHERE org_id = $1 AND deletion > $2 ORDER BY deletion LIMIT $3",
                    static row => (Deletion: row.GetInt64(0), Documents: row.GetFieldValue<byte[]>(1)), cancellation, orgId, after, (long)limit);
                if (rows.Count == 0)
                    return newest != after ? null : ([], after);
                if (rows[0].Deletion != after + 1 || rows[^1].Deletion != after + rows.Count)
                    return null;
                return ([.. rows.SelectMany(static row => DeletedDocuments.Read(row.Documents))], rows[^1].Deletion);
            },
            cancellation);

    public Task<bool> RecordAsync(Job job, string target, VectorMirror mirror, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            if (!await HoldsAsync(session, job, cancellation))
                return false;
            await session.ExecuteAsync(
                """
                INSERT INTO search_mirrors (org_id, target, model, length, place, deletion) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (org_id, target, model) DO UPDATE SET length = excluded.length, place = excluded.place, deletion = excluded.deletion
                """,
                cancellation, job.OrgId, target, mirror.Model, (long)mirror.Length, mirror.Place, mirror.Deletion);
            return true;
        },
        cancellation);

    public Task<bool> ForgetAsync(Job job, string target, string model, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            if (!await HoldsAsync(session, job, cancellation))
                return false;
            await session.ExecuteAsync(
                "DELETE FROM search_mirrors WHERE org_id = $1 AND target = $2 AND model = $3", cancellation, job.OrgId, target, model);
            return true;
        },
        cancellation);

    private static async Task<long> NewestDeletionAsync(PostgresSession session, string orgId, CancellationToken cancellation)
    {
        var newest = await session.QueryAsync("SELECT search_deletions FROM org_heads WHERE org_id = $1", static row => row.GetInt64(0), cancellation, orgId);
        return newest.Count > 0 ? newest[0] : 0;
    }

    private static Task<bool> HoldsAsync(PostgresSession session, Job job, CancellationToken cancellation) =>
        session.ExistsAsync("SELECT 1 FROM jobs WHERE id = $1 AND lease = $2 FOR UPDATE", cancellation, job.Id, job.Lease);
}
