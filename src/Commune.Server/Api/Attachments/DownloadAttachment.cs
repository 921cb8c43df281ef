using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Attachments;

/// <summary>Serves the bytes behind a signed link, always as a download so that HTML cannot run on the API's origin.</summary>
internal static class DownloadAttachment
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, AttachmentLinks links, AttachmentContent content, string token)
    {
        var named = await links.CheckAsync(token, http.RequestAborted)
            ?? throw ApiException.Forbidden("This download link has expired or was changed; ask for a new one at /v1/attachments/:id/url", "invalid_link");
        var attachment = await store.Messages.GetAttachmentAsync(named.OrgId, named.AttachmentId, http.RequestAborted)
            ?? throw ApiException.NotFound("Attachment");
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        http.Response.Headers.CacheControl = "private, no-store";
        return Results.Stream(await content.OpenAsync(attachment, http.RequestAborted), SafeType(attachment.MediaType),
            attachment.FileName, enableRangeProcessing: true);
    }

    /// <summary>A media type that a sender wrote must not break our header.</summary>
    private static string SafeType(string mediaType) =>
        Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(mediaType, out _) ? mediaType : "application/octet-stream";
}
