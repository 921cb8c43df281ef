namespace Commune.Storage.Sqlite;

internal sealed class SqliteSearchIndexStore(SqliteStore store) : ISearchIndexStore
{
    private const int CleanedAtOnce = 1000;
    private const long CleanedBytes = 1024 * 1024;

    public Task AskAsync(string orgId, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            SearchRow.Ask(writes, orgId);
            return true;
        },
        cancellation);

    public Task<bool> NeedsWorkAsync(string orgId, CancellationToken cancellation) =>
        store.ReadSnapshotAsync(session => Plan(session, orgId).NeedsWork, cancellation);

    public Task<IReadOnlyList<string>> ListForgottenAsync(int limit, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<string>>(
        session =>
        {
            var ids = new List<string>();
            using var row = session.Query(
                """
                SELECT h.org_id FROM org_heads h
                WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = 'search_' || h.org_id)
                  AND (EXISTS (SELECT 1 FROM search_backfill b WHERE b.org_id = h.org_id)
                    OR EXISTS (SELECT 1 FROM search_deletions d WHERE d.org_id = h.org_id AND d.purged = 0)
                    OR EXISTS (SELECT 1 FROM search_segments s WHERE s.org_id = h.org_id AND s.state <> 'live')
                    OR (SELECT count(*) FROM (SELECT 1 FROM search_tail t WHERE t.org_id = h.org_id LIMIT ?2)) >= ?2)
                LIMIT ?1
                """,
                limit, SearchBlocks.LeastWaiting);
            while (row.Read())
                ids.Add(row.Text(0));
            return ids;
        },
        cancellation);

    public Task UseModelAsync(string model, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            var before = session.Text("SELECT model FROM search_model");
            if (before == model)
                return false;
            session.Execute("INSERT INTO search_model (one, model) VALUES (1, ?1) ON CONFLICT DO UPDATE SET model = excluded.model", model);
            if (before is null || model == ISearchIndexStore.NoModel)
                return false;
            var remaining = before == ISearchIndexStore.NoModel
                ? """
                  SELECT m.org_id, '', count(*) - (SELECT count(*) FROM search_documents d WHERE d.org_id = m.org_id AND d.model = ?1 AND d.parent = 0)
                  FROM messages m GROUP BY m.org_id
                  """
                : "SELECT org_id, '', count(*) FROM search_documents WHERE model <> ?1 AND parent = 0 GROUP BY org_id";
            session.Execute(
                $"""
                INSERT INTO search_backfill (org_id, place, remaining)
                {remaining}
                ON CONFLICT DO UPDATE SET place = '', remaining = excluded.remaining
                """,
                model);
            return true;
        },
        cancellation);

    public Task<SearchPlan> PlanAsync(string orgId, CancellationToken cancellation) =>
        store.ReadSnapshotAsync(session => Plan(session, orgId), cancellation);

    public Task<IReadOnlyList<(long Document, byte[] Terms)>> ReadTailAsync(string orgId, long after, int limit, CancellationToken cancellation) =>
        store.ReadAsync<IReadOnlyList<(long, byte[])>>(
            session =>
            {
                var rows = new List<(long, byte[])>();
                using var row = session.Query(
                    "SELECT document, terms FROM search_tail WHERE org_id = ?1 AND document > ?2 ORDER BY document LIMIT ?3", orgId, after, limit);
                while (row.Read())
                    rows.Add((row.Number(0), row.Bytes(1)));
                return rows;
            },
            cancellation);

    public Task<IReadOnlyList<TermBlock>> ReadBlocksAsync(
        string orgId, long segment, byte[] after, long mostBytes, CancellationToken cancellation) =>
        store.ReadAsync<IReadOnlyList<TermBlock>>(
            session =>
            {
                var blocks = new List<TermBlock>();
                var bytes = 0L;
                using var row = session.Query(
                    """
                    SELECT term, documents, others, postings FROM search_blocks
                    WHERE org_id = ?1 AND segment = ?2 AND term > ?3 ORDER BY term
                    """,
                    orgId, segment, after);
                while (bytes < mostBytes && row.Read())
                {
                    blocks.Add(ReadBlock(row));
                    bytes += blocks[^1].Bytes;
                }
                return blocks;
            },
            cancellation);

    public Task<TermBlock?> FindBlockAsync(string orgId, long segment, byte[]? term, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = term is null
                ? session.Query(
                    """
                    SELECT term, documents, others, postings FROM search_blocks
                    WHERE org_id = ?1 AND segment = ?2 ORDER BY term DESC LIMIT 1
                    """,
                    orgId, segment)
                : session.Query(
                    """
                    SELECT term, documents, others, postings FROM search_blocks
                    WHERE org_id = ?1 AND segment = ?2 AND term <= ?3 ORDER BY term DESC LIMIT 1
                    """,
                    orgId, segment, term);
            return row.Read() ? ReadBlock(row) : null;
        },
        cancellation);

    public Task<long?> BeginSegmentAsync(
        Job job, long first, long last, long documents, IReadOnlyList<long> sources, CancellationToken cancellation) => store.WriteAsync<long?>(
        writes =>
        {
            var session = writes.Session;
            if (!SqliteJobStore.Holds(session, job))
                return null;
            var number = (session.Number("SELECT max(segment) FROM search_segments WHERE org_id = ?1", job.OrgId) ?? 0) + 1;
            session.Execute(
                """
                INSERT INTO search_segments (org_id, segment, state, first_document, last_document, documents, sources)
                VALUES (?1, ?2, 'building', ?3, ?4, ?5, ?6)
                """,
                job.OrgId, number, first, last, documents, SearchBlocks.Join(sources));
            return number;
        },
        cancellation);

    public Task<bool> WriteBlocksAsync(
        Job job, long segment, IReadOnlyList<TermBlock> blocks, IReadOnlyList<byte[]> inPlaceOf, CancellationToken cancellation) => ChangeAsync(
        job,
        session =>
        {
            foreach (var first in inPlaceOf)
                session.Execute("DELETE FROM search_blocks WHERE org_id = ?1 AND segment = ?2 AND term = ?3", job.OrgId, segment, first);
            foreach (var block in blocks)
            {
                session.Execute(
                    "INSERT INTO search_blocks (org_id, segment, term, documents, others, postings) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    job.OrgId, segment, block.First, block.Documents, (ReadOnlyMemory<byte>?)block.Others, (ReadOnlyMemory<byte>?)block.Postings);
            }
        },
        cancellation);

    public Task<bool> FinishSegmentAsync(Job job, long segment, CancellationToken cancellation) =>
        ChangeAsync(
            job,
            session =>
            {
                var sources = session.Text(
                    "SELECT sources FROM search_segments WHERE org_id = ?1 AND segment = ?2 AND state = 'building'", job.OrgId, segment);
                if (sources is null)
                    return;
                foreach (var source in SearchBlocks.Split(sources))
                    SetState(session, job.OrgId, source, SegmentState.Dead);
                SetState(session, job.OrgId, segment, SegmentState.Live);
            },
            cancellation);

    public Task<bool> DropSegmentAsync(Job job, long segment, CancellationToken cancellation) =>
        ChangeAsync(job, session => SetState(session, job.OrgId, segment, SegmentState.Dead), cancellation);

    public Task<bool> CleanAsync(Job job, CancellationToken cancellation) => ChangeAsync(job, session => Clean(session, job.OrgId), cancellation);

    public Task<bool> FinishDeletionsAsync(Job job, long deletion, CancellationToken cancellation) =>
        ChangeAsync(
            job,
            session => session.Execute(
                "UPDATE search_deletions SET purged = 1 WHERE org_id = ?1 AND deletion <= ?2 AND purged = 0", job.OrgId, deletion),
            cancellation);

    public Task<(IReadOnlyList<IndexedMessage> Messages, string? Last)> ReadUnindexedAsync(
        string orgId, string after, string model, int limit, CancellationToken cancellation) =>
        store.ReadSnapshotAsync<(IReadOnlyList<IndexedMessage>, string?)>(
            session =>
            {
                var last = session.Text(
                    "SELECT max(id) FROM (SELECT id FROM messages WHERE org_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3)", orgId, after, limit);
                if (last is null)
                    return ([], null);
                var messages = new List<IndexedMessage>();
                using (var row = session.Query(
                    """
                    SELECT id, subject, participants, content, content_html FROM messages m
                    WHERE org_id = ?1 AND id > ?2 AND id <= ?3
                      AND (metadata IS NULL OR (instr(metadata, '"quarantined":true') = 0 AND instr(metadata, '"blocked":true') = 0))
                      AND NOT EXISTS (SELECT 1 FROM search_documents d WHERE d.org_id = m.org_id AND d.message_id = m.id AND d.parent = 0 AND d.model = ?4)
                    ORDER BY id
                    """,
                    orgId, after, last, model))
                {
                    while (row.Read())
                    {
                        messages.Add(new IndexedMessage(
                            row.Text(0), row.Text(1), SqliteJson.ReadParticipants(row.Span(2)), row.Text(3), row.TextOrNull(4), FileNames: []));
                    }
                }
                return ([.. messages.Select(message => message with { FileNames = FileNames(session, orgId, message.Id) })], last);
            },
            cancellation);

    public Task<bool> IndexAsync(
        Job job, IReadOnlyList<(string MessageId, SearchEntry Entry)> entries, string? place, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            if (!SqliteJobStore.Holds(session, job))
                return false;
            SearchRow.Delete(writes, job.OrgId, entries.Select(static entry => entry.MessageId));
            foreach (var (id, entry) in entries)
            {
                string? threadId = null, inboxId = null;
                var at = 0L;
                using (var row = session.Query("SELECT thread_id, inbox_id, created_at FROM messages WHERE org_id = ?1 AND id = ?2", job.OrgId, id))
                {
                    if (row.Read())
                        (threadId, inboxId, at) = (row.Text(0), row.Text(1), row.Number(2));
                }
                if (threadId is not null)
                    SearchRow.Insert(writes, job.OrgId, id, threadId, inboxId!, at, entry);
            }
            if (place is null)
                session.Execute("DELETE FROM search_backfill WHERE org_id = ?1", job.OrgId);
            else
                session.Execute(
                    "UPDATE search_backfill SET place = ?2, remaining = max(0, remaining - ?3) WHERE org_id = ?1", job.OrgId, place, entries.Count);
            return true;
        },
        cancellation);

    private Task<bool> ChangeAsync(Job job, Action<SqliteSession> change, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            if (!SqliteJobStore.Holds(writes.Session, job))
                return false;
            change(writes.Session);
            return true;
        },
        cancellation);

    private static void SetState(SqliteSession session, string orgId, long segment, string state) => session.Execute(
        "UPDATE search_segments SET state = ?3 WHERE org_id = ?1 AND segment = ?2", orgId, segment, state);

    private static TermBlock ReadBlock(SqliteRows row) => new(row.Bytes(0), row.Number(1), row.Bytes(2), row.Bytes(3));

    private static List<string> FileNames(SqliteSession session, string orgId, string messageId)
    {
        var names = new List<string>();
        using var row = session.Query("SELECT file_name FROM attachments WHERE org_id = ?1 AND message_id = ?2", orgId, messageId);
        while (row.Read())
            names.Add(row.Text(0));
        return names;
    }

    private static SearchPlan Plan(SqliteSession session, string orgId)
    {
        var segments = new List<SearchSegment>();
        using (var row = session.Query(
            "SELECT segment, state, first_document, last_document, documents, sources FROM search_segments WHERE org_id = ?1 ORDER BY first_document, segment",
            orgId))
        {
            while (row.Read())
            {
                segments.Add(new SearchSegment(
                    row.Number(0), row.Text(1), row.Number(2), row.Number(3), row.Number(4), SearchBlocks.Split(row.Text(5))));
            }
        }
        var mergedTo = SearchPlan.MergedToOf(segments);
        var (deletion, deleted) = (0L, new List<byte[]>());
        using (var row = session.Query(
            "SELECT deletion, documents FROM search_deletions WHERE org_id = ?1 AND purged = 0 ORDER BY deletion", orgId))
        {
            while (row.Read())
            {
                deletion = row.Number(0);
                deleted.Add(row.Bytes(1));
            }
        }
        return new SearchPlan(
            mergedTo,
            session.Number(
                "SELECT count(*) FROM (SELECT 1 FROM search_documents WHERE org_id = ?1 AND document > ?2 LIMIT ?3)", orgId, mergedTo, SearchPlan.ManyWait) ?? 0,
            session.Number("SELECT at FROM search_documents WHERE org_id = ?1 ORDER BY document DESC LIMIT 1", orgId) ?? 0,
            segments,
            session.Any("SELECT 1 FROM search_tail WHERE org_id = ?1 AND document <= ?2 LIMIT 1", orgId, mergedTo),
            deletion, deleted,
            session.Text("SELECT place FROM search_backfill WHERE org_id = ?1", orgId));
    }

    private static void Clean(SqliteSession session, string orgId)
    {
        var mergedTo = session.Number(
            "SELECT max(last_document) FROM search_segments WHERE org_id = ?1 AND state = 'live'", orgId) ?? 0;
        session.Execute(
            """
            DELETE FROM search_tail WHERE org_id = ?1 AND document IN
              (SELECT document FROM search_tail WHERE org_id = ?1 AND document <= ?2 ORDER BY document LIMIT ?3)
            """,
            orgId, mergedTo, CleanedAtOnce);
        if (session.Number("SELECT min(segment) FROM search_segments WHERE org_id = ?1 AND state = 'dead'", orgId) is not { } dead)
            return;
        if (EndOfSome(session, orgId, dead) is { } last)
        {
            session.Execute("DELETE FROM search_blocks WHERE org_id = ?1 AND segment = ?2 AND term <= ?3", orgId, dead, last);
            return;
        }
        session.Execute("DELETE FROM search_blocks WHERE org_id = ?1 AND segment = ?2", orgId, dead);
        session.Execute("DELETE FROM search_segments WHERE org_id = ?1 AND segment = ?2", orgId, dead);
    }
    /// <summary>The first term of the last of some blocks that are large enough together; null when all are smaller.</summary>
    private static byte[]? EndOfSome(SqliteSession session, string orgId, long segment)
    {
        // SQLite knows a length without reading what is that long.
        using var row = session.Query(
            "SELECT term, length(others) + length(postings) FROM search_blocks WHERE org_id = ?1 AND segment = ?2 ORDER BY term", orgId, segment);
        for (var bytes = 0L; row.Read();)
        {
            bytes += row.Number(1);
            if (bytes >= CleanedBytes)
                return row.Bytes(0);
        }
        return null;
    }
}
