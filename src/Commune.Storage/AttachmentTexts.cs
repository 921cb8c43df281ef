namespace Commune.Storage;

/// <summary>What was read out of a file, and what the index keeps of it.</summary>
public sealed record ReadAttachment(string AttachmentId, string Text, SearchEntry Entry);

/// <summary>The texts of attachments. In the index each is a document of its own, which goes with its message.</summary>
public interface IAttachmentTextStore
{
    /// <summary>
    /// Keeps and indexes the files of a message and ends the job, in one transaction. A message that is gone, not indexed yet, or whose files are
    /// indexed already is left as it is.
    /// </summary>
    /// <returns>False when the lease was lost; nothing has changed then.</returns>
    Task<bool> RecordAsync(Job job, string messageId, IReadOnlyList<ReadAttachment> files, CancellationToken cancellation);
}
