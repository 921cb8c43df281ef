using System.Text;

namespace Commune.Mail.Mime;

/// <summary>A decoder for UTF-7 (RFC 2152). .NET's own is obsolete and unsafe; this one only ever yields text.</summary>
internal static class Utf7
{
    public static bool Is(ReadOnlySpan<char> charset) =>
        charset.EndsWith("utf-7", StringComparison.OrdinalIgnoreCase) || charset.EndsWith("utf7", StringComparison.OrdinalIgnoreCase);

    /// <summary>Lone surrogates may come out; the caller cleans.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != '+')
            {
                text.Append(bytes[i] < 0x80 ? (char)bytes[i] : '\uFFFD');
                continue;
            }
            if (i + 1 < bytes.Length && bytes[i + 1] == '-')
            {
                text.Append('+');
                i++;
                continue;
            }

            // A shifted sequence: base64 without padding of UTF-16, ended by "-" or by anything outside base64.
            var bits = 0;
            var held = 0;
            while (i + 1 < bytes.Length && Base64Value(bytes[i + 1]) is >= 0 and var value)
            {
                i++;
                bits = ((bits << 6) | value) & 0x3FFFFF;
                held += 6;
                if (held < 16)
                    continue;
                held -= 16;
                text.Append((char)((bits >> held) & 0xFFFF));
            }
            if (i + 1 < bytes.Length && bytes[i + 1] == '-')
                i++;
        }
        return text.ToString();
    }

    private static int Base64Value(byte b) => b switch
    {
        >= (byte)'A' and <= (byte)'Z' => b - 'A',
        >= (byte)'a' and <= (byte)'z' => b - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => b - '0' + 52,
        (byte)'+' => 62,
        (byte)'/' => 63,
        _ => -1,
    };
}
