using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Webhooks;

/// <summary>
/// Sends the deliveries of a time range again, the oldest first: those that failed or died, or those of the given status. What was delivered
/// goes out as new deliveries with ids of their own.
/// </summary>
internal static class ReplayDeliveries
{
    private const int AtOnce = 1000;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time)
    {
        var body = await RequestBody.ReadAsync(http);
        var (from, to) = (Moment(body, "from"), Moment(body, "to"));
        if (from >= to)
            throw ApiException.Invalid("to", "to must be later than from");
        IReadOnlyList<string> statuses = body.Texts("status") is { Count: > 0 } given
            ? [.. given.Select(WebhookEndpoints.Status).Distinct(StringComparer.Ordinal)] : ["failed", "dead"];
        if (statuses.Contains("pending", StringComparer.Ordinal))
            throw ApiException.Invalid("status", "status must be failed, dead or delivered: what is pending is attempted anyway");
        var inboxId = body.Text("inbox_id");
        await InboxEndpoints.CheckFilterAsync(store, http, inboxId, null);
        var webhookId = body.Text("webhook_id");
        if (webhookId is not null)
            await WebhookEndpoints.FindAsync(store, http, webhookId);

        var replay = new WebhookReplay(Authentication.CallerOf(http).OrgId, from, to, inboxId, statuses, AtOnce, webhookId);
        var count = await store.Webhooks.ReplayAsync(replay, time.GetUtcNow().ToUnixTimeMilliseconds(), http.RequestAborted);
        return ApiJson.Ok(new Replayed(new ReplayCount(count, HasMore: count == AtOnce), Ok: true));
    }

    private static long Moment(RequestBody body, string name) => RequestQuery.TryParseTime(body.RequiredText(name), out var at)
        ? at : throw ApiException.Invalid(name, $"{name} must be an ISO 8601 time with a zone, such as 2026-01-31T12:00:00Z");

    /// <param name="Data">How many are sent again; with <c>has_more</c> there may be further ones after the thousand oldest.</param>
    internal sealed record Replayed(ReplayCount Data, bool Ok);

    internal sealed record ReplayCount(int Replayed, bool HasMore);
}
