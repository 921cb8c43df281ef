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
                WHERE h.documents > 0 AND (p.place IS NULL OR p.place < h.documents)
                  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = 'vectors_' || h.org_id)
                LIMIT ?2
                """,
                model, limit);
            while (row.Read())
                ids.Add(row.Text(0));
            return ids;
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
        Job job, string model, IReadOnlyList<DocumentVector> vectors, VectorPlace place, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            if (!SqliteJobStore.Holds(session, job))
                return false;
            foreach (var vector in vectors)
            {
                session.Execute(
                    """
                    INSERT INTO search_vectors (org_id, model, document, vector)
                    SELECT org_id, ?2, document, ?4 FROM search_documents WHERE org_id = ?1 AND document = ?3
                    ON CONFLICT DO UPDATE SET vector = excluded.vector
                    """,
                    job.OrgId, model, vector.Document, vector.Vector);
            }
            session.Execute(
                """
                INSERT INTO search_vector_places (org_id, model, place, ready) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT DO UPDATE SET place = excluded.place, ready = max(ready, excluded.ready)
                """,
                job.OrgId, model, place.Place, place.Ready);
            if (place.Ready)
            {
                session.Execute("DELETE FROM search_vectors WHERE org_id = ?1 AND model <> ?2", job.OrgId, model);
                session.Execute("DELETE FROM search_vector_places WHERE org_id = ?1 AND model <> ?2", job.OrgId, model);
            }
            return true;
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
                    "SELECT document, vector FROM search_vectors WHERE org_id = ?1 AND model = ?2 AND document > ?3 ORDER BY document LIMIT ?4",
                    orgId, model, after, limit);
                while (row.Read())
                    vectors.Add(new DocumentVector(row.Number(0), row.Bytes(1)));
                return (place, vectors);
            },
            cancellation);

    private static VectorPlace Place(SqliteSession session, string orgId, string model)
    {
        using var row = session.Query("SELECT place, ready FROM search_vector_places WHERE org_id = ?1 AND model = ?2", orgId, model);
        return row.Read() ? new VectorPlace(row.Number(0), row.Flag(1)) : new VectorPlace(0, Ready: false);
    }
}
