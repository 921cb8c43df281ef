using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Attachments;

/// <summary>Attachments of received and sent mail (contract section 12).</summary>
public static class AttachmentEndpoints
{
    public static void MapAttachments(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/attachments/upload", UploadAttachment.HandleAsync).Needs(Scopes.AttachmentsWrite);
        v1.MapGet("/attachments/{attachmentId}", GetAttachment.HandleAsync).Needs(Scopes.AttachmentsRead);
        v1.MapGet("/attachments/{attachmentId}/url", GetAttachmentUrl.HandleAsync).Needs(Scopes.AttachmentsRead);
        v1.MapGet("/attachments/download/{token}", DownloadAttachment.HandleAsync);
    }

    internal static async Task<Attachment> FindAsync(IStore store, HttpContext http, string attachmentId) =>
        await store.Messages.GetAttachmentAsync(Authentication.CallerOf(http).OrgId, attachmentId, http.RequestAborted)
        ?? throw ApiException.NotFound("Attachment");
}
