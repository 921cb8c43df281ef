namespace Commune.Storage.Postgres;

/// <summary>The rows of a group's threads: all in one statement each.</summary>
internal static class GroupThreadRows
{
    public static void Insert(PipelinedBatch writes, FiledThread[] threads)
    {
        if (threads.Length == 0)
            return;
        writes.Write(
            """
            INSERT INTO threads (
                org_id, id, inbox_id, domain_id, subject, subject_key, reply_token, message_count, first_message_at, last_message_at,
                snippet, last_direction, has_attachments, participants, status, tags, triage_updated_at)
            SELECT
                k.org_id, k.id, k.inbox_id, k.domain_id, k.subject, k.subject_key, k.reply_token, k.message_count, k.first_at, k.last_at,
                k.snippet, k.last_direction, k.has_attachments, k.participants::jsonb, 'open', '{}', k.first_at
            FROM unnest(
                $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::bigint[], $10::bigint[],
                $11::text[], $12::text[], $13::integer[], $14::text[])
                AS k (org_id, id, inbox_id, domain_id, subject, subject_key, reply_token, message_count, first_at, last_at,
                    snippet, last_direction, has_attachments, participants)
            """,
            Array.ConvertAll(threads, static thread => thread.OrgId),
            Array.ConvertAll(threads, static thread => thread.Id),
            Array.ConvertAll(threads, static thread => thread.InboxId),
            Array.ConvertAll(threads, static thread => thread.Beginning!.Value.DomainId),
            Array.ConvertAll(threads, static thread => thread.Beginning!.Value.Subject),
            Array.ConvertAll(threads, static thread => thread.SubjectKey),
            Array.ConvertAll(threads, static thread => thread.Beginning!.Value.ReplyToken),
            Array.ConvertAll(threads, static thread => thread.MessageCount),
            Array.ConvertAll(threads, static thread => thread.FirstMessageAt),
            Array.ConvertAll(threads, static thread => thread.LastMessageAt),
            Array.ConvertAll(threads, static thread => thread.Snippet),
            Array.ConvertAll(threads, static thread => thread.LastDirection),
            Array.ConvertAll(threads, static thread => thread.HasAttachments ? 1 : 0),
            Array.ConvertAll(threads, static thread => PostgresJson.List(thread.Participants)));
    }

    public static void Update(PipelinedBatch writes, FiledThread[] threads)
    {
        if (threads.Length == 0)
            return;
        writes.Write(
            """
            UPDATE threads t
            SET message_count = k.message_count, last_message_at = k.last_at, snippet = k.snippet, last_direction = k.last_direction,
                has_attachments = k.has_attachments, participants = k.participants::jsonb
            FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::text[], $6::text[], $7::integer[], $8::text[])
                AS k (org_id, id, message_count, last_at, snippet, last_direction, has_attachments, participants)
            WHERE t.org_id = k.org_id AND t.id = k.id
            """,
            Array.ConvertAll(threads, static thread => thread.OrgId),
            Array.ConvertAll(threads, static thread => thread.Id),
            Array.ConvertAll(threads, static thread => thread.MessageCount),
            Array.ConvertAll(threads, static thread => thread.LastMessageAt),
            Array.ConvertAll(threads, static thread => thread.Snippet),
            Array.ConvertAll(threads, static thread => thread.LastDirection),
            Array.ConvertAll(threads, static thread => thread.HasAttachments ? 1 : 0),
            Array.ConvertAll(threads, static thread => PostgresJson.List(thread.Participants)));
    }
}
