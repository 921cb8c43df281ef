using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Unicode;

namespace Commune.Mail.Smtp;

/// <summary>Reads the paths of MAIL and RCPT (RFC 5321 §4.1.2, with the UTF-8 of RFC 6531 §3.3) and the names of EHLO.</summary>
public static class SmtpPathParser
{
    // RFC 5321 §4.5.3.1.1 to §4.5.3.1.3; the path counts its angle brackets.
    private const int MaxLocalPart = 64;
    private const int MaxDomain = 255;
    private const int MaxPath = 256;
    private const int MaxLabel = 63;

    /// <summary>
    /// Reads one path in angle brackets from the front of <paramref name="input"/>. A source route is read and ignored
    /// (RFC 5321 appendix C); <c>&lt;Postmaster&gt;</c> needs no domain (§4.5.1); UTF-8 is taken, see <see cref="SmtpPath.IsInternational"/>.
    /// </summary>
    /// <param name="consumed">Octets up to and with the closing bracket.</param>
    public static bool TryParse(ReadOnlySpan<byte> input, out SmtpPath path, out int consumed)
    {
        path = SmtpPath.Null;
        consumed = 0;
        if (input.Length < 2 || input[0] != '<')
            return false;
        if (input[1] == '>')
        {
            consumed = 2;
            return true;
        }

        var mailbox = SourceRouteLength(input[1..]) + 1;
        if (mailbox == 0 || !TryLocalPart(input[mailbox..], out var localPart, out var n))
            return false;
        var at = mailbox + n;
        var domain = "";
        var end = at;
        if (at < input.Length && input[at] == '@')
        {
            n = DomainOrLiteralLength(input[(at + 1)..], allowUtf8: true);
            if (n == 0)
                return false;
            end = at + 1 + n;
            domain = Encoding.UTF8.GetString(input[(at + 1)..end]);
        }
        else if (!Ascii.EqualsIgnoreCase(localPart, "postmaster"))
        {
            return false;
        }

        if (end >= input.Length || input[end] != '>' || end + 1 - mailbox + 1 > MaxPath)
            return false;
        consumed = end + 1;
        if (!Utf8.IsValid(input[..consumed]))
            return false;
        path = new SmtpPath(localPart, domain, Encoding.UTF8.GetString(input[1..end]));
        return true;
    }

    /// <summary>Whether the name is a domain or an address literal as EHLO takes it (RFC 5321 §4.1.1.1).</summary>
    public static bool IsDomainOrLiteral(ReadOnlySpan<byte> name) =>
        !name.IsEmpty && DomainOrLiteralLength(name, allowUtf8: false) == name.Length;

    /// <summary>Whether a local part can stand without quotes: <c>Atom *("." Atom)</c>.</summary>
    internal static bool IsDotString(ReadOnlySpan<char> localPart)
    {
        var afterDot = true;
        foreach (var c in localPart)
        {
            if (c == '.' ? afterDot : c < 0x80 && !IsAtomText((byte)c))
                return false;
            afterDot = c == '.';
        }

        return !afterDot;
    }

    // A-d-l ":" in front of the mailbox: the length with the colon, 0 when there is none, -1 when it is broken.
    private static int SourceRouteLength(ReadOnlySpan<byte> input)
    {
        if (input[0] != '@')
            return 0;
        var i = 0;
        while (true)
        {
            if (i >= input.Length || input[i] != '@')
                return -1;
            var n = DomainOrLiteralLength(input[(i + 1)..], allowUtf8: true);
            i += 1 + n;
            if (n == 0 || i >= input.Length)
                return -1;
            var separator = input[i++];
            if (separator == ':')
                return i < input.Length ? i : -1;
            if (separator != ',')
                return -1;
        }
    }

    private static bool TryLocalPart(ReadOnlySpan<byte> input, out string localPart, out int length)
    {
        localPart = "";
        length = 0;
        if (input.IsEmpty)
            return false;
        if (input[0] == '"')
            return TryQuotedString(input, out localPart, out length);
        var afterDot = true;
        var i = 0;
        for (; i < input.Length; i++)
        {
            var b = input[i];
            if (b == '.' ? afterDot : b < 0x80 && !IsAtomText(b))
                break;
            afterDot = b == '.';
        }

        if (afterDot || i > MaxLocalPart)
            return false;
        localPart = Encoding.UTF8.GetString(input[..i]);
        length = i;
        return true;
    }

    private static bool TryQuotedString(ReadOnlySpan<byte> input, out string localPart, out int length)
    {
        localPart = "";
        length = 0;
        Span<byte> value = stackalloc byte[MaxLocalPart];
        var n = 0;
        for (var i = 1; i < input.Length; i++)
        {
            var b = input[i];
            if (b == '"')
            {
                // The limit holds for what is written, quotes and backslashes included.
                if (i + 1 > MaxLocalPart)
                    return false;
                localPart = Encoding.UTF8.GetString(value[..n]);
                length = i + 1;
                return true;
            }

            if (b == '\\' && (++i >= input.Length || (b = input[i]) is < 32 or > 126))
                return false;
            if (b is < 32 or 127 || n == value.Length)
                return false;
            value[n++] = b;
        }

        return false;
    }

    private static int DomainOrLiteralLength(ReadOnlySpan<byte> input, bool allowUtf8)
    {
        if (input.IsEmpty)
            return 0;
        return input[0] == '[' ? LiteralLength(input) : DomainLength(input, allowUtf8);
    }

    // sub-domain *("." sub-domain). The underscore is no letter of a host name, yet real hosts greet and
    // write with it, and refusing them keeps out nothing but mail.
    private static int DomainLength(ReadOnlySpan<byte> input, bool allowUtf8)
    {
        var label = 0;
        var i = 0;
        for (; i < input.Length; i++)
        {
            var b = input[i];
            if (b == '.')
            {
                if (i == label || input[i - 1] == '-')
                    return 0;
                label = i + 1;
            }
            else if (b == '-' ? i == label : !(IsLetterOrDigit(b) || b == '_' || (allowUtf8 && b >= 0x80)))
            {
                break;
            }

            // An A-label has 63 octets at most; a U-label may take more of them in UTF-8 (RFC 6531 §3.3).
            if (i - label >= MaxLabel && b < 0x80 && b != '.' && Ascii.IsValid(input[label..(i + 1)]))
                return 0;
        }

        return i == label || i > MaxDomain || input[i - 1] == '-' ? 0 : i;
    }

    private static int LiteralLength(ReadOnlySpan<byte> input)
    {
        var end = input[..Math.Min(input.Length, MaxDomain)].IndexOf((byte)']');
        if (end < 0)
            return 0;
        var content = input[1..end];
        var isV6 = content.Length > 5 && Ascii.EqualsIgnoreCase(content[..5], "IPv6:"u8);
        if (isV6)
            content = content[5..];
        Span<char> text = stackalloc char[46];
        if (content.Length > text.Length || content.ContainsAnyExcept(AddressCharacters))
            return 0;
        text = text[..Encoding.ASCII.GetChars(content, text)];
        var valid = isV6
            ? IPAddress.TryParse(text, out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6
            : IsDottedQuad(content);
        return valid ? end + 1 : 0;
    }

    private static readonly System.Buffers.SearchValues<byte> AddressCharacters =
        System.Buffers.SearchValues.Create("0123456789abcdefABCDEF:."u8);

    // IPAddress.TryParse would also take 1.2, 0x7f.1 and octal numbers.
    private static bool IsDottedQuad(ReadOnlySpan<byte> text)
    {
        var parts = 0;
        var digits = 0;
        var value = 0;
        foreach (var b in text)
        {
            if (b == '.')
            {
                if (digits == 0 || ++parts > 3)
                    return false;
                digits = value = 0;
            }
            else if (b is < (byte)'0' or > (byte)'9' || ++digits > 3 || (value = value * 10 + (b - '0')) > 255)
            {
                return false;
            }
        }

        return parts == 3 && digits > 0;
    }

    private static bool IsLetterOrDigit(byte b) => char.IsAsciiLetterOrDigit((char)b);

    // RFC 5322 §3.2.3.
    private static bool IsAtomText(byte b) => IsLetterOrDigit(b) || "!#$%&'*+-/=?^_`{|}~"u8.Contains(b);
}
