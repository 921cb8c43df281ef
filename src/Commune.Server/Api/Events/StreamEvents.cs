using Commune.Server.Events;
using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Commune.Server.Api.Events;

/// <summary>Streams events as they are committed, as server-sent events; resumes behind <c>Last-Event-ID</c>.</summary>
internal static class StreamEvents
{
    /// <summary>For a client that was cut off to take its last words.</summary>
    private static readonly MinDataRate LastWords = new(240, TimeSpan.FromSeconds(5));

    public static async Task HandleAsync(
        HttpContext http, IStore store, EventFeeds feeds, EventSending sending, TimeProvider time, IHostApplicationLifetime life)
    {
        var request = await EventRequest.ReadAsync(http, store, fromStart: false);
        using var follower = request.Follow(feeds);
        var reader = new EventReader(request.OrgId, store.Events, follower.Feed, request.Filter, request.Position, time);

        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        // nginx and those that follow it would hold events back until a buffer is full.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        // Who is too slow is decided by EventSending, which says so; the server's own limit tears the connection down.
        var rate = http.Features.Get<IHttpMinResponseDataRateFeature>();
        rate?.MinDataRate = null;

        var output = new ServerSentEvents(http.Response.BodyWriter, time);
        var end = await sending.RunAsync(Authentication.CallerOf(http), reader, output, http.RequestAborted, life.ApplicationStopping);
        rate?.MinDataRate = LastWords;
        if (await output.TryCloseAsync(end))
            return;
        http.Abort();
        await output.FinishAsync();
    }
}
