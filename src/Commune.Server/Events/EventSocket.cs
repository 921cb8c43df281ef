using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Commune.Server.Events;

/// <summary>
/// Events over a WebSocket (RFC 6455): each is one text message. Two more messages tell of the stream itself: <c>stream.opened</c> first,
/// <c>stream.heartbeat</c> when nothing else was sent for a while; their <c>id</c> is where to go on from.
/// </summary>
internal sealed class EventSocket(WebSocket socket, TimeProvider time) : IEventOutput
{
    /// <summary>1013 is registered as "try again later".</summary>
    private const WebSocketCloseStatus TryAgainLater = (WebSocketCloseStatus)1013;
    private static readonly TimeSpan ToSayGoodbye = TimeSpan.FromSeconds(5);

    /// <summary>The last send that was waited for; still under way when it outlived its time limit.</summary>
    private Task late = Task.CompletedTask;

    public Task<bool> BeginAsync(EventReader reader, CancellationToken cancellation) => SendSignAsync("stream.opened", reader, cancellation);

    public Task<bool> HeartbeatAsync(EventReader reader, CancellationToken cancellation) => SendSignAsync("stream.heartbeat", reader, cancellation);

    public async Task<bool> WriteAsync(EventReader reader, IReadOnlyList<LogEvent> events, CancellationToken cancellation)
    {
        foreach (var item in events)
        {
            if (!await IsTakenAsync(socket.SendAsync(item.Json, WebSocketMessageType.Text, true, CancellationToken.None), cancellation))
                return false;
        }
        return true;
    }

    /// <summary>Waits for a send that was given up, once the connection is closed or torn down, so that nothing of it is left behind.</summary>
    public async Task FinishAsync()
    {
        try
        {
            await late;
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException)
        {
            // The connection was torn down under it.
        }
    }

    /// <summary>Reads what the client sends, to nothing, until it closes or is gone.</summary>
    public async Task DrainAsync()
    {
        var buffer = new byte[512];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException)
        {
            // Gone without a close frame.
        }
    }

    /// <summary>Says why, and gives the client a moment to hear it; true when both sides have closed.</summary>
    /// <param name="drained">Ends when the client has closed.</param>
    public async Task<bool> CloseAsync(StreamEnd? end, Task drained)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            return drained.IsCompleted && socket.State == WebSocketState.Closed;
        var (status, reason) = end switch
        {
            StreamEnd.SlowReader => (TryAgainLater, "slow reader: nothing was taken for too long; connect again with after=<last id>"),
            StreamEnd.KeyEnded => (WebSocketCloseStatus.PolicyViolation, "the API key is no longer valid"),
            StreamEnd.Stopping => (WebSocketCloseStatus.EndpointUnavailable, "this server is stopping; connect again"),
            _ => (WebSocketCloseStatus.NormalClosure, "goodbye"),
        };
        try
        {
            // Behind a frame that is still under way this waits its turn; a client that reads again in time hears it.
            await socket.CloseOutputAsync(status, reason, CancellationToken.None).WaitAsync(ToSayGoodbye, time);
            await drained.WaitAsync(ToSayGoodbye, time);
            return socket.State == WebSocketState.Closed;
        }
        catch (Exception error) when (error is WebSocketException or TimeoutException or OperationCanceledException)
        {
            // The client did not wait for, or did not answer, the goodbye.
            return false;
        }
    }

    private Task<bool> SendSignAsync(string type, EventReader reader, CancellationToken cancellation)
    {
        var text = JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal) { ["type"] = type, ["id"] = reader.Cursor, ["sequence"] = reader.Position });
        return IsTakenAsync(
            socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, true, CancellationToken.None), cancellation);
    }

    private async Task<bool> IsTakenAsync(ValueTask sending, CancellationToken cancellation)
    {
        if (!sending.IsCompleted)
        {
            var send = sending.AsTask();
            late = send;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(send, Task.Delay(EventSending.Patience, time, stop.Token));
            await stop.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
            if (!send.IsCompleted)
                return false;
            sending = new ValueTask(send);
        }
        await sending;
        return true;
    }
}
