using System.Net;
using System.Net.Sockets;

namespace Commune.Mail.Dns;

/// <summary>Every DNS question of the program goes through here. No method throws on what a server answers; they throw
/// <see cref="OperationCanceledException"/> only when the caller's token is cancelled. Names may be U-labels
/// (<c>bücher.example</c>) and may end with a dot.</summary>
public interface IDnsResolver
{
    /// <summary>The TXT records of a name; the strings of one record are joined without a separator
    /// (RFC 7208 §3.3, RFC 6376 §3.6.2.2).</summary>
    ValueTask<DnsResult<string>> TxtAsync(string name, CancellationToken ct);

    /// <summary>The MX records, lowest preference first. A null MX is kept: see <see cref="MxRecord.IsNull"/>.</summary>
    ValueTask<DnsResult<MxRecord>> MxAsync(string name, CancellationToken ct);

    /// <summary>A records for <see cref="AddressFamily.InterNetwork"/>, AAAA for
    /// <see cref="AddressFamily.InterNetworkV6"/>, both for null (IPv4 first). CNAMEs are followed.</summary>
    ValueTask<DnsResult<IPAddress>> AddressesAsync(string name, AddressFamily? family, CancellationToken ct);

    /// <summary>The names that <c>in-addr.arpa</c> or <c>ip6.arpa</c> gives for an address, without trailing dot.</summary>
    ValueTask<DnsResult<string>> PtrAsync(IPAddress address, CancellationToken ct);

    /// <summary>The CNAME of this very name, not followed.</summary>
    ValueTask<DnsResult<string>> CnameAsync(string name, CancellationToken ct);
}
