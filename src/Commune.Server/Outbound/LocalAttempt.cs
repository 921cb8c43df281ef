using System.Net;
using Commune.Server.Hosting;
using Commune.Server.Inbound;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Outbound;

/// <summary>Hands a message to inboxes of this server, through the same door as received mail and without a network.</summary>
internal sealed class LocalAttempt(IStore store, AcceptMail accept, IOptions<CommuneOptions> options, TimeProvider time)
{
    public async Task<IReadOnlyList<RecipientOutcome>> RunAsync(OutboundEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        var outcomes = new List<RecipientOutcome>();
        foreach (var recipient in envelope.Recipients)
            outcomes.Add(await DeliverAsync(envelope, message, recipient, cancellation) with { Way = new AttemptWay(options.Value.EffectiveHostName) });
        return outcomes;
    }

    private async Task<RecipientOutcome> DeliverAsync(OutboundEnvelope envelope, ReadOnlyMemory<byte> message, string recipient, CancellationToken cancellation)
    {
        var at = recipient.LastIndexOf('@');
        var inbox = await RecipientInbox.FindAsync(store, recipient[(at + 1)..].ToLowerInvariant(), recipient[..at], cancellation);
        if (inbox is null)
            return new RecipientOutcome(recipient, "bounced", 550, "550 5.1.1 No such mailbox here");

        var sender = new SendingClient(IPAddress.Loopback, options.Value.EffectiveHostName, envelope.SenderAddress);
        var trace = TraceHeader.Make(options.Value.EffectiveHostName, sender, "LOCAL", null, recipient, [], time.GetUtcNow());
        // A repeat after a crash is recognised by the Message-ID and the bytes behind our trace header, and stored once.
        var result = await accept.AcceptAsync(
            // That the From is the sender's own was made sure of when the message was accepted for sending.
            new ReceivedMail((byte[])[.. trace, .. message.Span], trace.Length, envelope.SenderAddress, null, IsAuthorProven: true), [inbox], cancellation);
        return result switch
        {
            AcceptResult.Stored { Deliveries: [{ InboxGone: false } stored] } => new RecipientOutcome(recipient, "delivered", 250, "250 2.0.0 Accepted as " + stored.MessageId),
            AcceptResult.Refused { Reason: var reason } =>
                new RecipientOutcome(recipient, "bounced", 550, $"550 5.7.1 The recipient does not take this message: it looks like {reason}"),
            AcceptResult.Blocked => new RecipientOutcome(recipient, "bounced", 550, "550 5.7.1 The recipient does not take mail from this sender"),
            AcceptResult.Loop => new RecipientOutcome(recipient, "bounced", 554, "554 5.4.6 The message has been through too many servers: a mail loop"),
            _ => new RecipientOutcome(recipient, "bounced", 550, "550 5.1.1 No such mailbox here"),
        };
    }
}
