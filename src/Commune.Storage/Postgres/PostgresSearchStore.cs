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
                var terms = new SortedSet<byte[]>(ByteOrder.Instance);
                await session.ReadAsync(
                    """
                    SELECT p.term
                    FROM unnest($2::bigint[]) AS s (segment)
                    CROSS JOIN unnest($3::bytea[], $4::bytea[]) AS r (since, until)
                    CROSS JOIN LATERAL (
                        SELECT term
                        FROM search_postings
                        WHERE org_id = $1 AND segment = s.segment AND term >= r.since AND term < r.until
                        ORDER BY term
                        LIMIT $5
                    ) p
                    """,
                    row => terms.Add(row.GetFieldValue<byte[]>(0)), cancellation, orgId,
                    (await ReadStateAsync(session, orgId, cancellation)).Segments.ToArray(), ranges.Select(static range => range.From).ToArray(),
                    ranges.Select(static range => range.Before).ToArray(), (long)limit);
                return [.. terms];
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
                row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt32(4), row.GetInt32(5) != 0, row.GetString(6),
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
        if (segments.Count > 0 && counts.Length > 0)
        {
            await session.ReadAsync(
                """
                SELECT k.position, p.documents
                FROM unnest($2::bytea[]) WITH ORDINALITY AS k (term, position)
                CROSS JOIN unnest($3::bigint[]) AS s (segment)
                JOIN search_postings p ON p.org_id = $1 AND p.segment = s.segment AND p.term = k.term
                """,
                row => counts[row.GetInt64(0) - 1] += row.GetInt64(1), cancellation, read.OrgId, read.Terms.ToArray(), segments.ToArray());
        }
        var wanted = reader.Counted(counts);
        for (var i = 0; i < counts.Length; i++)
        {
            if (!wanted[i] || counts[i] == 0)
                continue;
            var term = i;
            await session.ReadAsync(
                """
                SELECT p.postings
                FROM unnest($3::bigint[]) WITH ORDINALITY AS s (segment, position)
                JOIN search_postings p ON p.org_id = $1 AND p.segment = s.segment AND p.term = $2
                ORDER BY s.position
                """,
                row => reader.Postings(term, row.GetFieldValue<byte[]>(0)), cancellation, read.OrgId, read.Terms[i], segments.ToArray());
        }
    }
}
