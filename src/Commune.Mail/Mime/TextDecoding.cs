using System.Buffers;
using System.Text;
using Commune.Mail.Text;

namespace Commune.Mail.Mime;

/// <summary>What becomes of a text once it is decoded.</summary>
/// <param name="IsFlowed">Its paragraphs are joined (<see cref="FlowedText"/>).</param>
/// <param name="IsTrimmed">White space at its end is left out.</param>
internal readonly record struct TextForm(bool IsFlowed, bool DeletesSpace, bool IsTrimmed);

/// <summary>The bytes of a text part to a string: charset, byte order mark, line ends; one allocation, the result.</summary>
internal static class TextDecoding
{
    // Beyond this many bytes a text is decoded in pieces: the pool would keep an array of its size for ever.
    private const int LargeText = 512 * 1024;
    private const int Piece = 16 * 1024;

    public static string Decode(string? charset, ReadOnlySpan<byte> bytes, TextForm form = default)
    {
        if (bytes.IsEmpty)
            return "";
        if (Utf7.Is(charset))
        {
            var safe = Charsets.Decode(charset, bytes).ToCharArray();
            return Formed(safe.AsSpan(0, Normalize(safe)), form);
        }
        var encoding = Charsets.Choose(charset, bytes);
        if (bytes.Length > LargeText)
            return Formed(DecodeLarge(encoding, bytes), form);
        var buffer = ArrayPool<char>.Shared.Rent(encoding.GetMaxCharCount(bytes.Length));
        var chars = buffer.AsSpan(0, encoding.GetChars(bytes, buffer));
        if (Charsets.NeedsCleaning(chars))
            Charsets.CleanInPlace(chars);
        if (!chars.IsEmpty && chars[0] == '\uFEFF')
            chars = chars[1..];
        var text = Formed(chars[..Normalize(chars)], form);
        ArrayPool<char>.Shared.Return(buffer);
        return text;
    }

    private static string Formed(string text, TextForm form)
    {
        if (form.IsFlowed && FlowedText.Changes(text))
            return FlowedText.Join(text, form.DeletesSpace, form.IsTrimmed);
        return form.IsTrimmed ? text.TrimEnd() : text;
    }

    private static string Formed(ReadOnlySpan<char> text, TextForm form)
    {
        if (form.IsFlowed && FlowedText.Changes(text))
            return FlowedText.Join(text, form.DeletesSpace, form.IsTrimmed);
        return new string(form.IsTrimmed ? text.TrimEnd() : text);
    }

    private readonly ref struct Encoded(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        public readonly Encoding Encoding = encoding;
        public readonly ReadOnlySpan<byte> Bytes = bytes;
    }

    /// <summary>Decodes twice, once to learn how long the text is: it costs time, and no memory beside the text.</summary>
    private static string DecodeLarge(Encoding encoding, ReadOnlySpan<byte> bytes) =>
        string.Create(ReadPieces(encoding, bytes, []), new Encoded(encoding, bytes), static (target, source) =>
        {
            ReadPieces(source.Encoding, source.Bytes, target);
            if (Charsets.NeedsCleaning(target))
                Charsets.CleanInPlace(target);
        });

    /// <returns>How many characters there are, with LF line ends and without a byte order mark.</returns>
    /// <param name="target">Where they go; empty to count them.</param>
    private static int ReadPieces(Encoding encoding, ReadOnlySpan<byte> bytes, Span<char> target)
    {
        var decoder = encoding.GetDecoder();
        var buffer = ArrayPool<char>.Shared.Rent(Piece);
        var written = 0;
        var afterReturn = false;
        var atStart = true;
        var completed = false;
        while (!completed || !bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(bytes.Length, Piece)];
            decoder.Convert(piece, buffer, flush: piece.Length == bytes.Length, out var used, out var count, out completed);
            bytes = bytes[used..];
            foreach (var c in buffer.AsSpan(0, count))
            {
                var skipped = (c == '\n' && afterReturn) || (c == '\uFEFF' && atStart);
                afterReturn = c == '\r';
                atStart = false;
                if (skipped)
                    continue;
                if (!target.IsEmpty)
                    target[written] = c == '\r' ? '\n' : c;
                written++;
            }
        }
        ArrayPool<char>.Shared.Return(buffer);
        return written;
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
