using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Messages;

/// <summary>Gives one message, its HTML also as Markdown.</summary>
internal static class GetMessage
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string messageId)
    {
        var message = await store.Messages.GetAsync(Authentication.CallerOf(http).OrgId, messageId, http.RequestAborted)
            ?? throw ApiException.NotFound("Message");
        return ApiJson.Ok(new Envelope<SingleMessageResponse>(SingleMessageResponse.FromStored(message)));
    }
}
