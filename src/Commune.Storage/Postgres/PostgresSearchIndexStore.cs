namespace Commune.Storage.Postgres;

internal sealed class PostgresSearchIndexStore(PostgresDatabase database, JobSignals signals) : ISearchIndexStore
{
    private const long CleanedAtOnce = 5000;

    /// <summary>A query that is cut off costs its connection a word with the server, so it is asked for about what is wanted.</summary>
    private const long ReadAtOnce = 64;

    public async Task AskAsync(string orgId, CancellationToken cancellation)
    {
        await database.ExecuteAsync(
            PostgresSearchRow.InsertJobs, cancellation, new[] { SearchBlocks.JobId(orgId) }, JobKind.SearchIndex, new[] { orgId });
        signals.Pulse(JobKind.SearchIndex);
        await database.ExecuteAsync(JobListener.Announcement, cancellation, JobKind.SearchIndex);
    }

    public Task<bool> NeedsWorkAsync(string orgId, CancellationToken cancellation) =>
        database.ReadSnapshotAsync(async session => (await PlanAsync(session, orgId, cancellation)).NeedsWork, cancellation);

    public async Task<IReadOnlyList<string>> ListForgottenAsync(int limit, CancellationToken cancellation) => await database.QueryAsync(
        """
        SELECT h.org_id
        FROM org_heads h
        WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = 'search_' || h.org_id)
            AND (EXISTS (SELECT 1 FROM search_backfill b WHERE b.org_id = h.org_id)
                OR EXISTS (SELECT 1 FROM search_deletions d WHERE d.org_id = h.org_id AND d.purged = 0)
                OR EXISTS (SELECT 1 FROM search_segments s WHERE s.org_id = h.org_id AND s.state <> 'live')
                OR (SELECT count(*) FROM (SELECT 1 FROM search_tail t WHERE t.org_id = h.org_id LIMIT $2) w) >= $2)
        LIMIT $1
        """,
        static row => row.GetString(0), cancellation, (long)limit, SearchBlocks.LeastWaiting);

    public Task UseModelAsync(string model, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            await session.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtext('search_model'))", cancellation);
            var before = await session.FindAsync("SELECT model FROM search_model", static row => row.GetString(0), cancellation);
            if (before == model)
                return false;
            await session.ExecuteAsync(
                "INSERT INTO search_model (one, model) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET model = excluded.model", cancellation, model);
            if (before is null || model == ISearchIndexStore.NoModel)
                return false;
            var remaining = before == ISearchIndexStore.NoModel
                ? """
                  SELECT m.org_id, '', count(*) - (SELECT count(*) FROM search_documents d WHERE d.org_id = m.org_id AND d.model = $1 AND d.parent = 0)
                  FROM messages m GROUP BY m.org_id
                  """
                : "SELECT org_id, '', count(*) FROM search_documents WHERE model <> $1 AND parent = 0 GROUP BY org_id";
            await session.ExecuteAsync(
                $"""
                INSERT INTO search_backfill (org_id, place, remaining)
                {remaining}
                ON CONFLICT (org_id) DO UPDATE SET place = '', remaining = excluded.remaining
                """,
                cancellation, model);
            return true;
        },
        cancellation);

    public Task<SearchPlan> PlanAsync(string orgId, CancellationToken cancellation) =>
        database.ReadSnapshotAsync(session => PlanAsync(session, orgId, cancellation), cancellation);

    public async Task<IReadOnlyList<(long Document, byte[] Terms)>> ReadTailAsync(string orgId, long after, int limit, CancellationToken cancellation) =>
        await database.QueryAsync(
            "SELECT document, terms FROM search_tail WHERE org_id = $1 AND document > $2 ORDER BY document LIMIT $3",
            static row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1)), cancellation, orgId, after, (long)limit);

    public async Task<IReadOnlyList<TermBlock>> ReadBlocksAsync(
        string orgId, long segment, byte[] after, long mostBytes, CancellationToken cancellation)
    {
        var blocks = new List<TermBlock>();
        var bytes = 0L;
        await database.QueryWhileAsync(
            """
            SELECT term, documents, others, postings
            FROM search_blocks
            WHERE org_id = $1 AND segment = $2 AND term > $3
            ORDER BY term
            LIMIT $4
            """,
            row =>
            {
                blocks.Add(ReadBlock(row));
                return (bytes += blocks[^1].Bytes) < mostBytes;
            },
            cancellation, orgId, segment, after, ReadAtOnce);
        return blocks;
    }

    public Task<TermBlock?> FindBlockAsync(string orgId, long segment, byte[]? term, CancellationToken cancellation) => database.FindAsync(
        """
        SELECT term, documents, others, postings
        FROM search_blocks
        WHERE org_id = $1 AND segment = $2 AND ($3::bytea IS NULL OR term <= $3)
        ORDER BY term DESC
        LIMIT 1
        """,
        ReadBlock, cancellation, orgId, segment, term);

    public Task<long?> BeginSegmentAsync(
        Job job, long first, long last, long documents, IReadOnlyList<long> sources, CancellationToken cancellation) => database.TransactAsync<long?>(
        async session =>
        {
            if (!await HoldsAsync(session, job, cancellation))
                return null;
            return (await session.QueryAsync(
                """
                INSERT INTO search_segments (org_id, segment, state, first_document, last_document, documents, sources)
                SELECT $1, COALESCE(max(segment), 0) + 1, 'building', $2, $3, $4, $5 FROM search_segments WHERE org_id = $1
                RETURNING segment
                """,
                static row => row.GetInt64(0), cancellation, job.OrgId, first, last, documents, SearchBlocks.Join(sources)))[0];
        },
        cancellation);

    public Task<bool> WriteBlocksAsync(
        Job job, long segment, IReadOnlyList<TermBlock> blocks, IReadOnlyList<byte[]> inPlaceOf, CancellationToken cancellation) => ChangeAsync(
        job,
        async session =>
        {
            if (inPlaceOf.Count > 0)
            {
                await session.ExecuteAsync(
                    "DELETE FROM search_blocks WHERE org_id = $1 AND segment = $2 AND term = ANY ($3)", cancellation, job.OrgId, segment,
                    inPlaceOf.ToArray());
            }
            await session.ExecuteAsync(
                """
                INSERT INTO search_blocks (org_id, segment, term, documents, others, postings)
                SELECT $1, $2, b.term, b.documents, b.others, b.postings
                FROM unnest($3::bytea[], $4::bigint[], $5::bytea[], $6::bytea[]) AS b (term, documents, others, postings)
                """,
                cancellation, job.OrgId, segment, blocks.Select(static block => block.First).ToArray(),
                blocks.Select(static block => block.Documents).ToArray(), blocks.Select(static block => block.Others.ToArray()).ToArray(),
                blocks.Select(static block => block.Postings.ToArray()).ToArray());
        },
        cancellation);

    public Task<bool> FinishSegmentAsync(Job job, long segment, CancellationToken cancellation) =>
        ChangeAsync(
            job,
            async session =>
            {
                var sources = await session.FindAsync(
                    "SELECT sources FROM search_segments WHERE org_id = $1 AND segment = $2 AND state = 'building'",
                    static row => row.GetString(0), cancellation, job.OrgId, segment);
                if (sources is null)
                    return;
                await session.ExecuteAsync(
                    "UPDATE search_segments SET state = 'dead' WHERE org_id = $1 AND segment = ANY ($2)", cancellation,
                    job.OrgId, SearchBlocks.Split(sources).ToArray());
                await SetStateAsync(session, job.OrgId, segment, SegmentState.Live, cancellation);
            },
            cancellation);

    public Task<bool> DropSegmentAsync(Job job, long segment, CancellationToken cancellation) =>
        ChangeAsync(job, session => SetStateAsync(session, job.OrgId, segment, SegmentState.Dead, cancellation), cancellation);

    public Task<bool> CleanAsync(Job job, CancellationToken cancellation) =>
        ChangeAsync(job, session => CleanAsync(session, job.OrgId, cancellation), cancellation);

    public Task<bool> FinishDeletionsAsync(Job job, long deletion, CancellationToken cancellation) =>
        ChangeAsync(
            job,
            session => session.ExecuteAsync(
                "UPDATE search_deletions SET purged = 1 WHERE org_id = $1 AND deletion <= $2 AND purged = 0", cancellation, job.OrgId, deletion),
            cancellation);

    public Task<(IReadOnlyList<IndexedMessage> Messages, string? Last)> ReadUnindexedAsync(
        string orgId, string after, string model, int limit, CancellationToken cancellation) =>
        database.ReadSnapshotAsync<(IReadOnlyList<IndexedMessage>, string?)>(
            async session =>
            {
                var ids = await session.QueryAsync(
                    "SELECT id FROM messages WHERE org_id = $1 AND id > $2 ORDER BY id LIMIT $3", static row => row.GetString(0), cancellation,
                    orgId, after, (long)limit);
                if (ids.Count == 0)
                    return ([], null);
                var messages = await session.QueryAsync(
                    """
                    SELECT m.id, m.subject, m.participants, m.content, m.content_html,
                        ARRAY(SELECT a.file_name FROM attachments a WHERE a.org_id = m.org_id AND a.message_id = m.id)
                    FROM messages m
                    WHERE m.org_id = $1 AND m.id = ANY ($2)
                        AND (m.metadata IS NULL OR (strpos(m.metadata, '"quarantined":true') = 0 AND strpos(m.metadata, '"blocked":true') = 0))
                        AND NOT EXISTS (SELECT 1 FROM search_documents d WHERE d.org_id = m.org_id AND d.message_id = m.id AND d.parent = 0 AND d.model = $3)
                    ORDER BY m.id
                    """,
                    static row => new IndexedMessage(
                        row.GetString(0), row.GetString(1), PostgresJson.ReadParticipants(row.GetString(2)), row.GetString(3), row.TextOrNull(4),
                        row.GetFieldValue<string[]>(5)),
                    cancellation, orgId, ids.ToArray(), model);
                return (messages, ids[^1]);
            },
            cancellation);

    public Task<bool> IndexAsync(
        Job job, IReadOnlyList<(string MessageId, SearchEntry Entry)> entries, string? place, CancellationToken cancellation) =>
        database.TransactAsync(
            async session =>
            {
                if (await session.LockOrganisationAsync(job.OrgId, 0, cancellation) is null || !await HoldsAsync(session, job, cancellation))
                    return false;
                var ids = entries.Select(static entry => entry.MessageId).ToArray();
                await PostgresSearchRow.DeleteAsync(session, job.OrgId, ids, cancellation);
                var stored = (await session.QueryAsync(
                    "SELECT id, thread_id, inbox_id, created_at FROM messages WHERE org_id = $1 AND id = ANY ($2)",
                    static row => (Id: row.GetString(0), ThreadId: row.GetString(1), InboxId: row.GetString(2), At: row.GetInt64(3)),
                    cancellation, job.OrgId, ids)).ToDictionary(static row => row.Id, StringComparer.Ordinal);
                await InsertAsync(session, job.OrgId, [.. entries.Where(entry => stored.ContainsKey(entry.MessageId))], stored, cancellation);
                if (place is null)
                    await session.ExecuteAsync("DELETE FROM search_backfill WHERE org_id = $1", cancellation, job.OrgId);
                else
                    await session.ExecuteAsync(
                        "UPDATE search_backfill SET place = $2, remaining = GREATEST(0, remaining - $3) WHERE org_id = $1", cancellation,
                        job.OrgId, place, (long)entries.Count);
                return true;
            },
            cancellation);

    /// <summary>Gives messages their document numbers. Needs the organisation's row.</summary>
    internal static async Task InsertAsync(
        PostgresSession session, string orgId, (string MessageId, SearchEntry Entry)[] entries,
        Dictionary<string, (string Id, string ThreadId, string InboxId, long At)> stored, CancellationToken cancellation)
    {
        if (entries.Length == 0)
            return;
        var last = (await session.QueryAsync(
            "UPDATE org_heads SET documents = documents + $2 WHERE org_id = $1 RETURNING documents",
            static row => row.GetInt64(0), cancellation, orgId, (long)entries.Length))[0];
        var documents = Enumerable.Range(0, entries.Length).Select(i => last - entries.Length + 1 + i).ToArray();
        var orgIds = Enumerable.Repeat(orgId, entries.Length).ToArray();
        await session.ExecuteAsync(
            PostgresSearchRow.InsertDocuments, cancellation, orgIds, documents, Array.ConvertAll(entries, static entry => entry.MessageId),
            Array.ConvertAll(entries, entry => stored[entry.MessageId].ThreadId), Array.ConvertAll(entries, entry => stored[entry.MessageId].InboxId),
            Array.ConvertAll(entries, entry => stored[entry.MessageId].At), Array.ConvertAll(entries, static entry => entry.Entry.Length),
            Array.ConvertAll(entries, static entry => entry.Entry.HasAttachment ? 1 : 0), Array.ConvertAll(entries, static entry => entry.Entry.Model),
            Array.ConvertAll(entries, static entry => entry.Entry.Vector), new long[entries.Length],
            Array.ConvertAll(entries, static _ => ""));
        await session.ExecuteAsync(
            PostgresSearchRow.InsertTail, cancellation, orgIds, documents, Array.ConvertAll(entries, static entry => entry.Entry.Terms));
        if (Array.Exists(entries, static entry => entry.Entry.NeedsVector))
            await session.ExecuteAsync(
                PostgresSearchRow.InsertJobs, cancellation, new[] { SearchBlocks.VectorJobId(orgId) }, JobKind.EmbedMail, new[] { orgId });
        var read = entries.Where(static entry => entry.Entry.ReadsAttachments).Select(static entry => entry.MessageId).ToArray();
        if (read.Length > 0)
            await session.ExecuteAsync(
                PostgresSearchRow.InsertReadingJobs, cancellation, Array.ConvertAll(read, SearchBlocks.ReadingJobId), JobKind.ReadAttachments,
                Enumerable.Repeat(orgId, read.Length).ToArray(), read);
    }

    private Task<bool> ChangeAsync(Job job, Func<PostgresSession, Task> change, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            if (!await HoldsAsync(session, job, cancellation))
                return false;
            await change(session);
            return true;
        },
        cancellation);

    private static TermBlock ReadBlock(Npgsql.NpgsqlDataReader row) =>
        new(row.GetFieldValue<byte[]>(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2), row.GetFieldValue<byte[]>(3));

    private static Task<bool> HoldsAsync(PostgresSession session, Job job, CancellationToken cancellation) =>
        session.ExistsAsync("SELECT 1 FROM jobs WHERE id = $1 AND lease = $2 FOR UPDATE", cancellation, job.Id, job.Lease);

    private static Task SetStateAsync(PostgresSession session, string orgId, long segment, string state, CancellationToken cancellation) =>
        session.ExecuteAsync(
            "UPDATE search_segments SET state = $3 WHERE org_id = $1 AND segment = $2", cancellation, orgId, segment, state);

    private static async Task<SearchPlan> PlanAsync(PostgresSession session, string orgId, CancellationToken cancellation)
    {
        var segments = await session.QueryAsync(
            """
            SELECT segment, state, first_document, last_document, documents, sources
            FROM search_segments
            WHERE org_id = $1
            ORDER BY first_document, segment
            """,
            static row => new SearchSegment(
                row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), SearchBlocks.Split(row.GetString(5))),
            cancellation, orgId);
        var mergedTo = SearchPlan.MergedToOf(segments);
        var deletions = await session.QueryAsync(
            "SELECT deletion, documents FROM search_deletions WHERE org_id = $1 AND purged = 0 ORDER BY deletion",
            static row => (Number: row.GetInt64(0), Documents: row.GetFieldValue<byte[]>(1)), cancellation, orgId);
        var waiting = await session.QueryAsync(
            "SELECT count(*) FROM (SELECT 1 FROM search_documents WHERE org_id = $1 AND document > $2 LIMIT $3) w", static row => row.GetInt64(0),
            cancellation, orgId, mergedTo, (long)SearchPlan.ManyWait);
        var newest = await session.QueryAsync(
            "SELECT at FROM search_documents WHERE org_id = $1 ORDER BY document DESC LIMIT 1", static row => row.GetInt64(0), cancellation, orgId);
        var leftBehind = await session.ExistsAsync(
            "SELECT 1 FROM search_tail WHERE org_id = $1 AND document <= $2 LIMIT 1", cancellation, orgId, mergedTo);
        var place = await session.FindAsync(
            "SELECT place FROM search_backfill WHERE org_id = $1", static row => row.GetString(0), cancellation, orgId);
        return new SearchPlan(
            mergedTo, waiting[0], newest.Count > 0 ? newest[0] : 0, segments, leftBehind, deletions.Count > 0 ? deletions[^1].Number : 0,
            [.. deletions.Select(static deletion => deletion.Documents)], place);
    }

    private static async Task CleanAsync(PostgresSession session, string orgId, CancellationToken cancellation)
    {
        await session.ExecuteAsync(
            """
            DELETE FROM search_tail
            WHERE org_id = $1 AND document IN (
                SELECT document
                FROM search_tail
                WHERE org_id = $1
                    AND document <= (SELECT max(last_document) FROM search_segments WHERE org_id = $1 AND state = 'live')
                ORDER BY document
                LIMIT $2)
            """,
            cancellation, orgId, CleanedAtOnce);
        var dead = await session.QueryAsync(
            "SELECT segment FROM search_segments WHERE org_id = $1 AND state = 'dead' ORDER BY segment LIMIT 1",
            static row => row.GetInt64(0), cancellation, orgId);
        if (dead.Count == 0)
            return;
        var gone = await session.ExecuteAsync(
            """
            DELETE FROM search_blocks
            WHERE org_id = $1 AND segment = $2 AND term IN (
                SELECT term FROM search_blocks WHERE org_id = $1 AND segment = $2 ORDER BY term LIMIT $3)
            """,
            cancellation, orgId, dead[0], CleanedAtOnce);
        if (gone < CleanedAtOnce)
            await session.ExecuteAsync("DELETE FROM search_segments WHERE org_id = $1 AND segment = $2", cancellation, orgId, dead[0]);
    }
}
