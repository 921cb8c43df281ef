using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Commune.Peers;

/// <summary>One record, its data already in wire form. <paramref name="Target"/> is the name a CNAME leads to.</summary>
internal sealed record FakeDnsRecord(ushort Type, int Ttl, byte[] Data, string? Target = null)
{
    public const ushort TypeCname = 5;
    public const ushort TypePtr = 12;

    public static FakeDnsRecord Address(int ttl, IPAddress address) =>
        new((ushort)(address.AddressFamily == AddressFamily.InterNetwork ? 1 : 28), ttl, address.GetAddressBytes());

    public static FakeDnsRecord Name(int ttl, ushort type, string target) =>
        new(type, ttl, FakeDnsQuery.WireName(target), target.TrimEnd('.'));

    public static FakeDnsRecord Mx(int ttl, int preference, string exchange)
    {
        var data = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)preference);
        return new FakeDnsRecord(15, ttl, [.. data, .. FakeDnsQuery.WireName(exchange)]);
    }

    public static FakeDnsRecord Txt(int ttl, string[] strings)
    {
        var data = new List<byte>();
        foreach (var text in strings)
        {
            foreach (var piece in text.Length == 0 ? [[]] : Encoding.UTF8.GetBytes(text).Chunk(255))
            {
                data.Add((byte)piece.Length);
                data.AddRange(piece);
            }
        }

        return new FakeDnsRecord(16, ttl, [.. data]);
    }
}
