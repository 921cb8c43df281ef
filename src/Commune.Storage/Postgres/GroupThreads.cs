using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>The threads that a group may file its messages in, how they are found (contract section 9), and what becomes of them.</summary>
internal sealed class GroupThreads
{
    /// <summary>The first reference and the newest fifty: the chain of a long thread would otherwise grow every message's cost.</summary>
    private const int NewestReferences = 50;
    private const long SubjectWindow = 30L * 24 * 60 * 60 * 1000;
    private const string Columns =
        "t.org_id, t.id, t.inbox_id, t.subject_key, t.first_message_at, t.last_message_at, t.message_count, t.has_attachments, t.participants::text";

    private readonly HashSet<(string OrgId, string ThreadId)> askedIds = [];
    private readonly HashSet<(string OrgId, string InboxId, string Token)> askedTokens = [];
    private readonly HashSet<(string OrgId, string InboxId, string MessageId)> askedRefs = [];
    private readonly Dictionary<(string OrgId, string InboxId, string SubjectKey, string Sender), long> askedSubjects = [];

    private readonly Dictionary<(string, string), FiledThread> threads = [];
    private readonly Dictionary<(string, string, string), FiledThread> byToken = [];
    private readonly Dictionary<(string, string, string), FiledThread> byRef = [];
    private readonly Dictionary<(string, string, string), List<FiledThread>> bySubject = [];
    private readonly HashSet<FiledThread> changed = [];
    private readonly Dictionary<(string OrgId, string InboxId, string MessageId), (string ThreadId, string? ReceivedId)> newRefs = [];

    /// <summary>The ids by which a message is tied to others, in the form in which they are stored.</summary>
    public static string[] TiesOf(string? messageId, string? inReplyTo, IReadOnlyList<string> references)
    {
        var ties = new List<string>();
        ties.Add(messageId ?? "");
        ties.Add(inReplyTo ?? "");
        if (references.Count > 0)
            ties.Add(references[0]);
        ties.AddRange(references.Skip(Math.Max(1, references.Count - NewestReferences)));
        return [.. ties.Where(static id => id.Length > 0).Select(PostgresText.Key).Distinct(StringComparer.Ordinal)];
    }

    public void Ask(string orgId, string threadId) => askedIds.Add((orgId, threadId));

    public void Ask(string orgId, string inboxId, string? token, IEnumerable<string> ties)
    {
        if (token is not null && ReplyToken.TryRange(token, out _, out _))
            askedTokens.Add((orgId, inboxId, token));
        foreach (var tie in ties)
            askedRefs.Add((orgId, inboxId, tie));
    }

    public void AskSubject(string orgId, string inboxId, string subjectKey, string sender, long at)
    {
        var key = (orgId, inboxId, subjectKey, sender);
        askedSubjects[key] = Math.Min(askedSubjects.GetValueOrDefault(key, long.MaxValue), at - SubjectWindow);
    }

    public FiledThread? Find(string orgId, string threadId) => threads.GetValueOrDefault((orgId, threadId));

    public FiledThread? FindByToken(string orgId, string inboxId, string token) =>
        byToken.GetValueOrDefault((orgId, inboxId, token));

    /// <summary>The oldest thread that one of the ids belongs to.</summary>
    public FiledThread? FindByTies(string orgId, string inboxId, IEnumerable<string> ties)
    {
        FiledThread? oldest = null;
        foreach (var tie in ties)
        {
            if (byRef.TryGetValue((orgId, inboxId, tie), out var thread) && (oldest is null || thread.IsOlderThan(oldest)))
                oldest = thread;
        }

        return oldest;
    }

    /// <summary>The thread with that subject and correspondent that had mail most recently, within thirty days.</summary>
    public FiledThread? FindBySubject(string orgId, string inboxId, string subjectKey, string sender, long at) =>
        bySubject.GetValueOrDefault((orgId, inboxId, subjectKey))?
            .Where(thread => thread.LastMessageAt >= at - SubjectWindow && thread.Knows(sender))
            .OrderByDescending(static thread => thread.LastMessageAt)
            .ThenByDescending(static thread => thread.Id, StringComparer.Ordinal)
            .FirstOrDefault();

    public FiledThread Begin(string orgId, string threadId, string replyToken, ThreadMail mail, long at)
    {
        var thread = new FiledThread([])
        {
            OrgId = orgId,
            Id = threadId,
            InboxId = mail.InboxId,
            SubjectKey = PostgresText.Key(mail.SubjectKey),
            FirstMessageAt = at,
            LastMessageAt = at,
            MessageCount = 0,
            HasAttachments = false,
            Beginning = (replyToken, mail.DomainId, mail.Subject),
        };
        threads.Add((orgId, threadId), thread);
        byToken[(orgId, mail.InboxId, replyToken)] = thread;
        Remember(thread);
        return thread;
    }

    /// <summary>Adds a message to the thread; its ids lead there from now on, except those that lead elsewhere already.</summary>
    /// <param name="received">The own Message-ID in the form in which it is stored, and the message's id, when it was received: its retry is
    /// looked for there.</param>
    public void File(FiledThread thread, ThreadMail mail, IEnumerable<string> ties, long at, (string Tie, string MessageId)? received = null)
    {
        thread.Take(mail, at);
        changed.Add(thread);
        foreach (var tie in ties)
        {
            if (byRef.TryAdd((thread.OrgId, mail.InboxId, tie), thread))
                newRefs.Add((thread.OrgId, mail.InboxId, tie), (thread.Id, null));
        }

        if (received is { } own)
        {
            var key = (thread.OrgId, mail.InboxId, own.Tie);
            newRefs[key] = newRefs.TryGetValue(key, out var known) ? known with { ReceivedId = known.ReceivedId ?? own.MessageId } : (thread.Id, own.MessageId);
        }
    }

    public void Read(PipelinedBatch reads)
    {
        if (askedIds.Count > 0)
        {
            reads.Read(
                $"""
                SELECT {Columns}
                FROM unnest($1::text[], $2::text[]) AS k (org_id, id)
                JOIN threads t ON t.org_id = k.org_id AND t.id = k.id
                """,
                row => ReadThread(row),
                askedIds.Select(static key => key.OrgId).ToArray(),
                askedIds.Select(static key => key.ThreadId).ToArray());
        }

        if (askedTokens.Count > 0)
        {
            reads.Read(
                $"""
                SELECT {Columns}, k.token
                FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS k (org_id, inbox_id, token, id_from, id_to)
                JOIN threads t ON t.org_id = k.org_id AND t.id >= k.id_from AND t.id < k.id_to
                    AND t.inbox_id = k.inbox_id AND t.reply_token = k.token
                """,
                row =>
                {
                    var thread = ReadThread(row);
                    byToken[(thread.OrgId, thread.InboxId, row.GetString(9))] = thread;
                },
                askedTokens.Select(static key => key.OrgId).ToArray(),
                askedTokens.Select(static key => key.InboxId).ToArray(),
                askedTokens.Select(static key => key.Token).ToArray(),
                askedTokens.Select(static key => ReplyToken.TryRange(key.Token, out var from, out _) ? from : "").ToArray(),
                askedTokens.Select(static key => ReplyToken.TryRange(key.Token, out _, out var to) ? to : "").ToArray());
        }

        if (askedRefs.Count > 0)
        {
            reads.Read(
                $"""
                SELECT {Columns}, r.inbox_id, r.message_id
                FROM unnest($1::text[], $2::text[], $3::text[]) AS k (org_id, inbox_id, message_id)
                JOIN thread_refs r ON r.org_id = k.org_id AND r.inbox_id = k.inbox_id AND r.message_id = k.message_id
                JOIN threads t ON t.org_id = r.org_id AND t.id = r.thread_id
                """,
                row =>
                {
                    var thread = ReadThread(row);
                    byRef[(thread.OrgId, row.GetString(9), row.GetString(10))] = thread;
                },
                askedRefs.Select(static key => key.OrgId).ToArray(),
                askedRefs.Select(static key => key.InboxId).ToArray(),
                askedRefs.Select(static key => key.MessageId).ToArray());
        }

        if (askedSubjects.Count > 0)
        {
            reads.Read(
                $"""
                SELECT {Columns}
                FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS k (org_id, inbox_id, subject_key, sender, since)
                CROSS JOIN LATERAL (
                    SELECT *
                    FROM threads
                    WHERE org_id = k.org_id AND inbox_id = k.inbox_id AND subject_key = k.subject_key AND subject_key <> ''
                        AND last_message_at >= k.since AND participants ? k.sender
                    ORDER BY last_message_at DESC, id DESC
                    LIMIT 1
                ) t
                """,
                row => ReadThread(row),
                askedSubjects.Keys.Select(static key => key.OrgId).ToArray(),
                askedSubjects.Keys.Select(static key => key.InboxId).ToArray(),
                askedSubjects.Keys.Select(static key => key.SubjectKey).ToArray(),
                askedSubjects.Keys.Select(static key => key.Sender).ToArray(),
                askedSubjects.Values.ToArray());
        }
    }

    public void Write(PipelinedBatch writes)
    {
        GroupThreadRows.Insert(writes, [.. changed.Where(static thread => thread.Beginning is not null)]);
        GroupThreadRows.Update(writes, [.. changed.Where(static thread => thread.Beginning is null)]);
        if (newRefs.Count == 0)
            return;
        writes.Write(
            """
            INSERT INTO thread_refs AS r (org_id, inbox_id, message_id, thread_id, received_id)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
            ON CONFLICT (org_id, inbox_id, message_id) DO UPDATE SET received_id = excluded.received_id
            WHERE r.received_id IS NULL AND excluded.received_id IS NOT NULL
            """,
            newRefs.Keys.Select(static tie => tie.OrgId).ToArray(),
            newRefs.Keys.Select(static tie => tie.InboxId).ToArray(),
            newRefs.Keys.Select(static tie => tie.MessageId).ToArray(),
            newRefs.Values.Select(static tie => tie.ThreadId).ToArray(),
            newRefs.Values.Select(static tie => tie.ReceivedId).ToArray());
    }

    /// <summary>A thread that several look-ups find is one object, so that all see its changes.</summary>
    private FiledThread ReadThread(NpgsqlDataReader row)
    {
        var key = (row.GetString(0), row.GetString(1));
        if (threads.TryGetValue(key, out var thread))
            return thread;
        thread = new FiledThread(PostgresJson.ReadList(row.GetString(8)))
        {
            OrgId = key.Item1,
            Id = key.Item2,
            InboxId = row.GetString(2),
            SubjectKey = row.GetString(3),
            FirstMessageAt = row.GetInt64(4),
            LastMessageAt = row.GetInt64(5),
            MessageCount = row.GetInt32(6),
            HasAttachments = row.GetInt32(7) != 0,
        };
        threads.Add(key, thread);
        Remember(thread);
        return thread;
    }

    private void Remember(FiledThread thread)
    {
        if (thread.SubjectKey.Length == 0)
            return;
        var key = (thread.OrgId, thread.InboxId, thread.SubjectKey);
        if (!bySubject.TryGetValue(key, out var same))
            bySubject.Add(key, same = []);
        same.Add(thread);
    }
}
