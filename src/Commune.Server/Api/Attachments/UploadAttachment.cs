using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Serialization;
using Commune.Server.Hosting;
using Commune.Server.Outbound;
using Commune.Storage;
using Commune.Storage.Blobs;

namespace Commune.Server.Api.Attachments;

/// <summary>Stores a file to be sent: base64 in JSON, or, with the header <c>X-Filename</c>, the body itself.</summary>
internal static class UploadAttachment
{
    /// <summary>The largest file, decoded (contract section 12).</summary>
    private const int MostBytes = 10 * 1024 * 1024;
    private const int MostNameCharacters = 255;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, IBlobStore blobs, StorageQuota quota, TimeProvider time)
    {
        var caller = Authentication.CallerOf(http);
        var file = http.Request.Headers.TryGetValue("X-Filename", out var header) && !string.IsNullOrWhiteSpace(header)
            ? RawBody(http.Request, header.ToString())
            : InJson(await RequestBody.ReadAsync(http));

        var blob = await blobs.PutAsync(file.Content, http.RequestAborted);
        if (blob.Size == 0)
            throw ApiException.Invalid("content", "The file is empty; an attachment holds at least one byte");
        var attachment = new Attachment(caller.OrgId, EntityId.New("att_"), null, null, blob.Key, file.Name, file.MediaType, blob.Size, null,
            time.GetUtcNow().ToUnixTimeMilliseconds());
        if (!await store.Messages.AddAttachmentAsync(attachment, quota.Of(caller), http.RequestAborted))
            throw TooLarge("The organisation's storage for uploaded attachments is full; delete data that is no longer needed, or ask the operator for more", "storage_quota_exceeded");
        return ApiJson.Created(new UploadEnvelope(new UploadResponse(attachment.Id, attachment.FileName, attachment.MediaType, attachment.Size)));
    }

    private static Upload InJson(RequestBody body)
    {
        var name = SafeName(body.RequiredText("filename", "file_name"));
        var mediaType = MediaType(body.Text("mime_type", "content_type"), name);
        var text = body.Text("content") ?? throw ApiException.Invalid("content", "content is required: the file as base64");
        // Four characters hold three bytes: what is far too long need not be decoded first.
        if (text.Length / 4L * 3 > MostBytes + 3)
            throw FileTooLarge();
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
            throw ApiException.Invalid("content", "content must be the file as base64");
        return length <= MostBytes ? new Upload(name, mediaType, new MemoryStream(bytes, 0, length, writable: false)) : throw FileTooLarge();
    }

    private static Upload RawBody(HttpRequest request, string header)
    {
        if (request.ContentLength > MostBytes)
            throw FileTooLarge();
        var name = SafeName(Decoded(header));
        return new Upload(name, MediaTypes.OfFileName(name), new BoundedStream(request.Body, MostBytes, FileTooLarge));
    }

    /// <summary>A header cannot carry every name, so clients write it percent-encoded; one that is not stays as it is.</summary>
    private static string Decoded(string header) => header.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(header) : header;

    /// <summary>The last segment of a path, without control characters: names go into mail headers and downloads.</summary>
    private static string SafeName(string text)
    {
        var last = text[(text.LastIndexOfAny(['/', '\\']) + 1)..];
        var name = new StringBuilder();
        foreach (var rune in last.EnumerateRunes())
        {
            if (!Rune.IsControl(rune))
                name.Append(rune);
        }
        var safe = name.ToString().Trim();
        return safe.Length is > 0 and <= MostNameCharacters ? safe
            : throw ApiException.Invalid("filename", $"filename must be a name of 1 to {MostNameCharacters} characters, such as invoice.pdf");
    }

    private static string MediaType(string? given, string name)
    {
        if (string.IsNullOrWhiteSpace(given))
            return MediaTypes.OfFileName(name);
        return MediaTypeHeaderValue.TryParse(given, out var type) && type.MediaType is { } known ? known.ToLowerInvariant()
            : throw ApiException.Invalid("mime_type", "mime_type must be a media type, such as application/pdf");
    }

    private static ApiException FileTooLarge() => TooLarge("The file is larger than 10 MB; send a link to it instead", "file_too_large");

    private static ApiException TooLarge(string what, string code) => new(StatusCodes.Status413PayloadTooLarge, new ErrorBody(what, code));

    private sealed record Upload(string Name, string MediaType, Stream Content);
}

public sealed record UploadResponse(string AttachmentId, string Filename, string MimeType, long Size)
{
    public string StorageType => AttachmentResponse.FileStorage;
}

/// <summary>The upload under <c>data</c>, with the top-level copies that the CLI prints.</summary>
public sealed record UploadEnvelope(UploadResponse Data)
{
    public string Id => Data.AttachmentId;
    [JsonPropertyName("attachmentId")] public string AttachmentId => Data.AttachmentId;
}
