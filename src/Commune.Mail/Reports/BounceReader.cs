using Commune.Mail.Mime;
using Commune.Mail.Threading;

namespace Commune.Mail.Reports;

/// <summary>Reads a bounce of any mailer: RFC 3464 first, then the texts of those that know nothing of it.</summary>
public static class BounceReader
{
    /// <summary>Null when the message is no bounce.</summary>
    public static BounceReport? Read(MimeMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return DeliveryStatusReport.TryRead(message) is { } status ? FromStatus(message, status) : UnstructuredBounce.TryRead(message);
    }

    private static BounceReport FromStatus(MimeMessage message, DeliveryStatusReport status) => new()
    {
        Recipients = [.. status.Recipients.Select(Recipient)],
        OriginalMessageId = OriginalId(message, status.Original),
        OriginalReturnPathHints = ReturnPathHints(message, status.Original),
        OriginalEnvelopeId = status.OriginalEnvelopeId,
        ReportingMta = status.ReportingMta,
        Original = status.Original,
    };

    private static BouncedRecipient Recipient(RecipientStatus status)
    {
        var original = status.OriginalRecipient is { } first && first.Contains('@', StringComparison.Ordinal) ? first : null;
        var final = status.Address!;
        return new BouncedRecipient
        {
            Address = original ?? final,
            FinalAddress = original is null || string.Equals(original, final, StringComparison.OrdinalIgnoreCase) ? null : final,
            Action = status.Action,
            EnhancedCode = status.Status,
            SmtpCode = status.DiagnosticCode is { } text ? StatusText.SmtpCodeIn(text) : null,
            Diagnostic = status.DiagnosticCode,
            RemoteMta = status.RemoteMta,
        };
    }

    /// <summary>A bounce that returned nothing of the original may still refer to it, as an answer does.</summary>
    internal static string? OriginalId(MimeMessage message, OriginalMessage? original) =>
        original?.MessageId
        ?? message.InReplyTo.FirstOrDefault()
        ?? MessageIds.ParseOne(message.Headers.GetUnfolded("X-Original-Message-ID"))
        ?? message.References.LastOrDefault();

    internal static List<string> ReturnPathHints(MimeMessage message, OriginalMessage? original)
    {
        var hints = new List<string>();
        Add(original?.ReturnPath);
        // A bounce is sent to the reverse-path and to nothing else (RFC 5321 §4.5.5).
        foreach (var name in (ReadOnlySpan<string>)["X-Original-To", "Delivered-To", "X-Envelope-To", "Envelope-To"])
        {
            foreach (var value in message.Headers.GetAll(name).Take(5))
                Add(ReportAddress.OfField(value));
        }
        foreach (var mailbox in message.To.Take(5))
            Add(mailbox.Address);
        foreach (var mailbox in (original?.Message.Sender ?? []).Concat(original?.From ?? []).Take(5))
            Add(mailbox.Address);
        return hints;

        void Add(string? address)
        {
            if (address is null || !address.Contains('@', StringComparison.Ordinal))
                return;
            var lower = address.ToLowerInvariant();
            if (!hints.Contains(lower, StringComparer.Ordinal))
                hints.Add(lower);
        }
    }
}
