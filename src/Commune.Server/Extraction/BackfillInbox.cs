using System.Text.Json;
using Commune.Ai.Extraction;
using Commune.Storage;

namespace Commune.Server.Extraction;

/// <summary>
/// Reads the older mail of an inbox by its schema, a few messages per run of the job: the progress is kept with the job's next time, so that a crash
/// costs a few messages read twice.
/// </summary>
internal sealed class BackfillInbox(IStore store, ReadBySchema read, ExtractionOptions options, TimeProvider time)
{
    private const int AtOnce = 10;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task RunAsync(Job job, CancellationToken cancellation)
    {
        if (await store.Extractions.FindBackfillAsync(job.OrgId, job.Payload, cancellation) is not { Status: ExtractionBackfill.Running } backfill || backfill.Id != job.Id)
        {
            await store.Jobs.CompleteAsync(job, cancellation);
            return;
        }

        var inbox = await store.Inboxes.GetAsync(job.OrgId, backfill.InboxId, cancellation);
        if (inbox is not { Extracts: true } || InboxSchema.Of(inbox) is not { } schema)
        {
            await EndAsync(job, backfill, ExtractionBackfill.Stopped, "The inbox has no enabled schema any more.", cancellation);
            return;
        }

        var began = Now;
        var page = await store.Messages.ListAsync(
            new MessageQuery(job.OrgId, inbox.Id, null, null, null, backfill.Before, null, SortOrder.Ascending, AtOnce, backfill.Cursor), cancellation);
        // What is held in quarantine is read when it is released.
        foreach (var message in page.Items.Where(static message => message.Direction == "inbound" && !message.IsKeptBack))
        {
            var failed = 0;
            if (!IsRead(message, schema))
            {
                var outcome = await read.RunAsync(job.OrgId, schema, MessageText.Of(message), cancellation);
                if (!outcome.Succeeded && await StandsStillAsync(job.OrgId, schema, outcome, cancellation))
                {
                    // To go through the rest would only mark it as failed. It goes on with this message.
                    await EndAsync(job, backfill, ExtractionBackfill.Stopped, outcome.Info.Errors.FirstOrDefault() ?? "The provider refused.", cancellation);
                    return;
                }
                await store.Extractions.RecordAsync(outcome.For(message), Now, cancellation);
                failed = outcome.Succeeded ? 0 : 1;
            }
            backfill = backfill with
            {
                Done = backfill.Done + 1, Failed = backfill.Failed + failed, Cursor = new PageCursor(0, message.CreatedAt, message.Id),
            };
        }

        backfill = backfill with { SchemaVersion = schema.Version, Cursor = page.Next ?? backfill.Cursor };
        if (page.Next is null)
            await EndAsync(job, backfill, ExtractionBackfill.Completed, null, cancellation);
        else
            await store.Extractions.AdvanceBackfillAsync(job, backfill, Math.Max(Now, began + (AtOnce * 60_000L / options.BackfillPerMinute)), cancellation);
    }

    /// <summary>Whether nothing can be read at present, rather than one message: then the plainest mail fails too.</summary>
    private async Task<bool> StandsStillAsync(string orgId, ExtractionSchema schema, ExtractionOutcome outcome, CancellationToken cancellation)
    {
        // What is left of the allowance may do for a plain mail, and for no other.
        if (outcome.IsBudgetSpent)
            return true;
        var plain = MessageText.Of("Hello", null, "Hello, and thank you.", time.GetUtcNow());
        return !(await read.RunAsync(orgId, schema, plain, cancellation)).Succeeded;
    }

    /// <summary>By this version of the schema, with success.</summary>
    private static bool IsRead(MailMessage message, ExtractionSchema schema)
    {
        if (message.Extraction is not { } text)
            return false;
        using var info = JsonDocument.Parse(text);
        return info.RootElement.TryGetProperty("schema_version", out var version) && version.TryGetInt32(out var number) && number == schema.Version
            && info.RootElement.TryGetProperty("status", out var status) && status.GetString() is "ok" or "partial";
    }

    private Task<bool> EndAsync(Job job, ExtractionBackfill backfill, string status, string? error, CancellationToken cancellation) =>
        store.Extractions.AdvanceBackfillAsync(job, backfill with { Status = status, EndedAt = Now, Error = error }, null, cancellation);
}
