using System.Buffers;
using System.Text;

namespace Commune.Mail.Mime;

/// <summary>Decodes the encoded words of RFC 2047 wherever they stand, however broken.</summary>
public static class EncodedWords
{
    private const int LongestCharset = 64;

    internal readonly ref struct Word(ReadOnlySpan<char> charset, char encoding, ReadOnlySpan<char> text, int length)
    {
        public readonly ReadOnlySpan<char> Charset = charset;
        public readonly char Encoding = encoding;
        public readonly ReadOnlySpan<char> Text = text;
        public readonly int Length = length;
    }

    /// <summary>
    /// Text with its encoded words decoded. White space between two of them is dropped (RFC 2047 §6.2), and words of
    /// the same charset are decoded together, since mailers cut characters in two.
    /// </summary>
    public static string Decode(string text)
    {
        var next = text.IndexOf("=?", StringComparison.Ordinal);
        if (next < 0)
            return text;

        var decoded = new StringBuilder(text.Length);
        var bytes = ArrayPool<byte>.Shared.Rent(text.Length);
        var pending = 0;
        var charset = default(ReadOnlySpan<char>);
        // The last word when its base64 ends inside a group of four, and where its bytes went.
        var cut = default(ReadOnlySpan<char>);
        var cutAt = 0;
        var at = 0;
        var rest = text.AsSpan();
        // Once no "?=" is left none has to be looked for again: this keeps hostile text linear.
        var lastEnd = text.LastIndexOf("?=", StringComparison.Ordinal);
        while (next >= 0 && next < lastEnd)
        {
            if (!TryMatch(rest[next..], out var word))
            {
                var after = rest[(next + 2)..].IndexOf("=?");
                next = after < 0 ? -1 : next + 2 + after;
                continue;
            }

            var between = rest[at..next];
            var adjacent = pending > 0 && between.IsWhiteSpace();
            if (pending > 0 && !(adjacent && word.Charset.Equals(charset, StringComparison.OrdinalIgnoreCase)))
            {
                decoded.Append(Charsets.Decode(charset, bytes.AsSpan(0, pending)));
                pending = 0;
            }
            if (!adjacent)
                decoded.Append(between);
            charset = word.Charset;
            if (adjacent && word.Encoding == 'b' && !cut.IsEmpty && (cut.Length + word.Text.Length) % 4 == 0)
            {
                var joined = Encoding.ASCII.GetBytes(cut, bytes.AsSpan(cutAt));
                joined += Encoding.ASCII.GetBytes(word.Text, bytes.AsSpan(cutAt + joined));
                pending = cutAt + TransferEncoding.DecodeBase64InPlace(bytes.AsSpan(cutAt, joined));
                cut = default;
            }
            else
            {
                cut = word.Encoding == 'b' && word.Text.Length % 4 != 0 && !word.Text.EndsWith('=') ? word.Text : default;
                cutAt = pending;
                pending += DecodeBytes(word, bytes.AsSpan(pending));
            }
            at = next + word.Length;
            var following = rest[at..].IndexOf("=?");
            next = following < 0 ? -1 : at + following;
        }

        if (pending > 0)
            decoded.Append(Charsets.Decode(charset, bytes.AsSpan(0, pending)));
        ArrayPool<byte>.Shared.Return(bytes);
        return decoded.Append(rest[at..]).ToString();
    }

    /// <summary>Whether an encoded word starts right here: <c>=?charset*language?B or Q?text?=</c>.</summary>
    internal static bool TryMatch(ReadOnlySpan<char> text, out Word word)
    {
        word = default;
        if (!text.StartsWith("=?"))
            return false;
        var charset = text[2..Math.Min(text.Length, 2 + LongestCharset)];
        var mark = charset.IndexOf('?');
        if (mark <= 0 || charset[..mark].ContainsAny(" \t\"(),:;<=>@[\\]"))
            return false;
        charset = charset[..mark];
        var encodingAt = 2 + mark + 1;
        if (encodingAt + 1 >= text.Length || text[encodingAt + 1] != '?' || (text[encodingAt] | 0x20) is not ('b' or 'q'))
            return false;
        var content = text[(encodingAt + 2)..];
        var end = content.IndexOf("?=");
        if (end < 0)
            return false;
        // RFC 2231 §5: a language may follow the charset.
        var star = charset.IndexOf('*');
        word = new Word(
            star < 0 ? charset : charset[..star],
            (char)(text[encodingAt] | 0x20),
            content[..end],
            encodingAt + 2 + end + 2);
        return true;
    }

    private static int DecodeBytes(in Word word, Span<byte> target)
    {
        // Never more bytes than characters: what is not ASCII has no place in an encoded word and becomes '?'.
        var count = Encoding.ASCII.GetBytes(word.Text, target);
        var raw = target[..count];
        if (word.Encoding == 'b')
            return TransferEncoding.DecodeBase64InPlace(raw);

        // RFC 2047 §4.2: "_" is a space in any charset, "=XX" a byte.
        var written = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            var b = raw[i];
            if (b == '_')
                b = (byte)' ';
            else if (b == '=' && i + 2 < raw.Length && TransferEncoding.TryHex(raw[i + 1], raw[i + 2], out var value))
            {
                b = value;
                i += 2;
            }
            raw[written++] = b;
        }
        return written;
    }
}
