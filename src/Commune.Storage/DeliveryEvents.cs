namespace Commune.Storage;

/// <summary>One change in what became of one recipient of a sent message (contract section 13).</summary>
/// <param name="Type">One of <see cref="DeliveryEventType"/>.</param>
/// <param name="Code">SMTP reply code, or null when there was no answer.</param>
/// <param name="Detail">The answer on one line, or null.</param>
/// <param name="BounceClass"><c>hard</c>, <c>soft</c>, <c>block</c>, <c>full</c> or <c>policy</c> for a bounce; else null.</param>
public sealed record DeliveryEvent(
    string OrgId, string Id, string MessageId, string InboxId, string DomainId, string Recipient, string Type, long At,
    int? Code, string? Detail, string? BounceClass);

/// <summary>The <c>event_type</c> values of contract section 13.</summary>
public static class DeliveryEventType
{
    /// <summary>The first attempt was made, whatever came of it.</summary>
    public const string Sent = "sent";
    public const string Delivered = "delivered";
    public const string Bounced = "bounced";
    public const string Complained = "complained";
    public const string Failed = "failed";

    /// <summary>The recipient began to wait for a further attempt, or a server on the way says that it waits there.</summary>
    public const string Delayed = "delivery_delayed";

    /// <summary>Skipped, since the address is on the suppression list.</summary>
    public const string Suppressed = "suppressed";

    public static bool IsKnown(string type) => type is Sent or Delivered or Bounced or Complained or Failed or Delayed or Suppressed;
}

/// <summary>At least one of inbox, domain and message is given; all that is given must match.</summary>
/// <param name="MessageId">The <c>msg_…</c> id.</param>
public sealed record DeliveryEventQuery(
    string OrgId, string? InboxId, string? DomainId, string? MessageId, string? Type, int Limit, PageCursor? Cursor);

/// <summary>How many events of each type there are in a span of time.</summary>
/// <param name="HardBounced">Those of <paramref name="Bounced"/> whose class is <c>hard</c>.</param>
public sealed record DeliveryCounts(long Sent, long Delivered, long Bounced, long HardBounced, long Complained, long Failed, long Delayed, long Suppressed)
{
    public static DeliveryCounts None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0);

    internal DeliveryCounts Plus(string type, string? bounceClass, long count) => type switch
    {
        DeliveryEventType.Sent => this with { Sent = Sent + count },
        DeliveryEventType.Delivered => this with { Delivered = Delivered + count },
        DeliveryEventType.Bounced => this with { Bounced = Bounced + count, HardBounced = HardBounced + (bounceClass == "hard" ? count : 0) },
        DeliveryEventType.Complained => this with { Complained = Complained + count },
        DeliveryEventType.Failed => this with { Failed = Failed + count },
        DeliveryEventType.Delayed => this with { Delayed = Delayed + count },
        DeliveryEventType.Suppressed => this with { Suppressed = Suppressed + count },
        _ => this,
    };
}

public interface IDeliveryEventStore
{
    /// <summary>Newest first.</summary>
    Task<Page<DeliveryEvent>> ListAsync(DeliveryEventQuery query, CancellationToken cancellation);

    /// <summary>Counts the rows that <see cref="ListAsync"/> lists: of an inbox, of a domain, or of the whole organisation when both are null.</summary>
    /// <param name="from">Inclusive, Unix ms.</param>
    /// <param name="until">Inclusive, Unix ms.</param>
    Task<DeliveryCounts> CountAsync(string orgId, string? inboxId, string? domainId, long from, long until, CancellationToken cancellation);

    /// <summary>Deletes what is older (Unix ms), of all organisations: so much at once that others are not held up, until it is all gone.</summary>
    Task SweepAsync(long before, CancellationToken cancellation);
}
