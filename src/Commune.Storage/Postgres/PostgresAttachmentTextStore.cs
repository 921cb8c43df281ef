namespace Commune.Storage.Postgres;

internal sealed class PostgresAttachmentTextStore(GroupCommit commits) : IAttachmentTextStore
{
    public Task<bool> RecordAsync(Job job, string messageId, IReadOnlyList<ReadAttachment> files, CancellationToken cancellation) =>
        commits.RunAsync(new Recording(job, messageId, files) { Cancellation = cancellation }, cancellation);

    private sealed class Recording(Job job, string messageId, IReadOnlyList<ReadAttachment> files) : GroupWork<bool>
    {
        public override string OrgId => job.OrgId;

        public override long Size => files.Sum(static file => (long)file.Text.Length + file.Entry.Terms.Length);

        public override void Ask(GroupTransaction transaction)
        {
            // Document numbers are given in the order of commits, and no deletion comes in between.
            transaction.NeedHead(job.OrgId, 0);
            transaction.Jobs.AskLease(job);
            if (files.Count > 0)
                transaction.AttachmentTexts.Ask(job.OrgId, messageId);
        }

        public override void Decide(GroupTransaction transaction)
        {
            var head = transaction.Head(job.OrgId);
            Result = head is not null && transaction.Jobs.Holds(job);
            if (!Result)
                return;
            transaction.Jobs.Finish(job);
            // A message that was read before has a document for each of its files already.
            if (transaction.AttachmentTexts.TakeMessage(job.OrgId, messageId) is not { } message)
                return;
            foreach (var file in files)
            {
                transaction.AttachmentTexts.Add(job.OrgId, messageId, file);
                transaction.Search.AddFile(head!, messageId, message, file);
            }
        }
    }
}
