using Commune.Server.Api.AgentView;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Threads;

/// <summary>Threads and their triage state (contract section 9).</summary>
public static class ThreadEndpoints
{
    public static void MapThreads(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/threads", ListThreads.HandleAsync).Needs(Scopes.ThreadsRead);
        v1.MapGet("/threads/{threadId}", GetThread.HandleAsync).Needs(Scopes.ThreadsRead);
        v1.MapPatch("/threads/{threadId}", PatchThread.HandleAsync).Needs(Scopes.ThreadsWrite);
        v1.MapGet("/threads/{threadId}/messages", ListThreadMessages.HandleAsync).Needs(Scopes.ThreadsRead);
        v1.MapGet("/threads/{threadId}/agent-view", GetAgentView.OfThreadAsync).Needs(Scopes.ThreadsRead);
        v1.MapGet("/threads/{threadId}/metadata", GetTriage.HandleAsync).Needs(Scopes.ThreadsRead);
        v1.MapMethods("/threads/{threadId}/status", ["PUT", "PATCH"], SetStatus.HandleAsync).Needs(Scopes.ThreadsWrite);
        v1.MapMethods("/threads/{threadId}/assign", ["PUT", "PATCH"], AssignThread.HandleAsync).Needs(Scopes.ThreadsWrite);
        v1.MapPost("/threads/{threadId}/tags", ChangeTags.AddAsync).Needs(Scopes.ThreadsWrite);
        v1.MapDelete("/threads/{threadId}/tags", ChangeTags.RemoveAsync).Needs(Scopes.ThreadsWrite);
        v1.MapPost("/threads/{threadId}/tags/remove", ChangeTags.RemoveAsync).Needs(Scopes.ThreadsWrite);
    }

    internal static async Task<MailThread> FindAsync(IStore store, HttpContext http, string threadId) =>
        await store.Threads.GetAsync(Authentication.CallerOf(http).OrgId, threadId, http.RequestAborted) ?? throw ApiException.NotFound("Thread");

    /// <summary>Changes the triage state and answers with what it is now.</summary>
    internal static async Task<IResult> ChangeAsync(IStore store, HttpContext http, TimeProvider time, string threadId, TriageChange change)
    {
        var triage = await store.Threads.ChangeTriageAsync(Authentication.CallerOf(http).OrgId, threadId, change,
            time.GetUtcNow().ToUnixTimeMilliseconds(), http.RequestAborted) ?? throw ApiException.NotFound("Thread");
        return ApiJson.Ok(new Envelope<TriageResponse>(TriageResponse.From(triage)));
    }
}
