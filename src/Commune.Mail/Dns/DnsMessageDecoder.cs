using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Commune.Mail.Dns;

/// <summary>Reads a response (RFC 1035 §4.1). Never throws; the work is bounded by the size of the message.</summary>
internal static class DnsMessageDecoder
{
    private const int HeaderLength = 12;
    private const ushort ClassIn = 1;
    private const int MaxWireName = 255;

    // Every name of a message may be a chain of pointers; without this bound 64 KB of them cost minutes.
    private const int MaxPointers = 64;

    /// <summary>False for anything that is not a well-formed message with at most one question.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> message, out DnsMessage? decoded)
    {
        decoded = null;
        if (message.Length < HeaderLength)
            return false;
        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        var questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        var offset = HeaderLength;
        var questionName = "";
        var questionType = default(DnsRecordType);
        if (questions > 1)
            return false;
        if (questions == 1)
        {
            if (!TryReadName(message, ref offset, out questionName) || message.Length - offset < 4)
                return false;
            questionType = (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(message[offset..]);
            if (BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 2)..]) != ClassIn)
                return false;
            offset += 4;
        }

        // RFC 2181 §9: what a truncated answer holds is not used, so it need not be whole either.
        var isTruncated = (flags & 0x0200) != 0;
        var answers = new List<DnsRecord>();
        var authorities = new List<DnsRecord>();
        if (!isTruncated
            && (!TryReadSection(message, ref offset, BinaryPrimitives.ReadUInt16BigEndian(message[6..]), answers)
                || !TryReadSection(message, ref offset, BinaryPrimitives.ReadUInt16BigEndian(message[8..]), authorities)))
        {
            return false;
        }

        decoded = new DnsMessage(
            BinaryPrimitives.ReadUInt16BigEndian(message),
            (flags & 0x8000) != 0,
            isTruncated,
            (DnsResponseCode)(flags & 0x000F),
            questionName,
            questionType,
            answers,
            authorities);
        return true;
    }

    /// <summary>Reads a name, following compression pointers (RFC 1035 §4.1.4), and moves <paramref name="offset"/>
    /// behind it. A dot, a backslash or an unprintable octet within a label is written as <c>\DDD</c>, so that it
    /// never looks like a separator.</summary>
    internal static bool TryReadName(ReadOnlySpan<byte> message, ref int offset, out string name)
    {
        name = "";
        var text = new StringBuilder();
        var position = offset;
        var end = -1;
        var pointers = 0;
        var wireLength = 1;
        while (true)
        {
            if ((uint)position >= (uint)message.Length)
                return false;
            var length = message[position];
            if ((length & 0xC0) == 0xC0)
            {
                if (position + 1 >= message.Length || ++pointers > MaxPointers)
                    return false;
                if (end < 0)
                    end = position + 2;
                var target = ((length & 0x3F) << 8) | message[position + 1];
                // "A prior occurrence": only backwards, so that no loop is possible.
                if (target >= position)
                    return false;
                position = target;
                continue;
            }

            if (length > DnsName.MaxLabelLength)
                return false;
            position++;
            if (length == 0)
                break;
            wireLength += length + 1;
            if (wireLength > MaxWireName || message.Length - position < length)
                return false;
            if (text.Length > 0)
                text.Append('.');
            AppendLabel(text, message.Slice(position, length));
            position += length;
        }

        offset = end < 0 ? position : end;
        name = text.Length == 0 ? "." : text.ToString();
        return true;
    }

    private static void AppendLabel(StringBuilder text, ReadOnlySpan<byte> label)
    {
        foreach (var octet in label)
        {
            if (octet is > 0x20 and < 0x7F and not (byte)'.' and not (byte)'\\')
                text.Append((char)octet);
            else
                text.Append(CultureInfo.InvariantCulture, $"\\{octet:d3}");
        }
    }

    private static bool TryReadSection(ReadOnlySpan<byte> message, ref int offset, int count, List<DnsRecord> records)
    {
        for (var i = 0; i < count; i++)
        {
            if (!TryReadName(message, ref offset, out var name) || message.Length - offset < 10)
                return false;
            var type = (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(message[offset..]);
            var @class = BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 2)..]);
            var ttl = BinaryPrimitives.ReadUInt32BigEndian(message[(offset + 4)..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 8)..]);
            offset += 10;
            if (message.Length - offset < length)
                return false;
            if (@class == ClassIn && IsKnown(type))
            {
                if (!TryReadValue(message, offset, length, type, out var value))
                    return false;
                // RFC 2181 §8: a TTL with the top bit set is zero.
                records.Add(new DnsRecord(name, type, ttl > int.MaxValue ? 0 : ttl, value!));
            }

            offset += length;
        }

        return true;
    }

    private static bool IsKnown(DnsRecordType type) => type is DnsRecordType.A or DnsRecordType.Aaaa
        or DnsRecordType.Cname or DnsRecordType.Ptr or DnsRecordType.Mx or DnsRecordType.Txt or DnsRecordType.Soa;

    private static bool TryReadValue(
        ReadOnlySpan<byte> message, int offset, int length, DnsRecordType type, out object? value)
    {
        value = null;
        var end = offset + length;
        var data = message.Slice(offset, length);
        // A name inside the data may point outside of it, but must not itself run past its end.
        var bounded = message[..end];
        switch (type)
        {
            case DnsRecordType.A when length == 4:
            case DnsRecordType.Aaaa when length == 16:
                value = new IPAddress(data);
                return true;
            case DnsRecordType.Cname:
            case DnsRecordType.Ptr:
                if (!TryReadName(bounded, ref offset, out var target))
                    return false;
                value = target;
                return offset == end;
            case DnsRecordType.Mx when length > 2:
                var preference = BinaryPrimitives.ReadUInt16BigEndian(data);
                offset += 2;
                if (!TryReadName(bounded, ref offset, out var exchange))
                    return false;
                value = new MxRecord(preference, exchange);
                return offset == end;
            case DnsRecordType.Txt:
                return TryReadText(data, out value);
            case DnsRecordType.Soa:
                if (!TryReadName(bounded, ref offset, out _) || !TryReadName(bounded, ref offset, out _)
                    || end - offset != 20)
                {
                    return false;
                }

                value = BinaryPrimitives.ReadUInt32BigEndian(message[(offset + 16)..]);
                return true;
            default:
                return false;
        }
    }

    private static bool TryReadText(ReadOnlySpan<byte> data, out object? value)
    {
        value = null;
        var joined = new byte[data.Length];
        var written = 0;
        while (data.Length > 0)
        {
            var length = data[0];
            if (data.Length - 1 < length)
                return false;
            data.Slice(1, length).CopyTo(joined.AsSpan(written));
            written += length;
            data = data[(length + 1)..];
        }

        // Joined before it is decoded: a character may straddle two strings.
        value = Encoding.UTF8.GetString(joined, 0, written);
        return true;
    }
}
