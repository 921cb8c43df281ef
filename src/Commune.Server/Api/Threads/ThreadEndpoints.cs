using Commune.Server.Api.AgentView;
using Commune.Server.Api.Description;
using Commune.Server.Api.Messages;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Threads;

/// <summary>Threads and their triage state (contract section 9).</summary>
public static class ThreadEndpoints
{
    public static void MapThreads(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/threads", ListThreads.HandleAsync).Needs(Scopes.ThreadsRead)
            .Is(Call.Named("threads.list").Gives<ListEnvelope<ThreadResponse>>().AsksOneOf(QueryField.Inbox, QueryField.Domain).Asks(
            new QueryField("status", "With this status.") { Words = ["open", "needs_reply", "waiting", "closed"] }, new QueryField("tag", "With this tag."),
            new QueryField("assigned_to", "Assigned to this agent or user.")).Ordered("desc").Paged(20, 100));
        v1.MapGet("/threads/{threadId}", GetThread.HandleAsync).Needs(Scopes.ThreadsRead)
            .Is(Call.Named("threads.get").Gives<Envelope<ThreadResponse>>());
        v1.MapPatch("/threads/{threadId}", PatchThread.HandleAsync).Needs(Scopes.ThreadsWrite)
            .Is(Call.Named("threads.update").Takes<TriageRequest>().Gives<Envelope<TriageResponse>>());
        v1.MapGet("/threads/{threadId}/messages", ListThreadMessages.HandleAsync).Needs(Scopes.ThreadsRead)
            .Is(Call.Named("threads.messages").Gives<ListEnvelope<MessageResponse>>().Ordered("asc").Paged(50, 1000));
        v1.MapGet("/threads/{threadId}/agent-view", GetAgentView.OfThreadAsync).Needs(Scopes.ThreadsRead)
            .Is(Call.Named("threads.agentView").Gives<ListEnvelope<AgentViewResponse>>().Ordered("asc").Paged(20, 50)
            .Saying("Gives the messages of a thread ready for a model: cleaned, taken apart, labelled, and all of a page inside one fence."));
        v1.MapGet("/threads/{threadId}/metadata", GetTriage.HandleAsync).Needs(Scopes.ThreadsRead)
            .Is(Call.Named("threads.triage").Gives<TriageEnvelope>());
        v1.MapMethods("/threads/{threadId}/status", ["PUT", "PATCH"], SetStatus.HandleAsync).Needs(Scopes.ThreadsWrite)
            .Is(Call.Named("threads.setStatus").Takes<StatusRequest>().Gives<Envelope<TriageResponse>>());
        v1.MapMethods("/threads/{threadId}/assign", ["PUT", "PATCH"], AssignThread.HandleAsync).Needs(Scopes.ThreadsWrite)
            .Is(Call.Named("threads.assign").Takes<AssignRequest>().Gives<Envelope<TriageResponse>>());
        v1.MapPost("/threads/{threadId}/tags", ChangeTags.AddAsync).Needs(Scopes.ThreadsWrite)
            .Is(Call.Named("threads.addTags").Takes<TagsRequest>().Gives<Envelope<TriageResponse>>().Saying("Adds tags beside the present ones."));
        v1.MapDelete("/threads/{threadId}/tags", ChangeTags.RemoveAsync).Needs(Scopes.ThreadsWrite)
            .Is(Call.Named("threads.removeTags").Takes<TagsRequest>().Gives<Envelope<TriageResponse>>().Saying("Removes tags; those that are not there are ignored."));
        v1.MapPost("/threads/{threadId}/tags/remove", ChangeTags.RemoveAsync).Needs(Scopes.ThreadsWrite)
            .Is(Call.Named("threads.removeTagsByPost").Takes<TagsRequest>().Gives<Envelope<TriageResponse>>().Saying("Removes tags, for clients that send no body with DELETE.").TwinOf("threads.removeTags"));
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
