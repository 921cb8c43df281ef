namespace Commune.Mail.Smtp.Client;

/// <summary>What is to be delivered, and to whom.</summary>
/// <param name="ReversePath">The envelope sender without brackets; empty for a bounce.</param>
/// <param name="Recipients">Without brackets. More than the server takes in one transaction are answered by it with
/// 452 (RFC 5321 §4.5.3.1.10).</param>
/// <param name="RequiresSmtpUtf8">The header fields or an address are beyond ASCII (RFC 6531 §3.6).</param>
/// <param name="Is8Bit">The body has octets beyond ASCII.</param>
public sealed record SmtpOutgoingEnvelope(
    string ReversePath, IReadOnlyList<string> Recipients, bool RequiresSmtpUtf8, bool Is8Bit)
{
    /// <summary>What a delivery status notification repeats as Original-Envelope-Id (RFC 3461 §4.4); null for none.</summary>
    public string? EnvelopeId { get; init; }
}

/// <summary>What became of one recipient.</summary>
public enum SmtpOutcome
{
    /// <summary>The server has taken responsibility.</summary>
    Accepted,

    /// <summary>Try again later.</summary>
    TemporaryFailure,

    /// <summary>Trying again is useless.</summary>
    PermanentFailure,

    /// <summary>The connection ended between the final dot and its reply: the server may have the message. Trying again
    /// may deliver it twice, not trying may lose it.</summary>
    Unknown,
}

/// <summary>One recipient's outcome. <paramref name="Code"/> and <paramref name="EnhancedCode"/> (RFC 3463) are the
/// server's, or those of our own refusal; null when there was no reply.</summary>
public sealed record SmtpRecipientResult(
    string Recipient, SmtpOutcome Outcome, int? Code, string? EnhancedCode, string Text)
{
    /// <summary>The reply was to this recipient's RCPT: it is about the address. Else it is about the sender or the message.</summary>
    public bool IsAboutRecipient { get; init; }
}

/// <summary>One line of the dialogue. Message content and credentials are not repeated in it.</summary>
public sealed class SmtpTranscriptLine
{
    private readonly object _said;

    /// <param name="said">Shown as its text.</param>
    internal SmtpTranscriptLine(DateTimeOffset at, bool isFromServer, object said) => (At, IsFromServer, _said) = (at, isFromServer, said);

    public DateTimeOffset At { get; }

    public bool IsFromServer { get; }

    public string Text => _said.ToString() ?? "";
}

/// <summary>The outcome of one transaction: a result for each recipient, in the order of the envelope.</summary>
/// <param name="IsConnectionLost">The server closed, failed or said 421: whoever has a temporary failure may be tried over another
/// connection at once, which <see cref="SmtpOutcome.Unknown"/> may not.</param>
public sealed record SmtpSendResult(
    IReadOnlyList<SmtpRecipientResult> Recipients, IReadOnlyList<SmtpTranscriptLine> Transcript, bool IsConnectionLost);
