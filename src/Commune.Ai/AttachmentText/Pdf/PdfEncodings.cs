using Commune.Mail.Mime;

namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>What the codes of a simple font mean (ISO 32000-1 annex D).</summary>
internal static class PdfEncodings
{
    private static readonly string?[] WinAnsi = OfCharset("windows-1252");
    private static readonly string?[] MacRoman = OfCharset("macintosh");
    private static readonly string?[] Standard = MakeStandard();

    /// <summary>A table of 256, to be changed by the receiver.</summary>
    public static string?[] Named(string? name) => (string?[])(name switch
    {
        "WinAnsiEncoding" => WinAnsi,
        "MacRomanEncoding" => MacRoman,
        _ => Standard,
    }).Clone();

    private static string?[] OfCharset(string charset)
    {
        var encoding = Charsets.Find(charset)!;
        var table = new string?[256];
        for (var code = 32; code < 256; code++)
        {
            var text = encoding.GetString([(byte)code]);
            table[code] = text.Length == 1 && !char.IsControl(text[0]) && text[0] != '\uFFFD' ? text : null;
        }
        return table;
    }

    // ASCII but for two quotes, and signs and a few letters above it.
    private static string?[] MakeStandard()
    {
        var table = new string?[256];
        for (var code = 32; code < 127; code++)
            table[code] = ((char)code).ToString();
        table[0x27] = "’";
        table[0x60] = "‘";
        Fill(table, 0xA1, "¡¢£⁄¥ƒ§¤'“«‹›");
        (table[0xAE], table[0xAF]) = ("fi", "fl");
        Fill(table, 0xB1, "–†‡·\0¶•‚„”»…‰\0¿");
        Fill(table, 0xC1, "`´ˆ˜¯˘˙¨\0˚¸\0˝˛ˇ—");
        (table[0xE1], table[0xE3], table[0xE8], table[0xE9], table[0xEA], table[0xEB]) = ("Æ", "ª", "Ł", "Ø", "Œ", "º");
        (table[0xF1], table[0xF5], table[0xF8], table[0xF9], table[0xFA], table[0xFB]) = ("æ", "ı", "ł", "ø", "œ", "ß");
        return table;
    }

    private static void Fill(string?[] table, int from, string characters)
    {
        foreach (var c in characters)
            table[from++] = c == '\0' ? null : c.ToString();
    }
}
