namespace Commune.Storage.Postgres;

/// <summary>The messages, and files of messages, that a group adds to the indexes of their organisations.</summary>
internal sealed class GroupSearch
{
    private readonly List<Added> added = [];

    public void Add(OrgHead head, string messageId, string threadId, string inboxId, SearchEntry entry) =>
        added.Add(new Added(head.OrgId, head.NextDocument(), messageId, threadId, inboxId, head.Now, entry, Parent: 0, AttachmentId: ""));

    public void AddFile(OrgHead head, string messageId, IndexedParent message, ReadAttachment file) =>
        added.Add(new Added(
            head.OrgId, head.NextDocument(), messageId, message.ThreadId, message.InboxId, message.At, file.Entry, message.Document, file.AttachmentId));

    /// <returns>The kinds of which jobs were added.</returns>
    public IReadOnlyList<string> Write(PipelinedBatch writes)
    {
        if (added.Count == 0)
            return [];
        var kinds = new List<string>();
        writes.Write(
            PostgresSearchRow.InsertDocuments,
            added.Select(static row => row.OrgId).ToArray(),
            added.Select(static row => row.Document).ToArray(),
            added.Select(static row => row.MessageId).ToArray(),
            added.Select(static row => row.ThreadId).ToArray(),
            added.Select(static row => row.InboxId).ToArray(),
            added.Select(static row => row.At).ToArray(),
            added.Select(static row => row.Entry.Length).ToArray(),
            added.Select(static row => row.Entry.HasAttachment || row.AttachmentId.Length > 0 ? 1 : 0).ToArray(),
            added.Select(static row => row.Entry.Model).ToArray(),
            added.Select(static row => row.Entry.Vector).ToArray(),
            added.Select(static row => row.Parent).ToArray(),
            added.Select(static row => row.AttachmentId).ToArray());
        writes.Write(
            PostgresSearchRow.InsertTail,
            added.Select(static row => row.OrgId).ToArray(),
            added.Select(static row => row.Document).ToArray(),
            added.Select(static row => row.Entry.Terms).ToArray());
        var asked = added.Where(static row => row.Document % SearchBlocks.AskEvery == 0).Select(static row => row.OrgId)
            .Distinct(StringComparer.Ordinal).ToArray();
        if (asked.Length > 0)
        {
            writes.Write(PostgresSearchRow.InsertJobs, asked.Select(SearchBlocks.JobId).ToArray(), JobKind.SearchIndex, asked);
            kinds.Add(JobKind.SearchIndex);
        }
        var embedded = added.Where(static row => row.Entry.NeedsVector).Select(static row => row.OrgId).Distinct(StringComparer.Ordinal).ToArray();
        if (embedded.Length > 0)
        {
            writes.Write(PostgresSearchRow.InsertJobs, Array.ConvertAll(embedded, SearchBlocks.VectorJobId), JobKind.EmbedMail, embedded);
            kinds.Add(JobKind.EmbedMail);
        }
        var read = added.Where(static row => row.Entry.ReadsAttachments && row.AttachmentId.Length == 0).ToArray();
        if (read.Length > 0)
        {
            writes.Write(
                PostgresSearchRow.InsertReadingJobs,
                Array.ConvertAll(read, static row => SearchBlocks.ReadingJobId(row.MessageId)), JobKind.ReadAttachments,
                Array.ConvertAll(read, static row => row.OrgId), Array.ConvertAll(read, static row => row.MessageId));
            kinds.Add(JobKind.ReadAttachments);
        }
        return kinds;
    }

    private sealed record Added(
        string OrgId, long Document, string MessageId, string ThreadId, string InboxId, long At, SearchEntry Entry, long Parent,
        string AttachmentId);
}
