using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Commune.Mail.ProxyProtocol;

/// <summary>What a load balancer says about a connection it forwards (HAProxy's PROXY protocol, versions 1 and 2).</summary>
/// <param name="Source">The client that connected to the proxy; null when the proxy speaks for itself or does not know (LOCAL, UNKNOWN).</param>
/// <param name="Destination">Where the client connected to; null together with <paramref name="Source"/>.</param>
public sealed record ProxyHeader(IPEndPoint? Source, IPEndPoint? Destination)
{
    /// <summary>Version 1 ends within 107 octets, CRLF included (specification §2.1).</summary>
    private const int MaxTextLength = 107;

    /// <summary>A version 2 header states its length in 16 bits; with every TLV that is defined it stays far below this.</summary>
    private const int MaxBinaryLength = 16 + 4096;

    private static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    private static readonly ProxyHeader Unstated = new(null, null);

    /// <summary>Reads the header at the start of a connection.</summary>
    /// <param name="input">All that has been received so far.</param>
    /// <param name="header">The header, when the result is <see cref="OperationStatus.Done"/>.</param>
    /// <param name="length">How many octets it takes.</param>
    /// <returns><see cref="OperationStatus.NeedMoreData"/> when the header may still be completed, <see cref="OperationStatus.InvalidData"/>
    /// when this is no header: the connection must be closed (specification §2).</returns>
    public static OperationStatus Read(ReadOnlySpan<byte> input, out ProxyHeader header, out int length)
    {
        header = Unstated;
        length = 0;
        if (input.IsEmpty)
            return OperationStatus.NeedMoreData;
        return input[0] == (byte)'P' ? ReadText(input, out header, out length) : ReadBinary(input, out header, out length);
    }

    private static OperationStatus ReadText(ReadOnlySpan<byte> input, out ProxyHeader header, out int length)
    {
        header = Unstated;
        length = 0;
        var start = "PROXY "u8[..Math.Min(6, input.Length)];
        if (!input.StartsWith(start))
            return OperationStatus.InvalidData;
        var end = input[..Math.Min(input.Length, MaxTextLength)].IndexOf("\r\n"u8);
        if (end < 0)
            return input.Length >= MaxTextLength ? OperationStatus.InvalidData : OperationStatus.NeedMoreData;

        length = end + 2;
        var words = Encoding.ASCII.GetString(input[..end]).Split(' ');
        if (words[1] == "UNKNOWN")
            return OperationStatus.Done;
        var family = words[1] switch
        {
            "TCP4" => AddressFamily.InterNetwork,
            "TCP6" => AddressFamily.InterNetworkV6,
            _ => AddressFamily.Unknown,
        };
        if (words.Length != 6
            || !TryEndPoint(family, words[2], words[4], out var source) || !TryEndPoint(family, words[3], words[5], out var destination))
            return OperationStatus.InvalidData;
        header = new ProxyHeader(source, destination);
        return OperationStatus.Done;
    }

    private static bool TryEndPoint(AddressFamily family, string address, string port, out IPEndPoint? endPoint)
    {
        endPoint = null;
        // IPAddress.TryParse takes shorthands such as "1": an address is written out here.
        if (!IPAddress.TryParse(address, out var ip) || ip.AddressFamily != family || (family == AddressFamily.InterNetwork && address.Count(static c => c == '.') != 3))
            return false;
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        endPoint = new IPEndPoint(ip, number);
        return true;
    }

    private static OperationStatus ReadBinary(ReadOnlySpan<byte> input, out ProxyHeader header, out int length)
    {
        header = Unstated;
        length = 0;
        if (!input.StartsWith(Signature[..Math.Min(Signature.Length, input.Length)]))
            return OperationStatus.InvalidData;
        if (input.Length < 16)
            return OperationStatus.NeedMoreData;
        var (version, command) = (input[12] >> 4, input[12] & 0xF);
        var total = 16 + BinaryPrimitives.ReadUInt16BigEndian(input[14..]);
        if (version != 2 || command > 1 || total > MaxBinaryLength)
            return OperationStatus.InvalidData;
        if (input.Length < total)
            return OperationStatus.NeedMoreData;

        length = total;
        var addresses = input[16..total];
        // Command 0 is LOCAL: a health check of the proxy. Families other than TCP over IPv4 and IPv6 are taken as unstated (§2.2).
        var octets = (command, input[13]) switch
        {
            (1, 0x11) => 4,
            (1, 0x21) => 16,
            _ => 0,
        };
        if (octets == 0)
            return OperationStatus.Done;
        if (addresses.Length < (2 * octets) + 4)
            return OperationStatus.InvalidData;
        var ports = addresses[(2 * octets)..];
        header = new ProxyHeader(
            new IPEndPoint(new IPAddress(addresses[..octets]), BinaryPrimitives.ReadUInt16BigEndian(ports)),
            new IPEndPoint(new IPAddress(addresses[octets..(2 * octets)]), BinaryPrimitives.ReadUInt16BigEndian(ports[2..])));
        return OperationStatus.Done;
    }
}
