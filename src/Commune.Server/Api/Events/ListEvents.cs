using System.Globalization;
using Commune.Server.Events;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Events;

/// <param name="NextCursor">Null exactly when <paramref name="HasMore"/> is false, as in every list.</param>
/// <param name="Cursor">Always there: the place to go on from, later, as <c>after</c>.</param>
public sealed record EventList(IReadOnlyList<EventResponse> Data, string? NextCursor, bool HasMore, string Cursor);

/// <summary>Lists the events behind a place of the log, oldest first; waits for the next when there is none yet and <c>wait</c> is given.</summary>
internal static class ListEvents
{
    private const int LongestWait = 60;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, EventFeeds feeds, TimeProvider time, IHostApplicationLifetime life)
    {
        var limit = http.Request.Query.Limit(100, 1000);
        var wait = WaitOf(http.Request.Query.Text("wait"));
        var request = await EventRequest.ReadAsync(http, store, fromStart: true);
        using var follower = wait > TimeSpan.Zero ? request.Follow(feeds) : null;
        var reader = new EventReader(request.OrgId, store.Events, follower?.Feed, request.Filter, request.Position, time);
        var batch = await reader.ReadAsync(limit, http.RequestAborted);
        if (follower is not null && batch is { Events.Count: 0, HasMore: false })
            batch = await WaitAsync(reader, limit, wait, time, http.RequestAborted, life.ApplicationStopping);
        return ApiJson.Ok(new EventList(
            [.. batch.Events.Select(static item => EventResponse.From(item.Entry))], batch.HasMore ? reader.Cursor : null, batch.HasMore, reader.Cursor));
    }

    /// <summary>Answers with the first that match, or with none when the time is over or this node stops: the caller asks again either way.</summary>
    private static async Task<EventBatch> WaitAsync(
        EventReader reader, int limit, TimeSpan wait, TimeProvider time, CancellationToken gone, CancellationToken stopping)
    {
        var start = time.GetTimestamp();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(gone, stopping);
        while (true)
        {
            var left = wait - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || stopping.IsCancellationRequested)
                return new EventBatch([], HasMore: false);
            try
            {
                await reader.WaitAsync(left, either.Token);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return new EventBatch([], HasMore: false);
            }
            var batch = await reader.ReadAsync(limit, gone);
            if (batch.Events.Count > 0 || batch.HasMore)
                return batch;
        }
    }

    private static TimeSpan WaitOf(string? text) =>
        text is null ? TimeSpan.Zero
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(Math.Min(seconds, LongestWait))
        : throw ApiException.Invalid("wait", $"wait must be a number of seconds, 0 to {LongestWait}");
}
