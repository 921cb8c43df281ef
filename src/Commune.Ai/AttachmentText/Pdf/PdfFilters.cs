using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>Stream filters (ISO 32000-1 §7.4) that text goes through; a broken stream gives what could be decoded.</summary>
internal static class PdfFilters
{
    private const int MostFilters = 8;

    /// <summary>The decoded bytes; null when a filter is for images or is unknown.</summary>
    public static byte[]? Decode(ReadOnlyMemory<byte> raw, IReadOnlyList<string> filters, IReadOnlyList<PdfObject.Dictionary> parameters, ReadingBudget budget)
    {
        if (filters.Count > MostFilters)
            return null;
        var bytes = raw;
        for (var i = 0; i < filters.Count && !budget.IsSpent; i++)
        {
            var settings = i < parameters.Count ? parameters[i] : PdfObject.Dictionary.Empty;
            byte[]? decoded = filters[i] switch
            {
                "FlateDecode" or "Fl" => PdfPredictor.Undo(Inflate(bytes, budget), settings, budget),
                "LZWDecode" or "LZW" => PdfPredictor.Undo(PdfLzw.Decode(bytes.Span, (settings["EarlyChange"] as PdfObject.Number)?.Whole != 0, budget), settings, budget),
                "ASCIIHexDecode" or "AHx" => AsciiHex(bytes.Span, budget),
                "ASCII85Decode" or "A85" => Ascii85(bytes.Span, budget),
                "RunLengthDecode" or "RL" => RunLength(bytes.Span, budget),
                // The identity, as long as the document is not encrypted.
                "Crypt" => bytes.ToArray(),
                _ => null,
            };
            if (decoded is null)
                return null;
            bytes = decoded;
        }
        return budget.IsSpent ? [] : MemoryMarshal.TryGetArray(bytes, out var array) && array.Offset == 0 && array.Count == array.Array!.Length ? array.Array : bytes.ToArray();
    }

    private static byte[] Inflate(ReadOnlyMemory<byte> bytes, ReadingBudget budget)
    {
        // RFC 1950 §2.2; where the header is wrong, the rest often is deflate all the same.
        var hasHeader = bytes.Length > 2 && (bytes.Span[0] & 0x0F) == 8 && (bytes.Span[0] << 8 | bytes.Span[1]) % 31 == 0;
        var source = new MemoryStream((hasHeader ? bytes[2..] : bytes).ToArray(), writable: false);
        using var inflater = new DeflateStream(source, CompressionMode.Decompress);
        var output = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            for (int count; !budget.IsSpent && (count = inflater.Read(buffer)) > 0;)
            {
                output.Write(buffer, 0, count);
                budget.SpendUnpacked(count);
            }
        }
        catch (InvalidDataException)
        {
            // What came before the damage is kept.
        }
        return output.ToArray();
    }

    private static byte[] AsciiHex(ReadOnlySpan<byte> bytes, ReadingBudget budget)
    {
        var output = new List<byte>(bytes.Length / 2);
        var high = -1;
        foreach (var b in bytes)
        {
            if (b == '>' || !budget.Spend())
                break;
            if (!char.IsAsciiHexDigit((char)b))
                continue;
            var digit = char.IsAsciiDigit((char)b) ? b - '0' : (b | 0x20) - 'a' + 10;
            if (high < 0)
            {
                high = digit;
                continue;
            }
            output.Add((byte)(high * 16 + digit));
            high = -1;
        }
        if (high >= 0)
            output.Add((byte)(high * 16));
        return [.. output];
    }

    // §7.4.3
    private static byte[] Ascii85(ReadOnlySpan<byte> bytes, ReadingBudget budget)
    {
        if (bytes.TrimStart(" \r\n\t"u8).StartsWith("<~"u8))
            bytes = bytes[(bytes.IndexOf((byte)'~') + 1)..];
        var output = new List<byte>(bytes.Length * 4 / 5);
        uint group = 0;
        var count = 0;
        foreach (var b in bytes)
        {
            if (b == '~' || !budget.Spend())
                break;
            if (b == 'z' && count == 0)
            {
                output.AddRange((ReadOnlySpan<byte>)[0, 0, 0, 0]);
                continue;
            }
            if (b is < (byte)'!' or > (byte)'u')
                continue;
            group = unchecked(group * 85 + (uint)(b - '!'));
            if (++count < 5)
                continue;
            Flush(output, group, 4);
            (group, count) = (0, 0);
        }
        if (count > 1)
        {
            for (var i = count; i < 5; i++)
                group = unchecked(group * 85 + 84);
            Flush(output, group, count - 1);
        }
        return [.. output];
    }

    private static void Flush(List<byte> output, uint group, int length)
    {
        for (var i = 0; i < length; i++)
            output.Add((byte)(group >> (24 - 8 * i)));
    }

    // §7.4.5
    private static byte[] RunLength(ReadOnlySpan<byte> bytes, ReadingBudget budget)
    {
        var output = new List<byte>();
        for (var i = 0; i < bytes.Length && bytes[i] != 128;)
        {
            var length = bytes[i++];
            if (!budget.SpendUnpacked(128))
                break;
            if (length < 128)
            {
                var take = Math.Min(length + 1, bytes.Length - i);
                output.AddRange(bytes.Slice(i, take));
                i += take;
            }
            else if (i < bytes.Length)
            {
                for (var left = 257 - length; left > 0; left--)
                    output.Add(bytes[i]);
                i++;
            }
        }
        return [.. output];
    }
}
