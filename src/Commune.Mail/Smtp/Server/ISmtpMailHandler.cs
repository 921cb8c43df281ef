namespace Commune.Mail.Smtp.Server;

/// <summary>
/// The stateful half of an SMTP server: it decides who may send to whom, and takes the message.
/// Answers are 2xx, 4xx or 5xx replies; a 421 also closes the connection. An exception is answered with 451.
/// </summary>
public interface ISmtpMailHandler
{
    /// <summary>A 2xx opens the transaction. The envelope has its reverse-path and parameters, no recipients yet.</summary>
    ValueTask<SmtpReply> MailFromAsync(SmtpSessionInfo session, SmtpEnvelope envelope, CancellationToken ct);

    /// <summary>A 2xx adds the recipient to the envelope.</summary>
    ValueTask<SmtpReply> RecipientAsync(SmtpSessionInfo session, SmtpEnvelope envelope, SmtpPath recipient, CancellationToken ct);

    /// <summary>A 2xx promises that the message is durable (RFC 5321 §4.2.5). The body is gone once the answer is given.</summary>
    ValueTask<SmtpReply> MessageAsync(SmtpSessionInfo session, SmtpEnvelope envelope, SmtpMessageBody body, CancellationToken ct);
}
