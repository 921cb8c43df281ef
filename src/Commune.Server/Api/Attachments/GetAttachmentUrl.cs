using System.Globalization;
using System.Text.Json.Serialization;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Attachments;

/// <summary>Gives a link that downloads the attachment without credentials until it expires.</summary>
internal static class GetAttachmentUrl
{
    private const int Standard = 3600;
    private static readonly int Most = (int)LinkKeys.LongestLife.TotalSeconds;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, AttachmentLinks links, PublicAddress address, TimeProvider time, string attachmentId)
    {
        var seconds = long.TryParse(http.Request.Query.Text("expires_in"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var given)
            ? (int)Math.Clamp(given, 1, Most) : Standard;
        var attachment = await AttachmentEndpoints.FindAsync(store, http, attachmentId);
        var token = await links.SignAsync(attachment.OrgId, attachment.Id, time.GetUtcNow().AddSeconds(seconds), http.RequestAborted);
        return ApiJson.Ok(new AttachmentUrlEnvelope(new AttachmentUrlResponse(
            $"{address.Of(http.Request)}/v1/attachments/download/{token}", seconds, attachment.FileName, attachment.MediaType, attachment.Size)));
    }
}

public sealed record AttachmentUrlResponse(string Url, int ExpiresIn, string Filename, string MimeType, long Size)
{
    [JsonPropertyName("expiresIn")] public int ExpiresInAlias => ExpiresIn;
    [JsonPropertyName("mimeType")] public string MimeTypeAlias => MimeType;
}

/// <summary>The link under <c>data</c>, with the top-level copies that the CLI prints.</summary>
public sealed record AttachmentUrlEnvelope(AttachmentUrlResponse Data)
{
    public string Url => Data.Url;
    public int ExpiresIn => Data.ExpiresIn;
}
