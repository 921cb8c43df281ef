using System.Text;
using Commune.Mail.Reports;
using Commune.Mail.Smtp.Client;
using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Outbound;

/// <summary>Hands a message to another mail server: the first host that talks to us takes all recipients over one connection.</summary>
internal sealed class RemoteAttempt(IOptions<CommuneOptions> options, TimeProvider time)
{
    /// <summary>After this no further host is tried: the next attempt comes soon enough.</summary>
    private static readonly TimeSpan LongestSearch = TimeSpan.FromMinutes(2);

    public async Task<IReadOnlyList<RecipientOutcome>> RunAsync(
        OutboundEnvelope envelope, ReadOnlyMemory<byte> message, IReadOnlyList<MailHost> hosts, CancellationToken cancellation)
    {
        var failures = new List<SmtpConnectResult.Failed>();
        var started = time.GetTimestamp();
        foreach (var host in hosts)
        {
            if (failures.Count > 0 && time.GetElapsedTime(started) > LongestSearch)
                break;
            switch (await ConnectAsync(host, cancellation))
            {
                case SmtpConnectResult.Connected { Connection: var connection }:
                    return await SendAsync(connection, envelope, message, cancellation);
                case SmtpConnectResult.Failed failed:
                    failures.Add(failed);
                    break;
            }
        }

        // Final only when every host has refused us for good (RFC 5321 §3.1); else the last temporary trouble is what is told.
        var last = failures.FindLast(static f => f.IsTemporary) ?? failures[^1];
        return [.. envelope.Recipients.Select(r => new RecipientOutcome(r, last.IsTemporary ? "deferred" : "bounced", last.Code, Words(last.Code, last.EnhancedCode, last.Text))
        {
            BounceClass = last.IsTemporary ? null : BounceClassifier.ClassifyRefusal(last.Code, Words(last.Code, last.EnhancedCode, last.Text)),
        })];
    }

    private async Task<SmtpConnectResult> ConnectAsync(MailHost host, CancellationToken cancellation)
    {
        var settings = new SmtpClientSettings
        {
            HeloName = options.Value.EffectiveHostName,
            Host = host.Name,
            EndPoint = host.EndPoint,
            Tls = host.Tls,
            Credentials = host.Credentials,
            // RFC 5321 §4.5.3.2.1 allows a greeting five minutes; a host that needs more than one holds a place that others wait for.
            GreetingTimeout = TimeSpan.FromMinutes(1),
        };
        var result = await SmtpClientConnection.ConnectAsync(settings, time, cancellation);
        // RFC 7435: opportunistic encryption falls back to clear text rather than not delivering.
        return result is SmtpConnectResult.Failed { Stage: SmtpStage.Tls } && host.Tls == SmtpTlsMode.Opportunistic
            ? await SmtpClientConnection.ConnectAsync(settings with { Tls = SmtpTlsMode.None }, time, cancellation)
            : result;
    }

    private static async Task<IReadOnlyList<RecipientOutcome>> SendAsync(
        SmtpClientConnection connection, OutboundEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        await using (connection)
        {
            var international = !Ascii.IsValid(envelope.SenderAddress) || envelope.Recipients.Any(static r => !Ascii.IsValid(r))
                || !Ascii.IsValid(HeadersOf(message.Span));
            var smtpEnvelope = new SmtpOutgoingEnvelope(envelope.SenderAddress, envelope.Recipients, international, !Ascii.IsValid(message.Span));
            var result = await connection.SendAsync(smtpEnvelope, message, cancellation);
            await connection.QuitAsync(cancellation);
            return [.. result.Recipients.Select(static r => new RecipientOutcome(r.Recipient, r.Outcome switch
            {
                SmtpOutcome.Accepted => "delivered",
                SmtpOutcome.PermanentFailure => "bounced",
                // Unknown: the far side may have taken it, but a message is not lost for the fear of doubling it.
                _ => "deferred",
            }, r.Code, Words(r.Code, r.EnhancedCode, r.Text)))];
        }
    }

    private static ReadOnlySpan<byte> HeadersOf(ReadOnlySpan<byte> message)
    {
        var end = message.IndexOf("\r\n\r\n"u8);
        return end < 0 ? message : message[..end];
    }

    private static string Words(int? code, string? enhanced, string text) =>
        string.Join(' ', ((string?[])[code?.ToString(), enhanced, text]).Where(static w => !string.IsNullOrEmpty(w)));
}
