namespace Commune.Storage.Postgres;

/// <summary>A message in the index of its organisation, to which the documents of its files are added.</summary>
internal readonly record struct IndexedParent(long Document, string ThreadId, string InboxId, long At);

/// <summary>What was read out of files, and the messages they belong to.</summary>
internal sealed class GroupAttachmentTexts
{
    private readonly HashSet<(string OrgId, string MessageId)> asked = [];
    private readonly Dictionary<(string OrgId, string MessageId), List<IndexedParent>> documents = [];
    private readonly List<(string OrgId, string MessageId, ReadAttachment File)> added = [];

    public void Ask(string orgId, string messageId) => asked.Add((orgId, messageId));

    /// <summary>The message, when it has a document and none of its files has one; only once.</summary>
    public IndexedParent? TakeMessage(string orgId, string messageId) =>
        documents.Remove((orgId, messageId), out var found) && found is [var only] ? only : null;

    public void Add(string orgId, string messageId, ReadAttachment file) => added.Add((orgId, messageId, file));

    public void Read(PipelinedBatch reads)
    {
        if (asked.Count == 0)
            return;
        reads.Read(
            """
            SELECT d.org_id, d.message_id, d.document, d.thread_id, d.inbox_id, d.at
            FROM unnest($1::text[], $2::text[]) AS k (org_id, message_id)
            JOIN search_documents d ON d.org_id = k.org_id AND d.message_id = k.message_id
            """,
            row =>
            {
                var key = (row.GetString(0), row.GetString(1));
                if (!documents.TryGetValue(key, out var found))
                    documents.Add(key, found = []);
                found.Add(new IndexedParent(row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetInt64(5)));
            },
            asked.Select(static key => key.OrgId).ToArray(),
            asked.Select(static key => key.MessageId).ToArray());
    }

    public void Write(PipelinedBatch writes)
    {
        if (added.Count == 0)
            return;
        // What is left of an earlier reading, when the message was indexed anew.
        var messages = added.Select(static row => (row.OrgId, row.MessageId)).Distinct().ToArray();
        writes.Write(
            """
            DELETE FROM attachment_texts t
            USING unnest($1::text[], $2::text[]) AS k (org_id, message_id)
            WHERE t.org_id = k.org_id AND t.message_id = k.message_id
            """,
            Array.ConvertAll(messages, static message => message.OrgId),
            Array.ConvertAll(messages, static message => message.MessageId));
        writes.Write(
            """
            INSERT INTO attachment_texts (org_id, message_id, attachment_id, text)
            SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[])
            """,
            added.Select(static row => row.OrgId).ToArray(),
            added.Select(static row => row.MessageId).ToArray(),
            added.Select(static row => row.File.AttachmentId).ToArray(),
            added.Select(static row => row.File.Text).ToArray());
    }
}
