using System.Text;
using Commune.Mail.Reports;
using Commune.Mail.Smtp.Client;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>What an attempt came to.</summary>
internal sealed record AttemptResult(IReadOnlyList<RecipientOutcome> Outcomes)
{
    /// <summary>Given back once the outcomes are recorded: so no more messages than there are connections can be on the way when the program
    /// is killed.</summary>
    public LineConnection? Connection { get; init; }

    /// <summary>Nobody was asked, because all hosts are known to be away until then.</summary>
    public DateTimeOffset? AwayUntil { get; init; }
}

/// <summary>
/// Hands a message to another mail server: to the first host that talks to us, over a connection that others have used before if there is one.
/// A host that goes away before it has the message gives the rest of the recipients to the next one.
/// </summary>
internal sealed class RemoteAttempt(HostLines lines, TimeProvider time)
{
    /// <summary>After this no further host is tried: the next attempt comes soon enough.</summary>
    private static readonly TimeSpan LongestSearch = TimeSpan.FromMinutes(2);

    public async Task<AttemptResult> RunAsync(
        OutboundEnvelope envelope, ReadOnlyMemory<byte> message, IReadOnlyList<MailHost> hosts, CancellationToken cancellation)
    {
        var delivery = new Delivery(envelope, message);
        var started = time.GetTimestamp();
        foreach (var host in hosts)
        {
            if (delivery.WasAnswered && time.GetElapsedTime(started) > LongestSearch)
                break;
            if (await TryHostAsync(delivery, lines.To(host), cancellation) is { } connection)
                return new AttemptResult(delivery.Outcomes()) { Connection = connection };
        }
        return new AttemptResult(delivery.Outcomes()) { AwayUntil = delivery.WasAnswered ? null : delivery.AwayUntil };
    }

    /// <returns>The connection on which everybody who was left got an answer; null when the next host is to be tried.</returns>
    private static async Task<LineConnection?> TryHostAsync(Delivery delivery, HostLine line, CancellationToken cancellation)
    {
        for (var fresh = false; ; fresh = true)
        {
            switch (await line.RentAsync(fresh, cancellation))
            {
                case LineResult.Away away:
                    delivery.WasAway(line.Host, away);
                    return null;
                case LineResult.Refused { Failure: var failure }:
                    delivery.WasRefused(line.Host, failure);
                    return null;
                case LineResult.Rented { Connection: var connection }:
                    var wasUsed = connection.Messages > 0;
                    if (await SendAsync(delivery, connection, cancellation))
                        return connection;
                    await line.ReturnAsync(connection, cancellation);
                    // The server may have closed a connection that it had kept for us: that says nothing about the message or the host.
                    if (wasUsed)
                        continue;
                    line.Failed(delivery.LastCode, delivery.LastReason);
                    return null;
            }
        }
    }

    /// <returns>False when the connection ended before everybody had an answer.</returns>
    private static async Task<bool> SendAsync(Delivery delivery, LineConnection connection, CancellationToken cancellation)
    {
        try
        {
            var result = await connection.Smtp.SendAsync(delivery.Envelope(), delivery.Message, cancellation);
            connection.Messages++;
            if (!result.IsConnectionLost)
                connection.Line.Worked();
            return delivery.Take(connection, result);
        }
        catch
        {
            await connection.Line.ReturnAsync(connection, CancellationToken.None);
            throw;
        }
    }

    /// <summary>What is known about each recipient while hosts are tried.</summary>
    private sealed class Delivery(OutboundEnvelope envelope, ReadOnlyMemory<byte> message)
    {
        private readonly Dictionary<string, RecipientOutcome> settled = new(StringComparer.Ordinal);
        private readonly List<(bool Final, RecipientOutcome Outcome)> refusals = [];
        private List<string> left = [.. envelope.Recipients];
        private LineResult.Away? soonest;
        private MailHost? soonestHost;

        public ReadOnlyMemory<byte> Message => message;

        /// <summary>Some host was asked.</summary>
        public bool WasAnswered { get; private set; }

        public DateTimeOffset? AwayUntil => soonest?.Until;

        public int? LastCode { get; private set; }

        public string LastReason { get; private set; } = "";

        public SmtpOutgoingEnvelope Envelope() => new(
            envelope.SenderAddress, left,
            !Ascii.IsValid(envelope.SenderAddress) || left.Exists(static r => !Ascii.IsValid(r)) || !Ascii.IsValid(HeadersOf(message.Span)),
            !Ascii.IsValid(message.Span)) { EnvelopeId = envelope.MessageId };

        public void WasAway(MailHost host, LineResult.Away away)
        {
            if (soonest is null || away.Until < soonest.Until)
                (soonest, soonestHost) = (away, host);
        }

        public void WasRefused(MailHost host, SmtpConnectResult.Failed failure)
        {
            WasAnswered = true;
            refusals.Add((!failure.IsTemporary, new RecipientOutcome("", failure.IsTemporary ? "deferred" : "bounced", failure.Code,
                Words(failure.Code, failure.EnhancedCode, failure.Text))
            {
                Way = new AttemptWay(host.Name, host.EndPoint.ToString()),
                BounceClass = failure.IsTemporary ? null : BounceClassifier.ClassifyRefusal(failure.Code, Words(failure.Code, failure.EnhancedCode, failure.Text)),
            }));
        }

        /// <summary>Settles what can be settled.</summary>
        /// <returns>False when somebody is left who may be tried over another connection at once.</returns>
        public bool Take(LineConnection connection, SmtpSendResult result)
        {
            WasAnswered = true;
            var host = connection.Line.Host;
            var way = new AttemptWay(host.Name, host.EndPoint.ToString(), connection.Smtp.TlsProtocol?.ToString(), connection.Smtp.TlsCipher,
                connection.Smtp.IsTlsVerified);
            var again = new List<string>();
            foreach (var recipient in result.Recipients)
            {
                var outcome = new RecipientOutcome(recipient.Recipient, recipient.Outcome switch
                {
                    SmtpOutcome.Accepted => "delivered",
                    SmtpOutcome.PermanentFailure => "bounced",
                    // Unknown: the far side may have taken it, but a message is not lost for the fear of doubling it.
                    _ => "deferred",
                }, recipient.Code, Words(recipient.Code, recipient.EnhancedCode, recipient.Text)) { Way = way, BounceClass = ClassOf(recipient) };
                settled[recipient.Recipient] = outcome;
                if (result.IsConnectionLost && recipient is { Outcome: SmtpOutcome.TemporaryFailure, Code: null or 421 })
                {
                    again.Add(recipient.Recipient);
                    (LastCode, LastReason) = (recipient.Code, outcome.Detail);
                }
            }
            left = again;
            return again.Count == 0;
        }

        /// <summary>
        /// A refusal of the sender or of the message says nothing against the address, unless its enhanced code does (RFC 3463 §3.2, §3.3):
        /// some hosts look recipients up only when they have the whole message.
        /// </summary>
        private static BounceClass? ClassOf(SmtpRecipientResult recipient) =>
            recipient.Outcome != SmtpOutcome.PermanentFailure || recipient.IsAboutRecipient || recipient.EnhancedCode is ['5', '.', '1' or '2', '.', ..]
                ? null : BounceClassifier.ClassifyRefusal(recipient.Code, Words(recipient.Code, recipient.EnhancedCode, recipient.Text));

        public IReadOnlyList<RecipientOutcome> Outcomes() => [.. envelope.Recipients.Select(OutcomeOf)];

        private RecipientOutcome OutcomeOf(string recipient)
        {
            if (settled.TryGetValue(recipient, out var outcome))
                return outcome;
            // Final only when every host has refused us for good (RFC 5321 §3.1); else the last temporary trouble is what is told.
            if (soonest is null && refusals.TrueForAll(static refusal => refusal.Final))
                return refusals[^1].Outcome with { Address = recipient };
            if (refusals.FindLast(static refusal => !refusal.Final) is { Outcome: { } last })
                return last with { Address = recipient };
            return new RecipientOutcome(recipient, "deferred", soonest!.Code,
                $"{Words(soonest.Code, soonest.Code is null ? "4.4.1" : null, soonest.Reason)} ({soonestHost!.Name} is tried again later, for all mail that waits for it)") { NobodyAsked = !WasAnswered };
        }

        private static ReadOnlySpan<byte> HeadersOf(ReadOnlySpan<byte> message)
        {
            var end = message.IndexOf("\r\n\r\n"u8);
            return end < 0 ? message : message[..end];
        }
    }

    private static string Words(int? code, string? enhanced, string text) =>
        string.Join(' ', ((string?[])[code?.ToString(), enhanced, text]).Where(static w => !string.IsNullOrEmpty(w)));
}
