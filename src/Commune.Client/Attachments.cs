namespace Commune.Client;

public sealed class AttachmentCalls
{
    private readonly Transport transport;

    internal AttachmentCalls(Transport transport) => this.transport = transport;

    /// <summary>Stores a file to be sent; its id goes into <see cref="NewMessage.Attachments"/>.</summary>
    public Task<Attachment> UploadAsync(string fileName, byte[] content, CancellationToken cancellation = default) =>
        transport.DataAsync<Attachment>(HttpMethod.Post, "/v1/attachments/upload", new RawContent(content, "application/octet-stream", fileName), cancellation);

    public Task<Attachment> GetAsync(string attachmentId, CancellationToken cancellation = default) =>
        transport.DataAsync<Attachment>(HttpMethod.Get, Path(attachmentId), null, cancellation);

    /// <summary>A link that works without credentials until it expires.</summary>
    public Task<AttachmentLink> GetUrlAsync(string attachmentId, TimeSpan? lifetime = null, CancellationToken cancellation = default) =>
        transport.DataAsync<AttachmentLink>(HttpMethod.Get, Transport.With(Path(attachmentId) + "/url", ("expires_in", (long?)lifetime?.TotalSeconds)), null, cancellation);

    /// <summary>The file itself, by a link of its own.</summary>
    public async Task<byte[]> DownloadAsync(string attachmentId, CancellationToken cancellation = default)
    {
        var link = await GetUrlAsync(attachmentId, TimeSpan.FromMinutes(5), cancellation);
        // The path alone: the link may name the server otherwise than we reach it.
        return await transport.BytesAsync(new Uri(link.Url).PathAndQuery, cancellation);
    }

    private static string Path(string attachmentId) => "/v1/attachments/" + Transport.Segment(attachmentId);
}

public sealed record Attachment(string AttachmentId, string? MessageId, string Filename, string MimeType, long Size, string StorageType);

public sealed record AttachmentLink(string Url, int ExpiresIn, string Filename, string MimeType, long Size);
