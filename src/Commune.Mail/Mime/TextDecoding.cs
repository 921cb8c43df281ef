using System.Buffers;

namespace Commune.Mail.Mime;

/// <summary>The bytes of a text part to a string: charset, byte order mark, line ends; one allocation, the result.</summary>
internal static class TextDecoding
{
    public static string Decode(string? charset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return "";
        if (Utf7.Is(charset))
        {
            var safe = Charsets.Decode(charset, bytes).ToCharArray();
            return new string(safe, 0, Normalize(safe));
        }
        var encoding = Charsets.Choose(charset, bytes);
        var buffer = ArrayPool<char>.Shared.Rent(encoding.GetMaxCharCount(bytes.Length));
        var chars = buffer.AsSpan(0, encoding.GetChars(bytes, buffer));
        if (Charsets.NeedsCleaning(chars))
            Charsets.CleanInPlace(chars);
        if (!chars.IsEmpty && chars[0] == '\uFEFF')
            chars = chars[1..];
        var text = new string(chars[..Normalize(chars)]);
        ArrayPool<char>.Shared.Return(buffer);
        return text;
    }

    /// <summary>CRLF and bare CR become LF, in place; returns the new length.</summary>
    private static int Normalize(Span<char> text)
    {
        var written = 0;
        var read = 0;
        while (read < text.Length)
        {
            var stop = text[read..].IndexOf('\r');
            var length = stop < 0 ? text.Length - read : stop;
            if (written != read)
                text.Slice(read, length).CopyTo(text[written..]);
            written += length;
            read += length;
            if (stop < 0)
                break;
            text[written++] = '\n';
            read += read + 1 < text.Length && text[read + 1] == '\n' ? 2 : 1;
        }
        return written;
    }
}
