using System.Buffers;
using System.Buffers.Text;

namespace Commune.Mail.Mime;

/// <summary>The content transfer encodings of RFC 2045 §6, decoded however broken the input is.</summary>
internal static class TransferEncoding
{
    private const byte Skip = 0xFF;
    private const byte Pad = 0xFE;
    private static readonly byte[] Base64Values = BuildBase64Values();

    public static TransferEncodingKind KindOf(ReadOnlySpan<byte> headerValue)
    {
        // Some mailers write a comment or a parameter after the token.
        var value = headerValue.Trim(" \t\r\n\""u8);
        var end = value.IndexOfAny(" ;(\t\r\n\""u8);
        if (end >= 0)
            value = value[..end];
        if (Is(value, "base64") || Is(value, "base-64"))
            return TransferEncodingKind.Base64;
        if (Is(value, "quoted-printable") || Is(value, "quotedprintable"))
            return TransferEncodingKind.QuotedPrintable;
        if (Is(value, "x-uuencode") || Is(value, "uuencode") || Is(value, "x-uue") || Is(value, "uue"))
            return TransferEncodingKind.Uuencode;
        return TransferEncodingKind.Identity;
    }

    /// <summary>Decodes into the target, which must be as long as the source, and returns the bytes written.</summary>
    public static int Decode(TransferEncodingKind kind, ReadOnlySpan<byte> source, Span<byte> target)
    {
        switch (kind)
        {
            case TransferEncodingKind.Base64:
                return DecodeBase64(source, target);
            case TransferEncodingKind.QuotedPrintable:
                return DecodeQuotedPrintable(source, target);
            case TransferEncodingKind.Uuencode:
                return Uuencode.Decode(source, target);
            default:
                source.CopyTo(target);
                return source.Length;
        }
    }

    public static int DecodeBase64(ReadOnlySpan<byte> source, Span<byte> target)
    {
        // The vectorised decoder takes clean input, line breaks included, whole.
        var status = Base64.DecodeFromUtf8(source, target, out var consumed, out var written);
        return status == OperationStatus.Done && consumed == source.Length ? written : DecodeBrokenBase64(source, target);
    }

    public static int DecodeBase64InPlace(Span<byte> buffer) => DecodeBrokenBase64(buffer, buffer);

    /// <summary>
    /// RFC 2045 §6.8: characters outside the alphabet are skipped. Padding ends a group and not the data, because
    /// some senders encode in pieces; bits that make no whole byte are dropped.
    /// </summary>
    private static int DecodeBrokenBase64(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var values = Base64Values;
        var bits = 0;
        var held = 0;
        var written = 0;
        foreach (var b in source)
        {
            var value = values[b];
            if (value == Skip)
                continue;
            if (value == Pad)
            {
                bits = held = 0;
                continue;
            }
            bits = (bits << 6) | value;
            held += 6;
            if (held < 8)
                continue;
            held -= 8;
            target[written++] = (byte)(bits >> held);
            bits &= (1 << held) - 1;
        }
        return written;
    }

    /// <summary>RFC 2045 §6.7, with lower-case hexadecimal digits and stray "=" let through.</summary>
    public static int DecodeQuotedPrintable(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var written = 0;
        // White space before this point of the target was encoded and survives at the end of a line.
        var keep = 0;
        while (!source.IsEmpty)
        {
            var stop = source.IndexOfAny((byte)'=', (byte)'\n');
            var literal = stop < 0 ? source : source[..stop];
            literal.CopyTo(target[written..]);
            written += literal.Length;
            if (stop < 0)
            {
                written = TrimWhiteSpace(target, written, keep);
                break;
            }
            source = source[stop..];
            if (source[0] == '\n')
            {
                // Rule 3: white space at the end of a line was added in transit.
                var crlf = written > keep && target[written - 1] == '\r';
                written = TrimWhiteSpace(target, crlf ? written - 1 : written, keep);
                if (crlf)
                    target[written++] = (byte)'\r';
                target[written++] = (byte)'\n';
                keep = written;
                source = source[1..];
                continue;
            }
            if (source.Length > 2 && TryHex(source[1], source[2], out var value))
            {
                target[written++] = value;
                keep = written;
                source = source[3..];
                continue;
            }
            var softBreak = SoftBreakLength(source);
            if (softBreak > 0)
            {
                keep = written;
                source = source[softBreak..];
            }
            else
            {
                target[written++] = (byte)'=';
                source = source[1..];
            }
        }
        return written;
    }

    public static bool TryHex(byte high, byte low, out byte value)
    {
        var h = HexValue(high);
        var l = HexValue(low);
        value = (byte)((h << 4) | l);
        return h >= 0 && l >= 0;
    }

    private static int HexValue(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
        >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
        _ => -1,
    };

    /// <summary>"=", white space and a line end; also a "=" that ends the data.</summary>
    private static int SoftBreakLength(ReadOnlySpan<byte> source)
    {
        var end = source[1..].IndexOfAnyExcept((byte)' ', (byte)'\t', (byte)'\r');
        if (end < 0)
            return source.Length;
        return source[1 + end] == '\n' ? end + 2 : 0;
    }

    private static int TrimWhiteSpace(ReadOnlySpan<byte> target, int end, int keep)
    {
        while (end > keep && target[end - 1] is (byte)' ' or (byte)'\t')
            end--;
        return end;
    }

    private static bool Is(ReadOnlySpan<byte> value, string name) => System.Text.Ascii.EqualsIgnoreCase(value, name);

    private static byte[] BuildBase64Values()
    {
        var values = new byte[256];
        Array.Fill(values, Skip);
        var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8;
        for (var i = 0; i < alphabet.Length; i++)
            values[alphabet[i]] = (byte)i;
        // The URL alphabet of RFC 4648 §5 turns up in mail, too.
        values['-'] = 62;
        values['_'] = 63;
        values['='] = Pad;
        return values;
    }
}

internal enum TransferEncodingKind
{
    /// <summary>7bit, 8bit, binary, and whatever nobody knows.</summary>
    Identity,
    Base64,
    QuotedPrintable,
    Uuencode,
}
