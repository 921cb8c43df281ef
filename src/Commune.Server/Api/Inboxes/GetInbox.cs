using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>Gives one inbox.</summary>
internal static class GetInbox
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string inboxId, string? domainId = null) =>
        ApiJson.Ok(new Envelope<InboxResponse>(InboxResponse.From(await InboxEndpoints.FindAsync(store, http, inboxId, domainId))));
}
