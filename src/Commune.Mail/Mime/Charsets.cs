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

    // Names .NET does not know; only names that resolve are kept here, so hostile ones cannot fill it.
    private static readonly ConcurrentDictionary<string, Encoding> Known = new(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, int> Aliases = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase)
    {
        ["utf8"] = 65001, ["utf-8"] = 65001, ["unicode-1-1-utf-8"] = 65001, ["utf8mb4"] = 65001, ["cp65001"] = 65001,
        ["utf-16"] = 1200, ["utf-16le"] = 1200, ["utf-16be"] = 1201, ["unicode"] = 1200, ["ucs-2"] = 1200,
        ["utf-32"] = 12000, ["utf-32le"] = 12000, ["utf-32be"] = 12001,
        ["iso-8859-1"] = 1252, ["iso8859-1"] = 1252, ["iso_8859-1"] = 1252, ["latin1"] = 1252, ["latin-1"] = 1252,
        ["l1"] = 1252, ["cp819"] = 1252, ["ibm819"] = 1252, ["cp1252"] = 1252, ["windows1252"] = 1252, ["win-1252"] = 1252,
        ["ansi_x3.110-1983"] = 1252, ["x-ansi"] = 1252, ["iso-ir-100"] = 1252,
        ["cp1250"] = 1250, ["cp1251"] = 1251, ["win-1251"] = 1251, ["cp1253"] = 1253, ["cp1254"] = 1254,
        ["cp1255"] = 1255, ["cp1256"] = 1256, ["cp1257"] = 1257, ["cp1258"] = 1258, ["cp874"] = 874, ["tis-620"] = 874,
        ["iso-8859-9"] = 1254, ["iso-8859-11"] = 874, ["iso-8859-8-i"] = 1255, ["iso-8859-8-e"] = 1255, ["iso-8859-6-i"] = 28596,
        ["iso-8859-6-e"] = 28596, ["latin2"] = 28592, ["latin5"] = 1254, ["latin9"] = 28605, ["iso-8859-14"] = 1252,
        ["iso-8859-10"] = 1252, ["iso-8859-16"] = 28592,
        ["ks_c_5601-1987"] = 949, ["ks_c_5601"] = 949, ["ksc5601"] = 949, ["euc-kr"] = 949, ["euc_kr"] = 949, ["cp949"] = 949, ["uhc"] = 949,
        ["gb2312"] = 54936, ["gbk"] = 54936, ["cp936"] = 54936, ["x-gbk"] = 54936, ["gb_2312-80"] = 54936, ["euc-cn"] = 54936,
        ["gb18030"] = 54936, ["hz-gb-2312"] = 52936,
        ["big5-hkscs"] = 950, ["big5hkscs"] = 950, ["x-x-big5"] = 950, ["cp950"] = 950,
        ["shift-jis"] = 932, ["shift_jis"] = 932, ["x-sjis"] = 932, ["sjis"] = 932, ["ms_kanji"] = 932, ["cp932"] = 932, ["windows-31j"] = 932,
        ["iso-2022-jp-1"] = 50220, ["iso-2022-jp-2"] = 50220, ["iso-2022-jp-ms"] = 50220, ["eucjp"] = 51932, ["x-euc-jp"] = 51932,
        ["koi8r"] = 20866, ["koi-8-r"] = 20866, ["koi8u"] = 21866, ["cp866"] = 866, ["cp437"] = 437, ["cp850"] = 850, ["macintosh"] = 10000,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

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
    public static string DecodeUndeclared(ReadOnlySpan<byte> bytes) => Decode(default, bytes);

    /// <summary>The encoding that reads these bytes best, given the charset they claim.</summary>
    internal static Encoding Choose(ReadOnlySpan<char> charset, ReadOnlySpan<byte> bytes)
    {
        charset = charset.Trim(" \t\"'");
        var declared = IsUndeclared(charset) ? null : Find(charset);
        if (declared is null)
        {
            if (!Utf8IsValid(bytes))
                return CodePage(CharsetGuess.CodePage(bytes)) ?? Windows1252;
            return bytes.Contains((byte)0x1B) && CharsetGuess.IsIso2022Jp(bytes) ? CodePage(50220) ?? Utf8 : Utf8;
        }
        // RFC 2781 §3.3: the byte order mark of "utf-16" decides, whatever we take for the usual order.
        if (declared.CodePage == 1200 && bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return CodePage(1201)!;
        // Bytes that claim UTF-8 and have not one valid sequence are Windows-1252 with a wrong label; a single
        // broken sequence in real UTF-8 is one replacement character.
        if (declared.CodePage == 65001 && !Utf8IsValid(bytes) && !HasMultiByteSequence(bytes))
            return Windows1252;
        return declared;
    }

    /// <summary>The encoding of that name, or null when nobody knows it.</summary>
    public static Encoding? Find(ReadOnlySpan<char> charset)
    {
        if (charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return Utf8;
        if (charset.Length is 0 or > 64)
            return null;
        var name = charset.ToString();
        if (Known.TryGetValue(name, out var known))
            return known;
        var found = Aliases.TryGetValue(name, out var page) ? CodePage(page)
            : CodePagesEncodingProvider.Instance.GetEncoding(name, EncoderFallback.ReplacementFallback, Replacement)
                ?? (Prefixed(name, "windows-") ?? Prefixed(name, "cp") ?? Prefixed(name, "ibm"));
        if (found is not null)
            Known.TryAdd(name, found);
        return found;
    }

    private static Encoding? Prefixed(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        && int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var page)
            ? CodePagesEncodingProvider.Instance.GetEncoding(page, EncoderFallback.ReplacementFallback, Replacement)
            : null;

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
