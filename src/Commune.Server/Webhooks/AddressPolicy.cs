using System.Net;
using System.Net.Sockets;

namespace Commune.Server.Webhooks;

/// <summary>Which addresses are of the public internet (the special-purpose registries of RFC 6890): a webhook must not reach into our own network.</summary>
internal static class AddressPolicy
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", // this network, RFC 791
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", // private, RFC 1918
            "100.64.0.0/10", // shared address space behind a carrier's NAT, RFC 6598
            "127.0.0.0/8", // loopback
            "169.254.0.0/16", // link-local, RFC 3927: cloud metadata services too
            "192.0.0.0/24", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", // protocol assignments and documentation
            "192.88.99.0/24", // 6to4 relays, RFC 7526
            "198.18.0.0/15", // benchmarking, RFC 2544
            "168.63.129.16/32", // a cloud's own host service on a public number
            "224.0.0.0/4", "240.0.0.0/4", // multicast, reserved and broadcast
            "2001::/23", "2002::/16", // tunnels with an IPv4 address inside, and protocol assignments
            "2001:db8::/32", "3fff::/20", // documentation
        }.Select(static network => IPNetwork.Parse(network)),
    ];

    // RFC 4291 §2.4: only 2000::/3 is handed out as global unicast. Loopback, ULA, link-local, multicast and 64:ff9b::/96 lie outside of it.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !GlobalUnicast.Contains(address))
            return false;
        return !NotPublic.Any(network => network.Contains(address));
    }
}
