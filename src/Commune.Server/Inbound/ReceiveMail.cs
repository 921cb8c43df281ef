using System.Net;
using Commune.Mail.Addresses;
using Commune.Mail.Smtp;
using Commune.Mail.Smtp.Server;
using Commune.Storage;

namespace Commune.Server.Inbound;

/// <summary>
/// Answers one SMTP session: recipients are looked up, and the message is given to <see cref="AcceptMail"/> for the inboxes
/// that the envelope names, whatever its headers say.
/// </summary>
internal sealed class ReceiveMail(SmtpServerSettings settings, AcceptMail accept, IStore store, TimeProvider time) : ISmtpMailHandler
{
    private readonly List<RecipientInbox> inboxes = [];

    public ValueTask<SmtpReply> MailFromAsync(SmtpSessionInfo session, SmtpEnvelope envelope, CancellationToken ct)
    {
        inboxes.Clear();
        return ValueTask.FromResult(SmtpReply.SenderOk);
    }

    public async ValueTask<SmtpReply> RecipientAsync(SmtpSessionInfo session, SmtpEnvelope envelope, SmtpPath recipient, CancellationToken ct)
    {
        var address = new Mailbox(null, recipient.LocalPart, recipient.Domain);
        var domain = address.AsciiDomain.ToLowerInvariant();
        if (await RecipientInbox.FindAsync(store, domain, recipient.LocalPart, ct) is { } inbox)
        {
            if (!inboxes.Exists(known => known.Route.InboxId == inbox.Route.InboxId))
                inboxes.Add(inbox);
            return SmtpReply.RecipientOk;
        }
        return await store.Inboxes.IsLocalDomainAsync(domain, ct) ? SmtpReply.NoSuchMailbox : SmtpReply.RelayingDenied;
    }

    public async ValueTask<SmtpReply> MessageAsync(SmtpSessionInfo session, SmtpEnvelope envelope, SmtpMessageBody body, CancellationToken ct)
    {
        var trace = TraceHeader.Make(settings.HostName, session.HeloName ?? "unknown",
            (session.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None, session.Protocol, session.TlsProtocol,
            envelope.ReversePath.Raw, envelope.Recipients.Count == 1 ? envelope.Recipients[0].Raw : null, time.GetUtcNow());
        var bytes = GC.AllocateUninitializedArray<byte>(trace.Length + checked((int)body.Length));
        trace.CopyTo(bytes, 0);
        await using (var content = body.OpenRead())
            await content.ReadExactlyAsync(bytes.AsMemory(trace.Length), ct);

        var result = await accept.AcceptAsync(new ReceivedMail(bytes, trace.Length, envelope.ReversePath.IsNull ? "" : $"{envelope.ReversePath.LocalPart}@{envelope.ReversePath.Domain}"), inboxes, ct);
        return result switch
        {
            AcceptResult.Loop => new SmtpReply(554, new EnhancedStatusCode(5, 4, 6), "The message has been through too many servers: a mail loop"),
            AcceptResult.Stored { Deliveries: var deliveries } when deliveries.All(static d => d.InboxGone) => SmtpReply.NoSuchMailbox,
            AcceptResult.Stored { Deliveries: var deliveries } =>
                new SmtpReply(250, new EnhancedStatusCode(2, 0, 0), "Accepted as " + deliveries.First(static d => !d.InboxGone).MessageId),
            _ => SmtpReply.LocalError,
        };
    }
}
