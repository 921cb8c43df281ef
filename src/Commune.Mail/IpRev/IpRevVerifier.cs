using System.Net;
using System.Net.Sockets;
using Commune.Mail.Dns;

namespace Commune.Mail.IpRev;

/// <summary>The "iprev" method of RFC 8601 §3: the address must have a name, and that name must have the address.
/// Thread-safe; asks at most eleven questions.</summary>
public sealed class IpRevVerifier(IDnsResolver dns)
{
    // RFC 8601 §3 leaves a limit to us. It is the one of SPF's ptr (RFC 7208 §4.6.4).
    private const int MaxNames = 10;

    public async ValueTask<IpRevResult> CheckAsync(IPAddress client, CancellationToken ct)
    {
        if (client.IsIPv4MappedToIPv6)
            client = client.MapToIPv4();
        else if (client.AddressFamily == AddressFamily.InterNetworkV6)
            client = new IPAddress(client.GetAddressBytes());

        var pointers = await dns.PtrAsync(client, ct);
        if (pointers.IsTemporaryFailure)
            return new IpRevResult(IpRevResult.TempError, null);
        // RFC 8601 §2.7.3: an address without a name is an error, not a disagreement.
        if (pointers.Records.Count == 0)
            return new IpRevResult(IpRevResult.PermError, null);

        var isTemporary = false;
        foreach (var name in pointers.Records.Take(MaxNames))
        {
            var addresses = await dns.AddressesAsync(name, client.AddressFamily, ct);
            if (addresses.Records.Contains(client))
                return new IpRevResult(IpRevResult.Pass, name.TrimEnd('.'));
            isTemporary |= addresses.IsTemporaryFailure;
        }

        return new IpRevResult(isTemporary ? IpRevResult.TempError : IpRevResult.Fail, null);
    }
}
