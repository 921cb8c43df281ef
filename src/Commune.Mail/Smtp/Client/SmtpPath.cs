using System.Text;
using Commune.Mail.Dns;

namespace Commune.Mail.Smtp.Client;

/// <summary>Addresses as they may stand between the brackets of MAIL FROM and RCPT TO (RFC 5321 §4.1.2).</summary>
internal static class SmtpPath
{
    // §4.5.3.1: 64 + 1 + 255 octets; the 256 of a path as a whole would refuse names that exist.
    private const int MaxOctets = 320;

    /// <summary>False for what could end the command or its brackets early, and so smuggle in another: control
    /// characters anywhere, and spaces or brackets outside of a quoted string.</summary>
    public static bool IsSafe(string address)
    {
        if (address.Length == 0 || Encoding.UTF8.GetByteCount(address) > MaxOctets)
            return false;
        var isQuoted = false;
        for (var i = 0; i < address.Length; i++)
        {
            var c = address[i];
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
                return false;
            if (char.IsSurrogate(c))
            {
                // Half a pair cannot be written as UTF-8.
                if (i + 1 >= address.Length || !char.IsSurrogatePair(c, address[i + 1]))
                    return false;
                i++;
            }
            else if (c == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (isQuoted && c == '\\')
            {
                if (++i == address.Length || address[i] is < ' ' or > '~')
                    return false;
            }
            else if (!isQuoted && (c is '<' or '>' || char.IsWhiteSpace(c)))
            {
                return false;
            }
        }

        return !isQuoted;
    }

    /// <summary>Writes the domain as A-labels where that makes the whole address ASCII (RFC 6531 §3.2): such an address
    /// needs no SMTPUTF8.</summary>
    public static string ToAscii(string address)
    {
        if (Ascii.IsValid(address))
            return address;
        var at = address.LastIndexOf('@');
        return at > 0 && Ascii.IsValid(address.AsSpan(0, at)) && DnsName.TryNormalize(address[(at + 1)..], out var domain)
            ? $"{address[..at]}@{domain}"
            : address;
    }
}
