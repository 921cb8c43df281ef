using Commune.Server.Events;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Events;

/// <summary>Streams events as they are committed, over a WebSocket.</summary>
internal static class OpenEventSocket
{
    public static async Task HandleAsync(
        HttpContext http, IStore store, EventFeeds feeds, EventSending sending, TimeProvider time, IHostApplicationLifetime life)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Response.Headers.Upgrade = "websocket";
            throw new ApiException(
                StatusCodes.Status426UpgradeRequired, new ErrorBody("This is a WebSocket: connect with ws:// or wss://, or read /v1/events/stream", "upgrade_required"));
        }
        var request = await EventRequest.ReadAsync(http, store, fromStart: false);
        using var follower = request.Follow(feeds);
        var reader = new EventReader(request.OrgId, store.Events, follower.Feed, request.Filter, request.Position, time);
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        var output = new EventSocket(socket, time);

        using var closed = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var drained = DrainAsync(output, closed);
        StreamEnd? end = null;
        try
        {
            end = await sending.RunAsync(Authentication.CallerOf(http), reader, output, closed.Token, life.ApplicationStopping);
        }
        catch (Exception error) when (error is OperationCanceledException or System.Net.WebSockets.WebSocketException)
        {
            // The client closed or went.
        }
        // A connection that takes nothing more would be kept until it does.
        if (!await output.CloseAsync(end, drained))
            http.Abort();
        await output.FinishAsync();
        await drained;
    }

    private static async Task DrainAsync(EventSocket output, CancellationTokenSource closed)
    {
        await output.DrainAsync();
        await closed.CancelAsync();
    }
}
