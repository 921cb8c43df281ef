using System.Globalization;
using System.Text;

namespace Commune.Mail.Mime;

/// <summary>Writes parameters: quoted strings (RFC 2045 §5.1), and in pieces with a charset for other text (RFC 2231).</summary>
internal static class ParameterWriter
{
    private const int LongestPiece = 50;

    /// <summary>One parameter for an ASCII name; for others a fallback in ASCII and the real one after it.</summary>
    public static List<string> FileName(string parameter, string name)
    {
        var fallback = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
            fallback.Append(rune.IsAscii && rune.Value is >= ' ' and not ('"' or '\\' or 127) ? (char)rune.Value : '_');
        var isPlain = fallback.Length == name.Length && fallback.Equals(name);
        if (isPlain && name.Length <= LongestPiece + 10)
            return [$"{parameter}=\"{name}\""];
        if (fallback.Length > LongestPiece)
            fallback.Remove(LongestPiece / 2, fallback.Length - LongestPiece);
        return [$"{parameter}=\"{fallback}\"", .. Extended(parameter, name)];
    }

    private static List<string> Extended(string parameter, string value)
    {
        var pieces = new List<string>();
        var piece = new StringBuilder("utf-8''");
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in value.EnumerateRunes())
        {
            var asIs = rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '-' or '.' or '_');
            if (piece.Length + (asIs ? 1 : 3 * rune.Utf8SequenceLength) > LongestPiece)
            {
                pieces.Add(piece.ToString());
                piece.Clear();
            }
            if (asIs)
            {
                piece.Append((char)rune.Value);
                continue;
            }
            foreach (var b in utf8[..rune.EncodeToUtf8(utf8)])
                piece.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }
        pieces.Add(piece.ToString());
        if (pieces.Count == 1)
            return [$"{parameter}*={pieces[0]}"];
        return pieces.Select((text, index) => string.Create(CultureInfo.InvariantCulture, $"{parameter}*{index}*={text}")).ToList();
    }
}
