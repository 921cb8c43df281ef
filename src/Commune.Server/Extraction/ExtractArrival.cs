using Commune.Storage;

namespace Commune.Server.Extraction;

/// <summary>One job of the extraction lane: reads a message that came in by the schema of its inbox (docs/extraction.md).</summary>
internal sealed class ExtractArrival(IStore store, ReadBySchema read, TimeProvider time)
{
    /// <summary>A message on which the program died so often is left alone.</summary>
    private const int MostAttempts = 5;

    public async Task RunAsync(Job job, CancellationToken cancellation)
    {
        var message = await store.Messages.GetAsync(job.OrgId, job.Payload, cancellation);
        var inbox = message is null ? null : await store.Inboxes.GetAsync(job.OrgId, message.InboxId, cancellation);
        if (message is null || inbox is not { Extracts: true } || InboxSchema.Of(inbox) is not { } schema)
        {
            // Deleted, or without a schema by now. A webhook that waits goes when its time has come.
            await store.Jobs.CompleteAsync(job, cancellation);
            return;
        }

        var outcome = job.Attempts > MostAttempts
            ? read.GiveUp(schema, $"Given up after {MostAttempts} attempts that did not end. POST /v1/messages/{message.Id}/extract tries again.")
            : await read.RunAsync(job.OrgId, schema, MessageText.Of(message), cancellation);
        await store.Extractions.RecordAsync(job, outcome.For(message), time.GetUtcNow().ToUnixTimeMilliseconds(), cancellation);
    }
}
