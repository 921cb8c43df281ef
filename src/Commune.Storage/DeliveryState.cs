using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Commune.Mail.Reports;

namespace Commune.Storage;

/// <summary>
/// What the outcomes of its recipients make of a sent message: <c>delivery_status</c> and <c>delivery_data</c> of contract section 10.
/// Both engines keep it in the same two columns.
/// </summary>
internal sealed record DeliveryState
{
    // From the mildest to the worst; a message never goes back.
    private static readonly string[] Order = ["scheduled", "queued", "sent", "delivered", "suppressed", "failed", "bounced", "complained"];

    private static readonly DeliveryJson Json = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });

    public required string Status { get; init; }
    public required DeliveryData Data { get; init; }

    public static DeliveryState Read(string? status, string? data) => new()
    {
        Status = status ?? "queued",
        Data = data is null ? new DeliveryData() : JsonSerializer.Deserialize(data, Json.DeliveryData) ?? new DeliveryData(),
    };

    /// <summary>The first <c>delivery_data</c> of a message that waits for its time.</summary>
    public static string ScheduledData(long sendAt) =>
        JsonSerializer.Serialize(new DeliveryData { ScheduledFor = Time(sendAt) }, Json.DeliveryData);

    /// <summary>The <c>delivery_data</c> of one that will not be sent.</summary>
    public string CancelledData(string reason, long at) =>
        JsonSerializer.Serialize(Data with { CancelledAt = Time(at), CancelReason = reason }, Json.DeliveryData);

    public string DataText() => JsonSerializer.Serialize(Data, Json.DeliveryData);

    /// <summary>Adds what one recipient's outcome tells; the first time and reason of a kind stay.</summary>
    /// <param name="at">The time of the events that tell it.</param>
    /// <param name="retryAt">When somebody who waits is tried again.</param>
    public DeliveryState With(RecipientOutcome outcome, long at, long? retryAt)
    {
        var data = outcome.NobodyAsked ? Data : Data with { SentAt = Data.SentAt ?? Time(at) };
        return this with
        {
            Data = outcome.Status switch
            {
                "bounced" when data.BouncedAt is null => data with
                {
                    BouncedAt = Time(at),
                    BounceReason = outcome.Detail,
                    BounceType = BounceTypeOf(outcome.ClassOfBounce),
                },
                "deferred" => data with { DelayReason = outcome.Detail, NextAttemptAt = retryAt is { } next ? Time(next) : null },
                "failed" when data.FailedAt is null => data with { FailedAt = Time(at), FailureReason = outcome.Detail },
                "complained" => data with { ComplainedAt = data.ComplainedAt ?? Time(at) },
                _ => data,
            },
        };
    }

    /// <summary>The state once all outcomes are in: a negative outcome of one recipient is the message's. Those who were skipped do not count.</summary>
    /// <param name="recipients">The states of all its recipients.</param>
    public DeliveryState Settle(IReadOnlyList<string> recipients, long at)
    {
        var derived =
            Any("complained") ? "complained"
            : Any("bounced") ? "bounced"
            : Any("failed") ? "failed"
            : !Any("delivered") ? "queued"
            : Any("queued") || Any("deferred") ? "sent"
            : "delivered";
        var status = Array.IndexOf(Order, Status) > Array.IndexOf(Order, derived) ? Status : derived;
        var data = Any("queued") || Any("deferred") ? Data : Data with { DelayReason = null, NextAttemptAt = null };
        return new DeliveryState { Status = status, Data = status == "delivered" ? data with { DeliveredAt = data.DeliveredAt ?? Time(at) } : data };

        bool Any(string state) => recipients.Any(recipient => recipient == state);
    }

    /// <summary>The type of the organisation's log entry beside a <see cref="DeliveryEventType"/>.</summary>
    public static string LogType(string type) => type == DeliveryEventType.Delayed ? "message.delayed" : "message." + type;

    /// <summary>The <c>data</c> of that entry.</summary>
    public static string LogData(string type, RecipientOutcome outcome)
    {
        var bounce = ClassName(type, outcome);
        return JsonSerializer.Serialize(
            new RecipientEvent(outcome.Address, outcome.Code, outcome.Detail, bounce is null ? null : BounceTypeOf(outcome.ClassOfBounce), bounce),
            Json.RecipientEvent);
    }

    /// <summary>The class of a bounce as it is stored; null for other events.</summary>
    public static string? ClassName(string type, RecipientOutcome outcome) =>
        type == DeliveryEventType.Bounced ? outcome.ClassOfBounce.ToString().ToLowerInvariant() : null;

    /// <summary>Contract section 10 knows two types: hard says that the address is no good.</summary>
    private static string BounceTypeOf(BounceClass bounce) => bounce == BounceClass.Hard ? "hard" : "soft";

    /// <summary>The <c>data</c> of a <c>message.scheduled</c> event.</summary>
    public static string ScheduledEvent(long sendAt) => JsonSerializer.Serialize(new SendTimeEvent(Time(sendAt)), Json.SendTimeEvent);

    /// <summary>The <c>data</c> of a <c>message.cancelled</c> event.</summary>
    public static string CancelledEvent(string reason) => JsonSerializer.Serialize(new ReasonEvent(reason), Json.ReasonEvent);

    /// <summary>Contract section 1: ISO 8601, UTC, milliseconds.</summary>
    private static string Time(long at) =>
        DateTimeOffset.FromUnixTimeMilliseconds(at).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary><c>delivery_data</c> as its times and reasons become known.</summary>
internal sealed record DeliveryData
{
    /// <summary>Why somebody still waits, and until when; gone once nobody does.</summary>
    public string? DelayReason { get; init; }
    public string? NextAttemptAt { get; init; }
    public string? SentAt { get; init; }
    public string? DeliveredAt { get; init; }
    public string? BouncedAt { get; init; }
    public string? BounceReason { get; init; }
    public string? BounceType { get; init; }
    public string? FailedAt { get; init; }
    public string? FailureReason { get; init; }

    /// <summary>Of a message that waits, or waited, for its time.</summary>
    public string? ScheduledFor { get; init; }
    public string? CancelledAt { get; init; }
    public string? CancelReason { get; init; }
    public string? ComplainedAt { get; init; }
}

internal sealed record RecipientEvent(string Recipient, int? Code, string Detail, string? BounceType, string? BounceClass);

internal sealed record SendTimeEvent(string SendAt);

internal sealed record ReasonEvent(string Reason);

[JsonSerializable(typeof(SendTimeEvent))]
[JsonSerializable(typeof(ReasonEvent))]
[JsonSerializable(typeof(DeliveryData))]
[JsonSerializable(typeof(RecipientEvent))]
internal sealed partial class DeliveryJson : JsonSerializerContext;
