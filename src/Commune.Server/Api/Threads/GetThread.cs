using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Threads;

/// <summary>Gives one thread with its triage state.</summary>
internal static class GetThread
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string threadId) =>
        ApiJson.Ok(new Envelope<ThreadResponse>(ThreadResponse.From(await ThreadEndpoints.FindAsync(store, http, threadId))));
}
