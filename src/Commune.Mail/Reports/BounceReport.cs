using Commune.Mail.Smtp;

namespace Commune.Mail.Reports;

/// <summary>What a bounce says about one recipient.</summary>
public sealed record BouncedRecipient
{
    /// <summary>The address we sent to where the report tells it, else the one it ended at.</summary>
    public required string Address { get; init; }

    /// <summary>Where the mail ended, when it was forwarded from <see cref="Address"/>; null otherwise.</summary>
    public string? FinalAddress { get; init; }

    public required RecipientAction Action { get; init; }

    public EnhancedStatusCode? EnhancedCode { get; init; }

    public int? SmtpCode { get; init; }

    /// <summary>The reason on one line, as the remote system worded it; null when none is given.</summary>
    public string? Diagnostic { get; init; }

    public string? RemoteMta { get; init; }

    public BounceClass Class => BounceClassifier.Classify(Action, EnhancedCode, SmtpCode, Diagnostic);
}

/// <summary>A bounce of any shape: a delivery status notification or the plain text of a mailer that knows none.</summary>
public sealed record BounceReport
{
    /// <summary>Empty when the bounce names nobody: then only <see cref="OriginalMessageId"/> and the hints tell what it is about.</summary>
    public required IReadOnlyList<BouncedRecipient> Recipients { get; init; }

    /// <summary>With its angle brackets; null when the report did not return it.</summary>
    public string? OriginalMessageId { get; init; }

    /// <summary>Addresses that may be the envelope sender the original went out with, the likeliest first, each once and in lower case.</summary>
    public required IReadOnlyList<string> OriginalReturnPathHints { get; init; }

    /// <summary>The ENVID of our MAIL command (RFC 3461 §4.4).</summary>
    public string? OriginalEnvelopeId { get; init; }

    public string? ReportingMta { get; init; }

    public OriginalMessage? Original { get; init; }
}
