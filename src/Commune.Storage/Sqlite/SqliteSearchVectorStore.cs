namespace Commune.Storage.Sqlite;

internal sealed class SqliteSearchVectorStore(SqliteStore store) : ISearchVectorStore
{
    public Task AskAsync(string orgId, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            SearchRow.AskVectors(writes, orgId);
            return true;
        },
        cancellation);

    public Task<IReadOnlyList<string>> ListBehindAsync(string model, int limit, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<string>>(
        session =>
        {
            var ids = new List<string>();
            using var row = session.Query(
                """
                SELECT h.org_id FROM org_heads h LEFT JOIN search_vector_places p ON p.org_id = h.org_id AND p.model = ?1
                WHERE h.documents > 0
                  AND (p.place IS NULL OR p.place < h.documents
                    OR (p.ready = 1 AND EXISTS (SELECT 1 FROM search_vector_places o WHERE o.org_id = h.org_id AND o.model <> ?1)))
                  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = 'vectors_' || h.org_id)
                LIMIT ?2
                """,
                model, limit);
            while (row.Read())
                ids.Add(row.Text(0));
            return ids;
        },
        cancellation);

    public Task<IReadOnlyList<VectorSet>> ListSetsAsync(string orgId, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<VectorSet>>(
        session =>
        {
            var sets = new List<VectorSet>();
            using var row = session.Query(
                "SELECT model, endpoint, name, dimensions, length, place, ready FROM search_vector_places WHERE org_id = ?1 ORDER BY model", orgId);
            while (row.Read())
            {
                sets.Add(new VectorSet(
                    new VectorModel(row.Text(0), row.Text(1), row.Text(2), (int)row.Number(3)), (int)row.Number(4), new VectorPlace(row.Number(5), row.Flag(6))));
            }
            return sets;
        },
        cancellation);

    public Task<(IReadOnlyList<UnembeddedDocument> Documents, long UpTo)> ReadWaitingAsync(
        string orgId, string model, int limit, CancellationToken cancellation) =>
        store.ReadSnapshotAsync<(IReadOnlyList<UnembeddedDocument>, long)>(
            session =>
            {
                var upTo = session.Number("SELECT documents FROM org_heads WHERE org_id = ?1", orgId) ?? 0;
                var documents = new List<UnembeddedDocument>();
                using var row = session.Query(
                    """
                    SELECT d.document, coalesce(a.file_name, m.subject), coalesce(x.text, m.content), CASE WHEN d.parent = 0 THEN m.content_html END, d.parent
                    FROM search_documents d JOIN messages m ON m.org_id = d.org_id AND m.id = d.message_id
                      LEFT JOIN attachments a ON d.attachment_id <> '' AND a.org_id = d.org_id AND a.id = d.attachment_id
                      LEFT JOIN attachment_texts x ON x.org_id = a.org_id AND x.message_id = d.message_id AND x.attachment_id = a.id
                    WHERE d.org_id = ?1 AND d.document > ?2 ORDER BY d.document LIMIT ?3
                    """,
                    orgId, Place(session, orgId, model).Place, limit);
                while (row.Read())
                    documents.Add(new UnembeddedDocument(row.Number(0), row.Text(1), row.Text(2), row.TextOrNull(3), row.Number(4) > 0));
                return (documents, upTo);
            },
            cancellation);

    public Task<bool> RecordAsync(
        Job job, VectorModel model, IReadOnlyList<DocumentVector> vectors, VectorPlace place, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            if (!SqliteJobStore.Holds(session, job))
                return false;
            var length = vectors.Select(static vector => vector.Vector.Length).DefaultIfEmpty().Max();
            var restarts = length > 0 && session.Any(
                "SELECT 1 FROM search_vector_places WHERE org_id = ?1 AND model = ?2 AND length NOT IN (0, ?3)", job.OrgId, model.Id, length);
            foreach (var vector in restarts ? [] : vectors)
            {
                session.Execute(
                    """
                    INSERT INTO search_vectors (org_id, model, document, vector)
                    SELECT org_id, ?2, document, ?4 FROM search_documents WHERE org_id = ?1 AND document = ?3
                    ON CONFLICT DO UPDATE SET vector = excluded.vector
                    """,
                    job.OrgId, model.Id, vector.Document, vector.Vector);
            }
            session.Execute(
                """
                INSERT INTO search_vector_places (org_id, model, endpoint, name, dimensions, length, place, ready) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                ON CONFLICT DO UPDATE
                SET endpoint = excluded.endpoint, name = excluded.name, dimensions = excluded.dimensions,
                    length = CASE WHEN excluded.length > 0 THEN excluded.length ELSE length END,
                    place = excluded.place, ready = CASE WHEN ?9 THEN 0 ELSE max(ready, excluded.ready) END
                """,
                job.OrgId, model.Id, model.Endpoint, model.Name, model.Dimensions, length, restarts ? 0 : place.Place, place.Ready && !restarts, restarts);
            return true;
        },
        cancellation);

    public Task<bool> DropOthersAsync(Job job, string model, int limit, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            if (!SqliteJobStore.Holds(session, job)
                || !session.Any("SELECT 1 FROM search_vector_places WHERE org_id = ?1 AND model = ?2 AND ready = 1", job.OrgId, model))
                return false;
            if (Other(session, job.OrgId, model) is not { } other)
                return false;
            var dropped = session.Execute(
                """
                DELETE FROM search_vectors WHERE org_id = ?1 AND model = ?2 AND document IN
                  (SELECT document FROM search_vectors WHERE org_id = ?1 AND model = ?2 LIMIT ?3)
                """,
                job.OrgId, other, limit);
            if (dropped < limit)
                session.Execute("DELETE FROM search_vector_places WHERE org_id = ?1 AND model = ?2", job.OrgId, other);
            return Other(session, job.OrgId, model) is not null;
        },
        cancellation);

    public Task<(VectorPlace Place, IReadOnlyList<DocumentVector> Vectors)> ReadAsync(
        string orgId, string model, long after, int limit, CancellationToken cancellation) =>
        store.ReadSnapshotAsync<(VectorPlace, IReadOnlyList<DocumentVector>)>(
            session =>
            {
                var place = Place(session, orgId, model);
                var vectors = new List<DocumentVector>();
                if (place.Place <= after)
                    return (place, vectors);
                using var row = session.Query(
                    "SELECT document, vector FROM search_vectors WHERE org_id = ?1 AND model = ?2 AND document > ?3 AND document <= ?5 ORDER BY document LIMIT ?4",
                    orgId, model, after, limit, place.Place);
                while (row.Read())
                    vectors.Add(new DocumentVector(row.Number(0), row.Bytes(1)));
                return (place, vectors);
            },
            cancellation);

    private static string? Other(SqliteSession session, string orgId, string model)
    {
        using var row = session.Query("SELECT model FROM search_vector_places WHERE org_id = ?1 AND model <> ?2 ORDER BY model LIMIT 1", orgId, model);
        return row.Read() ? row.Text(0) : null;
    }

    private static VectorPlace Place(SqliteSession session, string orgId, string model)
    {
        using var row = session.Query("SELECT place, ready FROM search_vector_places WHERE org_id = ?1 AND model = ?2", orgId, model);
        return row.Read() ? new VectorPlace(row.Number(0), row.Flag(1)) : new VectorPlace(0, Ready: false);
    }
}
