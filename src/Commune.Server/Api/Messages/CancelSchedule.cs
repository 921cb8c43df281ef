using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Messages;

/// <summary>Withdraws a message that waits for its time; what has been cancelled never leaves.</summary>
internal static class CancelSchedule
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time, string messageId)
    {
        var orgId = Authentication.CallerOf(http).OrgId;
        var result = await store.Scheduled.CancelAsync(
            orgId, messageId, "cancelled by request", time.GetUtcNow().ToUnixTimeMilliseconds(), http.RequestAborted);
        if (result == CancelledSchedule.NotScheduled)
            throw ApiException.Conflict("The message is not waiting for its time: it was never scheduled, or is on its way already", "not_scheduled");
        var message = result == CancelledSchedule.UnknownMessage ? null : await store.Messages.GetAsync(orgId, messageId, http.RequestAborted);
        return ApiJson.Ok(new Envelope<MessageResponse>(MessageResponse.FromStored(message ?? throw ApiException.NotFound("Message"))));
    }
}
