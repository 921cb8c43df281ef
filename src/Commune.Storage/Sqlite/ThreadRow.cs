using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Commune.Storage.Sqlite;

/// <summary>What a message changes in the row of its thread, and the Message-IDs that lead to it.</summary>
internal static class ThreadRow
{
    private const int MostParticipants = 500;

    private const int LongestKey = 250;

    /// <summary>Begins a thread with its first message.</summary>
    public static void Insert(
        SqliteSession session, string orgId, string id, string inboxId, string domainId, string subject, string subjectKey, string replyToken,
        in NewestMessage message) => session.Execute(
        """
        INSERT INTO threads (
          org_id, id, inbox_id, domain_id, subject, subject_key, reply_token, message_count, first_message_at, last_message_at,
          snippet, last_direction, has_attachments, participants, status, assigned_to, tags, triage_updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?8, ?9, ?10, ?11, ?12, 'open', NULL, '[]', ?8)
        """,
        orgId, id, inboxId, domainId, subject, subjectKey, replyToken, message.At, message.Snippet, message.Direction,
        message.HasAttachments, SqliteJson.Write(message.Addresses));

    /// <summary>Adds a message to a thread; false when there is no such thread.</summary>
    public static bool Append(SqliteSession session, string orgId, string id, in NewestMessage message)
    {
        IReadOnlyList<string> present;
        using (var row = session.Query("SELECT participants FROM threads WHERE org_id = ?1 AND id = ?2", orgId, id))
        {
            if (!row.Read())
                return false;
            present = SqliteJson.ReadTexts(row.Span(0));
        }
        var joined = Join(present, message.Addresses);
        session.Execute(
            """
            UPDATE threads SET
              message_count = message_count + 1, last_message_at = ?3, snippet = ?4, last_direction = ?5,
              has_attachments = max(has_attachments, ?6), participants = coalesce(?7, participants)
            WHERE org_id = ?1 AND id = ?2
            """,
            orgId, id, message.At, message.Snippet, message.Direction, message.HasAttachments,
            joined is null ? null : SqliteJson.Write(joined));
        return true;
    }

    /// <summary>Bare addresses, once each, in order of appearance.</summary>
    public static IReadOnlyList<string> Addresses(IReadOnlyList<Participant> participants) =>
    [
        .. participants.Select(static participant => participant.Identity).Where(static address => address.Length > 0)
            .Distinct(StringComparer.Ordinal).Take(MostParticipants),
    ];

    /// <summary>
    /// The other Message-IDs that a mail names, nearest first: In-Reply-To, then References from the newest back.
    /// Of a long chain the first and the last 50 (the first is where the thread began), as <see cref="Key"/>s.
    /// </summary>
    public static IReadOnlyList<string> Named(string? inReplyTo, IReadOnlyList<string> references)
    {
        const int Newest = 50;
        IEnumerable<string> chain = references.Reverse();
        if (references.Count > Newest + 1)
            chain = chain.Take(Newest).Append(references[0]);
        if (inReplyTo is not null)
            chain = chain.Prepend(inReplyTo);
        return [.. chain.Where(static id => id.Length > 0).Select(Key).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Remembers the thread of the ids, which are <see cref="Key"/>s: whoever came first keeps an id.</summary>
    /// <param name="receivedId">The message, when it was received: its retry is looked for under its own Message-ID.</param>
    public static void Refer(
        SqliteSession session, string orgId, string inboxId, string threadId, string? own, string? receivedId, IReadOnlyList<string> named)
    {
        if (own is not null)
        {
            session.Execute(
                """
                INSERT INTO thread_refs (org_id, inbox_id, message_id, thread_id, received_id) VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT DO UPDATE SET received_id = excluded.received_id WHERE received_id IS NULL AND excluded.received_id IS NOT NULL
                """,
                orgId, inboxId, own, threadId, receivedId);
        }
        foreach (var id in named)
        {
            session.Execute(
                "INSERT INTO thread_refs (org_id, inbox_id, message_id, thread_id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                orgId, inboxId, id, threadId);
        }
    }

    /// <summary>A Message-ID or subject as it stands in an index: what is very long, by its hash.</summary>
    public static string Key(string text) => text.Length <= LongestKey
        ? text
        : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan())));

    /// <summary>Null when nobody is new.</summary>
    private static List<string>? Join(IReadOnlyList<string> present, IReadOnlyList<string> more)
    {
        HashSet<string>? known = null;
        List<string>? joined = null;
        foreach (var address in more)
        {
            known ??= new HashSet<string>(present, StringComparer.Ordinal);
            if (known.Count >= MostParticipants)
                break;
            if (known.Add(address))
                (joined ??= [.. present]).Add(address);
        }
        return joined;
    }
}

/// <summary>What the thread shows of its latest message.</summary>
internal readonly record struct NewestMessage(
    long At, string Snippet, string Direction, bool HasAttachments, IReadOnlyList<string> Addresses);
