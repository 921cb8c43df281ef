using System.Buffers.Binary;
using System.Text;

namespace Commune.Mail.Dns;

/// <summary>Writes a query (RFC 1035 §4.1), with an OPT record when EDNS is wanted (RFC 6891 §6.1).</summary>
internal static class DnsMessageEncoder
{
    private const int HeaderLength = 12;
    private const int OptLength = 11;
    private const ushort RecursionDesired = 0x0100;
    private const ushort ClassIn = 1;

    /// <param name="name">A normalised name: see <see cref="DnsName.TryNormalize"/>.</param>
    /// <param name="udpPayload">The size announced by EDNS0, in octets; null for a query without EDNS.</param>
    public static byte[] Query(ushort id, string name, DnsRecordType type, int? udpPayload)
    {
        var nameLength = name == "." ? 1 : name.Length + 2;
        var message = new byte[HeaderLength + nameLength + 4 + (udpPayload is null ? 0 : OptLength)];
        var span = message.AsSpan();
        BinaryPrimitives.WriteUInt16BigEndian(span, id);
        BinaryPrimitives.WriteUInt16BigEndian(span[2..], RecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(span[4..], 1);
        BinaryPrimitives.WriteUInt16BigEndian(span[10..], (ushort)(udpPayload is null ? 0 : 1));

        var rest = span[HeaderLength..];
        if (name != ".")
        {
            foreach (var range in name.AsSpan().Split('.'))
            {
                var label = name.AsSpan()[range];
                rest[0] = (byte)label.Length;
                Encoding.ASCII.GetBytes(label, rest[1..]);
                rest = rest[(label.Length + 1)..];
            }
        }

        rest = rest[1..];
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], ClassIn);
        if (udpPayload is { } payload)
        {
            var opt = rest[4..];
            BinaryPrimitives.WriteUInt16BigEndian(opt[1..], (ushort)DnsRecordType.Opt);
            BinaryPrimitives.WriteUInt16BigEndian(opt[3..], (ushort)payload);
        }

        return message;
    }
}
