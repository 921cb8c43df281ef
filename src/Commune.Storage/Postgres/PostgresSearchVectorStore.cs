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
        WHERE h.documents > 0
            AND (p.place IS NULL OR p.place < h.documents
                OR (p.ready = 1 AND EXISTS (SELECT 1 FROM search_vector_places o WHERE o.org_id = h.org_id AND o.model <> $1)))
            AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = 'vectors_' || h.org_id)
        LIMIT $2
        """,
        static row => row.GetString(0), cancellation, model, (long)limit);

    public async Task<IReadOnlyList<VectorSet>> ListSetsAsync(string orgId, CancellationToken cancellation) => await database.QueryAsync(
        "SELECT model, endpoint, name, dimensions, length, place, ready FROM search_vector_places WHERE org_id = $1 ORDER BY model",
        static row => new VectorSet(
            new VectorModel(row.GetString(0), row.GetString(1), row.GetString(2), (int)row.GetInt64(3)), (int)row.GetInt64(4),
            new VectorPlace(row.GetInt64(5), row.GetInt32(6) != 0)),
        cancellation, orgId);

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
        Job job, VectorModel model, IReadOnlyList<DocumentVector> vectors, VectorPlace place, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            // No deletion comes between the look at the documents and the vectors.
            if (await session.LockOrganisationAsync(job.OrgId, 0, cancellation) is null || !await HoldsAsync(session, job, cancellation))
                return false;
            var length = vectors.Select(static vector => vector.Vector.Length).DefaultIfEmpty().Max();
            var restarts = length > 0 && await session.ExistsAsync(
                "SELECT 1 FROM search_vector_places WHERE org_id = $1 AND model = $2 AND length NOT IN (0, $3)", cancellation, job.OrgId, model.Id, (long)length);
            if (!restarts)
            {
                await session.ExecuteAsync(
                    """
                    INSERT INTO search_vectors (org_id, model, document, vector)
                    SELECT d.org_id, $2, d.document, k.vector
                    FROM unnest($3::bigint[], $4::bytea[]) AS k (document, vector)
                    JOIN search_documents d ON d.org_id = $1 AND d.document = k.document
                    ON CONFLICT (org_id, model, document) DO UPDATE SET vector = excluded.vector
                    """,
                    cancellation, job.OrgId, model.Id, vectors.Select(static vector => vector.Document).ToArray(),
                    vectors.Select(static vector => vector.Vector).ToArray());
            }
            await session.ExecuteAsync(
                """
                INSERT INTO search_vector_places AS p (org_id, model, endpoint, name, dimensions, length, place, ready) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (org_id, model) DO UPDATE
                SET endpoint = excluded.endpoint, name = excluded.name, dimensions = excluded.dimensions,
                    length = CASE WHEN excluded.length > 0 THEN excluded.length ELSE p.length END,
                    place = excluded.place, ready = CASE WHEN $9 THEN 0 ELSE GREATEST(p.ready, excluded.ready) END
                """,
                cancellation, job.OrgId, model.Id, model.Endpoint, model.Name, (long)model.Dimensions, (long)length,
                restarts ? 0 : place.Place, place.Ready && !restarts ? 1 : 0, restarts);
            return true;
        },
        cancellation);

    public Task<bool> DropOthersAsync(Job job, string model, int limit, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            if (!await HoldsAsync(session, job, cancellation)
                || !await session.ExistsAsync("SELECT 1 FROM search_vector_places WHERE org_id = $1 AND model = $2 AND ready = 1", cancellation, job.OrgId, model))
                return false;
            var other = await session.QueryAsync(
                "SELECT model FROM search_vector_places WHERE org_id = $1 AND model <> $2 ORDER BY model LIMIT 1", static row => row.GetString(0), cancellation,
                job.OrgId, model);
            if (other.Count == 0)
                return false;
            var dropped = await session.ExecuteAsync(
                """
                DELETE FROM search_vectors
                WHERE (org_id, model, document) IN (SELECT org_id, model, document FROM search_vectors WHERE org_id = $1 AND model = $2 LIMIT $3)
                """,
                cancellation, job.OrgId, other[0], (long)limit);
            if (dropped < limit)
                await session.ExecuteAsync("DELETE FROM search_vector_places WHERE org_id = $1 AND model = $2", cancellation, job.OrgId, other[0]);
            return await session.ExistsAsync("SELECT 1 FROM search_vector_places WHERE org_id = $1 AND model <> $2", cancellation, job.OrgId, model);
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
                    "SELECT document, vector FROM search_vectors WHERE org_id = $1 AND model = $2 AND document > $3 AND document <= $5 ORDER BY document LIMIT $4",
                    static row => new DocumentVector(row.GetInt64(0), row.GetFieldValue<byte[]>(1)), cancellation, orgId, model, after, (long)limit, place.Place));
            },
            cancellation);

    private static Task<bool> HoldsAsync(PostgresSession session, Job job, CancellationToken cancellation) =>
        session.ExistsAsync("SELECT 1 FROM jobs WHERE id = $1 AND lease = $2 FOR UPDATE", cancellation, job.Id, job.Lease);

    private static async Task<VectorPlace> PlaceAsync(PostgresSession session, string orgId, string model, CancellationToken cancellation) =>
        await session.FindAsync(
            "SELECT place, ready FROM search_vector_places WHERE org_id = $1 AND model = $2",
            static row => new VectorPlace(row.GetInt64(0), row.GetInt32(1) != 0), cancellation, orgId, model) ?? new VectorPlace(0, Ready: false);
}
