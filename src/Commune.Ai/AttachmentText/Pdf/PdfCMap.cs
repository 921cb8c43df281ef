using System.Globalization;
using System.Text;

namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>From character codes to Unicode (ISO 32000-1 §9.10.3): the ToUnicode entry of a font.</summary>
internal sealed class PdfCMap
{
    private const int MostMappings = 100_000;

    private readonly Dictionary<(int Length, uint Code), string> single = [];
    private readonly List<(int Length, uint First, uint Last, byte[] Start)> ranges = [];
    private readonly List<(int Length, uint First, uint Last)> codes = [];

    private PdfCMap()
    {
    }

    /// <summary>Whether it maps anything at all; some programs write empty ones.</summary>
    public bool IsEmpty => single.Count == 0 && ranges.Count == 0;

    public static PdfCMap Read(byte[] bytes, ReadingBudget budget)
    {
        var map = new PdfCMap();
        var lexer = new PdfLexer(bytes, budget);
        var operands = new List<PdfObject?>();
        while (lexer.Read() is var item and not PdfObject.End && map.single.Count + map.ranges.Count < MostMappings)
        {
            if (item is not PdfObject.Keyword keyword)
            {
                operands.Add(item);
                continue;
            }
            map.Take(keyword.Value, operands);
            operands.Clear();
        }
        return map;
    }

    /// <summary>How many octets the code at the beginning has.</summary>
    public int LengthOf(ReadOnlySpan<byte> text)
    {
        uint code = 0;
        for (var length = 1; length <= Math.Min(4, text.Length); length++)
        {
            code = code << 8 | text[length - 1];
            foreach (var range in codes)
            {
                if (range.Length == length && IsWithin(code, range))
                    return length;
            }
        }
        // Not in any range: as long as the shortest (§9.7.6.3).
        return codes.Count == 0 ? 1 : Math.Min(text.Length, codes.Min(static range => range.Length));
    }

    /// <summary>Null for a code that it does not know.</summary>
    public string? Map(int length, uint code)
    {
        if (single.TryGetValue((length, code), out var text))
            return text;
        foreach (var range in ranges)
        {
            if (range.Length == length && code >= range.First && code <= range.Last)
                return Unicode(Plus(range.Start, code - range.First));
        }
        return null;
    }

    private void Take(string keyword, List<PdfObject?> operands)
    {
        switch (keyword)
        {
            case "endcodespacerange":
                for (var i = 0; i + 1 < operands.Count && codes.Count < 100; i += 2)
                {
                    if (operands[i] is PdfObject.Text first && operands[i + 1] is PdfObject.Text last && first.Bytes.Length is >= 1 and <= 4)
                        codes.Add((first.Bytes.Length, Code(first.Bytes), Code(last.Bytes)));
                }
                break;
            case "endbfchar":
                for (var i = 0; i + 1 < operands.Count; i += 2)
                {
                    if (operands[i] is PdfObject.Text code && Target(operands[i + 1]) is { } target)
                        single.TryAdd((code.Bytes.Length, Code(code.Bytes)), Unicode(target));
                }
                break;
            case "endbfrange":
                for (var i = 0; i + 2 < operands.Count; i += 3)
                {
                    if (operands[i] is PdfObject.Text first && operands[i + 1] is PdfObject.Text last)
                        TakeRange(first.Bytes.Length, Code(first.Bytes), Code(last.Bytes), operands[i + 2]);
                }
                break;
        }
    }

    private void TakeRange(int length, uint first, uint last, PdfObject? target)
    {
        if (target is PdfObject.Array array)
        {
            for (var i = 0; i < array.Items.Count && first + i <= last; i++)
            {
                if (Target(array.Items[i]) is { } one)
                    single.TryAdd((length, first + (uint)i), Unicode(one));
            }
        }
        else if (Target(target) is { Length: > 0 } start)
        {
            ranges.Add((length, first, last, start));
        }
    }

    private static byte[]? Target(PdfObject? value) => value switch
    {
        PdfObject.Text text => text.Bytes,
        PdfObject.Name name => Encoding.BigEndianUnicode.GetBytes(PdfGlyphNames.ToUnicode(name.Value) ?? ""),
        _ => null,
    };

    // Each octet of a code has a range of its own.
    private static bool IsWithin(uint code, (int Length, uint First, uint Last) range)
    {
        for (var shift = 0; shift < range.Length * 8; shift += 8)
        {
            var octet = code >> shift & 0xFF;
            if (octet < (range.First >> shift & 0xFF) || octet > (range.Last >> shift & 0xFF))
                return false;
        }
        return true;
    }

    private static byte[] Plus(byte[] start, uint add)
    {
        var sum = (byte[])start.Clone();
        for (var i = sum.Length - 1; i >= 0 && add > 0; i--, add >>= 8)
        {
            add += sum[i];
            sum[i] = (byte)add;
        }
        return sum;
    }

    private static string Unicode(byte[] bytes) =>
        bytes.Length == 1 ? ((char)bytes[0]).ToString(CultureInfo.InvariantCulture) : Encoding.BigEndianUnicode.GetString(bytes, 0, Math.Min(bytes.Length & ~1, 64));

    private static uint Code(byte[] bytes)
    {
        uint code = 0;
        foreach (var b in bytes.AsSpan(0, Math.Min(4, bytes.Length)))
            code = code << 8 | b;
        return code;
    }
}
