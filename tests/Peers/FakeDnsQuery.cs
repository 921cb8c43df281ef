using System.Buffers.Binary;
using System.Text;

namespace Commune.Peers;

/// <summary>A query as it came in, and the writing of a response to it (RFC 1035 §4.1).</summary>
internal sealed record FakeDnsQuery(ushort Id, string Name, ushort Type, bool HasEdns)
{
    public static bool TryRead(ReadOnlySpan<byte> query, out FakeDnsQuery read)
    {
        read = null!;
        if (query.Length < 17)
            return false;
        var name = new StringBuilder();
        var offset = 12;
        while (offset < query.Length && query[offset] is var length and > 0)
        {
            if (offset + 1 + length >= query.Length)
                return false;
            name.Append(name.Length > 0 ? "." : "").Append(Encoding.ASCII.GetString(query.Slice(offset + 1, length)));
            offset += length + 1;
        }

        if (query.Length - offset < 5)
            return false;
        read = new FakeDnsQuery(
            BinaryPrimitives.ReadUInt16BigEndian(query),
            name.ToString(),
            BinaryPrimitives.ReadUInt16BigEndian(query[(offset + 1)..]),
            HasEdns: BinaryPrimitives.ReadUInt16BigEndian(query[10..]) > 0);
        return true;
    }

    public byte[] Respond(
        int responseCode,
        IReadOnlyList<(string Owner, FakeDnsRecord Record)>? answers = null,
        bool isTruncated = false,
        int? soaTtl = null)
    {
        var response = new List<byte>();
        Add16(response, Id);
        // QR, RD, RA.
        Add16(response, 0x8180 | (isTruncated ? 0x0200 : 0) | responseCode);
        Add16(response, 1);
        Add16(response, answers?.Count ?? 0);
        Add16(response, soaTtl is null ? 0 : 1);
        Add16(response, 0);
        response.AddRange(WireName(Name));
        Add16(response, Type);
        Add16(response, 1);
        foreach (var (owner, record) in answers ?? [])
        {
            // A pointer to the question's name where that is the owner, as real servers write it.
            AddRecord(response, owner == Name ? [0xC0, 12] : WireName(owner), record.Type, record.Ttl, record.Data);
        }

        if (soaTtl is { } ttl)
        {
            var data = new List<byte>(WireName("ns.fake"));
            data.AddRange(WireName("hostmaster.fake"));
            data.AddRange(new byte[16]);
            Add16(data, ttl >> 16);
            Add16(data, ttl);
            AddRecord(response, WireName("fake"), 6, ttl, [.. data]);
        }

        return [.. response];
    }

    public static byte[] WireName(string name)
    {
        var wire = new List<byte>();
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            var octets = Encoding.ASCII.GetBytes(label);
            wire.Add((byte)octets.Length);
            wire.AddRange(octets);
        }

        wire.Add(0);
        return [.. wire];
    }

    private static void AddRecord(List<byte> response, byte[] owner, int type, int ttl, byte[] data)
    {
        response.AddRange(owner);
        Add16(response, type);
        Add16(response, 1);
        Add16(response, ttl >> 16);
        Add16(response, ttl);
        Add16(response, data.Length);
        response.AddRange(data);
    }

    private static void Add16(List<byte> octets, int value)
    {
        octets.Add((byte)(value >> 8));
        octets.Add((byte)value);
    }
}
