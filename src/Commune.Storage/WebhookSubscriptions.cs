using System.Collections.Concurrent;

namespace Commune.Storage;

/// <summary>What an active endpoint of an organisation wants to be told.</summary>
internal sealed class WebhookSubscription(string id, string endpoint, IReadOnlyList<string> events, IReadOnlyList<string> inboxIds)
{
    private readonly EventPattern[] patterns = [.. events.Select(EventPattern.TryRead).OfType<EventPattern>()];

    public string Id => id;
    public string Endpoint => endpoint;

    public bool Wants(string type, string? inboxId) =>
        (inboxIds.Count == 0 || (inboxId is not null && inboxIds.Contains(inboxId, StringComparer.Ordinal)))
        && Array.Exists(patterns, pattern => pattern.Takes(type));
}

/// <summary>Who is told of an event, of those that want it.</summary>
/// <param name="Except">Not this endpoint: the event is about it, and telling it of its own failures would never end.</param>
/// <param name="Nobody">The event stands in the log only.</param>
internal readonly record struct EventAudience(string? Except, bool Nobody)
{
    public static EventAudience OfFailure(WebhookDelivery delivery, string endpoint) =>
        // Two endpoints that fail would tell each other of each other's dead deliveries, more and more of them.
        new(endpoint, Nobody: delivery.EventType?.StartsWith("webhook.", StringComparison.Ordinal) is true);

    public bool Takes(WebhookSubscription subscription) => !Nobody && subscription.Endpoint != Except;
}

/// <summary>
/// The subscriptions of organisations as they were last read. The mark in <c>org_heads</c> is new with every change, so what is kept under it is
/// what the table says; who has no endpoint has the mark 0 and is never looked up.
/// </summary>
internal sealed class WebhookSubscriptions
{
    private const int MostKept = 10_000;

    private readonly ConcurrentDictionary<string, (long Mark, IReadOnlyList<WebhookSubscription> Active)> kept = new(StringComparer.Ordinal);

    public IReadOnlyList<WebhookSubscription>? Find(string orgId, long mark) =>
        kept.TryGetValue(orgId, out var known) && known.Mark == mark ? known.Active : null;

    public void Keep(string orgId, long mark, IReadOnlyList<WebhookSubscription> active)
    {
        if (kept.Count >= MostKept)
            kept.Clear();
        kept[orgId] = (mark, active);
    }

    /// <summary>A mark that stands for nothing yet.</summary>
    public static long NewMark() => Random.Shared.NextInt64(1, long.MaxValue);
}
