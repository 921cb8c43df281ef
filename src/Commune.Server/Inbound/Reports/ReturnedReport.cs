using System.Text;
using Commune.Mail.Mime;
using Commune.Mail.Reports;
using Commune.Storage;

namespace Commune.Server.Inbound.Reports;

/// <summary>What a bounce, a delay notice or a complaint says, whatever its shape.</summary>
/// <param name="Recipients">Those of whom it says something that changes their state; empty when it names nobody or says that all is well.</param>
/// <param name="ReturnPaths">Addresses that may be the envelope sender the original went out with.</param>
internal sealed record ReturnedReport(
    IReadOnlyList<ReportedRecipient> Recipients, string? OriginalMessageId, IReadOnlyList<string> ReturnPaths)
{
    private const int MaxDetail = 500;

    /// <summary>Null when the mail is no report.</summary>
    public static ReturnedReport? Read(MimeMessage message) =>
        FeedbackReport.TryRead(message) is { } feedback ? FromFeedback(feedback)
        : BounceReader.Read(message) is { } bounce ? FromBounce(bounce)
        : null;

    private static ReturnedReport FromFeedback(FeedbackReport feedback)
    {
        var from = feedback.ReportingMta ?? feedback.UserAgent;
        var words = OneLine($"Feedback report: {feedback.FeedbackType}{(from is null ? "" : " from " + from)}");
        return new ReturnedReport(
            // RFC 5965 §7.3: these types, and the opt-out of its drafts, say that the recipient did not want the mail; not-spam says that he did.
            feedback.FeedbackType is "abuse" or "fraud" or "virus" or "opt-out" or "opt-out-list"
                ? feedback.OriginalRcptTo is { Count: > 0 } recipients
                    ? [.. recipients.Select(address => new ReportedRecipient(address, null, DeliveryReportKind.Complained, null, null, words))]
                    : [new ReportedRecipient(null, null, DeliveryReportKind.Complained, null, null, words)]
                : [],
            feedback.OriginalMessageId,
            [.. ((string?[])[feedback.OriginalMailFrom, feedback.Original?.ReturnPath]).OfType<string>()]);
    }

    private static ReturnedReport FromBounce(BounceReport bounce) => new(
        [.. bounce.Recipients.Where(static one => one.Action is RecipientAction.Failed or RecipientAction.Delayed).Select(FromBounced)],
        bounce.OriginalMessageId, bounce.OriginalReturnPathHints);

    private static ReportedRecipient FromBounced(BouncedRecipient one) => new(
        one.Address, one.FinalAddress, one.Action == RecipientAction.Delayed ? DeliveryReportKind.Delayed : DeliveryReportKind.Bounced,
        one.Class, one.SmtpCode, Words(one));

    /// <summary>The codes and the words, as a server gives them in the dialogue.</summary>
    private static string Words(BouncedRecipient one)
    {
        var text = one.Diagnostic ?? (one.Action == RecipientAction.Delayed ? "Delivery is delayed" : "The mail was returned");
        if (one.EnhancedCode?.ToString() is { } code && !text.Contains(code, StringComparison.Ordinal))
            text = $"{code} {text}";
        return OneLine(text);
    }

    private static string OneLine(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, MaxDetail));
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxDetail)))
            line.Append(char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c);
        return line.ToString();
    }
}

/// <param name="Address">As the mail was sent, where the report tells; null when it names nobody.</param>
/// <param name="FinalAddress">Where it ended, when it was sent on from there.</param>
/// <param name="Class">Of a bounce or delay.</param>
internal sealed record ReportedRecipient(
    string? Address, string? FinalAddress, DeliveryReportKind Kind, BounceClass? Class, int? Code, string Detail);
