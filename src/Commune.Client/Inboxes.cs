using System.Text.Json;
using System.Text.Json.Nodes;

namespace Commune.Client;

public sealed class InboxCalls
{
    private readonly Transport transport;

    internal InboxCalls(Transport transport) => this.transport = transport;

    /// <summary>The inboxes at one domain, or all.</summary>
    public IAsyncEnumerable<Inbox> ListAsync(string? domainId = null, CancellationToken cancellation = default) =>
        transport.PagesAsync<Inbox>(Transport.With("/v1/inboxes", ("domain_id", domainId)), cancellation);

    /// <param name="domainId">Null for the shared domain.</param>
    public Task<Inbox> CreateAsync(string localPart, string? name = null, string? domainId = null, WebhookSetting? webhook = null, CancellationToken cancellation = default) =>
        transport.DataAsync<Inbox>(HttpMethod.Post, "/v1/inboxes", new { localPart, name, domainId, webhook }, cancellation);

    public Task<Inbox> GetAsync(string inboxId, CancellationToken cancellation = default) => transport.DataAsync<Inbox>(HttpMethod.Get, Path(inboxId), null, cancellation);

    public Task<Inbox> UpdateAsync(string inboxId, InboxChange change, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        var body = JsonSerializer.SerializeToNode(change, Transport.Json)!.AsObject();
        if (change.RemoveWebhook)
            body["webhook"] = null;
        if (change.RemoveScreening)
            body["screening"] = null;
        return transport.DataAsync<Inbox>(HttpMethod.Patch, Path(inboxId), body, cancellation);
    }

    public Task DeleteAsync(string inboxId, CancellationToken cancellation = default) => transport.DataAsync<Done>(HttpMethod.Delete, Path(inboxId), null, cancellation);

    public Task<Inbox> SetWebhookAsync(string inboxId, WebhookSetting webhook, CancellationToken cancellation = default) =>
        transport.DataAsync<Inbox>(HttpMethod.Post, Path(inboxId) + "/webhook", webhook, cancellation);

    /// <param name="schema">A JSON Schema of type object with properties.</param>
    public Task<Inbox> SetExtractionSchemaAsync(
        string inboxId, string name, JsonObject schema, string? description = null, bool enabled = true, CancellationToken cancellation = default) =>
        transport.DataAsync<Inbox>(HttpMethod.Put, Path(inboxId) + "/extraction-schema", new { name, description, schema, enabled }, cancellation);

    public Task<Inbox> RemoveExtractionSchemaAsync(string inboxId, CancellationToken cancellation = default) =>
        transport.DataAsync<Inbox>(HttpMethod.Delete, Path(inboxId) + "/extraction-schema", null, cancellation);

    /// <summary>Tries a schema, the inbox's own without one, on a text. Nothing is kept.</summary>
    public Task<Extraction> TestExtractionSchemaAsync(
        string inboxId, string text, JsonObject? schema = null, string? subject = null, string? from = null, CancellationToken cancellation = default) =>
        transport.DataAsync<Extraction>(HttpMethod.Post, Path(inboxId) + "/extraction-schema/test", new { schema, text, subject, from }, cancellation);

    /// <summary>Tries a schema, the inbox's own without one, on a message of the inbox. Nothing is kept.</summary>
    public Task<Extraction> TestExtractionSchemaOnMessageAsync(string inboxId, string messageId, JsonObject? schema = null, CancellationToken cancellation = default) =>
        transport.DataAsync<Extraction>(HttpMethod.Post, Path(inboxId) + "/extraction-schema/test", new { schema, messageId }, cancellation);

    /// <summary>Has the older mail of the inbox read by its schema, or tells of the backfill under way.</summary>
    public Task<Backfill> StartBackfillAsync(string inboxId, CancellationToken cancellation = default) =>
        transport.DataAsync<Backfill>(HttpMethod.Post, Path(inboxId) + "/extraction-schema/backfill", null, cancellation);

    /// <summary>How far that is.</summary>
    public Task<Backfill> BackfillAsync(string inboxId, CancellationToken cancellation = default) =>
        transport.DataAsync<Backfill>(HttpMethod.Get, Path(inboxId) + "/extraction-schema/backfill", null, cancellation);

    /// <summary>Whose mail the inbox takes.</summary>
    public Task<SenderLists> SenderListsAsync(string inboxId, CancellationToken cancellation = default) =>
        transport.DataAsync<SenderLists>(HttpMethod.Get, Path(inboxId) + "/lists", null, cancellation);

    /// <summary>Sets whose mail the inbox takes; what is null stays as it is.</summary>
    /// <param name="mode"><c>all</c> or <c>allow_only</c>.</param>
    /// <param name="allow">Addresses, <c>@example.com</c> for a domain, <c>@.example.com</c> for what is below it.</param>
    public Task<SenderLists> SetSenderListsAsync(
        string inboxId, string? mode = null, IReadOnlyList<string>? allow = null, IReadOnlyList<string>? block = null, CancellationToken cancellation = default) =>
        transport.DataAsync<SenderLists>(HttpMethod.Put, Path(inboxId) + "/lists", new { mode, allow, block }, cancellation);

    /// <summary>Waits for the next message that matches, with the code or the link in it.</summary>
    /// <param name="after">Also what came since: a cursor, or how long ago, such as <c>30s</c>.</param>
    public Task<AwaitedMessage> WaitAsync(
        string inboxId, TimeSpan timeout, string? from = null, string? subject = null, string? after = null, CancellationToken cancellation = default) =>
        transport.AnswerAsync<AwaitedMessage>(
            HttpMethod.Get, Transport.With(Path(inboxId) + "/wait", ("timeout", timeout.TotalSeconds), ("from", from), ("subject", subject), ("after", after)), null, cancellation,
            patience: timeout);

    private static string Path(string inboxId) => "/v1/inboxes/" + Transport.Segment(inboxId);
}

public sealed record Inbox(
    string Id, string LocalPart, string Address, string? DisplayName, InboxWebhook? Webhook, JsonElement? ExtractionSchema, Screening? Screening, string Status, string DomainId, string DomainName,
    DateTimeOffset CreatedAt);

public sealed record InboxWebhook(
    string Endpoint, IReadOnlyList<string> Events, string Secret, string Status, string? DisabledReason, DateTimeOffset? FormerSecretUntil, bool AgentView);

/// <summary>From which scores on, 0 to 1, mail is refused or held back; null never.</summary>
public sealed record Screening(double? SpamReject = null, double? SpamQuarantine = null, double? InjectionReject = null, double? InjectionQuarantine = null);

public sealed record SenderLists(string Mode, IReadOnlyList<string> Allow, IReadOnlyList<string> Block);

/// <param name="Status"><c>running</c>, <c>completed</c> or <c>stopped</c>.</param>
public sealed record Backfill(
    string InboxId, string Status, int SchemaVersion, long Total, long Done, long Failed, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string? Error);

/// <param name="Secret">Null keeps the present one, or lets the server make one.</param>
/// <param name="AgentView">Put the message made ready for a model into the call as well.</param>
public sealed record WebhookSetting(string Endpoint, IReadOnlyList<string>? Events = null, string? Secret = null, bool? AgentView = null);

/// <summary>What is null stays as it is.</summary>
public sealed record InboxChange
{
    public string? LocalPart { get; init; }
    public string? Name { get; init; }
    public WebhookSetting? Webhook { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public bool RemoveWebhook { get; init; }

    /// <summary>Replaces all thresholds.</summary>
    public Screening? Screening { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public bool RemoveScreening { get; init; }

    /// <summary><c>active</c> or <c>inactive</c>.</summary>
    public string? Status { get; init; }
}

/// <param name="Data">Null when the time was over.</param>
/// <param name="Cursor">Given as <c>after</c>, the next call goes on behind what this one saw.</param>
public sealed record AwaitedMessage(AwaitedMail? Data, bool TimedOut, string Cursor);

public sealed record AwaitedMail(Message Message, FoundCode? Code, FoundLink? Link, bool? SenderAuthenticated);

public sealed record FoundCode(string Value, string Printed, string Source);

public sealed record FoundLink(string Url, string Host, string? Text, string Purpose, string Source);
