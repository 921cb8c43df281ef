using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Messages;

/// <summary>Gives the stored RFC 5322 bytes of a message as <c>message/rfc822</c>.</summary>
internal static class GetRawMessage
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, RawMessages rawMessages, string messageId)
    {
        var raw = await store.Messages.GetRawAsync(Authentication.CallerOf(http).OrgId, messageId, http.RequestAborted)
            ?? throw ApiException.NotFound("Message");
        return Results.Stream(await rawMessages.OpenAsync(raw, http.RequestAborted), "message/rfc822", messageId + ".eml", enableRangeProcessing: true);
    }
}
