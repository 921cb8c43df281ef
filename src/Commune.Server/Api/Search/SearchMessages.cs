using Commune.Server.Hosting;
using Commune.Server.Search;
using Commune.Storage;

namespace Commune.Server.Api.Search;

/// <summary>Searches the messages of an inbox or a domain by words and by meaning, best first.</summary>
internal static class SearchMessages
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, SearchMail search)
    {
        var result = await search.SearchAsync(await SearchParameters.ReadAsync(http, store, byThread: false), http.RequestAborted);
        return ApiJson.Ok(SearchEnvelope<FoundMessageResponse>.From(result, FoundMessageResponse.Of));
    }
}

/// <summary>A message that was found.</summary>
public sealed record FoundMessageResponse
{
    public required string MessageId { get; init; }
    public string Id => MessageId;
    public required string ThreadId { get; init; }
    public required string Subject { get; init; }

    /// <summary>Where the words that were asked for stand in the subject.</summary>
    public required IReadOnlyList<HighlightResponse> SubjectHighlights { get; init; }
    public required double Score { get; init; }
    public required string Snippet { get; init; }

    /// <summary><c>message</c>, or <c>attachment</c>: where the snippet is from.</summary>
    public string MatchedIn => MatchedAttachment is null ? "message" : "attachment";
    public required MatchedAttachmentResponse? MatchedAttachment { get; init; }

    /// <summary>Where they stand in the snippet.</summary>
    public required IReadOnlyList<HighlightResponse> Highlights { get; init; }
    public required string Direction { get; init; }
    public required string From { get; init; }
    public required IReadOnlyList<string> To { get; init; }
    public required string CreatedAt { get; init; }
    public required bool HasAttachments { get; init; }
    public required IReadOnlyList<string> Attachments { get; init; }
    public required string InboxId { get; init; }
    public required string DomainId { get; init; }

    /// <summary>The triage state of its thread.</summary>
    public required string Status { get; init; }
    public required IReadOnlyList<string> Tags { get; init; }

    internal static FoundMessageResponse Of(SearchHit hit)
    {
        var message = hit.Message;
        return new FoundMessageResponse
        {
            MessageId = message.MessageId,
            ThreadId = message.Thread.Id,
            Subject = message.Subject,
            SubjectHighlights = HighlightResponse.From(hit.SubjectHighlights),
            Score = hit.Score,
            Snippet = hit.Excerpt.Text,
            MatchedAttachment = MatchedAttachmentResponse.Of(hit.Message.Attachment),
            Highlights = HighlightResponse.From(hit.Excerpt.Highlights),
            Direction = message.Direction,
            From = message.Participants.FirstOrDefault(static participant => participant.Role == "sender")?.Identity ?? "",
            To = [.. message.Participants.Where(static participant => participant.Role == "to").Select(static participant => participant.Identity)],
            CreatedAt = ApiJson.Time(message.CreatedAt),
            HasAttachments = message.AttachmentIds.Count > 0,
            Attachments = message.AttachmentIds,
            InboxId = message.Thread.InboxId,
            DomainId = message.Thread.DomainId,
            Status = message.Thread.Triage.Status,
            Tags = message.Thread.Triage.Tags,
        };
    }
}
