namespace Commune.Storage.Sqlite;

/// <summary><c>delivery_data</c> of contract section 10, as its times (Unix ms) and reasons become known.</summary>
internal sealed record DeliveryData
{
    public long? SentAt { get; init; }
    public long? DeliveredAt { get; init; }
    public long? BouncedAt { get; init; }
    public string? BounceReason { get; init; }
    public string? BounceType { get; init; }
    public long? FailedAt { get; init; }
    public string? FailureReason { get; init; }

    /// <summary>Adds what one recipient's outcome tells; the first of a kind stays.</summary>
    public DeliveryData With(RecipientOutcome outcome, long at) => outcome.Status switch
    {
        "delivered" => this with { SentAt = SentAt ?? at },
        "bounced" when BouncedAt is null => this with
        {
            BouncedAt = at,
            BounceReason = outcome.Detail,
            // RFC 5321 §4.2.1: 5yz is permanent, 4yz transient.
            BounceType = outcome.Code is null or >= 500 ? "hard" : "soft",
        },
        "failed" when FailedAt is null => this with { FailedAt = at, FailureReason = outcome.Detail },
        _ => this,
    };
}

/// <summary>The <c>data</c> of the event about one recipient.</summary>
internal sealed record RecipientEvent(string Recipient, int? Code, string Detail);

/// <summary>The message's <c>delivery_status</c>, from how many of its recipients are in which state (contract section 10).</summary>
internal static class DeliveryStatus
{
    // From the mildest to the worst; a message never goes back.
    private static readonly string[] Order = ["queued", "sent", "delivered", "suppressed", "failed", "bounced", "complained"];

    public static string Derive(string? present, IReadOnlyDictionary<string, int> recipients)
    {
        var waiting = recipients.ContainsKey("queued") || recipients.ContainsKey("deferred");
        var delivered = recipients.ContainsKey("delivered");
        var derived =
            recipients.ContainsKey("bounced") ? "bounced"
            : recipients.ContainsKey("failed") ? "failed"
            : !delivered ? "queued"
            : waiting ? "sent"
            : "delivered";
        return Array.IndexOf(Order, present) > Array.IndexOf(Order, derived) ? present! : derived;
    }
}
