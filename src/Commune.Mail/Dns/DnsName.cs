using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Commune.Mail.Dns;

/// <summary>Domain names as text: lower case A-labels without a trailing dot; the root is <c>"."</c>.</summary>
public static class DnsName
{
    /// <summary>RFC 1035 §2.3.4: 255 octets on the wire are 253 characters of text.</summary>
    public const int MaxLength = 253;

    public const int MaxLabelLength = 63;

    private static readonly IdnMapping Idn = new() { AllowUnassigned = false, UseStd3AsciiRules = false };

    // A backslash would have to be understood as an escape (RFC 1035 §5.1): no name that mail uses has one.
    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create(
        "!\"#$%&'()*+,-/0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>Brings a name into the form that is asked for and compared. False when it is no domain name: an empty or
    /// overlong label, an overlong name, a character that IDNA refuses.</summary>
    public static bool TryNormalize(string? name, out string normalized)
    {
        normalized = "";
        // A label of n characters can't shrink below n / 4 as an A-label; this bounds the work on hostile input.
        if (string.IsNullOrEmpty(name) || name.Length > 4 * MaxLength)
            return false;
        if (name == ".")
        {
            normalized = ".";
            return true;
        }

        // RFC 3490 §3.1: ideographic and full-width full stops separate labels too.
        var text = Ascii.IsValid(name) ? name : name.Replace('\u3002', '.').Replace('\uFF0E', '.').Replace('\uFF61', '.');
        if (text[^1] == '.')
            text = text[..^1];

        var labels = text.Split('.');
        for (var i = 0; i < labels.Length; i++)
        {
            if (!TryNormalizeLabel(labels[i], out labels[i]))
                return false;
        }

        normalized = string.Join('.', labels);
        return normalized.Length <= MaxLength;
    }

    /// <summary>The name under which the PTR record of an address is found (RFC 1035 §3.5, RFC 3596 §2.5).</summary>
    public static string ReverseOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        var text = new StringBuilder(74);
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            if (address.AddressFamily == AddressFamily.InterNetwork)
                text.Append(bytes[i]).Append('.');
            else
                text.Append($"{bytes[i] & 15:x}.{bytes[i] >> 4:x}.");
        }

        return text.Append(address.AddressFamily == AddressFamily.InterNetwork ? "in-addr.arpa" : "ip6.arpa").ToString();
    }

    private static bool TryNormalizeLabel(string label, out string normalized)
    {
        normalized = label;
        if (!Ascii.IsValid(label))
        {
            try
            {
                normalized = Idn.GetAscii(label);
            }
            catch (ArgumentException)
            {
                return false;
            }
        }

        if (normalized.Length is 0 or > MaxLabelLength || normalized.AsSpan().ContainsAnyExcept(LabelCharacters))
            return false;
        normalized = normalized.ToLowerInvariant();
        return true;
    }
}
