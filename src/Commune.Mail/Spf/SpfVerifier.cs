using System.Net;
using System.Net.Sockets;
using System.Text;
using Commune.Mail.Dns;

namespace Commune.Mail.Spf;

/// <summary>Checks whether a client may send mail for a domain (RFC 7208). Thread-safe. The total time is the caller's
/// to limit, by the token: RFC 7208 §4.6.4 asks for 20 seconds at least and calls the outcome a <c>temperror</c>.</summary>
public sealed class SpfVerifier(IDnsResolver dns, SpfSettings? settings = null)
{
    private const string UnknownReceiver = "unknown";

    private readonly SpfSettings _settings = settings ?? new SpfSettings();

    /// <summary>The check of one SMTP transaction: of the reverse-path, or of the HELO name when that is null (§2.4).</summary>
    /// <param name="mailFrom">The reverse-path without brackets; empty for the null sender.</param>
    /// <param name="receiver">The name of this host, for the explanation.</param>
    public ValueTask<SpfResult> CheckAsync(
        IPAddress client, string mailFrom, string heloName, string receiver, DateTimeOffset now, CancellationToken ct)
    {
        if (mailFrom.Length == 0)
            return CheckAsync(client, heloName, $"postmaster@{heloName}", heloName, receiver, now, SpfResult.HeloScope, ct);
        var domain = mailFrom[(mailFrom.LastIndexOf('@') + 1)..];
        return CheckAsync(client, domain, mailFrom, heloName, receiver, now, SpfResult.MailFromScope, ct);
    }

    /// <summary>check_host() of RFC 7208 §4.</summary>
    /// <param name="domain">The domain whose policy is asked for.</param>
    /// <param name="sender">The address that stands for <c>%{s}</c>; without a local part it is postmaster's.</param>
    public ValueTask<SpfResult> CheckHostAsync(
        IPAddress ip, string domain, string sender, string helo, CancellationToken ct) =>
        CheckAsync(
            ip, domain, sender, helo, UnknownReceiver, DateTimeOffset.UnixEpoch, SpfResult.MailFromScope, ct);

    private async ValueTask<SpfResult> CheckAsync(
        IPAddress client,
        string domain,
        string sender,
        string helo,
        string receiver,
        DateTimeOffset now,
        string scope,
        CancellationToken ct)
    {
        // RFC 7208 §5: an IPv4-mapped IPv6 address is an IPv4 address. A zone id is of no use to anybody else.
        if (client.IsIPv4MappedToIPv6)
            client = client.MapToIPv4();
        else if (client.AddressFamily == AddressFamily.InterNetworkV6)
            client = new IPAddress(client.GetAddressBytes());

        var name = Trim(domain);
        // RFC 7208 §4.3: a U-label domain is converted first; RFC 8616 §4 says the same of the macros.
        if (!Ascii.IsValid(name) && DnsName.TryNormalize(name, out var ascii))
            name = ascii;
        if (!IsMultiLabel(name))
            return new SpfResult(SpfResult.None, name, scope, null, null, null);

        var at = sender.LastIndexOf('@');
        var senderDomain = at < 0 ? sender : sender[(at + 1)..];
        var values = new SpfMacroValues
        {
            Client = client,
            // RFC 7208 §4.3: a sender without local part is postmaster.
            LocalPart = at <= 0 ? "postmaster" : sender[..at],
            SenderDomain = DnsName.TryNormalize(senderDomain, out var normalized) && !Ascii.IsValid(senderDomain)
                ? normalized
                : senderDomain,
            Domain = name,
            Helo = helo,
            Receiver = receiver.Length == 0 ? UnknownReceiver : receiver,
            Now = now,
        };
        var verdict = await new SpfEvaluation(dns, _settings, values).CheckHostAsync(name, ct);
        var explanation = verdict is { Result: SpfResult.Fail, Explanation: not null }
            ? await new SpfExplanation(dns, _settings).ReadAsync(verdict, ct)
            : null;
        return new SpfResult(verdict.Result, name, scope, explanation, verdict.Mechanism, verdict.Problem);
    }

    private static string Trim(string domain) => domain.Length > 1 && domain[^1] == '.' ? domain[..^1] : domain;

    /// <summary>RFC 7208 §4.3: a malformed name, an address literal and a single label have no policy.</summary>
    private static bool IsMultiLabel(string name)
    {
        if (name.Length is 0 or > DnsName.MaxLength || name[0] == '[' || !Ascii.IsValid(name))
            return false;
        var labels = 0;
        foreach (var range in name.AsSpan().Split('.'))
        {
            var length = range.End.Value - range.Start.Value;
            if (length is 0 or > DnsName.MaxLabelLength)
                return false;
            labels++;
        }

        return labels > 1;
    }
}
