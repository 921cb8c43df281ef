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

    public readonly record struct Body(byte[] Content, string Encoding, bool IsAscii);

    public static Body Encode(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(WithCrlf(Charsets.Clean(text)));
        var isAscii = Ascii.IsValid(bytes);
        if (isAscii && IsSafe(bytes))
            return new Body(bytes, "7bit", isAscii);
        var quoted = QuotedPrintable(bytes);
        return quoted.Length <= Base64Length(bytes.Length)
            ? new Body(quoted, "quoted-printable", isAscii)
            : new Body(Base64(bytes), "base64", isAscii);
    }

    /// <summary>Lines of 76 characters with CRLF between them.</summary>
    public static byte[] Base64(ReadOnlySpan<byte> content)
    {
        const int BytesPerLine = Width / 4 * 3;
        var output = new byte[Base64Length(content.Length)];
        var written = 0;
        while (!content.IsEmpty)
        {
            var take = Math.Min(BytesPerLine, content.Length);
            System.Buffers.Text.Base64.EncodeToUtf8(content[..take], output.AsSpan(written), out _, out var count);
            written += count;
            content = content[take..];
            if (content.IsEmpty)
                break;
            "\r\n"u8.CopyTo(output.AsSpan(written));
            written += 2;
        }
        return output.AsSpan(0, written).ToArray();
    }

    private static int Base64Length(int bytes)
    {
        var encoded = (bytes + 2) / 3 * 4;
        return encoded + (encoded / Width * 2);
    }

    /// <summary>Line ends as CRLF, one at the end.</summary>
    private static string WithCrlf(string text)
    {
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace("\n", "\r\n", StringComparison.Ordinal);
        return lines.Length == 0 || lines.EndsWith("\r\n", StringComparison.Ordinal) ? lines : lines + "\r\n";
    }

    private static bool IsSafe(ReadOnlySpan<byte> text)
    {
        foreach (var range in text.Split("\r\n"u8))
        {
            var line = text[range];
            // "From " is changed by mbox stores; "--=_" could be one of our boundaries; white space at the end gets lost.
            if (line.Length > Width || line.StartsWith("From "u8) || line.StartsWith("--=_"u8)
                || (line.Length > 0 && line[^1] is (byte)' ' or (byte)'\t' && !line.SequenceEqual("-- "u8)))
            {
                return false;
            }
            if (line.ContainsAnyInRange((byte)0, (byte)8) || line.ContainsAnyInRange((byte)10, (byte)31) || line.Contains((byte)127))
                return false;
        }
        return true;
    }

    private static byte[] QuotedPrintable(ReadOnlySpan<byte> text)
    {
        var output = new MemoryStream(text.Length + (text.Length / 4));
        var column = 0;
        Span<byte> code = stackalloc byte[3];
        for (var i = 0; i < text.Length; i++)
        {
            if (column > 0 && LiteralRun(text[i..], Math.Max(0, Width - 1 - column)) is > 0 and var run)
            {
                output.Write(text.Slice(i, run));
                column += run;
                i += run - 1;
                continue;
            }
            var b = text[i];
            if (b == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
            {
                output.Write("\r\n"u8);
                column = 0;
                i++;
                continue;
            }
            var endsLine = i + 1 == text.Length || text[i + 1] == '\r';
            var literal = b is >= (byte)'!' and <= (byte)'~' and not (byte)'=' || (b is (byte)' ' or (byte)'\t' && !endsLine);
            // A dot alone and "From " at the start of a line are not safe on every way.
            if (column == 0 && (b == '.' || text[i..].StartsWith("From "u8)))
                literal = false;
            var length = literal ? 1 : 3;
            // One column is kept for the "=" of a soft break, unless the line ends here anyway.
            if (column + length > (endsLine ? Width : Width - 1))
            {
                output.Write("=\r\n"u8);
                column = 0;
            }
            if (literal)
            {
                output.WriteByte(b);
            }
            else
            {
                code[0] = (byte)'=';
                code[1] = "0123456789ABCDEF"u8[b >> 4];
                code[2] = "0123456789ABCDEF"u8[b & 15];
                output.Write(code);
            }
            column += length;
        }
        return output.ToArray();
    }

    /// <summary>How many octets go as they are, up to the room that the line has.</summary>
    private static int LiteralRun(ReadOnlySpan<byte> text, int room)
    {
        var run = text[..Math.Min(text.Length, room)].IndexOfAnyExcept(Literal);
        if (run < 0)
            run = Math.Min(text.Length, room);
        // White space at the end of a line gets lost.
        var endsLine = run == text.Length || text[run] == (byte)'\r';
        return run > 0 && endsLine && text[run - 1] is (byte)' ' or (byte)'\t' ? run - 1 : run;
    }
}
