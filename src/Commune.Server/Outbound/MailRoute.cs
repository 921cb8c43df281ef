using System.Net;
using System.Net.Sockets;
using Commune.Mail.Dns;
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

/// <summary>Finds the route of a destination: an inbox here, the relay, or its MX (RFC 5321 §5.1, RFC 7505).</summary>
public sealed class MailRouter(IStore store, IDnsResolver resolver, Relay? relay, int mxPort)
{
    /// <summary>A domain may list any number of hosts; mail is not delayed by more than these.</summary>
    private const int MaxHosts = 5;
    private const int MaxAddressesPerHost = 2;

    public async Task<MailRoute> FindAsync(string destination, CancellationToken cancellation)
    {
        if (await store.Inboxes.IsLocalDomainAsync(destination, cancellation))
            return new MailRoute.Local();
        if (relay is not null)
            return await RelayRouteAsync(relay, cancellation);

        var exchanges = await resolver.MxAsync(destination, cancellation);
        switch (exchanges.Status)
        {
            case DnsStatus.Success when exchanges.Records.Any(static mx => mx.IsNull):
                return new MailRoute.Undeliverable(556, $"5.1.10 {destination} accepts no mail (null MX)");
            case DnsStatus.Success:
                return await HostsRouteAsync([.. exchanges.Records.Select(static mx => mx.Exchange)], destination, cancellation);
            case DnsStatus.NoData:
                // RFC 5321 §5.1: without an MX the domain itself is the host.
                return await HostsRouteAsync([destination], destination, cancellation);
            case DnsStatus.NameError:
                return new MailRoute.Undeliverable(550, $"5.1.2 The domain {destination} does not exist");
            default:
                return new MailRoute.Unknown($"4.4.3 The MX of {destination} could not be looked up ({exchanges.Status})");
        }
    }

    private async Task<MailRoute> RelayRouteAsync(Relay relay, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(relay.Host, out var literal)
            ? [literal]
            : await RelayAddressesAsync(relay.Host, cancellation);
        return addresses.Count == 0
            ? new MailRoute.Unknown($"4.4.3 The relay {relay.Host} has no address")
            : new MailRoute.Hosts([.. addresses.Take(MaxAddressesPerHost).Select(a => new MailHost(relay.Host, new IPEndPoint(a, relay.Port), relay.Tls, relay.Credentials))]);
    }

    private async Task<IReadOnlyList<IPAddress>> RelayAddressesAsync(string host, CancellationToken cancellation) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? [IPAddress.Loopback] : (await resolver.AddressesAsync(host, null, cancellation)).Records;

    private async Task<MailRoute> HostsRouteAsync(IReadOnlyList<string> names, string destination, CancellationToken cancellation)
    {
        var hosts = new List<MailHost>();
        var temporary = false;
        foreach (var name in names.Take(MaxHosts))
        {
            var addresses = await resolver.AddressesAsync(name, null, cancellation);
            temporary |= addresses.IsTemporaryFailure;
            // IPv4 first: an IPv6 sender without reverse DNS is refused by many.
            hosts.AddRange(addresses.Records.OrderBy(static a => a.AddressFamily == AddressFamily.InterNetworkV6).Take(MaxAddressesPerHost)
                .Select(address => new MailHost(name, new IPEndPoint(address, mxPort), SmtpTlsMode.Opportunistic, null)));
        }
        if (hosts.Count > 0)
            return new MailRoute.Hosts(hosts);
        return temporary
            ? new MailRoute.Unknown($"4.4.3 The mail hosts of {destination} could not be looked up")
            : new MailRoute.Undeliverable(550, $"5.1.2 {destination} has no host that takes mail");
    }
}
