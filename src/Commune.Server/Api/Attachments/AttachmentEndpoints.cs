using Commune.Server.Api.Description;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Attachments;

/// <summary>Attachments of received and sent mail (contract section 12).</summary>
public static class AttachmentEndpoints
{
    public static void MapAttachments(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/attachments/upload", UploadAttachment.HandleAsync).Needs(Scopes.AttachmentsWrite)
            .Is(Call.Named("attachments.upload").Takes<UploadRequest>().TakesRaw("application/octet-stream").Gives<UploadEnvelope>(StatusCodes.Status201Created)
            .ReadsHeader(new QueryField("X-Filename", "With this header the body is the file itself, of whatever content type; percent-encode names that are not ASCII."))
            .Fails(413, "The file is larger than 10 MB, or the organisation's storage is full"));
        v1.MapGet("/attachments/{attachmentId}", GetAttachment.HandleAsync).Needs(Scopes.AttachmentsRead)
            .Is(Call.Named("attachments.get").Gives<Envelope<AttachmentResponse>>());
        v1.MapGet("/attachments/{attachmentId}/url", GetAttachmentUrl.HandleAsync).Needs(Scopes.AttachmentsRead)
            .Is(Call.Named("attachments.getUrl").Gives<AttachmentUrlEnvelope>()
            .Asks(new QueryField("expires_in", "Seconds that the link works.") { Kind = "integer", Least = 1, Most = 604_800, Standard = 3600, Example = "3600" }));
        v1.MapGet("/attachments/download/{token}", DownloadAttachment.HandleAsync)
            .Is(Call.Named("attachments.download").GivesRaw("application/octet-stream").Fails(403, "The link has expired or was changed"));
    }

    internal static async Task<Attachment> FindAsync(IStore store, HttpContext http, string attachmentId) =>
        await store.Messages.GetAttachmentAsync(Authentication.CallerOf(http).OrgId, attachmentId, http.RequestAborted)
        ?? throw ApiException.NotFound("Attachment");
}
