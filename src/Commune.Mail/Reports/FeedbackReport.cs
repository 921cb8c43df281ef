using System.Net;
using Commune.Mail.Mime;

namespace Commune.Mail.Reports;

/// <summary>A complaint or authentication failure that a mailbox provider reports: ARF (RFC 5965, RFC 6591, RFC 6650), or the older shapes.</summary>
public sealed record FeedbackReport
{
    /// <summary>Lower case: "abuse", "fraud", "not-spam", "virus", "auth-failure", "opt-out", "other"…</summary>
    public required string FeedbackType { get; init; }

    /// <summary>Null for reports that are not ARF.</summary>
    public string? Version { get; init; }

    public string? UserAgent { get; init; }

    public string? OriginalEnvelopeId { get; init; }

    /// <summary>Without brackets; "" is the null sender, null means not told.</summary>
    public string? OriginalMailFrom { get; init; }

    /// <summary>Without brackets, in order. Providers that redact leave it empty or hashed.</summary>
    public IReadOnlyList<string> OriginalRcptTo { get; init; } = [];

    public DateTimeOffset? ArrivalDate { get; init; }

    /// <summary>The host that handed the mail to the provider.</summary>
    public IPAddress? SourceIp { get; init; }

    public string? ReportingMta { get; init; }

    /// <summary>Lower case.</summary>
    public IReadOnlyList<string> ReportedDomains { get; init; } = [];

    public IReadOnlyList<string> ReportedUris { get; init; } = [];

    public IReadOnlyList<string> AuthenticationResults { get; init; } = [];

    /// <summary>How many times it happened, 1 when not told.</summary>
    public int Incidents { get; init; } = 1;

    /// <summary>The fields of RFC 6591 §3; null unless the type is auth-failure.</summary>
    public AuthenticationFailure? Failure { get; init; }

    public OriginalMessage? Original { get; init; }

    /// <summary>With its angle brackets; null when redacted or not returned.</summary>
    public string? OriginalMessageId => Original?.MessageId;

    /// <summary>Null when the message is no feedback report.</summary>
    public static FeedbackReport? TryRead(MimeMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        foreach (var part in ReportParts.Of(message))
        {
            if (IsFeedback(part, message) && FeedbackFields.Read(part.DecodeText()) is { } report)
                return report with { Original = OriginalMessage.Find(message) };
        }
        return UnstructuredComplaint.TryRead(message);
    }

    private static bool IsFeedback(MimePart part, MimeMessage message)
    {
        if (part.MediaType == "message/feedback-report")
            return true;
        // The second part whatever its type says, but only where the report is announced as one.
        if (message.Root.MediaType != "multipart/report" || part.Parent != message.Root || part.IsMultipart || message.Root.Children[0] == part)
            return false;
        return string.Equals(message.Root.Parameters.GetValueOrDefault("report-type"), "feedback-report", StringComparison.OrdinalIgnoreCase)
            && part.MediaType is "text/plain" or "application/octet-stream" or "text/feedback-report";
    }
}

/// <summary>What failed to authenticate, RFC 6591 §3.1 and §3.2.</summary>
public sealed record AuthenticationFailure
{
    /// <summary>Lower case: "adsp", "bodyhash", "revoked", "signature", "spf", "dmarc"; "" when not told.</summary>
    public required string AuthFailure { get; init; }

    /// <summary>Lower case: "delivered", "spam", "policy", "reject", "other"; null when not told.</summary>
    public string? DeliveryResult { get; init; }

    /// <summary>RFC 7489 §7.3: "none", "dkim", "spf" or both.</summary>
    public string? IdentityAlignment { get; init; }

    public string? DkimDomain { get; init; }

    public string? DkimIdentity { get; init; }

    public string? DkimSelector { get; init; }

    public string? SpfDns { get; init; }
}
