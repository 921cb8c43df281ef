using Commune.Mail.Reports;

namespace Commune.Storage;

/// <summary>What came to be known of one recipient after the mail was handed over.</summary>
public sealed record DeliveryReport
{
    public required string OrgId { get; init; }

    /// <summary>The <c>msg_…</c> id of the sent message.</summary>
    public required string MessageId { get; init; }

    /// <summary>The address that the mail was sent to, in any case.</summary>
    public required string Recipient { get; init; }
    public required DeliveryReportKind Kind { get; init; }

    /// <summary>SMTP reply code, or null when the report tells none.</summary>
    public int? Code { get; init; }

    /// <summary>The words of the report on one line.</summary>
    public required string Detail { get; init; }

    /// <summary>For a bounce; worked out from <see cref="Code"/> and <see cref="Detail"/> when null.</summary>
    public BounceClass? BounceClass { get; init; }

    /// <summary>Names the report among those about this recipient, so that a repeat of a delay is known as one; null for the first and only.</summary>
    public string? ReportId { get; init; }

    /// <summary>Unix ms.</summary>
    public required long At { get; init; }
}

public enum DeliveryReportKind
{
    /// <summary>A server on the way still tries.</summary>
    Delayed,

    /// <summary>It came back, though it may have been told as delivered before.</summary>
    Bounced,

    /// <summary>The recipient called it unwanted.</summary>
    Complained,
}

/// <summary>A sent message that a report may be about.</summary>
/// <param name="Route">Where a report about it is filed: the inbox that sent it.</param>
/// <param name="ReplyToken">The token of its thread.</param>
/// <param name="Recipients">The addresses it was sent to, without those that were skipped.</param>
public sealed record ReportedMessage(string OrgId, string MessageId, InboxRoute Route, string ReplyToken, IReadOnlyList<string> Recipients);

public interface IDeliveryReportStore
{
    /// <summary>
    /// Records a bounce, delay or complaint that came after the mail was handed over: the recipient's state, the message's
    /// <c>delivery_status</c> and data, the events and the suppression, in one transaction. False, with nothing changed, when the message did not go to
    /// that recipient or the report tells nothing new: safe to repeat.
    /// </summary>
    Task<bool> RecordReportAsync(DeliveryReport report, CancellationToken cancellation);

    /// <summary>The organisation's sent message with this Message-ID (with angle brackets).</summary>
    Task<ReportedMessage?> FindByMessageIdAsync(string orgId, string smtpMessageId, CancellationToken cancellation);

    /// <summary>The organisation's sent message whose id begins so; null also when several do.</summary>
    Task<ReportedMessage?> FindByIdPrefixAsync(string orgId, string prefix, CancellationToken cancellation);
}
