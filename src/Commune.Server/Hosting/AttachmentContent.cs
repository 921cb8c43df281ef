using Commune.Mail.Mime;
using Commune.Storage;
using Commune.Storage.Blobs;

namespace Commune.Server.Hosting;

/// <summary>Reads the bytes of an attachment: a part of the stored message that carried it, or a blob of its own.</summary>
public sealed class AttachmentContent(IStore store, RawMessages rawMessages, IBlobStore blobs)
{
    /// <exception cref="FileNotFoundException">The bytes that the row refers to are missing: the store is damaged.</exception>
    public async Task<Stream> OpenAsync(Attachment attachment, CancellationToken cancellation)
    {
        if (attachment.BlobKey is { } key)
            return await blobs.OpenAsync(key, cancellation) ?? throw new FileNotFoundException($"Blob {key} is missing from the blob store");
        var raw = await store.Messages.GetRawAsync(attachment.OrgId, attachment.MessageId!, cancellation)
            ?? throw new FileNotFoundException($"The message of attachment {attachment.Id} is missing");
        var part = MimeParser.Parse(await rawMessages.ReadAsync(raw, cancellation)).FindPart(attachment.PartPath!)
            ?? throw new FileNotFoundException($"The part of attachment {attachment.Id} is missing from its message");
        return new MemoryStream(part.DecodeBody(), writable: false);
    }

    public async Task<byte[]> ReadAsync(Attachment attachment, CancellationToken cancellation)
    {
        await using var stream = await OpenAsync(attachment, cancellation);
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }
}
