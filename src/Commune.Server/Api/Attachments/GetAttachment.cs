using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Attachments;

/// <summary>Gives what is known of an attachment, never its content.</summary>
internal static class GetAttachment
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string attachmentId) =>
        ApiJson.Ok(new Envelope<AttachmentResponse>(AttachmentResponse.From(await AttachmentEndpoints.FindAsync(store, http, attachmentId))));
}

/// <summary>The attachment object of contract section 12.</summary>
public sealed record AttachmentResponse(
    string AttachmentId, string? MessageId, string Filename, string MimeType, long Size, string StorageType, string CreatedAt)
{
    public string Id => AttachmentId;
    /// <summary>What <c>storage_type</c> says of a file of its own; the others are parts of a stored message.</summary>
    internal const string FileStorage = "file";

    public string Source => "email";

    public static AttachmentResponse From(Attachment attachment) => new(attachment.Id, attachment.MessageId, attachment.FileName,
        attachment.MediaType, attachment.Size, attachment.BlobKey is null ? "message" : FileStorage, ApiJson.Time(attachment.CreatedAt));
}
