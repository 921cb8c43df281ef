using System.Net;
using System.Net.Sockets;

namespace Commune.Server.Hosting;

/// <summary>
/// Where a request comes from. A proxy that the operator trusts (setting <c>Commune:TrustedProxies</c>) may say so in X-Forwarded-For;
/// anybody else's word for it is not taken.
/// </summary>
public sealed class ClientAddress(IReadOnlyList<IPNetwork> trusted)
{
    public IPAddress Of(HttpContext http)
    {
        var address = Plain(http.Connection.RemoteIpAddress ?? IPAddress.None);
        if (!IsTrusted(address))
            return address;
        // Each proxy appends whom it heard: the last that is not one of ours is the client.
        foreach (var text in http.Request.Headers["X-Forwarded-For"].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            if (IPAddress.TryParse(text, out var said))
                address = Plain(said);
            else if (IPEndPoint.TryParse(text, out var endPoint))
                address = Plain(endPoint.Address);
            else
                return address;
            if (!IsTrusted(address))
                return address;
        }
        return address;
    }

    /// <summary>What limits count by: one IPv4 address, or the /64 that one IPv6 subscriber has (RFC 6177 §2).</summary>
    public string GroupOf(HttpContext http)
    {
        var address = Of(http);
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.ToString();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes) + "/64";
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private bool IsTrusted(IPAddress address) => trusted.Any(network => network.Contains(address));
}
