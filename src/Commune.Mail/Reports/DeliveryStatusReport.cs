using Commune.Mail.Mime;
using Commune.Mail.Smtp;

namespace Commune.Mail.Reports;

/// <summary>What became of a recipient, RFC 3464 §2.3.3.</summary>
public enum RecipientAction
{
    Failed,
    Delayed,
    Delivered,

    /// <summary>Handed to a system that sends no delivery status notifications.</summary>
    Relayed,

    /// <summary>Delivered, and sent on to several addresses.</summary>
    Expanded,
}

/// <summary>The per-recipient fields of RFC 3464 §2.3.</summary>
public sealed record RecipientStatus
{
    /// <summary>As the sender gave it; null when the report does not tell.</summary>
    public string? OriginalRecipient { get; init; }

    /// <summary>As the reporting system saw it; null when only the original is told.</summary>
    public string? FinalRecipient { get; init; }

    /// <summary>Taken from the status when the field is missing or unknown.</summary>
    public required RecipientAction Action { get; init; }

    /// <summary>From Status, else from the diagnostic code; null when neither has one.</summary>
    public EnhancedStatusCode? Status { get; init; }

    /// <summary>The type of the diagnostic code in lower case: "smtp", "x-unix"…; null without one.</summary>
    public string? DiagnosticType { get; init; }

    /// <summary>The text of the diagnostic code on one line.</summary>
    public string? DiagnosticCode { get; init; }

    /// <summary>Without its type ("dns;").</summary>
    public string? RemoteMta { get; init; }

    public DateTimeOffset? LastAttempt { get; init; }

    public DateTimeOffset? WillRetryUntil { get; init; }

    /// <summary>The final recipient, or the original one when the final is no mail address.</summary>
    public string? Address =>
        FinalRecipient is { } final && final.Contains('@', StringComparison.Ordinal) ? final : OriginalRecipient ?? FinalRecipient;
}

/// <summary>A delivery status notification (RFC 3464, internationalised by RFC 6533).</summary>
public sealed record DeliveryStatusReport
{
    /// <summary>The name of the reporting system, without its type ("dns;").</summary>
    public string? ReportingMta { get; init; }

    /// <summary>The ENVID of our MAIL command (RFC 3461 §4.4).</summary>
    public string? OriginalEnvelopeId { get; init; }

    public DateTimeOffset? ArrivalDate { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<RecipientStatus> Recipients { get; init; }

    public OriginalMessage? Original { get; init; }

    /// <summary>
    /// Null when the message holds no delivery status. The part is found by its type or, when it has a wrong one, by its fields;
    /// missing or superfluous blank lines between the groups do not matter.
    /// </summary>
    public static DeliveryStatusReport? TryRead(MimeMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        DeliveryStatusReport? report = null;
        foreach (var part in ReportParts.Of(message))
        {
            if (!IsStatus(part, message))
                continue;
            var read = DeliveryStatusFields.Read(part.DecodeText());
            if (read is null)
                continue;
            // A gateway may split the recipients over several parts.
            report = report is null ? read : report with { Recipients = [.. report.Recipients, .. read.Recipients] };
            if (report.Recipients.Count >= DeliveryStatusFields.MostRecipients)
                break;
        }
        return report is null ? null : report with { Original = OriginalMessage.Find(message) };
    }

    private static bool IsStatus(MimePart part, MimeMessage message)
    {
        if (part.MediaType is "message/delivery-status" or "message/global-delivery-status")
            return true;
        // The second part of a multipart/report is the status whatever its type says (RFC 3462 §2).
        if (message.Root.MediaType != "multipart/report" || part.Parent != message.Root || part.IsMultipart || message.Root.Children[0] == part)
            return false;
        var start = part.DecodeText();
        return start.AsSpan(0, Math.Min(start.Length, 4000)).Contains("Final-Recipient:", StringComparison.OrdinalIgnoreCase)
            && part.MediaType is "text/plain" or "application/octet-stream" or "message/delivery_status" or "text/delivery-status" or "message/report";
    }
}
