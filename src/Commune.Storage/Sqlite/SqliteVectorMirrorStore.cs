namespace Commune.Storage.Sqlite;

internal sealed class SqliteVectorMirrorStore(SqliteStore store) : IVectorMirrorStore
{
    public Task AskAsync(string orgId, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            SearchRow.AskMirror(writes, orgId);
            return true;
        },
        cancellation);

    public Task<IReadOnlyList<string>> ListBehindAsync(string target, int limit, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<string>>(
        session =>
        {
            var ids = new List<string>();
            using var row = session.Query(
                """
                SELECT b.org_id FROM (
                  SELECT p.org_id FROM search_vector_places p
                    LEFT JOIN search_mirrors m ON m.org_id = p.org_id AND m.target = ?1 AND m.model = p.model AND m.length = p.length
                  WHERE p.length > 0 AND (m.place IS NULL OR m.place < p.place)
                  UNION
                  SELECT m.org_id FROM search_mirrors m
                    LEFT JOIN search_vector_places p ON p.org_id = m.org_id AND p.model = m.model AND p.length = m.length AND p.place >= m.place
                    LEFT JOIN org_heads h ON h.org_id = m.org_id
                  WHERE m.target = ?1 AND (p.model IS NULL OR h.search_deletions IS NOT m.deletion)) b
                WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = 'mirror_' || b.org_id)
                LIMIT ?2
                """,
                target, limit);
            while (row.Read())
                ids.Add(row.Text(0));
            return ids;
        },
        cancellation);

    public Task<IReadOnlyList<VectorMirror>> ListAsync(string orgId, string target, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<VectorMirror>>(
        session =>
        {
            var mirrors = new List<VectorMirror>();
            using var row = session.Query(
                "SELECT model, length, place, deletion FROM search_mirrors WHERE org_id = ?1 AND target = ?2 ORDER BY model", orgId, target);
            while (row.Read())
                mirrors.Add(new VectorMirror(row.Text(0), (int)row.Number(1), row.Number(2), row.Number(3)));
            return mirrors;
        },
        cancellation);

    public Task<(IReadOnlyList<MirroredVector> Vectors, long UpTo, long Deletion)> ReadAsync(
        string orgId, string model, long after, int limit, CancellationToken cancellation) =>
        store.ReadSnapshotAsync<(IReadOnlyList<MirroredVector>, long, long)>(
            session =>
            {
                var upTo = session.Number("SELECT place FROM search_vector_places WHERE org_id = ?1 AND model = ?2", orgId, model) ?? 0;
                var vectors = new List<MirroredVector>();
                var read = 0;
                using (var row = session.Query(
                    """
                    SELECT v.document, d.inbox_id, d.thread_id, v.vector
                    FROM search_vectors v JOIN search_documents d ON d.org_id = v.org_id AND d.document = v.document
                    WHERE v.org_id = ?1 AND v.model = ?2 AND v.document > ?3 AND v.document <= ?5 ORDER BY v.document LIMIT ?4
                    """,
                    orgId, model, after, limit, upTo))
                {
                    for (; row.Read(); read++)
                        vectors.Add(new MirroredVector(row.Number(0), row.Text(1), row.Text(2), row.Bytes(3)));
                }
                if (read == limit)
                    upTo = vectors[^1].Document;
                vectors.RemoveAll(static vector => vector.Vector.Length == 0);
                return (vectors, upTo, session.Number("SELECT search_deletions FROM org_heads WHERE org_id = ?1", orgId) ?? 0);
            },
            cancellation);

    public Task<(IReadOnlyList<long> Documents, long Deletion)?> ReadDeletionsAsync(string orgId, long after, int limit, CancellationToken cancellation) =>
        store.ReadSnapshotAsync<(IReadOnlyList<long>, long)?>(
            session =>
            {
                var newest = session.Number("SELECT search_deletions FROM org_heads WHERE org_id = ?1", orgId) ?? 0;
                var documents = new List<long>();
                var last = after;
                using var row = session.Query(
                    "SELECT deletion, documents FROM search_deletions WHERE org_id = ?1 AND deletion > ?2 ORDER BY deletion LIMIT ?3", orgId, after, limit);
                while (row.Read())
                {
                    if (row.Number(0) != last + 1)
                        return null;
                    last++;
                    documents.AddRange(DeletedDocuments.Read(row.Span(1)));
                }
                return last == after && newest != after ? null : (documents, last);
            },
            cancellation);

    public Task<bool> RecordAsync(Job job, string target, VectorMirror mirror, CancellationToken cancellation) => store.WriteAsync(
        writes => SqliteJobStore.Holds(writes.Session, job) && writes.Session.Execute(
            """
            INSERT INTO search_mirrors (org_id, target, model, length, place, deletion) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO UPDATE SET length = excluded.length, place = excluded.place, deletion = excluded.deletion
            """,
            job.OrgId, target, mirror.Model, mirror.Length, mirror.Place, mirror.Deletion) == 1,
        cancellation);

    public Task<bool> ForgetAsync(Job job, string target, string model, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            if (!SqliteJobStore.Holds(writes.Session, job))
                return false;
            writes.Session.Execute("DELETE FROM search_mirrors WHERE org_id = ?1 AND target = ?2 AND model = ?3", job.OrgId, target, model);
            return true;
        },
        cancellation);
}
