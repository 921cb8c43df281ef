namespace Commune.Storage.Postgres;

internal sealed class PostgresSearchStore(PostgresDatabase database) : ISearchStore
{
    private const int MostContent = 1_000_000;

    public Task ReadAsync(SearchRead read, ISearchReader reader, CancellationToken cancellation) => database.ReadSnapshotAsync(
        async session =>
        {
            var state = await ReadStateAsync(session, read.OrgId, cancellation);
            reader.Begin(state);
            if (read.AfterDeletion < state.Deletions)
                await ReadDeletionsAsync(session, read, reader, cancellation);
            if (read.AfterDocument < state.Documents)
                await ReadDocumentsAsync(session, read, reader, cancellation);
            var after = Math.Max(read.AfterTail, state.MergedTo);
            if (after < state.Documents)
                await ReadTailAsync(session, read.OrgId, after, reader, cancellation);
            await ReadPostingsAsync(session, read, state.Segments, reader, cancellation);
            return true;
        },
        cancellation);

    public Task<IReadOnlyList<byte[]>> ListTermsAsync(string orgId, IReadOnlyList<TermRange> ranges, int limit, CancellationToken cancellation) =>
        database.ReadSnapshotAsync<IReadOnlyList<byte[]>>(
            async session =>
            {
                var terms = new RangeTerms(ranges, limit);
                await session.ReadAsync(
                    """
                    SELECT DISTINCT s.segment, b.term, b.others
                    FROM unnest($2::bigint[]) AS s (segment)
                    CROSS JOIN unnest($3::bytea[], $4::bytea[]) AS r (since, until)
                    CROSS JOIN LATERAL (
                        SELECT term, others
                        FROM search_blocks
                        WHERE org_id = $1 AND segment = s.segment AND term < r.until
                            AND term >= COALESCE(
                                (SELECT term FROM search_blocks WHERE org_id = $1 AND segment = s.segment AND term <= r.since ORDER BY term DESC LIMIT 1),
                                r.since)
                        ORDER BY term
                        LIMIT $5
                    ) b
                    ORDER BY s.segment, b.term
                    """,
                    row => terms.Take(row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetFieldValue<byte[]>(2)), cancellation, orgId,
                    (await ReadStateAsync(session, orgId, cancellation)).Segments.ToArray(), terms.Ranges.Select(static range => range.From).ToArray(),
                    terms.Ranges.Select(static range => range.Before).ToArray(), (long)limit);
                return terms.Terms;
            },
            cancellation);

    public Task<IReadOnlyList<FoundMessage>> FindAsync(string orgId, IReadOnlyList<long> documents, CancellationToken cancellation) =>
        database.ReadSnapshotAsync<IReadOnlyList<FoundMessage>>(
            async session =>
            {
                var messages = await session.QueryAsync(
                    """
                    SELECT d.document, m.id, m.thread_id, m.direction, m.created_at, m.subject, m.participants, substr(m.content, 1, $3), m.attachment_ids,
                        a.id, a.file_name, x.text
                    FROM unnest($2::bigint[]) AS k (document)
                    JOIN search_documents d ON d.org_id = $1 AND d.document = k.document
                    JOIN messages m ON m.org_id = d.org_id AND m.id = d.message_id
                    LEFT JOIN attachments a ON d.attachment_id <> '' AND a.org_id = d.org_id AND a.id = d.attachment_id
                    LEFT JOIN attachment_texts x ON x.org_id = a.org_id AND x.message_id = d.message_id AND x.attachment_id = a.id
                    -- Earlier versions indexed what is held back as well.
                    WHERE m.metadata IS NULL OR (strpos(m.metadata, '"quarantined":true') = 0 AND strpos(m.metadata, '"blocked":true') = 0)
                    """,
                    static row => (ThreadId: row.GetString(2), Message: new FoundMessage(
                        row.GetInt64(0), row.GetString(1), row.GetString(3), row.GetInt64(4), row.GetString(5),
                        PostgresJson.ReadParticipants(row.GetString(6)), row.GetString(7), PostgresJson.ReadList(row.GetString(8)), Thread: null!)
                    {
                        Attachment = row.TextOrNull(11) is { } text ? new FoundAttachment(row.GetString(9), row.GetString(10), text) : null,
                    }),
                    cancellation, orgId, documents.ToArray(), MostContent);
                var threads = new Dictionary<string, MailThread>(StringComparer.Ordinal);
                await session.ReadAsync(
                    $"""
                    SELECT {PostgresThreadStore.Columns}
                    FROM unnest($2::text[]) AS k (id)
                    JOIN threads t ON t.org_id = $1 AND t.id = k.id
                    """,
                    row => threads.TryAdd(row.GetString(1), PostgresThreadStore.Read(row, 0)),
                    cancellation, orgId, messages.Select(static found => found.ThreadId).Distinct(StringComparer.Ordinal).ToArray());
                return
                [
                    .. messages.Where(found => threads.ContainsKey(found.ThreadId))
                        .Select(found => found.Message with { Thread = threads[found.ThreadId] }),
                ];
            },
            cancellation);

    public async Task<TriagedThreads> FindThreadsAsync(string orgId, string? status, string? tag, CancellationToken cancellation)
    {
        // Most threads are open and have no tag: those that are not stand in indexes of their own.
        var keptOut = tag is null && status == "open";
        var ids = tag is not null
            ? database.QueryAsync(
                "SELECT id FROM threads WHERE org_id = $1 AND tags <> '{}' AND $2 = ANY (tags) AND ($3::text IS NULL OR status = $3)",
                static row => row.GetString(0), cancellation, orgId, tag, status)
            : keptOut
                ? database.QueryAsync("SELECT id FROM threads WHERE org_id = $1 AND status <> 'open'", static row => row.GetString(0), cancellation, orgId)
                : database.QueryAsync(
                    "SELECT id FROM threads WHERE org_id = $1 AND status <> 'open' AND status = $2", static row => row.GetString(0), cancellation, orgId, status);
        return new TriagedThreads(keptOut, (await ids).Select(ThreadKey.Of).ToHashSet());
    }

    public async Task<IReadOnlyList<string>> ListInboxesAsync(string orgId, string domainId, CancellationToken cancellation) =>
        await database.QueryAsync(
            "SELECT id FROM inboxes WHERE org_id = $1 AND domain_id = $2", static row => row.GetString(0), cancellation, orgId, domainId);

    private static async Task<SearchState> ReadStateAsync(PostgresSession session, string orgId, CancellationToken cancellation)
    {
        var heads = await session.QueryAsync(
            """
            SELECT h.documents, h.search_deletions, COALESCE(b.remaining, 0)
            FROM org_heads h
            LEFT JOIN search_backfill b ON b.org_id = h.org_id
            WHERE h.org_id = $1
            """,
            static row => (Documents: row.GetInt64(0), Deletions: row.GetInt64(1), Remaining: row.GetInt64(2)), cancellation, orgId);
        var segments = await session.QueryAsync(
            "SELECT segment, last_document FROM search_segments WHERE org_id = $1 AND state = 'live' ORDER BY first_document",
            static row => (Number: row.GetInt64(0), Last: row.GetInt64(1)), cancellation, orgId);
        var head = heads.Count > 0 ? heads[0] : (0, 0, 0);
        return new SearchState(
            head.Documents, head.Deletions, segments.Select(static segment => segment.Last).DefaultIfEmpty(0).Max(),
            [.. segments.Select(static segment => segment.Number)], head.Remaining);
    }

    private static Task ReadDeletionsAsync(PostgresSession session, SearchRead read, ISearchReader reader, CancellationToken cancellation) =>
        session.ReadAsync(
            "SELECT deletion, documents FROM search_deletions WHERE org_id = $1 AND deletion > $2 ORDER BY deletion",
            row => reader.Deleted(row.GetInt64(0), row.GetFieldValue<byte[]>(1)), cancellation, read.OrgId, read.AfterDeletion);

    private static Task ReadDocumentsAsync(PostgresSession session, SearchRead read, ISearchReader reader, CancellationToken cancellation) =>
        session.ReadAsync(
            """
            SELECT document, thread_id, inbox_id, at, length, has_attachment, model, vector, parent
            FROM search_documents
            WHERE org_id = $1 AND document > $2
            ORDER BY document
            LIMIT $3
            """,
            row => reader.Document(
                row.GetInt64(0), ThreadKey.Of(row.GetString(1)), row.GetString(2), row.GetInt64(3), row.GetInt32(4), row.GetInt32(5) != 0, row.GetString(6),
                row.GetFieldValue<byte[]>(7), row.GetInt64(8)),
            cancellation, read.OrgId, read.AfterDocument, (long)read.MostDocuments);

    private static Task ReadTailAsync(PostgresSession session, string orgId, long after, ISearchReader reader, CancellationToken cancellation) =>
        session.ReadAsync(
            "SELECT document, terms FROM search_tail WHERE org_id = $1 AND document > $2 ORDER BY document",
            row => reader.Tail(row.GetInt64(0), row.GetFieldValue<byte[]>(1)), cancellation, orgId, after);

    private static async Task ReadPostingsAsync(
        PostgresSession session, SearchRead read, IReadOnlyList<long> segments, ISearchReader reader, CancellationToken cancellation)
    {
        var counts = new long[read.Terms.Count];
        var found = new List<FoundTerm>();
        if (segments.Count > 0 && counts.Length > 0)
        {
            await session.ReadAsync(
                """
                SELECT k.position, s.segment, b.term, b.documents, b.others
                FROM unnest($2::bytea[]) WITH ORDINALITY AS k (term, position)
                CROSS JOIN unnest($3::bigint[]) WITH ORDINALITY AS s (segment, position)
                CROSS JOIN LATERAL (
                    SELECT term, documents, others
                    FROM search_blocks
                    WHERE org_id = $1 AND segment = s.segment AND term <= k.term
                    ORDER BY term DESC
                    LIMIT 1
                ) b
                ORDER BY k.position, s.position
                """,
                row =>
                {
                    var term = (int)row.GetInt64(0) - 1;
                    var block = row.GetFieldValue<byte[]>(2);
                    var entries = new TermEntries(block, row.GetInt64(3), row.GetFieldValue<byte[]>(4), stackalloc byte[TermEntries.LongestTerm]);
                    if (!entries.Find(read.Terms[term]))
                        return;
                    counts[term] += entries.Documents;
                    found.Add(new FoundTerm(term, row.GetInt64(1), block, entries.Start, entries.Length));
                },
                cancellation, read.OrgId, read.Terms.ToArray(), segments.ToArray());
        }
        var wanted = reader.Counted(counts);
        found.RemoveAll(one => !wanted[one.Term]);
        if (found.Count == 0)
            return;
        await session.ReadAsync(
            """
            SELECT f.term, substring(b.postings FROM f.start + 1 FOR CASE WHEN f.length < 0 THEN length(b.postings) ELSE f.length END)
            FROM unnest($2::integer[], $3::bigint[], $4::bytea[], $5::integer[], $6::integer[])
                WITH ORDINALITY AS f (term, segment, block, start, length, position)
            JOIN search_blocks b ON b.org_id = $1 AND b.segment = f.segment AND b.term = f.block
            ORDER BY f.position
            """,
            row => reader.Postings(row.GetInt32(0), row.GetFieldValue<byte[]>(1)), cancellation, read.OrgId,
            found.Select(static one => one.Term).ToArray(), found.Select(static one => one.Segment).ToArray(),
            found.Select(static one => one.Block).ToArray(), found.Select(static one => one.Start).ToArray(),
            found.Select(static one => one.Length).ToArray());
    }

    /// <summary>Where the postings of a term stand in a segment.</summary>
    /// <param name="Term">Its place among those that were asked for.</param>
    /// <param name="Block">The first term of the block.</param>
    private readonly record struct FoundTerm(int Term, long Segment, byte[] Block, int Start, int Length);
}
