using System.Net;
using System.Net.Sockets;
using Commune.Mail.Dns;
using Commune.Mail.MtaSts;
using Commune.Mail.Smtp.Client;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>Where the mail for one destination goes.</summary>
public abstract record MailRoute
{
    /// <summary>Inboxes of this server: no network.</summary>
    public sealed record Local : MailRoute;

    /// <summary>Hosts to try in this order.</summary>
    public sealed record Hosts(IReadOnlyList<MailHost> List) : MailRoute;

    /// <summary>Nobody ever receives there.</summary>
    public sealed record Undeliverable(int Code, string Reason) : MailRoute;

    /// <summary>It cannot be told now.</summary>
    public sealed record Unknown(string Reason) : MailRoute;
}

public sealed record MailHost(string Name, IPEndPoint EndPoint, SmtpTlsMode Tls, NetworkCredential? Credentials);

/// <summary>Finds the route of a destination: an inbox here, a relay, or its MX (RFC 5321 §5.1, RFC 7505) under its policy (RFC 8461).</summary>
internal sealed class MailRouter(IStore store, IDnsResolver resolver, Relays relays, MtaStsPolicies? policies, int mxPort)
{
    /// <summary>A domain may list any number of hosts; mail is not delayed by more than these.</summary>
    private const int MaxHosts = 5;
    private const int MaxAddressesPerHost = 2;

    /// <param name="senderAddress">Its domain may have relays of its own.</param>
    /// <param name="tls">What the sending domain asks of the way: one of <see cref="DomainTls"/>.</param>
    public async Task<MailRoute> FindAsync(string destination, string senderAddress, string tls, CancellationToken cancellation)
    {
        if (await store.Inboxes.IsLocalDomainAsync(destination, cancellation))
            return new MailRoute.Local();
        if (relays.For(senderAddress) is { Count: > 0 } through)
            return await RelayRouteAsync(through, tls, cancellation);

        var exchanges = await resolver.MxAsync(destination, cancellation);
        switch (exchanges.Status)
        {
            case DnsStatus.Success when exchanges.Records.Any(static mx => mx.IsNull):
                return new MailRoute.Undeliverable(556, $"5.1.10 {destination} accepts no mail (null MX)");
            case DnsStatus.Success:
                return await HostsRouteAsync([.. InOrder(exchanges.Records)], destination, tls, cancellation);
            case DnsStatus.NoData:
                // RFC 5321 §5.1: without an MX the domain itself is the host.
                return await HostsRouteAsync([destination], destination, tls, cancellation);
            case DnsStatus.NameError:
                return new MailRoute.Undeliverable(550, $"5.1.2 The domain {destination} does not exist");
            default:
                return new MailRoute.Unknown($"4.4.3 The MX of {destination} could not be looked up ({exchanges.Status})");
        }
    }

    /// <summary>RFC 5321 §5.1: hosts of the same preference share the load.</summary>
    private static IEnumerable<string> InOrder(IReadOnlyList<MxRecord> exchanges) =>
        exchanges.GroupBy(static mx => mx.Preference).OrderBy(static same => same.Key)
            .SelectMany(static same => same.OrderBy(static _ => Random.Shared.Next()))
            .Select(static mx => mx.Exchange);

    private async Task<MailRoute> RelayRouteAsync(IReadOnlyList<Relay> through, string tls, CancellationToken cancellation)
    {
        var hosts = new List<MailHost>();
        foreach (var relay in through.Take(MaxHosts))
        {
            var addresses = IPAddress.TryParse(relay.Host, out var literal)
                ? [literal]
                : await RelayAddressesAsync(relay.Host, cancellation);
            hosts.AddRange(addresses.Take(MaxAddressesPerHost).Select(
                address => new MailHost(relay.Host, new IPEndPoint(address, relay.Port), Stricter(relay.Tls, tls), relay.Credentials)));
        }
        return hosts.Count == 0
            ? new MailRoute.Unknown($"4.4.3 The relay {through[0].Host} has no address")
            : new MailRoute.Hosts(hosts);
    }

    private async Task<IReadOnlyList<IPAddress>> RelayAddressesAsync(string host, CancellationToken cancellation) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? [IPAddress.Loopback] : (await resolver.AddressesAsync(host, null, cancellation)).Records;

    private async Task<MailRoute> HostsRouteAsync(IReadOnlyList<string> names, string destination, string tls, CancellationToken cancellation)
    {
        var policy = policies is null ? null : await policies.FindAsync(destination, cancellation);
        var enforced = policy is { Mode: MtaStsMode.Enforce };
        // RFC 8461 §5: under enforcement a host outside the policy gets no mail, and neither does one without a valid certificate.
        var allowed = enforced ? [.. names.Where(policy!.Allows)] : names;
        if (allowed.Count == 0)
            return new MailRoute.Unknown($"4.7.0 No mail host of {destination} is one that its MTA-STS policy names");
        var mode = Stricter(enforced ? SmtpTlsMode.RequireVerified : SmtpTlsMode.Opportunistic, tls);

        var hosts = new List<MailHost>();
        var temporary = false;
        foreach (var name in allowed.Take(MaxHosts))
        {
            var addresses = await resolver.AddressesAsync(name, null, cancellation);
            temporary |= addresses.IsTemporaryFailure;
            // IPv4 first: an IPv6 sender without reverse DNS is refused by many.
            hosts.AddRange(addresses.Records.OrderBy(static a => a.AddressFamily == AddressFamily.InterNetworkV6).Take(MaxAddressesPerHost)
                .Select(address => new MailHost(name, new IPEndPoint(address, mxPort), mode, null)));
        }
        if (hosts.Count > 0)
            return new MailRoute.Hosts(hosts);
        return temporary
            ? new MailRoute.Unknown($"4.4.3 The mail hosts of {destination} could not be looked up")
            : new MailRoute.Undeliverable(550, $"5.1.2 {destination} has no host that takes mail");
    }

    private static SmtpTlsMode Stricter(SmtpTlsMode mode, string tls) => (mode, tls) switch
    {
        (SmtpTlsMode.Implicit or SmtpTlsMode.RequireVerified, _) => mode,
        (_, DomainTls.Verify) => SmtpTlsMode.RequireVerified,
        (_, DomainTls.Require) => SmtpTlsMode.RequireEncryption,
        _ => mode,
    };
}
