using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Threads;

/// <summary>Changes any of status, assignee and tags in one call; tags replace the present ones.</summary>
internal static class PatchThread
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time, string threadId)
    {
        var body = await RequestBody.ReadAsync(http);
        var assign = body.Member("assigned_to") is not null;
        var change = new TriageChange(
            Status: body.Text("status") is { } status ? TriageInput.Status(status) : null,
            Assign: assign,
            AssignedTo: assign ? TriageInput.Assignee(body) : null,
            ReplaceTags: body.Member("tags") is not null ? TriageInput.Tags(body, emptyIsFine: true) : null);
        return await ThreadEndpoints.ChangeAsync(store, http, time, threadId, change);
    }
}
