using System.Globalization;
using System.Text;

namespace Commune.Mail.Mime;

/// <summary>Writes parameters: quoted strings (RFC 2045 §5.1), and in pieces with a charset for other text (RFC 2231).</summary>
internal static class ParameterWriter
{
    private const int LongestPiece = 50;

    /// <summary>
    /// A quoted string for a short ASCII name, RFC 2231 for others. There is no ASCII fallback beside it: readers are free to take either
    /// of two names, and some take the poorer one.
    /// </summary>
    public static List<string> FileName(string parameter, string name)
    {
        var isPlain = name.Length <= LongestPiece + 10 && name.All(static c => c is >= ' ' and < (char)127 and not ('"' or '\\'));
        return isPlain ? [$"{parameter}=\"{name}\""] : Extended(parameter, name);
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
