using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Commune.Mail.Mime;

/// <summary>Charset names as mail spells them, and bytes to well-formed text: no NUL, no lone surrogate comes out.</summary>
public static class Charsets
{
    private static readonly DecoderFallback Replacement = new DecoderReplacementFallback("\uFFFD");

    // Windows-1252 is what "Latin 1" and undeclared text mean in practice (WHATWG Encoding Standard §4.2).
    private static readonly Encoding Windows1252 = CodePage(1252)!;
    private static readonly Encoding Utf8 = Encoding.UTF8;

    // Names that were resolved; a hostile sender can think of many spellings, so there is an end to it.
    private const int MostKnown = 1000;
    private static readonly ConcurrentDictionary<string, Encoding> Known = new(StringComparer.OrdinalIgnoreCase);

    // By their letters and digits alone: "ISO_8859-1", "iso8859_1" and "iso 8859 1" are one name.
    private static readonly FrozenDictionary<string, int> Aliases = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["utf8"] = 65001, ["unicode11utf8"] = 65001, ["unicode20utf8"] = 65001, ["utf8mb4"] = 65001, ["utf8mac"] = 65001, ["cp65001"] = 65001,
        ["utf16"] = 1200, ["utf16le"] = 1200, ["utf16be"] = 1201, ["unicode"] = 1200, ["ucs2"] = 1200, ["utf32"] = 12000, ["utf32le"] = 12000, ["utf32be"] = 12001,
        ["iso88591"] = 1252, ["88591"] = 1252, ["latin1"] = 1252, ["isolatin1"] = 1252, ["l1"] = 1252, ["cp819"] = 1252, ["ibm819"] = 1252, ["isoir100"] = 1252,
        ["ansi"] = 1252, ["ansix31101983"] = 1252, ["iso885914"] = 1252, ["iso885910"] = 1252,
        ["iso88592"] = 28592, ["latin2"] = 28592, ["isolatin2"] = 28592, ["iso885916"] = 28592, ["iso88593"] = 28593, ["iso88594"] = 28594, ["iso88595"] = 28595,
        ["iso88596"] = 28596, ["iso88596i"] = 28596, ["iso88596e"] = 28596, ["arabic"] = 28596, ["iso88597"] = 28597, ["greek"] = 28597,
        ["iso88598"] = 28598, ["hebrew"] = 28598, ["iso88598i"] = 1255, ["iso88598e"] = 1255, ["logical"] = 1255, ["iso88599"] = 1254, ["latin5"] = 1254,
        ["iso885911"] = 874, ["tis620"] = 874, ["iso885913"] = 28603, ["iso885915"] = 28605, ["latin9"] = 28605,
        ["koi8r"] = 20866, ["koi8"] = 20866, ["koi"] = 20866, ["koi8u"] = 21866, ["koi8ru"] = 21866, ["cyrillic"] = 28595, ["mac"] = 10000, ["macintosh"] = 10000, ["macroman"] = 10000,
        ["ksc5601"] = 949, ["ksc56011987"] = 949, ["ksc56011989"] = 949, ["euckr"] = 949, ["uhc"] = 949, ["korean"] = 949,
        ["gb2312"] = 54936, ["gb231280"] = 54936, ["gbk"] = 54936, ["euccn"] = 54936, ["gb18030"] = 54936, ["chinesesimplified"] = 54936, ["chinese"] = 54936,
        ["cngb"] = 54936, ["cp936"] = 54936, ["ms936"] = 54936, ["windows936"] = 54936, ["hzgb2312"] = 52936,
        ["big5"] = 950, ["big5hkscs"] = 950, ["xbig5"] = 950, ["cnbig5"] = 950, ["chinesetraditional"] = 950,
        ["shiftjis"] = 932, ["sjis"] = 932, ["mskanji"] = 932, ["windows31j"] = 932, ["eucjp"] = 51932,
        ["iso2022jp"] = 50220, ["iso2022jp1"] = 50220, ["iso2022jp2"] = 50220, ["iso2022jpms"] = 50220,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // What stands before the number of a code page.
    private static readonly string[] PagePrefixes = ["windows", "win", "cp", "ibm", "dos", "ms", "msdos", "oem"];

    /// <summary>Whether the name says nothing: text that names no charset, or one that means "I do not know".</summary>
    private static bool IsUndeclared(ReadOnlySpan<char> name) =>
        name.IsEmpty
        || name.Equals("us-ascii", StringComparison.OrdinalIgnoreCase)
        || name.Equals("ascii", StringComparison.OrdinalIgnoreCase)
        || name.Equals("ansi_x3.4-1968", StringComparison.OrdinalIgnoreCase)
        || name.Contains("unknown", StringComparison.OrdinalIgnoreCase);

    /// <summary>Text from bytes in the named charset; a name nobody knows counts as undeclared.</summary>
    public static string Decode(ReadOnlySpan<char> charset, ReadOnlySpan<byte> bytes)
    {
        if (Utf7.Is(charset))
            return Clean(Utf7.Decode(bytes));
        var encoding = Choose(charset, bytes);
        return Clean(encoding.GetString(bytes));
    }

    /// <summary>Undeclared bytes: UTF-8 when they are valid UTF-8, else what <see cref="CharsetGuess"/> makes of them.</summary>
    /// <param name="likely">The charset of what belongs to the bytes, if any; it is a better witness than their letters.</param>
    public static string DecodeUndeclared(ReadOnlySpan<byte> bytes, string? likely = null) =>
        likely is not null && !Utf8IsValid(bytes) ? Decode(likely, bytes) : Decode(default, bytes);

    /// <summary>The encoding that reads these bytes best, given the charset they claim.</summary>
    internal static Encoding Choose(ReadOnlySpan<char> charset, ReadOnlySpan<byte> bytes)
    {
        charset = charset.Trim(" \t\"'");
        // "utf-8; format=flowed" inside one pair of quotes.
        if (charset.IndexOfAny(';', ',', ' ') is > 0 and var end)
            charset = charset[..end];
        var declared = IsUndeclared(charset) ? null : Find(charset);
        return declared is not null && IsCredible(declared, bytes) ? WithByteOrder(declared, bytes) : Guess(bytes);
    }

    /// <summary>Whether bytes can be what their label says; labels are often written by a program that did not know.</summary>
    private static bool IsCredible(Encoding declared, ReadOnlySpan<byte> bytes) => declared.CodePage switch
    {
        // UTF-8 read as Latin 1 always looks wrong, and Latin 1 that happens to be UTF-8 is no text.
        1252 => Ascii.IsValid(bytes) || !Utf8IsValid(bytes),
        // Without one valid sequence it is no UTF-8; a single broken sequence in real UTF-8 is one replacement character.
        65001 => Utf8IsValid(bytes) || HasMultiByteSequence(bytes),
        // Text in UTF-16 has line ends and spaces, and so NUL bytes.
        1200 or 1201 => bytes.Length < 4 || bytes.Contains((byte)0) || !Ascii.IsValid(bytes),
        // Seven bits only, by RFC 1468 and RFC 1557.
        >= 50220 and <= 50229 => Ascii.IsValid(bytes),
        _ => true,
    };

    private static Encoding Guess(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8IsValid(bytes))
            return CodePage(CharsetGuess.CodePage(bytes)) ?? Windows1252;
        return bytes.Contains((byte)0x1B) && CharsetGuess.IsIso2022Jp(bytes) ? CodePage(50220) ?? Utf8 : Utf8;
    }

    // RFC 2781 §3.3: the byte order mark of "utf-16" decides, whatever we take for the usual order.
    private static Encoding WithByteOrder(Encoding declared, ReadOnlySpan<byte> bytes) =>
        declared.CodePage == 1200 && bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) ? CodePage(1201)! : declared;

    /// <summary>The encoding of that name, or null when nobody knows it.</summary>
    public static Encoding? Find(ReadOnlySpan<char> charset)
    {
        if (charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return Utf8;
        if (charset.Length is 0 or > 64)
            return null;
        if (Known.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(charset, out var known))
            return known;
        var name = charset.ToString();
        var squeezed = Squeeze(name);
        // IANA's short names begin with "cs", private ones with "x-".
        var found = ByAlias(squeezed) ?? (squeezed.StartsWith('x') ? ByAlias(squeezed[1..]) : squeezed.StartsWith("cs", StringComparison.Ordinal) ? ByAlias(squeezed[2..]) : null)
            ?? CodePagesEncodingProvider.Instance.GetEncoding(name, EncoderFallback.ReplacementFallback, Replacement);
        if (found is not null && Known.Count < MostKnown)
            Known.TryAdd(name, found);
        return found;
    }

    private static string Squeeze(string name) =>
        string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private static Encoding? ByAlias(string squeezed)
    {
        if (Aliases.TryGetValue(squeezed, out var page))
            return CodePage(page);
        foreach (var prefix in PagePrefixes)
        {
            if (squeezed.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(squeezed.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out page))
                return CodePagesEncodingProvider.Instance.GetEncoding(page, EncoderFallback.ReplacementFallback, Replacement);
        }
        return null;
    }

    /// <summary>The encoding of a code page that mail uses.</summary>
    internal static Encoding? OfPage(int page) => CodePage(page);

    private static Encoding? CodePage(int page) => page switch
    {
        65001 => Encoding.UTF8,
        1200 or 1201 or 12000 or 12001 => Encoding.GetEncoding(page, EncoderFallback.ReplacementFallback, Replacement),
        _ => CodePagesEncodingProvider.Instance.GetEncoding(page, EncoderFallback.ReplacementFallback, Replacement),
    };

    private static bool Utf8IsValid(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);

    private static bool HasMultiByteSequence(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var high = bytes.IndexOfAnyInRange((byte)0x80, (byte)0xFF);
            if (high < 0)
                return false;
            bytes = bytes[high..];
            if (Rune.DecodeFromUtf8(bytes, out _, out var used) == System.Buffers.OperationStatus.Done)
                return true;
            bytes = bytes[used..];
        }
    }

    /// <summary>Text without NUL and without halves of surrogate pairs; both become U+FFFD.</summary>
    internal static string Clean(string text)
    {
        if (!NeedsCleaning(text))
            return text;
        return string.Create(text.Length, text, static (target, source) =>
        {
            source.CopyTo(target);
            CleanInPlace(target);
        });
    }

    internal static void CleanInPlace(Span<char> text)
    {
        text.Replace('\0', '\uFFFD');
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else
                text[i] = '\uFFFD';
        }
    }

    internal static bool NeedsCleaning(ReadOnlySpan<char> text) =>
        text.Contains('\0') || text.IndexOfAnyInRange('\uD800', '\uDFFF') >= 0;
}
