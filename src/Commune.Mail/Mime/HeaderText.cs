using System.Buffers;
using System.Text;

namespace Commune.Mail.Mime;

/// <summary>Header bytes to text: unfolding (RFC 5322 §2.2.3), 8-bit bytes (RFC 6532), encoded words (RFC 2047).</summary>
internal static class HeaderText
{
    private static readonly SearchValues<char> LineBreaks = SearchValues.Create("\r\n\0");

    public static string Decode(ReadOnlySpan<byte> raw, HeaderList? around = null)
    {
        var text = Unfold(raw, around);
        return text.Contains("=?", StringComparison.Ordinal) ? Tidy(EncodedWords.Decode(text)) : text;
    }

    /// <summary>One line of text: line breaks go, the white space after them stays, the ends are trimmed.</summary>
    /// <param name="around">The fields beside it, which may tell the charset of 8-bit bytes.</param>
    public static string Unfold(ReadOnlySpan<byte> raw, HeaderList? around = null)
    {
        raw = raw.Trim(" \t\r\n"u8);
        if (raw.IsEmpty)
            return "";
        if (!Ascii.IsValid(raw))
            return Tidy(Charsets.DecodeUndeclared(raw, around?.BodyCharset));
        if (!raw.ContainsAny((byte)'\r', (byte)'\n', (byte)0))
            return Encoding.ASCII.GetString(raw);
        return Tidy(Encoding.ASCII.GetString(raw));
    }

    /// <summary>
    /// Takes out what no header value may hold: a line break disappears before white space and is a space elsewhere,
    /// so that a decoded value can never start a new header line; NUL becomes U+FFFD.
    /// </summary>
    public static string Tidy(string text)
    {
        var first = text.AsSpan().IndexOfAny(LineBreaks);
        if (first < 0)
            return text;
        var tidy = new StringBuilder(text.Length);
        tidy.Append(text, 0, first);
        for (var i = first; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\0')
                tidy.Append('\uFFFD');
            else if (c is not ('\r' or '\n'))
                tidy.Append(c);
            else if (tidy.Length > 0 && tidy[^1] is not (' ' or '\t') && i + 1 < text.Length && text[i + 1] is not (' ' or '\t' or '\r' or '\n'))
                tidy.Append(' ');
        }
        return tidy.ToString();
    }
}
