using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>Tells whose mail the inbox takes.</summary>
internal static class GetSenderLists
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string inboxId, string? domainId = null)
    {
        var inbox = await InboxEndpoints.FindAsync(store, http, inboxId, domainId);
        return ApiJson.Ok(new Envelope<SenderListsResponse>(SenderListsResponse.From(
            await store.SenderLists.GetAsync(inbox.OrgId, inbox.Id, http.RequestAborted))));
    }
}

/// <param name="Mode"><c>all</c> or <c>allow_only</c>.</param>
internal sealed record SenderListsResponse(string Mode, IReadOnlyList<string> Allow, IReadOnlyList<string> Block)
{
    public static SenderListsResponse From(SenderLists lists) => new(lists.Mode, lists.Allow, lists.Block);
}
