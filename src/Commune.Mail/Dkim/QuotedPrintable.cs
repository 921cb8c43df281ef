using System.Buffers;
using System.Text;

namespace Commune.Mail.Dkim;

internal static class QuotedPrintable
{
    /// <summary>DKIM-Quoted-Printable (RFC 6376 §2.11): "=" and two upper-case hexadecimal digits stand for an octet,
    /// white space for nothing. Null when an "=" is followed by something else.</summary>
    public static string? Decode(string text)
    {
        if (!text.AsSpan().ContainsAny("= \t\r\n"))
            return text;
        var octets = new ArrayBufferWriter<byte>(text.Length);
        var source = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < source.Length; i++)
        {
            var octet = source[i];
            if (octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                continue;
            if (octet == (byte)'=')
            {
                if (i + 2 >= source.Length || !char.IsAsciiHexDigit((char)source[i + 1]) || !char.IsAsciiHexDigit((char)source[i + 2]))
                    return null;
                octet = Convert.FromHexString(source.AsSpan(i + 1, 2))[0];
                i += 2;
            }

            octets.Write([octet]);
        }

        return Encoding.UTF8.GetString(octets.WrittenSpan);
    }
}
