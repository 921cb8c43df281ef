namespace Commune.Storage.Postgres;

/// <summary>What messages that are stored or deleted change in the index of their organisation.</summary>
internal static class PostgresSearchRow
{
    public const string InsertDocuments =
        """
        INSERT INTO search_documents (org_id, document, message_id, thread_id, inbox_id, at, length, has_attachment, model, vector, parent, attachment_id)
        SELECT
            unnest($1::text[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]), unnest($6::bigint[]),
            unnest($7::integer[]), unnest($8::integer[]), unnest($9::text[]), unnest($10::bytea[]), unnest($11::bigint[]), unnest($12::text[])
        """;

    public const string InsertTail =
        "INSERT INTO search_tail (org_id, document, terms) SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::bytea[])";

    public const string InsertJobs =
        """
        INSERT INTO jobs (id, kind, key, org_id, payload, attempts, due_at, lease_until)
        SELECT k.id, $2, k.org_id, k.org_id, '', 0, 0, 0
        FROM unnest($1::text[], $3::text[]) AS k (id, org_id)
        ON CONFLICT (id) DO NOTHING
        """;

    public const string InsertReadingJobs =
        """
        INSERT INTO jobs (id, kind, key, org_id, payload, attempts, due_at, lease_until)
        SELECT k.id, $2, k.org_id, k.org_id, k.message_id, 0, 0, 0
        FROM unnest($1::text[], $3::text[], $4::text[]) AS k (id, org_id, message_id)
        ON CONFLICT (id) DO NOTHING
        """;

    /// <summary>Takes messages out of the index; nodes that know them hear of it with their next query. Needs the organisation's row.</summary>
    public static async Task DeleteAsync(PostgresSession session, string orgId, string[] messageIds, CancellationToken cancellation)
    {
        var gone = await session.QueryAsync(
            "DELETE FROM search_documents WHERE org_id = $1 AND message_id = ANY ($2) RETURNING document", static row => row.GetInt64(0), cancellation,
            orgId, messageIds);
        if (gone.Count == 0)
            return;
        await session.ExecuteAsync("DELETE FROM search_tail WHERE org_id = $1 AND document = ANY ($2)", cancellation, orgId, gone.ToArray());
        await session.ExecuteAsync(
            """
            DELETE FROM search_vectors
            WHERE org_id = $1 AND document = ANY ($2) AND model IN (SELECT model FROM search_vector_places WHERE org_id = $1)
            """,
            cancellation, orgId, gone.ToArray());
        await session.ExecuteAsync(
            """
            WITH h AS (
                UPDATE org_heads SET search_deletions = search_deletions + 1 WHERE org_id = $1 RETURNING search_deletions, clock
            )
            INSERT INTO search_deletions (org_id, deletion, at, documents, purged)
            SELECT $1, h.search_deletions, h.clock, $2, 0 FROM h
            """,
            cancellation, orgId, SearchBlocks.Pack(gone));
        await session.ExecuteAsync(
            InsertJobs, cancellation, new[] { SearchBlocks.JobId(orgId) }, JobKind.SearchIndex, new[] { orgId });
    }

    public static Task SweepAsync(PostgresDatabase database, long now, int atOnce, CancellationToken cancellation) => database.ExecuteAsync(
        """
        DELETE FROM search_deletions
        WHERE (org_id, deletion) IN (
            SELECT org_id, deletion FROM search_deletions WHERE purged = 1 AND at <= $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,
        cancellation, now - SearchBlocks.DeletionLife, atOnce);
}
