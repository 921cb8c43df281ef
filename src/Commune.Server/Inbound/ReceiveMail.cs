using System.Net;
using Commune.Mail.Addresses;
using Commune.Mail.AuthenticationResults;
using Commune.Mail.AutoReply;
using Commune.Mail.Smtp;
using Commune.Mail.Smtp.Server;
using Commune.Server.Hosting;
using Commune.Server.Inbound.Reports;
using Commune.Server.Outbound;
using Commune.Storage;

namespace Commune.Server.Inbound;

/// <summary>
/// Answers one SMTP session: recipients are looked up, and the message is given to <see cref="AcceptMail"/> for the inboxes
/// that the envelope names, whatever its headers say.
/// </summary>
internal sealed class ReceiveMail(
    AuthenticateMail authenticate, AcceptMail accept, ReturnPaths returnPaths, ReceiveDmarcReport dmarcReports, IStore store, CommuneOptions options,
    TimeProvider time) : ISmtpMailHandler
{
    /// <summary>A message is stored for each inbox in one transaction: no sender may make that outgrow the disk or hold up the others.</summary>
    private const long MostStoredAtOnce = 256 * 1024 * 1024;
    private static readonly SmtpReply NoInboxForRole = new(550, new EnhancedStatusCode(5, 1, 1),
        "Nobody answers for this domain yet: its organisation has no active inbox, create one to receive mail for postmaster and abuse");

    private static readonly SmtpReply Blocked = new(550, new EnhancedStatusCode(5, 7, 1), "The recipient does not take mail from this sender");

    private static readonly SmtpReply NotProvenYet = new(451, new EnhancedStatusCode(4, 7, 1),
        "The recipient takes proven senders only, and the DNS of this one does not answer now, try again later");

    private readonly List<RecipientInbox> inboxes = [];
    private readonly List<Domain> reportedDomains = [];

    public ValueTask<SmtpReply> MailFromAsync(SmtpSessionInfo session, SmtpEnvelope envelope, CancellationToken ct)
    {
        inboxes.Clear();
        reportedDomains.Clear();
        return ValueTask.FromResult(SmtpReply.SenderOk);
    }

    public async ValueTask<SmtpReply> RecipientAsync(SmtpSessionInfo session, SmtpEnvelope envelope, SmtpPath recipient, CancellationToken ct)
    {
        var address = new Mailbox(null, recipient.LocalPart, recipient.Domain);
        var domain = address.AsciiDomain.ToLowerInvariant();
        if (await RecipientInbox.FindReturnAsync(store, returnPaths, domain, recipient.LocalPart, ct) is { } returned)
        {
            // RFC 5321 §4.5.5: what comes back has a null sender; some mailers name their daemon.
            if (!envelope.ReversePath.IsNull && !AutomaticSender.IsProgram(Bare(envelope.ReversePath)))
                return new SmtpReply(550, new EnhancedStatusCode(5, 7, 1), "This address takes delivery reports only");
            if (!inboxes.Exists(known => known.About?.Message.MessageId == returned.About!.Message.MessageId))
                inboxes.Add(returned);
            return SmtpReply.RecipientOk;
        }
        var reported = await dmarcReports.FindAsync(domain, recipient.LocalPart, ct);
        if (reported is not null && !reportedDomains.Exists(known => known.Id == reported.Id))
            reportedDomains.Add(reported);
        if (await RecipientInbox.FindAsync(store, domain, recipient.LocalPart, ct) is { } inbox)
        {
            if (!envelope.ReversePath.IsNull && inbox.Lists.Blocks(AcceptMail.AddressOf(Bare(envelope.ReversePath))))
                return Blocked;
            if (!inboxes.Exists(known => known.About is null && known.Route.InboxId == inbox.Route.InboxId))
                inboxes.Add(inbox);
            return SmtpReply.RecipientOk;
        }
        if (reported is not null)
            return SmtpReply.RecipientOk;
        if (domain.Length > 0 && !await store.Inboxes.IsLocalDomainAsync(domain, ct))
            return SmtpReply.RelayingDenied;
        return RecipientInbox.IsRole(recipient.LocalPart) ? NoInboxForRole : SmtpReply.NoSuchMailbox;
    }

    public async ValueTask<SmtpReply> MessageAsync(SmtpSessionInfo session, SmtpEnvelope envelope, SmtpMessageBody body, CancellationToken ct)
    {
        if (body.Length * inboxes.Count > MostStoredAtOnce)
            return new SmtpReply(452, new EnhancedStatusCode(4, 5, 3), "Too many recipients for a message of this size, send it to fewer at a time");
        var client = new SendingClient((session.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None, session.HeloName ?? "unknown", Bare(envelope.ReversePath));
        var content = body.IsInMemory ? body.Memory : body.ToArray();
        var authentication = await authenticate.RunAsync(client, content, ct);
        if (authentication.AsksForRejection && options.Smtp.RejectOnDmarc)
            return new SmtpReply(550, new EnhancedStatusCode(5, 7, 1), $"The DMARC policy of {authentication.Dmarc.Domain} asks to refuse this message");

        var kept = SmtpReply.LocalError;
        foreach (var domain in reportedDomains)
            kept = await dmarcReports.TakeAsync(domain, content, ct);
        // Addressed to inboxes too, it is their mail whatever it brings.
        if (inboxes.Count == 0)
            return kept;

        var received = Traced(session, envelope, client, authentication, body, content.Span);
        return Reply(await StoreAsync(received, body, ct), authentication, kept);
    }

    private async Task<AcceptResult> StoreAsync(ReceivedMail received, SmtpMessageBody body, CancellationToken ct)
    {
        try
        {
            return await accept.AcceptAsync(received, inboxes, ct);
        }
        catch
        {
            // A commit that was under way goes on with these bytes when nobody waits for it any more.
            body.Abandon();
            throw;
        }
    }

    private SmtpReply Reply(AcceptResult result, MailAuthentication authentication, SmtpReply kept) => result switch
    {
        AcceptResult.Refused { Reason: var reason } =>
            new SmtpReply(550, new EnhancedStatusCode(5, 7, 1), $"The recipient does not take this message: it looks like {reason}"),
        AcceptResult.Blocked when reportedDomains.Count > 0 => kept,
        AcceptResult.Blocked { ForLackOfProof: true } when SenderIdentity.MayBeProvenLater(authentication) => NotProvenYet,
        AcceptResult.Blocked => Blocked,
        AcceptResult.Loop => new SmtpReply(554, new EnhancedStatusCode(5, 4, 6), "The message has been through too many servers: a mail loop"),
        // The inbox is gone, but what came back to it was told.
        AcceptResult.Stored { Reported: true, Deliveries: var deliveries } when deliveries.All(static d => d.InboxGone) => SmtpReply.Accepted,
        AcceptResult.Stored { Deliveries: var deliveries } when deliveries.All(static d => d.InboxGone) => SmtpReply.NoSuchMailbox,
        AcceptResult.Stored { Deliveries: var deliveries } =>
            new SmtpReply(250, new EnhancedStatusCode(2, 0, 0), "Accepted as " + deliveries.First(static d => !d.InboxGone).MessageId),
        _ => SmtpReply.LocalError,
    };

    /// <summary>The message with what we found out in front, and without fields that pretend to be ours (RFC 8601 §5).</summary>
    private ReceivedMail Traced(
        SmtpSessionInfo session, SmtpEnvelope envelope, SendingClient client, MailAuthentication authentication, SmtpMessageBody body,
        ReadOnlySpan<byte> content)
    {
        var hostName = options.EffectiveHostName;
        var results = authentication.Header(hostName);
        var trace = TraceHeader.Make(hostName, client, session.Protocol, session.TlsProtocol,
            envelope.Recipients.Count == 1 ? envelope.Recipients[0].Raw : null, results.ToField(), time.GetUtcNow());
        ReadOnlyMemory<byte> bytes;
        if (authentication.HasForeignResults)
            bytes = (byte[])[.. trace, .. AuthenticationResultsHeader.RemoveForged(content, hostName)];
        else
            bytes = body.IsInMemory ? body.Behind(trace) : (byte[])[.. trace, .. content];
        return new ReceivedMail(
            bytes, trace.Length, client.ReversePath, authentication.ToMetadata(results), SenderIdentity.IsProvenBy(authentication))
        {
            Evidence = authentication.ToEvidence(),
            ProvenDomains = authentication.ProvenDomains(),
        };
    }

    private static string Bare(SmtpPath path) => path.IsNull ? "" : $"{path.LocalPart}@{path.Domain}";
}
