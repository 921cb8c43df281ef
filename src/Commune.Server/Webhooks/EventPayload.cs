using System.Text.Json;
using System.Text.Json.Serialization;
using Commune.Server.Events;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Webhooks;

/// <summary>The body of a call that tells an organisation's endpoint of any event but received mail: the event as the log shows it, and its ids flat.</summary>
internal sealed record EventPayload(
    EventResponse Event, string WebhookId, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Test = null)
{
    [JsonPropertyName("inboxId")] public string? InboxId => Event.InboxId;
    [JsonPropertyName("inbox_id")] public string? FlatInboxId => Event.InboxId;
    public string? ThreadId => Event.ThreadId;
    public string? MessageId => Event.MessageId;

    public static byte[] Render(MailEvent entry, string webhookId, bool? test = null) =>
        JsonSerializer.SerializeToUtf8Bytes(new EventPayload(EventResponse.From(entry), webhookId, test), ApiJson.Options);
}
