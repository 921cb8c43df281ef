using Commune.Mail.Reports;

namespace Commune.Storage;

/// <summary>What an outcome makes of one recipient, and the events that tell it. Both engines ask here.</summary>
/// <param name="Status">The recipient's state from now on.</param>
/// <param name="Events">The <see cref="DeliveryEventType"/>s in their order; none when nothing is new.</param>
internal readonly record struct RecipientTransition(string Status, IReadOnlyList<string> Events)
{
    /// <summary>How many attempts it adds: a report about a mail of which none is known tells of one.</summary>
    public int Attempts { get; private init; }

    /// <summary>The events with new ids that sort in their order, even where the counter in the ids begins again between them.</summary>
    public IEnumerable<(string Type, string Id)> NewEvents(long at)
    {
        var moment = DateTimeOffset.FromUnixTimeMilliseconds(at);
        return Events.Zip(Events.Select(_ => EntityId.NewSortable("evt_", moment)).Order(StringComparer.Ordinal).ToList());
    }

    /// <summary>The outcome of an attempt; null when the recipient does not wait.</summary>
    /// <param name="attempts">Those made before.</param>
    public static RecipientTransition? OfAttempt(string before, int attempts, RecipientOutcome outcome)
    {
        if (!Waits(before))
            return null;
        var type = outcome.Status switch
        {
            "delivered" => DeliveryEventType.Delivered,
            // Waiting on is no change: every attempt is listed, not every one is an event.
            "deferred" => before == "deferred" ? null : DeliveryEventType.Delayed,
            "bounced" => DeliveryEventType.Bounced,
            _ => DeliveryEventType.Failed,
        };
        // What nobody was asked to take was not sent.
        return outcome.NobodyAsked
            ? new(outcome.Status, type is null ? [] : [type])
            : Make(attempts, outcome.Status, type) with { Attempts = 1 };
    }

    /// <summary>What a report says of a recipient; null when it tells nothing new. Nothing takes the place of a bad end but a worse one.</summary>
    public static RecipientTransition? OfReport(string before, int attempts, DeliveryReportKind kind) => kind switch
    {
        DeliveryReportKind.Delayed when Waits(before) || before == "delivered" => Make(attempts, before, DeliveryEventType.Delayed),
        DeliveryReportKind.Bounced when Waits(before) || before is "delivered" or "failed" => Make(attempts, "bounced", DeliveryEventType.Bounced),
        // Who complains has the mail, though the answer to its attempt is not recorded yet.
        DeliveryReportKind.Complained when Waits(before) => Make(attempts, "complained", DeliveryEventType.Delivered, DeliveryEventType.Complained),
        DeliveryReportKind.Complained when before is not ("complained" or "suppressed") => Make(attempts, "complained", DeliveryEventType.Complained),
        _ => null,
    };

    private static bool Waits(string status) => status is "queued" or "deferred";

    private static RecipientTransition Make(int attempts, string status, params ReadOnlySpan<string?> types)
    {
        var events = new List<string>(3);
        if (attempts == 0)
            events.Add(DeliveryEventType.Sent);
        foreach (var type in types)
        {
            if (type is not null)
                events.Add(type);
        }
        return new RecipientTransition(status, events) { Attempts = attempts == 0 ? 1 : 0 };
    }
}

/// <summary>What an outcome does to the suppression list of the inbox.</summary>
internal enum SuppressionEffect
{
    None,

    /// <summary>The mail arrived: soft bounces are counted from the start.</summary>
    ForgetSoftBounces,
    CountSoftBounce,
    HardBounce,
    Complaint,
}

internal static class SuppressionRule
{
    /// <summary>Contract section 13: the third soft bounce in a row suppresses for seven days.</summary>
    public const int SoftBounces = 3;
    public const long SoftMs = 7L * 24 * 60 * 60 * 1000;

    public static SuppressionEffect Of(string type, RecipientOutcome outcome) => type switch
    {
        DeliveryEventType.Delivered => SuppressionEffect.ForgetSoftBounces,
        DeliveryEventType.Complained => SuppressionEffect.Complaint,
        DeliveryEventType.Bounced => outcome.ClassOfBounce switch
        {
            BounceClass.Hard => SuppressionEffect.HardBounce,
            BounceClass.Soft or BounceClass.Full => SuppressionEffect.CountSoftBounce,
            // A block or a refused content is no fault of the address.
            _ => SuppressionEffect.None,
        },
        // Given up after the far side kept saying "not now"; without any answer the host was away, not the mailbox.
        DeliveryEventType.Failed when outcome.Code is >= 400 and < 500 => SuppressionEffect.CountSoftBounce,
        _ => SuppressionEffect.None,
    };

    /// <summary>What is told of a recipient that a send skips.</summary>
    public static RecipientOutcome Skip(SkippedRecipient recipient) =>
        new(recipient.Address, "suppressed", null, $"The address is on the suppression list ({recipient.Reason})");
}
