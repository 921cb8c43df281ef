using System.Text.Json;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Events;

/// <summary>One event, in the one shape that it has everywhere: pulled, streamed, over a socket (docs/events.md).</summary>
/// <param name="Version">Of the type's <paramref name="Data"/>: members may be added within a version, never removed or changed in meaning.</param>
/// <param name="Data">Always an object; empty when the type adds nothing.</param>
public sealed record EventResponse(
    string Id, long Sequence, string Type, int Version, string CreatedAt, string? InboxId, string? ThreadId, string? MessageId, JsonElement Data)
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    public static EventResponse From(MailEvent entry) => new(
        entry.Id, entry.Sequence, entry.Type, 1, ApiJson.Time(entry.At), entry.InboxId, entry.ThreadId, entry.MessageId,
        entry.Data is { } data ? JsonElement.Parse(data) : Nothing);
}

/// <summary>An event on its way to readers, written as JSON once for all of them.</summary>
internal sealed class LogEvent(MailEvent entry)
{
    private byte[]? json;

    public MailEvent Entry => entry;

    /// <summary>UTF-8, on one line.</summary>
    public ReadOnlyMemory<byte> Json => json ??= JsonSerializer.SerializeToUtf8Bytes(EventResponse.From(entry), ApiJson.Options);
}
