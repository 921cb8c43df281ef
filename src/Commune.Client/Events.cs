using System.Net.ServerSentEvents;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Commune.Client;

/// <summary>The organisation's event log.</summary>
public sealed class EventCalls
{
    private readonly Transport transport;

    internal EventCalls(Transport transport) => this.transport = transport;

    /// <summary>The events behind a place, then what comes: by calls that wait, until it is cancelled.</summary>
    /// <param name="after">An event id, <c>latest</c> or <c>earliest</c>; null begins at the first event.</param>
    /// <param name="types">Such as <c>message.received</c> or <c>message.*</c>, separated by commas.</param>
    /// <param name="wait">How long one call waits, 60 seconds at most. Zero ends when there is nothing more.</param>
    public async IAsyncEnumerable<MailEvent> ListAsync(
        string? after = null, string? types = null, string? inboxId = null, TimeSpan wait = default, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var more = true;
        while (more || wait > TimeSpan.Zero)
        {
            var page = await transport.AnswerAsync<EventPage>(
                HttpMethod.Get, Transport.With("/v1/events", ("after", after), ("types", types), ("inbox_id", inboxId), ("wait", wait > TimeSpan.Zero ? wait.TotalSeconds : null)),
                null, cancellation, patience: wait);
            foreach (var one in page.Data)
                yield return one;
            (after, more) = (page.Cursor, page.HasMore);
        }
    }

    /// <summary>Events as they are committed, over one connection; a connection that ends is made again behind the last event, until it is cancelled.</summary>
    /// <param name="after">Null begins behind the newest event.</param>
    public async IAsyncEnumerable<MailEvent> StreamAsync(
        string? after = null, string? types = null, string? inboxId = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var path = Transport.With("/v1/events/stream", ("after", after), ("types", types), ("inbox_id", inboxId));
        string? last = null;
        while (true)
        {
            using var response = await transport.OpenAsync(path, last, cancellation);
            await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
            await using var items = SseParser.Create(stream, static (_, data) => data.ToArray()).EnumerateAsync(cancellation).GetAsyncEnumerator(cancellation);
            while (await NextAsync(items))
            {
                last = items.Current.EventId is { Length: > 0 } id ? id : last;
                if (items.Current.EventType != "error" && items.Current.Data.Length > 0 && Read(items.Current.Data) is { } one)
                    yield return one;
            }
            await Task.Delay(transport.Options.FirstDelay, transport.Options.Time, cancellation);
        }
    }

    /// <summary>The same over a WebSocket; ends when the server closes it.</summary>
    public async IAsyncEnumerable<MailEvent> SocketAsync(
        string? after = null, string? types = null, string? inboxId = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var address = new UriBuilder(new Uri(transport.Options.Address, Transport.With("/v1/events/socket", ("after", after), ("types", types), ("inbox_id", inboxId))));
        address.Scheme = address.Scheme == "https" ? "wss" : "ws";
        using var socket = new ClientWebSocket();
        if (await transport.AuthorizationAsync([], cancellation) is { } authorization)
            socket.Options.SetRequestHeader("Authorization", authorization);
        await socket.ConnectAsync(address.Uri, cancellation);
        var buffer = new byte[64 * 1024];
        using var text = new MemoryStream();
        while (socket.State == WebSocketState.Open)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancellation);
            if (part.MessageType == WebSocketMessageType.Close)
                yield break;
            await text.WriteAsync(buffer.AsMemory(0, part.Count), cancellation);
            if (!part.EndOfMessage)
                continue;
            if (Read(text.ToArray()) is { } one)
                yield return one;
            text.SetLength(0);
        }
    }

    /// <summary>False at the end of a connection, however it came.</summary>
    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<SseItem<byte[]>> items)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return false;
        }
    }

    /// <summary>Null for what the stream says of itself.</summary>
    private static MailEvent? Read(byte[] json)
    {
        var one = JsonSerializer.Deserialize<MailEvent>(json, Transport.Json);
        return one is null || one.Type.StartsWith("stream.", StringComparison.Ordinal) ? null : one;
    }

    private sealed record EventPage(IReadOnlyList<MailEvent> Data, string Cursor, bool HasMore);
}

/// <param name="Sequence">1, 2, 3… in the organisation.</param>
/// <param name="Data">What the type adds.</param>
public sealed record MailEvent(string Id, long Sequence, string Type, int Version, DateTimeOffset CreatedAt, string? InboxId, string? ThreadId, string? MessageId, JsonElement Data);
