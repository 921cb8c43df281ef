using Commune.Ai.AttachmentText;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>
/// One job of its lane: reads the files of a stored message, so that they can be searched. What cannot be read costs a line in the log, and the
/// message is found without it.
/// </summary>
internal sealed partial class IndexAttachments(
    IStore store, AttachmentContent content, IndexMail index, TimeProvider time, ILogger<IndexAttachments> log)
{
    private const int MostFiles = 20;

    /// <summary>Messages whose files are read at once: work of the processor, and mail comes first.</summary>
    private const int AtOnce = 2;

    /// <summary>Files on which the program died so often are left alone.</summary>
    private const int MostAttempts = 5;

    /// <summary>For the files of one message together.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>As much of a file is indexed, kept and shown.</summary>
    private static readonly AttachmentLimits Limits = AttachmentLimits.Default with { MaxText = 100_000 };

    private readonly SemaphoreSlim places = new(AtOnce);

    public async Task RunAsync(Job job, CancellationToken cancellation)
    {
        IReadOnlyList<ReadAttachment> files = [];
        if (job.Attempts <= MostAttempts && await store.Messages.GetAsync(job.OrgId, job.Payload, cancellation) is { } message)
        {
            await places.WaitAsync(cancellation);
            try
            {
                files = await ReadAllAsync(message, cancellation);
            }
            finally
            {
                places.Release();
            }
        }
        await store.AttachmentTexts.RecordAsync(job, job.Payload, files, cancellation);
    }

    private async Task<List<ReadAttachment>> ReadAllAsync(MailMessage message, CancellationToken cancellation)
    {
        var files = new List<ReadAttachment>();
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        foreach (var id in message.AttachmentIds.Take(MostFiles))
        {
            if (await ReadAsync(message, id, either.Token, cancellation) is { } file)
                files.Add(file);
        }
        return files;
    }

    /// <param name="within">Ends with the time for the message, too.</param>
    private async Task<ReadAttachment?> ReadAsync(MailMessage message, string id, CancellationToken within, CancellationToken cancellation)
    {
        try
        {
            if (await store.Messages.GetAttachmentAsync(message.OrgId, id, within) is not { } attachment
                || !AttachmentReader.MayHaveText(attachment.FileName) || attachment.Size > Limits.MaxBytes)
                return null;
            var bytes = await content.ReadAsync(attachment, within);
            switch (AttachmentReader.Read(bytes, attachment.FileName, attachment.MediaType, Limits, within))
            {
                case AttachmentReading.Text text:
                    return new ReadAttachment(
                        id, text.Value, index.EntryOf(message.Subject, message.Participants, attachment.FileName, text.Value));
                case AttachmentReading.Unreadable unreadable:
                    LogUnreadable(log, id, unreadable.Reason);
                    break;
            }
        }
        catch (Exception error) when (error is FileNotFoundException or IOException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            LogGivenUp(log, id, error.GetType().Name);
        }
        return null;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Attachment {Id} is not searched: {Reason}")]
    private static partial void LogUnreadable(ILogger log, string id, UnreadableReason reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Attachment {Id} could not be read for search: {Error}")]
    private static partial void LogGivenUp(ILogger log, string id, string error);
}
