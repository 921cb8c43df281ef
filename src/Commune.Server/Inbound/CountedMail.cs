using Commune.Mail.Smtp;
using Commune.Mail.Smtp.Server;
using Commune.Server.Metrics;

namespace Commune.Server.Inbound;

/// <summary>Counts how the recipients and messages of a session are answered.</summary>
internal sealed class CountedMail(ISmtpMailHandler mail, Traffic traffic) : ISmtpMailHandler
{
    public ValueTask<SmtpReply> MailFromAsync(SmtpSessionInfo session, SmtpEnvelope envelope, CancellationToken ct) => mail.MailFromAsync(session, envelope, ct);

    public async ValueTask<SmtpReply> RecipientAsync(SmtpSessionInfo session, SmtpEnvelope envelope, SmtpPath recipient, CancellationToken ct)
    {
        var reply = await mail.RecipientAsync(session, envelope, recipient, ct);
        traffic.Named(reply.Code);
        return reply;
    }

    public async ValueTask<SmtpReply> MessageAsync(SmtpSessionInfo session, SmtpEnvelope envelope, SmtpMessageBody body, CancellationToken ct)
    {
        var code = SmtpReply.LocalError.Code;
        try
        {
            var reply = await mail.MessageAsync(session, envelope, body, ct);
            code = reply.Code;
            return reply;
        }
        finally
        {
            traffic.Received(code);
        }
    }
}
