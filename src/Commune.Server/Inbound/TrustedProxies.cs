using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Commune.Mail.ProxyProtocol;

namespace Commune.Server.Inbound;

/// <summary>
/// The proxies that may say where a connection comes from (setting <c>Commune:Smtp:ProxyProtocolFrom</c>). A connection from one of them must
/// begin with a PROXY header; anybody else's is taken as it is, so that nobody can lend himself an address.
/// </summary>
internal sealed class TrustedProxies(IReadOnlyList<IPNetwork> networks, TimeProvider time)
{
    private static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(10);

    public bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return networks.Any(network => network.Contains(plain));
    }

    /// <summary>Reads the header and leaves the input behind it; null when there is none in time: the connection must be closed.</summary>
    public async Task<ProxyHeader?> ReadAsync(PipeReader input, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(HeaderTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(either.Token);
                switch (ProxyHeader.Read(read.Buffer.IsSingleSegment ? read.Buffer.FirstSpan : read.Buffer.ToArray(), out var header, out var length))
                {
                    case OperationStatus.Done:
                        input.AdvanceTo(read.Buffer.GetPosition(length));
                        return header;
                    case OperationStatus.NeedMoreData when !read.IsCompleted:
                        input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                        break;
                    default:
                        input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                        return null;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
