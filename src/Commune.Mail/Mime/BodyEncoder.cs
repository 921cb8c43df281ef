using System.Buffers;
using System.Text;

namespace Commune.Mail.Mime;

/// <summary>Chooses how a text travels (RFC 2045 §6): as it is when nothing on the way could change it, else the shorter encoding.</summary>
internal static class BodyEncoder
{
    private const int Width = 76;

    /// <summary>What quoted-printable leaves as it is (RFC 2045 §6.7), white space only within a line.</summary>
    private static readonly SearchValues<byte> Literal =
        SearchValues.Create([(byte)'\t', .. Enumerable.Range(' ', '~' - ' ' + 1).Where(static c => c != '=').Select(static c => (byte)c)]);

    /// <summary>What no relay changes.</summary>
    private static readonly SearchValues<byte> Plain = SearchValues.Create([(byte)'\t', .. Enumerable.Range(' ', '~' - ' ' + 1).Select(static c => (byte)c)]);

    public readonly record struct Body(string Encoding, bool IsAscii);

    /// <summary>Writes the text as it is to travel, and tells how that is.</summary>
    public static Body Encode(string text, PooledBuffer output)
    {
        using var lines = new PooledBuffer(text.Length + (text.Length / 16) + 256);
        if (WriteLines(Charsets.Clean(text), lines))
        {
            output.Write(lines.Written);
            return new Body("7bit", IsAscii: true);
        }

        var isAscii = Ascii.IsValid(lines.Written);
        using var quoted = new PooledBuffer(lines.Length + (lines.Length / 8) + 256);
        QuotedPrintable(lines.Written, quoted);
        if (quoted.Length <= Base64Length(lines.Length))
        {
            output.Write(quoted.Written);
            return new Body("quoted-printable", isAscii);
        }

        Base64(lines.Written, output);
        return new Body("base64", isAscii);
    }

    /// <summary>Lines of 76 characters with CRLF between them.</summary>
    public static void Base64(ReadOnlySpan<byte> content, PooledBuffer output)
    {
        const int BytesPerLine = Width / 4 * 3;
        while (!content.IsEmpty)
        {
            var take = Math.Min(BytesPerLine, content.Length);
            System.Buffers.Text.Base64.EncodeToUtf8(content[..take], output.GetSpan(Width), out _, out var count);
            output.Advance(count);
            content = content[take..];
            if (!content.IsEmpty)
                output.Write("\r\n"u8);
        }
    }

    private static int Base64Length(int bytes)
    {
        var encoded = (bytes + 2) / 3 * 4;
        return encoded + (encoded / Width * 2);
    }

    /// <summary>Line ends as CRLF, one at the end.</summary>
    /// <returns>Whether nothing on the way changes it.</returns>
    private static bool WriteLines(ReadOnlySpan<char> text, PooledBuffer output)
    {
        var isSafe = true;
        while (!text.IsEmpty)
        {
            var end = text.IndexOfAny('\r', '\n');
            var start = output.Length;
            output.WriteUtf8(end < 0 ? text : text[..end]);
            isSafe = isSafe && IsSafe(output.Written[start..]);
            output.Write("\r\n"u8);
            if (end < 0)
                break;
            text = text[(text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1)..];
        }
        return isSafe;
    }

    // "From " is changed by mbox stores; "--=_" could be one of our boundaries; white space at the end gets lost.
    private static bool IsSafe(ReadOnlySpan<byte> line) =>
        line.Length <= Width && !line.StartsWith("From "u8) && !line.StartsWith("--=_"u8)
        && (line.Length == 0 || line[^1] is not ((byte)' ' or (byte)'\t') || line.SequenceEqual("-- "u8))
        && !line.ContainsAnyExcept(Plain);

    private static void QuotedPrintable(ReadOnlySpan<byte> text, PooledBuffer output)
    {
        while (!text.IsEmpty)
        {
            var end = text.IndexOf("\r\n"u8);
            var line = end < 0 ? text : text[..end];
            if (IsLiteral(line))
                output.Write(line);
            else
                Quote(line, output);
            if (end < 0)
                break;
            output.Write("\r\n"u8);
            text = text[(end + 2)..];
        }
    }

    private static bool IsLiteral(ReadOnlySpan<byte> line) =>
        line.Length <= Width && (line.IsEmpty || (line[^1] is not ((byte)' ' or (byte)'\t') && !IsUnsafeAtStart(line))) && !line.ContainsAnyExcept(Literal);

    // A dot alone and "From " at the start of a line are not safe on every way.
    private static bool IsUnsafeAtStart(ReadOnlySpan<byte> line) => line[0] == (byte)'.' || line.StartsWith("From "u8);

    private static void Quote(ReadOnlySpan<byte> line, PooledBuffer output)
    {
        var column = 0;
        for (var i = 0; i < line.Length; i++)
        {
            if (column > 0 && LiteralRun(line[i..], Math.Max(0, Width - 1 - column)) is > 0 and var run)
            {
                output.Write(line.Slice(i, run));
                column += run;
                i += run - 1;
                continue;
            }
            var b = line[i];
            var endsLine = i + 1 == line.Length;
            var literal = b is >= (byte)'!' and <= (byte)'~' and not (byte)'=' || (b is (byte)' ' or (byte)'\t' && !endsLine);
            if (column == 0 && IsUnsafeAtStart(line[i..]))
                literal = false;
            var length = literal ? 1 : 3;
            // One column is kept for the "=" of a soft break, unless the line ends here anyway.
            if (column + length > (endsLine ? Width : Width - 1))
            {
                output.Write("=\r\n"u8);
                column = 0;
            }
            if (literal)
                output.Write([b]);
            else
                output.Write([(byte)'=', "0123456789ABCDEF"u8[b >> 4], "0123456789ABCDEF"u8[b & 15]]);
            column += length;
        }
    }

    /// <summary>How many octets go as they are, up to the room that the line has.</summary>
    private static int LiteralRun(ReadOnlySpan<byte> line, int room)
    {
        var run = line[..Math.Min(line.Length, room)].IndexOfAnyExcept(Literal);
        if (run < 0)
            run = Math.Min(line.Length, room);
        // White space at the end of a line gets lost.
        return run > 0 && run == line.Length && line[run - 1] is (byte)' ' or (byte)'\t' ? run - 1 : run;
    }
}
