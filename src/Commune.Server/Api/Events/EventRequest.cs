using System.Globalization;
using Commune.Server.Api.Inboxes;
using Commune.Server.Events;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Events;

/// <summary>What every reader of the log may say: where to start, and which events it wants.</summary>
/// <param name="Newest">The number of the newest event when the request came.</param>
internal sealed record EventRequest(string OrgId, EventFilter Filter, long Position, long Newest)
{
    /// <param name="fromStart">Where a reader that does not say starts: at the first event, or behind the newest.</param>
    /// <exception cref="ApiException">400, or 404 for an inbox that is not the caller's.</exception>
    public static async Task<EventRequest> ReadAsync(HttpContext http, IStore store, bool fromStart)
    {
        var orgId = Authentication.CallerOf(http).OrgId;
        var query = http.Request.Query;
        var inboxId = query.Text("inbox_id");
        var filter = EventFilter.TryRead(query.Text("types") ?? query.Text("events") ?? query.Text("type"), inboxId, out var wrong)
            ?? throw ApiException.Invalid("types", $"\"{wrong}\" is not an event type such as message.received or message.*; separate up to 50 by commas");
        // A browser's EventSource sends the header when it comes back, with the query that it began with.
        string? last = http.Request.Headers["Last-Event-ID"];
        var after = string.IsNullOrWhiteSpace(last) ? query.Text("last_event_id") ?? query.Text("after") ?? query.Text("cursor") : last.Trim();
        var newest = await store.Events.NewestAsync(orgId, http.RequestAborted);
        var position = PositionOf(orgId, after ?? (fromStart ? "earliest" : "latest"), newest);
        if (inboxId is not null)
            await InboxEndpoints.CheckFilterAsync(store, http, inboxId, null);
        if (position == 0 && inboxId is not null && await store.Inboxes.GetAsync(orgId, inboxId, http.RequestAborted) is { } inbox)
            position = await LogStart.OfInboxAsync(store.Events, orgId, inbox.CreatedAt, newest, http.RequestAborted);
        return new EventRequest(orgId, filter, position, newest);
    }

    /// <summary>The number of the event that a text names: its id, a cursor (which is one), its number, <c>latest</c> or <c>earliest</c>.</summary>
    public static long PositionOf(string orgId, string after, long newest)
    {
        if (after == "latest")
            return newest;
        if (after == "earliest")
            return 0;
        if (!long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) && !LogPosition.TryRead(orgId, after, out sequence))
            throw ApiException.Invalid("after", "after must be an event id, a cursor, a sequence number, latest or earliest");
        // After a database was restored from a backup: waiting for numbers that were given before would step over events.
        return sequence <= newest ? sequence
            : throw ApiException.Invalid("after", $"after lies ahead of the log, whose newest event is number {newest}; begin again at latest or earliest");
    }

    /// <summary>Joins the organisation's feed, to wait for what comes.</summary>
    /// <exception cref="ApiException">429 when too many wait already.</exception>
    public EventFollower Follow(EventFeeds feeds) => feeds.Follow(OrgId, Newest) ?? throw new ApiException(
        StatusCodes.Status429TooManyRequests,
        new ErrorBody($"This organisation has {EventFeeds.MostFollowers} streams and waiting calls open; close some first", "too_many_streams", RetryAfter: 30));
}
