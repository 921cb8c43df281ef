using Commune.Server.Api.Description;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Search;

/// <summary>Search (contract section 11).</summary>
public static class SearchEndpoints
{
    private const string Nothing = "Does nothing: everything is indexed as it is stored. Older clients ask for it.";

    public static void MapSearch(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/search/threads", SearchThreads.HandleAsync).Needs(Scopes.ThreadsRead)
            .Is(Search("search.threads").Gives<SearchEnvelope<FoundThreadResponse>>());
        v1.MapGet("/search/messages", SearchMessages.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Search("search.messages").Gives<SearchEnvelope<FoundMessageResponse>>());
        v1.MapPost("/search/index", (Delegate)IndexAsync).Needs(Scopes.ThreadsRead)
            .Is(Call.Named("search.index").Gives<Envelope<Indexed>>().Saying(Nothing).Deprecated());
        v1.MapPost("/search/index/batch", (Delegate)IndexAsync).Needs(Scopes.ThreadsRead)
            .Is(Call.Named("search.indexBatch").Gives<Envelope<Indexed>>().Saying(Nothing).Deprecated().TwinOf("search.index"));
    }

    private static Call Search(string id) => Call.Named(id)
        .Asks(new QueryField("q", "The words to search for; at most 2000 characters. Filters such as from:kim@example.com may stand among them.") { Required = true, Example = "private text" })
        .AsksOneOf(QueryField.Inbox, QueryField.Domain)
        .Asks(
            new QueryField("from", "With these words in the sender's name or address."), new QueryField("to", "With these words in a recipient's name or address."),
            new QueryField("subject", "With these words in the subject."), new QueryField("before", "Older than this.") { Kind = "date-time" },
            new QueryField("after", "Newer than this.") { Kind = "date-time" },
            new QueryField("status", "In a thread with this status.") { Words = ["open", "needs_reply", "waiting", "closed"] },
            new QueryField("tag", "In a thread with this tag."), new QueryField("has_attachment", "With an attachment, or without one.") { Words = ["true", "false"] })
        .Paged(20, 100);

    /// <summary>
    /// Calls by which older clients asked for a conversation to be indexed. Everything is indexed as it is stored, so there is nothing left to do
    /// (contract section 18).
    /// </summary>
    private static async Task<IResult> IndexAsync(HttpContext http)
    {
        await RequestBody.ReadAsync(http);
        return ApiJson.Ok(new Envelope<Indexed>(new Indexed(true)));
    }

    internal sealed record Indexed(bool Success)
    {
        public string Message => "Mail is indexed as it is stored; this call does nothing.";
    }
}
