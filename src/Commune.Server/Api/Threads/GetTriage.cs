using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Threads;

/// <summary>Gives the tags, status and assignee of a thread.</summary>
internal static class GetTriage
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string threadId) =>
        ApiJson.Ok(new TriageEnvelope(TriageResponse.From((await ThreadEndpoints.FindAsync(store, http, threadId)).Triage)));
}
