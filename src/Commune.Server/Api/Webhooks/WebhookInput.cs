using System.Text.Json;
using Commune.Server.Api.Description;
using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>The settings of an organisation's endpoint in a request: what is absent, and null here, keeps its present value.</summary>
/// <param name="Description">Empty removes it.</param>
internal sealed record WebhookInput(
    string? Endpoint, IReadOnlyList<string>? Events, IReadOnlyList<string>? InboxIds, string? Secret, IReadOnlyDictionary<string, string>? Headers, string? Description,
    bool? Enabled)
{
    private const int MostEvents = 50;
    private const int MostInboxes = 1000;
    private const int MostHeaders = 20;
    private const int LongestHeaderName = 100;
    private const int LongestHeaderValue = 4096;
    private const int LongestDescription = 500;

    /// <summary>Headers by which HTTP works, or which are ours: a value from elsewhere would break calls or forge what we say.</summary>
    private static readonly HashSet<string> Structural = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept-Encoding", "Connection", "Cookie", "Date", "Expect", "Host", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "User-Agent", "Via",
    };

    private static readonly string[] StructuralFamilies = ["content-", "proxy-", "webhook-", "x-commune-", "sec-", ":"];

    /// <param name="isNew">An endpoint is needed.</param>
    public static WebhookInput Read(RequestBody body, bool isNew)
    {
        var endpoint = isNew ? body.RequiredText("endpoint", "url") : body.Text("endpoint", "url");
        if (endpoint is not null)
            endpoint = InboxSettings.Endpoint(endpoint, "endpoint");
        var secret = body.Text("secret");
        InboxSettings.CheckSecret(secret, "secret");
        var enabled = body.Flag("enabled");
        var description = body.Member("description") is null ? null : body.Text("description")?.ReplaceLineEndings(" ").Trim() ?? "";
        if (description is { Length: > LongestDescription })
            throw ApiException.Invalid("description", $"description must be at most {LongestDescription} characters");
        return new WebhookInput(endpoint, EventsOf(body), InboxIdsOf(body), secret, HeadersOf(body), description, enabled);
    }

    public WebhookEndpoint New(string orgId, long now) => new(
        orgId, EntityId.New("wh_"), Endpoint!, Events ?? ["message.received"], InboxIds ?? [], string.IsNullOrEmpty(Secret) ? InboxSettings.NewSecret() : Secret,
        null, null, Headers ?? NoHeaders(), string.IsNullOrEmpty(Description) ? null : Description,
        Enabled ?? true, null, now, now);

    public WebhookEndpoint Over(WebhookEndpoint present, long now)
    {
        var endpoint = Endpoint ?? present.Endpoint;
        // An endpoint that said that it is gone is called again when somebody sets it, or says so.
        var revived = Enabled is true || endpoint != present.Endpoint;
        return present with
        {
            Endpoint = endpoint,
            Events = Events ?? present.Events,
            InboxIds = InboxIds ?? present.InboxIds,
            Secret = string.IsNullOrEmpty(Secret) ? present.Secret : Secret,
            // They are secrets of one host; whoever may change the URL need not know them.
            Headers = Headers ?? (IsSameHost(endpoint, present.Endpoint) ? present.Headers : NoHeaders()),
            Description = Description is null ? present.Description : Description.Length == 0 ? null : Description,
            Enabled = Enabled ?? present.Enabled,
            DisabledReason = revived ? null : present.DisabledReason,
            UpdatedAt = now,
        };
    }

    private static bool IsSameHost(string one, string other) =>
        Uri.Compare(new Uri(one), new Uri(other), UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static Dictionary<string, string> NoHeaders() => new(StringComparer.OrdinalIgnoreCase);

    private static IReadOnlyList<string>? EventsOf(RequestBody body)
    {
        if (body.Texts("events") is not { } events)
            return null;
        if (events.Count is 0 or > MostEvents)
            throw ApiException.Invalid("events", $"events must hold 1 to {MostEvents} types; \"*\" is all of them");
        foreach (var text in events)
        {
            if (EventPattern.TryRead(text) is not { } pattern)
                throw ApiException.Invalid("events", "events must hold types of event such as message.received, thread.* or *");
            // An endpoint that waits for a type that does not exist is never called, and nobody would know why.
            if (!EventTypes.All.Any(type => pattern.Takes(type.Name)))
                throw ApiException.Invalid("events", $"There is no event {text}; docs/events.md and /openapi.json list the types");
        }
        return [.. events.Distinct(StringComparer.Ordinal)];
    }

    private static IReadOnlyList<string>? InboxIdsOf(RequestBody body) => body.Texts("inbox_ids") switch
    {
        null => body.Member("inbox_ids") is null ? null : [],
        { Count: > MostInboxes } => throw ApiException.Invalid("inbox_ids", $"inbox_ids must hold at most {MostInboxes} ids; leave it out for all inboxes"),
        var ids => [.. ids.Distinct(StringComparer.Ordinal)],
    };

    private static Dictionary<string, string>? HeadersOf(RequestBody body)
    {
        switch (body.Member("headers"))
        {
            case null:
                return null;
            case { ValueKind: JsonValueKind.Null }:
                return NoHeaders();
            case { ValueKind: JsonValueKind.Object } value:
                var headers = NoHeaders();
                foreach (var header in value.EnumerateObject())
                {
                    CheckHeader(header);
                    if (!headers.TryAdd(header.Name, header.Value.GetString()!) || headers.Count > MostHeaders)
                        throw ApiException.Invalid("headers", $"headers must hold at most {MostHeaders} headers, each once");
                }
                return headers;
            default:
                throw ApiException.Invalid("headers", "headers must be an object of names and values");
        }
    }

    private static void CheckHeader(JsonProperty header)
    {
        // RFC 9110 §5.1: a field name is a token.
        var name = header.Name;
        if (name.Length is 0 or > LongestHeaderName || !name.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
            throw ApiException.Invalid("headers", "headers must have names of letters, digits and hyphens");
        if (Structural.Contains(name) || StructuralFamilies.Any(family => name.StartsWith(family, StringComparison.OrdinalIgnoreCase)))
            throw ApiException.Invalid("headers", $"headers must not set {name}, which the call itself needs");
        if (header.Value.ValueKind != JsonValueKind.String || header.Value.GetString() is not { Length: > 0 and <= LongestHeaderValue } text
            || text.Any(static c => c is < ' ' or > '~') || text != text.Trim())
            throw ApiException.Invalid("headers", $"headers: the value of {name} must be 1 to {LongestHeaderValue} printable ASCII characters without spaces around");
    }
}
