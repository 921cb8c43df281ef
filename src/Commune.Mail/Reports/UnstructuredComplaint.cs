using System.Buffers;
using System.Net;
using Commune.Mail.Mime;

namespace Commune.Mail.Reports;

/// <summary>Complaints of providers that forward the mail itself: Microsoft's junk mail reporting, and Yahoo's before it spoke ARF.</summary>
internal static class UnstructuredComplaint
{
    private static readonly SearchValues<string> Announcements = SearchValues.Create(
        ["this is an email abuse report", "this is a spam report", "marked this message as spam", "has been reported as spam"], StringComparison.OrdinalIgnoreCase);

    public static FeedbackReport? TryRead(MimeMessage message)
    {
        if (OriginalMessage.Find(message) is not { } original)
            return null;
        // Microsoft names the complainer in the copy, never in the mail around it.
        if (original.Headers.GetUnfolded("X-HmXmrOriginalRecipient") is { } recipient)
            return Complaint(message, original, "hotmail-jmrp", ReportAddress.OfField(recipient));
        if (!IsProvider(message) || !Announces(message))
            return null;
        var to = original.To.Count == 1 ? original.To[0].Address : null;
        return Complaint(message, original, null, to);
    }

    private static FeedbackReport Complaint(MimeMessage message, OriginalMessage original, string? userAgent, string? recipient) => new()
    {
        FeedbackType = "abuse",
        UserAgent = userAgent,
        OriginalMailFrom = original.ReturnPath,
        OriginalRcptTo = recipient is null ? [] : [recipient],
        ArrivalDate = original.Message.Date,
        SourceIp = original.Headers.GetUnfolded("X-Originating-IP") is { } ip ? FeedbackFields.Address(ip) : AddressIn(message.Subject),
        Original = original,
    };

    private static bool IsProvider(MimeMessage message) =>
        message.From.Any(f => f.LocalPart.ToLowerInvariant() is "feedback" or "fbl" or "abuse" or "staff" or "complaints" or "fbl-no-reply" or "antispam" or "scomp"
            || f.LocalPart.Contains("feedback", StringComparison.OrdinalIgnoreCase));

    private static bool Announces(MimeMessage message)
    {
        foreach (var part in ReportParts.Of(message))
        {
            if (part.IsText && part.DecodeText() is var text && text.AsSpan(0, Math.Min(text.Length, 4000)).ContainsAny(Announcements))
                return true;
        }
        return message.Subject.AsSpan().ContainsAny(Announcements);
    }

    /// <summary>"complaint about message from 192.0.2.1" is where Microsoft tells the host.</summary>
    private static IPAddress? AddressIn(string subject)
    {
        foreach (var range in subject.AsSpan().Split(' '))
        {
            if (FeedbackFields.Address(subject[range]) is { } address)
                return address;
        }
        return null;
    }
}
