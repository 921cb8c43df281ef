using System.Text;
using Commune.Mail.Smtp;
using Commune.Mail.Smtp.Server;

namespace Commune.Mail.Tests.Smtp.Server;

/// <summary>Takes everything, unless a test says otherwise, and remembers it.</summary>
internal sealed class FakeMailHandler : ISmtpMailHandler
{
    public Func<SmtpEnvelope, SmtpReply> OnMail { get; set; } = _ => SmtpReply.SenderOk;

    public Func<SmtpPath, SmtpReply> OnRecipient { get; set; } = _ => SmtpReply.RecipientOk;

    public Func<SmtpMessageBody, ValueTask<SmtpReply>> OnMessage { get; set; } = _ => new(SmtpReply.Accepted);

    public bool Remembers { get; set; } = true;

    public List<Received> Messages { get; } = [];

    public ValueTask<SmtpReply> MailFromAsync(SmtpSessionInfo session, SmtpEnvelope envelope, CancellationToken ct) => new(OnMail(envelope));

    public ValueTask<SmtpReply> RecipientAsync(SmtpSessionInfo session, SmtpEnvelope envelope, SmtpPath recipient, CancellationToken ct) =>
        new(OnRecipient(recipient));

    public ValueTask<SmtpReply> MessageAsync(SmtpSessionInfo session, SmtpEnvelope envelope, SmtpMessageBody body, CancellationToken ct)
    {
        if (Remembers)
            Messages.Add(new Received(envelope, Encoding.Latin1.GetString(body.ToArray()), session.Protocol, body.IsInMemory));
        return OnMessage(body);
    }

    /// <param name="Content">The octets as Latin-1.</param>
    public sealed record Received(SmtpEnvelope Envelope, string Content, string Protocol, bool WasInMemory);
}
