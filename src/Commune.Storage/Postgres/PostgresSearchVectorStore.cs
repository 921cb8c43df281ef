namespace Commune.Storage.Postgres;

internal sealed class PostgresSearchVectorStore(PostgresDatabase database, JobSignals signals) : ISearchVectorStore
{
    public async Task AskAsync(string orgId, CancellationToken cancellation)
    {
        await database.ExecuteAsync(
            PostgresSearchRow.InsertJobs, cancellation, new[] { SearchBlocks.VectorJobId(orgId) }, JobKind.EmbedMail, new[] { orgId });
        signals.Pulse(JobKind.EmbedMail);
        await database.ExecuteAsync(JobListener.Announcement, cancellation, JobKind.EmbedMail);
    }

    public async Task<IReadOnlyList<string>> ListBehindAsync(string model, int limit, CancellationToken cancellation) => await database.QueryAsync(
        """
        SELECT h.org_id
        FROM org_heads h
        LEFT JOIN search_vector_places p ON p.org_id = h.org_id AND p.model = $1
        WHERE h.documents > 0 AND (p.place IS NULL OR p.place < h.documents)
            AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = 'vectors_' || h.org_id)
        LIMIT $2
        """,
        static row => row.GetString(0), cancellation, model, (long)limit);

    public Task<(IReadOnlyList<UnembeddedDocument> Documents, long UpTo)> ReadWaitingAsync(
        string orgId, string model, int limit, CancellationToken cancellation) =>
        database.ReadSnapshotAsync<(IReadOnlyList<UnembeddedDocument>, long)>(
            async session =>
            {
                var upTo = await session.QueryAsync(
                    "SELECT documents FROM org_heads WHERE org_id = $1", static row => row.GetInt64(0), cancellation, orgId);
                var place = await PlaceAsync(session, orgId, model, cancellation);
                var documents = await session.QueryAsync(
                    """
                    SELECT d.document, COALESCE(a.file_name, m.subject), COALESCE(x.text, m.content),
                        CASE WHEN d.parent = 0 THEN m.content_html END, d.parent
                    FROM search_documents d
                    JOIN messages m ON m.org_id = d.org_id AND m.id = d.message_id
                    LEFT JOIN attachments a ON d.attachment_id <> '' AND a.org_id = d.org_id AND a.id = d.attachment_id
                    LEFT JOIN attachment_texts x ON x.org_id = a.org_id AND x.message_id = d.message_id AND x.attachment_id = a.id
                    WHERE d.org_id = $1 AND d.document > $2
                    ORDER BY d.document
                    LIMIT $3
                    """,
                    static row => new UnembeddedDocument(
                        row.GetInt64(0), row.GetString(1), row.GetString(2), row.TextOrNull(3), row.GetInt64(4) > 0),
                    cancellation, orgId, place.Place, (long)limit);
                return (documents, upTo.Count > 0 ? upTo[0] : 0);
            },
            cancellation);

    public Task<bool> RecordAsync(
        Job job, string model, IReadOnlyList<DocumentVector> vectors, VectorPlace place, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            // No deletion comes between the look at the documents and the vectors.
            if (await session.LockOrganisationAsync(job.OrgId, 0, cancellation) is null
                || !await session.ExistsAsync("SELECT 1 FROM jobs WHERE id = $1 AND lease = $2 FOR UPDATE", cancellation, job.Id, job.Lease))
                return false;
            await session.ExecuteAsync(
                """
                INSERT INTO search_vectors (org_id, model, document, vector)
                SELECT d.org_id, $2, d.document, k.vector
                FROM unnest($3::bigint[], $4::bytea[]) AS k (document, vector)
                JOIN search_documents d ON d.org_id = $1 AND d.document = k.document
                ON CONFLICT (org_id, model, document) DO UPDATE SET vector = excluded.vector
                """,
                cancellation, job.OrgId, model, vectors.Select(static vector => vector.Document).ToArray(),
                vectors.Select(static vector => vector.Vector).ToArray());
            await session.ExecuteAsync(
                """
                INSERT INTO search_vector_places AS p (org_id, model, place, ready) VALUES ($1, $2, $3, $4)
                ON CONFLICT (org_id, model) DO UPDATE SET place = excluded.place, ready = GREATEST(p.ready, excluded.ready)
                """,
                cancellation, job.OrgId, model, place.Place, place.Ready ? 1 : 0);
            if (place.Ready)
            {
                await session.ExecuteAsync("DELETE FROM search_vectors WHERE org_id = $1 AND model <> $2", cancellation, job.OrgId, model);
                await session.ExecuteAsync("DELETE FROM search_vector_places WHERE org_id = $1 AND model <> $2", cancellation, job.OrgId, model);
            }
            return true;
        },
        cancellation);

    public Task<(VectorPlace Place, IReadOnlyList<DocumentVector> Vectors)> ReadAsync(
        string orgId, string model, long after, int limit, CancellationToken cancellation) =>
        database.ReadSnapshotAsync<(VectorPlace, IReadOnlyList<DocumentVector>)>(
            async session =>
            {
                var place = await PlaceAsync(session, orgId, model, cancellation);
                if (place.Place <= after)
                    return (place, []);
                return (place, await session.QueryAsync(
                    "SELECT document, vector FROM search_vectors WHERE org_id = $1 AND model = $2 AND document > $3 ORDER BY document LIMIT $4",
                    static row => new DocumentVector(row.GetInt64(0), row.GetFieldValue<byte[]>(1)), cancellation, orgId, model, after, (long)limit));
            },
            cancellation);

    private static async Task<VectorPlace> PlaceAsync(PostgresSession session, string orgId, string model, CancellationToken cancellation) =>
        await session.FindAsync(
            "SELECT place, ready FROM search_vector_places WHERE org_id = $1 AND model = $2",
            static row => new VectorPlace(row.GetInt64(0), row.GetInt32(1) != 0), cancellation, orgId, model) ?? new VectorPlace(0, Ready: false);
}
