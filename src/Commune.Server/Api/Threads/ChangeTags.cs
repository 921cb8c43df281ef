using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Threads;

/// <summary>Adds tags beside the present ones, or removes some.</summary>
internal static class ChangeTags
{
    public static async Task<IResult> AddAsync(HttpContext http, IStore store, TimeProvider time, string threadId)
    {
        var body = await RequestBody.ReadAsync(http);
        return await ThreadEndpoints.ChangeAsync(store, http, time, threadId, new TriageChange(AddTags: TriageInput.Tags(body)));
    }

    public static async Task<IResult> RemoveAsync(HttpContext http, IStore store, TimeProvider time, string threadId)
    {
        var body = await RequestBody.ReadAsync(http);
        return await ThreadEndpoints.ChangeAsync(store, http, time, threadId, new TriageChange(RemoveTags: TriageInput.Tags(body)));
    }
}
