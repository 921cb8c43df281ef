namespace Commune.Client;

/// <summary>Search by words and by meaning.</summary>
public sealed class SearchCalls
{
    private readonly Transport transport;

    internal SearchCalls(Transport transport) => this.transport = transport;

    /// <summary>Finds threads by what they are about, the best first. An inbox or a domain is needed.</summary>
    /// <param name="cursor"><c>NextCursor</c> of the answer before.</param>
    public Task<SearchAnswer<FoundThread>> ThreadsAsync(
        string query, string? inboxId = null, string? domainId = null, SearchFilter? filter = null, int limit = 20, string? cursor = null, CancellationToken cancellation = default) =>
        SearchAsync<FoundThread>("/v1/search/threads", query, inboxId, domainId, filter, limit, cursor, cancellation);

    /// <summary>Finds messages, the best first. An inbox or a domain is needed.</summary>
    /// <param name="cursor"><c>NextCursor</c> of the answer before.</param>
    public Task<SearchAnswer<FoundMessage>> MessagesAsync(
        string query, string? inboxId = null, string? domainId = null, SearchFilter? filter = null, int limit = 20, string? cursor = null, CancellationToken cancellation = default) =>
        SearchAsync<FoundMessage>("/v1/search/messages", query, inboxId, domainId, filter, limit, cursor, cancellation);

    private Task<SearchAnswer<T>> SearchAsync<T>(
        string path, string query, string? inboxId, string? domainId, SearchFilter? filter, int limit, string? cursor, CancellationToken cancellation)
    {
        filter ??= new SearchFilter();
        return transport.AnswerAsync<SearchAnswer<T>>(
            HttpMethod.Get,
            Transport.With(
                path, ("q", query), ("inbox_id", inboxId), ("domain_id", domainId), ("from", filter.From), ("to", filter.To), ("subject", filter.Subject),
                ("before", filter.Before), ("after", filter.After), ("status", filter.Status), ("tag", filter.Tag),
                ("has_attachment", filter.HasAttachment is { } has ? has ? "true" : "false" : null), ("limit", limit), ("cursor", cursor)),
            null, cancellation);
    }
}

/// <summary>What a result must be; what is null does not matter.</summary>
public sealed record SearchFilter
{
    /// <summary>Words of the sender's name or address.</summary>
    public string? From { get; init; }

    /// <summary>Words of a recipient's name or address.</summary>
    public string? To { get; init; }
    public string? Subject { get; init; }
    public DateTimeOffset? Before { get; init; }
    public DateTimeOffset? After { get; init; }

    /// <summary>Of the thread: <c>open</c>, <c>needs_reply</c>, <c>waiting</c> or <c>closed</c>.</summary>
    public string? Status { get; init; }
    public string? Tag { get; init; }
    public bool? HasAttachment { get; init; }
}

/// <param name="SearchType"><c>vector</c> when meaning ranked the result too, <c>regex</c> when words did alone.</param>
/// <param name="IndexLag">Messages that wait to be indexed.</param>
public sealed record SearchAnswer<T>(IReadOnlyList<T> Data, string SearchType, long IndexLag, string? NextCursor);

/// <param name="MessageId">The message that the score, the snippet and the highlights are of.</param>
/// <param name="Score">0 to 1.</param>
/// <param name="MatchedAttachment">The file that the snippet is from; null when it is from the message.</param>
public sealed record FoundThread(
    string ThreadId, string MessageId, string? Subject, double Score, string Snippet, FoundAttachment? MatchedAttachment, IReadOnlyList<Highlight> Highlights, int MessageCount, DateTimeOffset LastMessageAt,
    string LastDirection, IReadOnlyList<string> Participants, bool HasAttachments, string Status, IReadOnlyList<string> Tags, string InboxId, string DomainId);

/// <param name="Score">0 to 1.</param>
/// <param name="MatchedAttachment">The file that the snippet is from; null when it is from the message.</param>
/// <param name="Status">The triage state of its thread.</param>
public sealed record FoundMessage(
    string MessageId, string ThreadId, string Subject, IReadOnlyList<Highlight> SubjectHighlights, double Score, string Snippet, FoundAttachment? MatchedAttachment, IReadOnlyList<Highlight> Highlights,
    string Direction, string From, IReadOnlyList<string> To, DateTimeOffset CreatedAt, IReadOnlyList<string> Attachments, string InboxId, string DomainId, string Status,
    IReadOnlyList<string> Tags);

/// <summary>A range of a text, its end not included, in UTF-16 code units.</summary>
public sealed record Highlight(int Start, int End);

/// <summary>A file whose text was found.</summary>
public sealed record FoundAttachment(string AttachmentId, string Filename);
