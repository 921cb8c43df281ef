using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Threads;

/// <summary>Sets the status of a thread.</summary>
internal static class SetStatus
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time, string threadId)
    {
        var body = await RequestBody.ReadAsync(http);
        return await ThreadEndpoints.ChangeAsync(store, http, time, threadId, new TriageChange(Status: TriageInput.Status(body.RequiredText("status"))));
    }
}
