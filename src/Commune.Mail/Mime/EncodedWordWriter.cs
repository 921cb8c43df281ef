using System.Globalization;
using System.Text;

namespace Commune.Mail.Mime;

/// <summary>Writes encoded words (RFC 2047 §2): at most 75 characters each, no character cut in two.</summary>
internal static class EncodedWordWriter
{
    // With "=?utf-8?B?" and "?=" that makes 68, so that the first one fits beside "Subject:" on a line of 78.
    private const int MostEncoded = 56;
    private const int MostBytes = MostEncoded / 4 * 3;

    public static List<string> Encode(string text)
    {
        var quoted = text.EnumerateRunes().Sum(rune => IsQuotedAsIs(rune) ? 1 : 3 * rune.Utf8SequenceLength);
        return quoted <= Encoding.UTF8.GetByteCount(text) * 4 / 3 ? Quoted(text) : Base64(text);
    }

    private static List<string> Quoted(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var length = IsQuotedAsIs(rune) ? 1 : 3 * rune.Utf8SequenceLength;
            if (word.Length + length > MostEncoded)
            {
                words.Add($"=?utf-8?Q?{word}?=");
                word.Clear();
            }
            if (rune.Value == ' ')
                word.Append('_');
            else if (length == 1)
                word.Append((char)rune.Value);
            else
            {
                foreach (var b in utf8[..rune.EncodeToUtf8(utf8)])
                    word.Append('=').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }
        words.Add($"=?utf-8?Q?{word}?=");
        return words;
    }

    // RFC 2047 §5 (3): what may stand unencoded in a phrase as well as anywhere else.
    private static bool IsQuotedAsIs(Rune rune) =>
        rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is ' ' or '!' or '*' or '+' or '-' or '/');

    private static List<string> Base64(string text)
    {
        var words = new List<string>();
        var bytes = new List<byte>();
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(utf8);
            if (bytes.Count + length > MostBytes)
                Flush();
            bytes.AddRange(utf8[..length]);
        }
        Flush();
        return words;

        void Flush()
        {
            words.Add($"=?utf-8?B?{Convert.ToBase64String([.. bytes])}?=");
            bytes.Clear();
        }
    }
}
