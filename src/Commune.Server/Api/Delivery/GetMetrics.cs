using System.Globalization;
using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Delivery;

/// <summary>Counts what became of the recipients of an inbox or a domain: the very rows that the events list.</summary>
internal static class GetMetrics
{
    private const int StandardDays = 7;
    private const int MostDays = 90;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time)
    {
        var parameters = http.Request.Query;
        var (inboxId, domainId) = (parameters.Text("inbox_id"), parameters.Text("domain_id"));
        if (inboxId is null && domainId is null)
            throw ApiException.Invalid("inbox_id", "inbox_id or domain_id is required");
        var (period, window) = Window(parameters.Text("period"), parameters.Text("days"));
        await InboxEndpoints.CheckFilterAsync(store, http, inboxId, domainId);

        var end = time.GetUtcNow();
        var start = end - window;
        // Without an upper end: an organisation's clock may be some milliseconds ahead of ours, and its newest events are listed too.
        var counts = await store.DeliveryEvents.CountAsync(
            Authentication.CallerOf(http).OrgId, inboxId, domainId, start.ToUnixTimeMilliseconds(), long.MaxValue, http.RequestAborted);
        return ApiJson.Ok(new Envelope<MetricsResponse>(new MetricsResponse
        {
            InboxId = inboxId,
            DomainId = domainId,
            Period = period,
            Days = (int)Math.Ceiling(window.TotalDays),
            PeriodStart = ApiJson.Time(start.ToUnixTimeMilliseconds()),
            PeriodEnd = ApiJson.Time(end.ToUnixTimeMilliseconds()),
            Sent = counts.Sent,
            Delivered = counts.Delivered,
            Bounced = counts.Bounced,
            Complained = counts.Complained,
            Failed = counts.Failed,
            Suppressed = counts.Suppressed,
        }));
    }

    /// <summary><c>period</c> in days or hours, else <c>days</c>; clamped to 1 to 90 days.</summary>
    private static (string Period, TimeSpan Window) Window(string? period, string? days)
    {
        if (period is not null)
        {
            var unit = char.ToLowerInvariant(period[^1]);
            if (unit is not ('d' or 'h') || !TryNumber(period[..^1], out var number))
                throw ApiException.Invalid("period", "period must be a number of days or hours, such as 7d or 24h");
            var asked = unit == 'd' ? number * 24 : number;
            var hours = Math.Clamp(asked, 24, MostDays * 24);
            return (hours == asked || unit == 'h' ? $"{(unit == 'd' ? hours / 24 : hours)}{unit}" : $"{hours / 24}d", TimeSpan.FromHours(hours));
        }
        var count = (double)StandardDays;
        if (days is not null && !TryNumber(days.TrimStart('-'), out count))
            throw ApiException.Invalid("days", "days must be a whole number from 1 to 90");
        var clamped = days is ['-', ..] ? 1 : Math.Clamp(count, 1, MostDays);
        return ($"{clamped}d", TimeSpan.FromDays(clamped));
    }

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

/// <summary>The metrics object of contract section 13: counts of events, and percentages of <c>sent</c>.</summary>
public sealed record MetricsResponse
{
    public required string? InboxId { get; init; }
    public required string? DomainId { get; init; }
    public required string Period { get; init; }
    public required int Days { get; init; }
    public required string PeriodStart { get; init; }
    public required string PeriodEnd { get; init; }
    public required long Sent { get; init; }
    public required long Delivered { get; init; }
    public required long Bounced { get; init; }
    public required long Complained { get; init; }
    public required long Failed { get; init; }
    public required long Suppressed { get; init; }
    public double DeliveryRate => Percent(Delivered);
    public double BounceRate => Percent(Bounced);
    public double ComplaintRate => Percent(Complained);
    public double FailureRate => Percent(Failed);
    public double SuppressionRate => Percent(Suppressed);

    // A window may begin between the sending and the outcome of a mail: no rate is above 100 for that.
    private double Percent(long count) => Sent == 0 ? 0 : Math.Min(100, Math.Round(100.0 * count / Sent, 2));
}
