using System.Text;
using Commune.Mail.Mime;

namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>A glyph of a shown string.</summary>
/// <param name="Text">"" when nobody can tell what it means.</param>
/// <param name="Width">In units of the font's size.</param>
/// <param name="IsSpace">The code 32 of one octet, which word spacing applies to.</param>
internal readonly record struct PdfGlyph(string Text, double Width, bool IsSpace);

/// <summary>What the octets of a shown string mean and how wide they are (ISO 32000-1 §9.6, §9.7, §9.10).</summary>
internal sealed class PdfFont
{
    private const double UnknownWidth = 0.5;

    // Widths of the printable ASCII characters of the most used standard fonts (§9.6.2.2), which files may leave out.
    private static readonly int[] Sans =
    [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
        1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
        333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
    ];

    private static readonly int[] Serif =
    [
        250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444,
        921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500,
        333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
    ];

    private readonly PdfCMap? toUnicode;
    private readonly Encoding? codePage;
    private readonly string?[]? simple;
    private readonly PdfWidths widths;
    private readonly bool isComposite;

    private PdfFont(PdfCMap? toUnicode, Encoding? codePage, string?[]? simple, PdfWidths widths, bool isComposite)
    {
        this.toUnicode = toUnicode;
        this.codePage = codePage;
        this.simple = simple;
        this.widths = widths;
        this.isComposite = isComposite;
    }

    /// <summary>For text that is shown without a font.</summary>
    public static PdfFont Unknown { get; } = new(null, null, PdfEncodings.Named("WinAnsiEncoding"), PdfWidths.None, isComposite: false);

    public static PdfFont Read(PdfDocument document, PdfObject.Dictionary font, ReadingBudget budget)
    {
        var map = document.Resolve(font["ToUnicode"]) is PdfObject.Stream stream ? PdfCMap.Read(document.Bytes(stream), budget) : null;
        if (map is { IsEmpty: true })
            map = null;
        if (document.Name(font["Subtype"]) != "Type0")
            return new PdfFont(map, null, SimpleEncoding(document, font), PdfWidths.OfSimple(document, font, budget), isComposite: false);
        var descendant = document.Dictionary(document.Items(font["DescendantFonts"]).FirstOrDefault());
        return new PdfFont(map, OfPredefined(document.Name(font["Encoding"])), null, PdfWidths.OfComposite(document, descendant, budget), isComposite: true);
    }

    /// <summary>The glyphs of a shown string.</summary>
    public IEnumerable<PdfGlyph> Glyphs(byte[] text, ReadingBudget budget)
    {
        for (var at = 0; at < text.Length && budget.Spend(2);)
        {
            var length = CodeLength(text.AsSpan(at));
            uint code = 0;
            for (var i = 0; i < length; i++)
                code = code << 8 | text[at + i];
            yield return new PdfGlyph(Meaning(length, code, text.AsSpan(at, length)), Width(code), length == 1 && code == 32);
            at += length;
        }
    }

    private int CodeLength(ReadOnlySpan<byte> text)
    {
        if (!isComposite)
            return 1;
        if (codePage is { IsSingleByte: false, CodePage: not 1201 })
            return text[0] < 0x80 || (codePage.CodePage == 932 && text[0] is >= 0xA0 and <= 0xDF) ? 1 : Math.Min(2, text.Length);
        return codePage is null && toUnicode is not null ? Math.Max(1, toUnicode.LengthOf(text)) : Math.Min(2, text.Length);
    }

    private string Meaning(int length, uint code, ReadOnlySpan<byte> octets)
    {
        if (toUnicode?.Map(length, code) is { } mapped)
            return mapped;
        if (simple is not null)
            return simple[code & 0xFF] ?? "";
        return codePage?.GetString(octets) ?? "";
    }

    private double Width(uint code) => widths.Of(code) ?? (simple?[code & 0xFF] is [var c] ? WidthOf(c) : UnknownWidth);

    private double WidthOf(char c) => widths.Face switch
    {
        PdfFace.Mono => 0.6,
        PdfFace.Serif when c - 32 is >= 0 and < 95 => Serif[c - 32] / 1000.0,
        _ when c - 32 is >= 0 and < 95 => Sans[c - 32] / 1000.0,
        _ => UnknownWidth,
    };

    private static string?[] SimpleEncoding(PdfDocument document, PdfObject.Dictionary font)
    {
        var encoding = document.Resolve(font["Encoding"]);
        var named = encoding is PdfObject.Dictionary dictionary ? document.Name(dictionary["BaseEncoding"]) : (encoding as PdfObject.Name)?.Value;
        // Annex D.1: a TrueType font without an encoding has its own, which is Windows' for text.
        var table = PdfEncodings.Named(named ?? (document.Name(font["Subtype"]) == "TrueType" ? "WinAnsiEncoding" : null));
        if (named is null && document.Name(font["BaseFont"]) is { } face && (face.Contains("Symbol", StringComparison.Ordinal) || face.Contains("Dingbats", StringComparison.Ordinal)))
            Array.Fill(table, null);
        var code = 0;
        foreach (var item in encoding is PdfObject.Dictionary changed ? document.Items(changed["Differences"]) : [])
        {
            if (document.Resolve(item) is PdfObject.Number number)
                code = number.Whole;
            else if (item is PdfObject.Name name && code is >= 0 and < 256)
                table[code++] = PdfGlyphNames.ToUnicode(name.Value);
        }
        return table;
    }

    // §9.7.5.2: the predefined CMaps are charsets under other names; Identity means glyphs, which say nothing without ToUnicode.
    private static Encoding? OfPredefined(string? name) => name switch
    {
        null => null,
        _ when name.Contains("UCS2", StringComparison.Ordinal) || name.Contains("UTF16", StringComparison.Ordinal) => Encoding.BigEndianUnicode,
        _ when name.Contains("RKSJ", StringComparison.Ordinal) => Charsets.Find("shift_jis"),
        _ when name.StartsWith("GB", StringComparison.Ordinal) => Charsets.Find("gbk"),
        _ when name.StartsWith("ETen", StringComparison.Ordinal) || name.StartsWith("B5", StringComparison.Ordinal) || name.StartsWith("HKscs", StringComparison.Ordinal) => Charsets.Find("big5"),
        _ when name.StartsWith("KSC", StringComparison.Ordinal) => Charsets.Find("euc-kr"),
        _ => null,
    };
}
