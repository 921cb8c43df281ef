using System.Text;

namespace Commune.Storage.Sqlite;

internal sealed class SqliteSearchStore(SqliteStore store) : ISearchStore
{
    private const int MostContent = 1_000_000;

    public Task ReadAsync(SearchRead read, ISearchReader reader, CancellationToken cancellation) => store.ReadSnapshotAsync(
        session =>
        {
            var state = ReadState(session, read.OrgId);
            reader.Begin(state);
            ReadDeletions(session, read, reader);
            ReadDocuments(session, read, reader);
            ReadTail(session, read, Math.Max(read.AfterTail, state.MergedTo), reader);
            ReadPostings(session, read, state.Segments, reader);
            return true;
        },
        cancellation);

    public Task<IReadOnlyList<byte[]>> ListTermsAsync(string orgId, IReadOnlyList<TermRange> ranges, int limit, CancellationToken cancellation) =>
        store.ReadSnapshotAsync<IReadOnlyList<byte[]>>(
            session =>
            {
                var terms = new RangeTerms(ranges, limit);
                foreach (var segment in ReadState(session, orgId).Segments)
                {
                    foreach (var range in terms.Ranges)
                    {
                        using var row = session.Query(
                            """
                            SELECT term, others FROM search_blocks
                            WHERE org_id = ?1 AND segment = ?2 AND term < ?4
                              AND term >= coalesce((SELECT max(term) FROM search_blocks WHERE org_id = ?1 AND segment = ?2 AND term <= ?3), ?3)
                            ORDER BY term LIMIT ?5
                            """,
                            orgId, segment, range.From, range.Before, limit);
                        while (row.Read())
                            terms.Take(segment, row.Span(0), row.Span(1));
                    }
                }
                return terms.Terms;
            },
            cancellation);

    public Task<IReadOnlyList<FoundMessage>> FindAsync(string orgId, IReadOnlyList<long> documents, CancellationToken cancellation) =>
        store.ReadSnapshotAsync<IReadOnlyList<FoundMessage>>(
            session =>
            {
                var found = new List<FoundMessage>(documents.Count);
                var threads = new Dictionary<string, MailThread?>(StringComparer.Ordinal);
                foreach (var document in documents)
                {
                    if (Find(session, orgId, document, threads) is { } message)
                        found.Add(message);
                }
                return found;
            },
            cancellation);

    public Task<TriagedThreads> FindThreadsAsync(string orgId, string? status, string? tag, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            // Most threads are open and have no tag: those that are not stand in indexes of their own.
            var keptOut = tag is null && status == "open";
            using var row = tag is not null
                ? session.Query(
                    """
                    SELECT id FROM threads
                    WHERE org_id = ?1 AND tags <> '[]' AND EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?2) AND (?3 IS NULL OR status = ?3)
                    """,
                    orgId, tag, status)
                : keptOut
                    ? session.Query("SELECT id FROM threads WHERE org_id = ?1 AND status <> 'open'", orgId)
                    : session.Query("SELECT id FROM threads WHERE org_id = ?1 AND status <> 'open' AND status = ?2", orgId, status);
            var keys = new HashSet<long>();
            while (row.Read())
                keys.Add(ThreadKey.Of(row.Text(0)));
            return new TriagedThreads(keptOut, keys);
        },
        cancellation);

    public Task<IReadOnlyList<string>> ListInboxesAsync(string orgId, string domainId, CancellationToken cancellation) =>
        store.ReadAsync<IReadOnlyList<string>>(
            session =>
            {
                var ids = new List<string>();
                using var row = session.Query("SELECT id FROM inboxes WHERE org_id = ?1 AND domain_id = ?2", orgId, domainId);
                while (row.Read())
                    ids.Add(row.Text(0));
                return ids;
            },
            cancellation);

    private static SearchState ReadState(SqliteSession session, string orgId)
    {
        var (documents, deletions) = (0L, 0L);
        using (var head = session.Query("SELECT documents, search_deletions FROM org_heads WHERE org_id = ?1", orgId))
        {
            if (head.Read())
                (documents, deletions) = (head.Number(0), head.Number(1));
        }
        var segments = new List<long>();
        var mergedTo = 0L;
        using (var row = session.Query(
            "SELECT segment, last_document FROM search_segments WHERE org_id = ?1 AND state = 'live' ORDER BY first_document", orgId))
        {
            while (row.Read())
            {
                segments.Add(row.Number(0));
                mergedTo = Math.Max(mergedTo, row.Number(1));
            }
        }
        var remaining = session.Number("SELECT remaining FROM search_backfill WHERE org_id = ?1", orgId) ?? 0;
        return new SearchState(documents, deletions, mergedTo, segments, remaining);
    }

    private static void ReadDeletions(SqliteSession session, SearchRead read, ISearchReader reader)
    {
        using var row = session.Query(
            "SELECT deletion, documents FROM search_deletions WHERE org_id = ?1 AND deletion > ?2 ORDER BY deletion", read.OrgId, read.AfterDeletion);
        while (row.Read())
            reader.Deleted(row.Number(0), row.Span(1));
    }

    private static void ReadDocuments(SqliteSession session, SearchRead read, ISearchReader reader)
    {
        using var row = session.Query(
            """
            SELECT document, thread_id, inbox_id, at, length, has_attachment, model, vector, parent FROM search_documents
            WHERE org_id = ?1 AND document > ?2 ORDER BY document LIMIT ?3
            """,
            read.OrgId, read.AfterDocument, read.MostDocuments);
        var (model, inbox) = ("", "");
        while (row.Read())
        {
            model = Same(model, row.Span(6));
            inbox = Same(inbox, row.Span(2));
            reader.Document(row.Number(0), ThreadKey.Of(row.Span(1)), inbox, row.Number(3), (int)row.Number(4), row.Flag(5), model, row.Span(7), row.Number(8));
        }
    }

    /// <summary>The text, without making it again when it is the one before.</summary>
    private static string Same(string before, ReadOnlySpan<byte> text) =>
        before.Length == text.Length && Ascii.Equals(before, text) ? before : Encoding.UTF8.GetString(text);

    private static void ReadTail(SqliteSession session, SearchRead read, long after, ISearchReader reader)
    {
        using var row = session.Query(
            "SELECT document, terms FROM search_tail WHERE org_id = ?1 AND document > ?2 ORDER BY document", read.OrgId, after);
        while (row.Read())
            reader.Tail(row.Number(0), row.Span(1));
    }

    private static void ReadPostings(SqliteSession session, SearchRead read, IReadOnlyList<long> segments, ISearchReader reader)
    {
        var counts = new long[read.Terms.Count];
        var found = new List<(int Term, long Row, int Start, int Length)>();
        Span<byte> room = stackalloc byte[TermEntries.LongestTerm];
        for (var i = 0; i < counts.Length; i++)
        {
            foreach (var segment in segments)
            {
                using var row = session.Query(
                    """
                    SELECT term, documents, others, rowid FROM search_blocks
                    WHERE org_id = ?1 AND segment = ?2 AND term <= ?3 ORDER BY term DESC LIMIT 1
                    """,
                    read.OrgId, segment, read.Terms[i]);
                if (!row.Read())
                    continue;
                var entries = new TermEntries(row.Span(0), row.Number(1), row.Span(2), room);
                if (!entries.Find(read.Terms[i]))
                    continue;
                counts[i] += entries.Documents;
                found.Add((i, row.Number(3), entries.Start, entries.Length));
            }
        }
        var wanted = reader.Counted(counts);
        foreach (var (term, place, start, length) in found)
        {
            if (!wanted[term])
                continue;
            using var row = session.Query("SELECT postings FROM search_blocks WHERE rowid = ?1", place);
            if (!row.Read())
                continue;
            var postings = row.Span(0)[start..];
            reader.Postings(term, length < 0 ? postings : postings[..length]);
        }
    }

    private static FoundMessage? Find(SqliteSession session, string orgId, long document, Dictionary<string, MailThread?> threads)
    {
        string threadId;
        FoundMessage message;
        using (var row = session.Query(
            """
            SELECT m.id, m.thread_id, m.direction, m.created_at, m.subject, m.participants, substr(m.content, 1, ?3), m.attachment_ids,
              a.id, a.file_name, x.text
            FROM search_documents d JOIN messages m ON m.org_id = d.org_id AND m.id = d.message_id
              LEFT JOIN attachments a ON d.attachment_id <> '' AND a.org_id = d.org_id AND a.id = d.attachment_id
              LEFT JOIN attachment_texts x ON x.org_id = a.org_id AND x.message_id = d.message_id AND x.attachment_id = a.id
            WHERE d.org_id = ?1 AND d.document = ?2
              -- Earlier versions indexed what is held back as well.
              AND (m.metadata IS NULL OR (instr(m.metadata, '"quarantined":true') = 0 AND instr(m.metadata, '"blocked":true') = 0))
            """,
            orgId, document, MostContent))
        {
            if (!row.Read())
                return null;
            threadId = row.Text(1);
            message = new FoundMessage(
                document, row.Text(0), row.Text(2), row.Number(3), row.Text(4), SqliteJson.ReadParticipants(row.Span(5)), row.Text(6),
                SqliteJson.ReadTexts(row.Span(7)), Thread: null!)
            {
                Attachment = row.TextOrNull(10) is { } text ? new FoundAttachment(row.Text(8), row.Text(9), text) : null,
            };
        }
        if (!threads.TryGetValue(threadId, out var thread))
        {
            using var row = session.Query($"SELECT {SqliteThreadStore.Columns} FROM threads WHERE org_id = ?1 AND id = ?2", orgId, threadId);
            threads.Add(threadId, thread = row.Read() ? SqliteThreadStore.Map(row) : null);
        }
        return thread is null ? null : message with { Thread = thread };
    }
}
