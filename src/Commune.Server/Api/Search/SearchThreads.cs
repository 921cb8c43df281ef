using System.Text.Json.Serialization;
using Commune.Server.Hosting;
using Commune.Server.Search;
using Commune.Storage;

namespace Commune.Server.Api.Search;

/// <summary>Searches the threads of an inbox or a domain by words and by meaning, best first.</summary>
internal static class SearchThreads
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, SearchMail search)
    {
        var result = await search.SearchAsync(await SearchParameters.ReadAsync(http, store, byThread: true), http.RequestAborted);
        return ApiJson.Ok(SearchEnvelope<FoundThreadResponse>.From(result, FoundThreadResponse.From));
    }
}

/// <summary>A thread that was found, with the message of it that fits best.</summary>
public sealed record FoundThreadResponse
{
    public required string ThreadId { get; init; }
    public string Id => ThreadId;

    /// <summary>The message that the score, the snippet and the highlights are of.</summary>
    public required string MessageId { get; init; }
    public required string? Subject { get; init; }
    public required double Score { get; init; }
    public required string Snippet { get; init; }

    /// <summary><c>message</c>, or <c>attachment</c>: where the snippet is from.</summary>
    public string MatchedIn => MatchedAttachment is null ? "message" : "attachment";
    public required MatchedAttachmentResponse? MatchedAttachment { get; init; }

    /// <summary>Where the words that were asked for stand in the snippet.</summary>
    public required IReadOnlyList<HighlightResponse> Highlights { get; init; }
    public required int MessageCount { get; init; }
    public required string LastMessageAt { get; init; }
    public string LastActivity => LastMessageAt;
    [JsonPropertyName("lastActivityAt")] public string LastActivityAt => LastMessageAt;
    public required string LastDirection { get; init; }
    public string Direction => LastDirection;
    public required IReadOnlyList<string> Participants { get; init; }
    public required bool HasAttachments { get; init; }
    public required string Status { get; init; }
    public required IReadOnlyList<string> Tags { get; init; }
    public required string InboxId { get; init; }
    public required string DomainId { get; init; }

    internal static FoundThreadResponse From(SearchHit hit)
    {
        var thread = hit.Message.Thread;
        return new FoundThreadResponse
        {
            ThreadId = thread.Id,
            MessageId = hit.Message.MessageId,
            Subject = thread.Subject,
            Score = hit.Score,
            Snippet = hit.Excerpt.Text,
            MatchedAttachment = MatchedAttachmentResponse.Of(hit.Message.Attachment),
            Highlights = HighlightResponse.From(hit.Excerpt.Highlights),
            MessageCount = thread.MessageCount,
            LastMessageAt = ApiJson.Time(thread.LastMessageAt),
            LastDirection = thread.LastDirection,
            Participants = thread.Participants,
            HasAttachments = thread.HasAttachments,
            Status = thread.Triage.Status,
            Tags = thread.Triage.Tags,
            InboxId = thread.InboxId,
            DomainId = thread.DomainId,
        };
    }
}
