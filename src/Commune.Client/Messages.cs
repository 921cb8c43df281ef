using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Commune.Client;

public sealed class MessageCalls
{
    private readonly Transport transport;

    internal MessageCalls(Transport transport) => this.transport = transport;

    /// <summary>Sends a message. Attempts after the first carry the same idempotency key, so that it is sent once whatever goes wrong on the way.</summary>
    public async Task<SentMessage> SendAsync(NewMessage message, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var key = message.IdempotencyKey ?? Guid.NewGuid().ToString("N");
        var answer = await transport.AnswerAsync<SendAnswer>(HttpMethod.Post, "/v1/messages/send", message with { IdempotencyKey = null }, cancellation, key);
        return answer.Data with { Suppressed = answer.Validation?.Suppressed ?? [] };
    }

    /// <summary>The messages of an inbox, of a domain or from a sender; one of these is needed.</summary>
    public IAsyncEnumerable<Message> ListAsync(
        string? inboxId = null, string? domainId = null, string? sender = null, DateTimeOffset? before = null, DateTimeOffset? after = null, bool oldestFirst = false,
        CancellationToken cancellation = default) =>
        transport.PagesAsync<Message>(
            Transport.With("/v1/messages", ("inbox_id", inboxId), ("domain_id", domainId), ("sender", sender), ("before", before), ("after", after), ("order", oldestFirst ? "asc" : null)),
            cancellation);

    public Task<Message> GetAsync(string messageId, CancellationToken cancellation = default) => transport.DataAsync<Message>(HttpMethod.Get, Path(messageId), null, cancellation);

    /// <summary>The stored bytes of the mail (RFC 5322).</summary>
    public Task<byte[]> RawAsync(string messageId, CancellationToken cancellation = default) => transport.BytesAsync(Path(messageId) + "/raw", cancellation);

    public IAsyncEnumerable<DeliveryAttempt> AttemptsAsync(string messageId, CancellationToken cancellation = default) =>
        transport.PagesAsync<DeliveryAttempt>(Path(messageId) + "/attempts", cancellation);

    /// <summary>Withdraws a message that waits for its time.</summary>
    public Task<Message> CancelAsync(string messageId, CancellationToken cancellation = default) =>
        transport.DataAsync<Message>(HttpMethod.Delete, Path(messageId) + "/schedule", null, cancellation);

    /// <summary>Reads a received message by its inbox's schema once more.</summary>
    /// <param name="dryRun">Keep nothing.</param>
    /// <param name="schema">For a dry run: another schema than the inbox's.</param>
    public Task<Extraction> ExtractAsync(string messageId, bool dryRun = false, JsonObject? schema = null, CancellationToken cancellation = default) =>
        transport.DataAsync<Extraction>(HttpMethod.Post, Path(messageId) + "/extract", new { dryRun, schema }, cancellation);

    /// <summary>The message made ready for a model: cleaned, taken apart, labelled and fenced.</summary>
    public Task<AgentView> AgentViewAsync(string messageId, CancellationToken cancellation = default) =>
        transport.DataAsync<AgentView>(HttpMethod.Get, Path(messageId) + "/agent-view", null, cancellation);

    /// <summary>Releases a message that was held back.</summary>
    public Task<Message> ReleaseAsync(string messageId, CancellationToken cancellation = default) =>
        transport.DataAsync<Message>(HttpMethod.Post, Path(messageId) + "/release", null, cancellation);

    private static string Path(string messageId) => "/v1/messages/" + Transport.Segment(messageId);

    private sealed record SendAnswer(SentMessage Data, Validation? Validation);

    private sealed record Validation(IReadOnlyList<SkippedAddress> Suppressed);
}

/// <summary>A message to send: one of text and html is needed, and a subject but in a reply.</summary>
public sealed record NewMessage
{
    public required IReadOnlyList<string> To { get; init; }
    public IReadOnlyList<string>? Cc { get; init; }
    public IReadOnlyList<string>? Bcc { get; init; }
    public IReadOnlyList<string>? ReplyTo { get; init; }
    public string? Subject { get; init; }
    public string? Text { get; init; }
    public string? Html { get; init; }
    public string? From { get; init; }
    public string? InboxId { get; init; }
    public string? DomainId { get; init; }

    /// <summary>Makes it a reply.</summary>
    public string? ThreadId { get; init; }

    /// <summary>Ids of uploaded or received attachments.</summary>
    public IReadOnlyList<string>? Attachments { get; init; }
    public IReadOnlyDictionary<string, string>? Headers { get; init; }
    public DateTimeOffset? SendAt { get; init; }
    public bool? CancelOnReply { get; init; }
    public bool? AutoSubmitted { get; init; }
    public bool? Unsubscribe { get; init; }

    /// <summary>Null makes one for this call. Give your own to repeat the call later, or from another process.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <param name="Status"><c>queued</c>, <c>scheduled</c>, or <c>suppressed</c> when nobody is left to send to.</param>
public sealed record SentMessage(string Id, string ThreadId, string SmtpMessageId, string Status, IReadOnlyList<string> To, string Subject)
{
    /// <summary>Recipients that were skipped.</summary>
    public IReadOnlyList<SkippedAddress> Suppressed { get; init; } = [];
}

public sealed record SkippedAddress(string Email, string Reason);

public sealed record Message(
    string MessageId, string ThreadId, string Direction, IReadOnlyList<Participant> Participants, string Content, string? ContentHtml, string? ContentMarkdown, string ReplyText,
    IReadOnlyList<string> Attachments, JsonElement? ExtractedData, DateTimeOffset CreatedAt, string From, IReadOnlyList<string> To, string Subject, MessageMetadata Metadata);

/// <param name="Role"><c>sender</c>, <c>to</c>, <c>cc</c> or <c>bcc</c>.</param>
public sealed record Participant(string Role, string Identity, string? Name);

public sealed record MessageMetadata(
    string? InReplyTo, IReadOnlyList<string> References, string DomainId, string InboxId, string InboxAddress, string? MessageId, string? DeliveryStatus, JsonElement? DeliveryData,
    JsonElement? Authentication, JsonElement? Extraction, bool SpamChecked, double? SpamScore, string? SpamAction, bool? SpamFlagged, IReadOnlyList<string>? SpamReasons,
    bool PromptInjectionChecked, bool? PromptInjectionDetected, string? PromptInjectionRisk, double? PromptInjectionScore, string? PromptInjectionSignals, bool Quarantined,
    bool? Blocked);

/// <summary>What was read out of a text by a schema.</summary>
/// <param name="MessageId">Null for text that is no message.</param>
/// <param name="ExtractedData">Null when nothing was.</param>
/// <param name="DryRun">Nothing was kept.</param>
public sealed record Extraction(string? MessageId, JsonElement? ExtractedData, [property: JsonPropertyName("extraction")] ExtractionInfo Info, bool DryRun);

/// <param name="Fields">Where each field was found, by its path.</param>
/// <param name="Unverified">What a model said and the text does not bear out.</param>
public sealed record ExtractionInfo(
    string Status, string Method, string? Model, string SchemaName, int SchemaVersion, DateTimeOffset At, IReadOnlyDictionary<string, FieldEvidence> Fields,
    IReadOnlyDictionary<string, FieldEvidence?> Unverified, IReadOnlyList<string> Errors);

public sealed record FieldEvidence(string Quote, int Start, int End, double Confidence, string? Source);

public sealed record DeliveryAttempt(string Id, string Recipient, DateTimeOffset At, string Outcome, int? Code, string Reply, string? Host, string? Address, AttemptTls? Tls);

public sealed record AttemptTls(string Version, string? Cipher, bool Verified);
