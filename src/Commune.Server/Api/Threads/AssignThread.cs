using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Threads;

/// <summary>Assigns a thread to an agent or user, or to nobody.</summary>
internal static class AssignThread
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time, string threadId)
    {
        var body = await RequestBody.ReadAsync(http);
        return await ThreadEndpoints.ChangeAsync(store, http, time, threadId, new TriageChange(Assign: true, AssignedTo: TriageInput.Assignee(body)));
    }
}
