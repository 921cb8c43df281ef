using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Commune.Ai.JsonSchema;

/// <summary>The formats of JSON Schema 2020-12 §7.3.</summary>
internal static partial class Formats
{
    private const RegexOptions Plain = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    private static readonly FrozenDictionary<string, Func<string, bool>> Known = new Dictionary<string, Func<string, bool>>(StringComparer.Ordinal)
    {
        ["date-time"] = IsDateTime,
        ["date"] = IsDate,
        ["time"] = IsTime,
        ["duration"] = static text => Duration().IsMatch(text),
        ["email"] = static text => IsEmail(text, ascii: true),
        ["idn-email"] = static text => IsEmail(text, ascii: false),
        ["hostname"] = static text => HostName.IsValid(text),
        ["idn-hostname"] = static text => HostName.IsValidInternational(text),
        ["ipv4"] = IsIpv4,
        ["ipv6"] = IsIpv6,
        ["uri"] = static text => UriGrammar.IsUri(text, international: false),
        ["uri-reference"] = static text => UriGrammar.IsReference(text, international: false),
        ["iri"] = static text => UriGrammar.IsUri(text, international: true),
        ["iri-reference"] = static text => UriGrammar.IsReference(text, international: true),
        ["uri-template"] = static text => UriTemplate().IsMatch(text),
        ["uuid"] = static text => Uuid().IsMatch(text),
        ["json-pointer"] = static text => Pointer().IsMatch(text),
        ["relative-json-pointer"] = static text => RelativePointer().IsMatch(text),
        ["regex"] = static text => EcmaPattern.TryRead(text, out _, out _),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Null for a format that is not known: it is told, and not checked.</summary>
    public static Func<string, bool>? Find(string name) => Known.GetValueOrDefault(name);

    private static bool IsDate(string text) => DateShape().IsMatch(text)
        && DateOnly.TryParseExact(text.StartsWith("0000", StringComparison.Ordinal) ? "2000" + text[4..] : text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsDateTime(string text) => text.Length > 11 && text[10] is 'T' or 't' && IsDate(text[..10]) && IsTime(text[11..]);

    /// <summary>RFC 3339 §5.6; a leap second only where it is 23:59:60 in UTC.</summary>
    private static bool IsTime(string text)
    {
        if (!TimeShape().IsMatch(text))
            return false;
        var (hour, minute, second) = (Two(text, 0), Two(text, 3), Two(text, 6));
        var zone = text.AsSpan(8).IndexOfAny('+', '-', 'Z') is var mark && mark < 0 ? text.IndexOf('z', StringComparison.Ordinal) : 8 + mark;
        var offset = text[zone] is 'Z' or 'z' ? 0 : (Two(text, zone + 1) * 60) + Two(text, zone + 4);
        if (text[zone] is not ('Z' or 'z') && (Two(text, zone + 1) > 23 || Two(text, zone + 4) > 59))
            return false;
        if (hour > 23 || minute > 59 || second > 60)
            return false;
        var utc = (hour * 60) + minute - (text[zone] == '-' ? -offset : offset);
        return second < 60 || (utc + (2 * 1440)) % 1440 == 1439;
    }

    private static int Two(string text, int at) => ((text[at] - '0') * 10) + text[at + 1] - '0';

    /// <summary>RFC 5321 §4.1.2 Mailbox.</summary>
    private static bool IsEmail(string text, bool ascii)
    {
        var at = text.LastIndexOf('@');
        if (at < 1 || (ascii && text.Any(static c => c >= 0x80)))
            return false;
        var local = text[..at];
        var domain = text[(at + 1)..];
        if (local.Length > 64 || !(LocalPart().IsMatch(local) || QuotedLocalPart().IsMatch(local)))
            return false;
        if (!domain.StartsWith('[') || !domain.EndsWith(']'))
            return ascii ? HostName.IsValid(domain) : HostName.IsValidInternational(domain.Normalize());
        var literal = domain[1..^1];
        return literal.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? IsIpv6(literal[5..]) : IsIpv4(literal);
    }

    private static bool IsIpv4(string text) => Ipv4().IsMatch(text);

    internal static bool IsIpv6(string text) => Ipv6Characters().IsMatch(text)
        && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
        && (!text.Contains('.', StringComparison.Ordinal) || IsIpv4(text[(text.LastIndexOf(':') + 1)..]));

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}\z", Plain, 100)]
    private static partial Regex DateShape();

    [GeneratedRegex(@"^[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})\z", Plain, 100)]
    private static partial Regex TimeShape();

    // RFC 3339 appendix A: units in order, none left out between two.
    [GeneratedRegex(@"^P([0-9]+W|(?=.)([0-9]+Y([0-9]+M([0-9]+D)?)?|[0-9]+M([0-9]+D)?|[0-9]+D)?(T([0-9]+H([0-9]+M([0-9]+S)?)?|[0-9]+M([0-9]+S)?|[0-9]+S))?)\z",
        Plain, 100)]
    private static partial Regex Duration();

    [GeneratedRegex(@"^[^\x00-\x20()<>@,;:\\"".\[\]\x7F]+(\.[^\x00-\x20()<>@,;:\\"".\[\]\x7F]+)*\z", Plain, 100)]
    private static partial Regex LocalPart();

    [GeneratedRegex(@"^""([^\x00-\x1F\\""\x7F]|\\[\x20-\x7E])*""\z", Plain, 100)]
    private static partial Regex QuotedLocalPart();

    [GeneratedRegex(@"^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\.(?!\z)|\z)){4}\z", Plain, 100)]
    private static partial Regex Ipv4();

    [GeneratedRegex(@"^[0-9A-Fa-f:.]{2,45}\z", Plain, 100)]
    private static partial Regex Ipv6Characters();

    [GeneratedRegex(@"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\z", Plain, 100)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"^(/([^~/]|~[01])*)*\z", Plain, 100)]
    private static partial Regex Pointer();

    [GeneratedRegex(@"^(0|[1-9][0-9]*)(#|(/([^~/]|~[01])*)*)\z", Plain, 100)]
    private static partial Regex RelativePointer();

    // RFC 6570 §2.
    [GeneratedRegex(
        @"^([^\x00-\x20""'<>\\^`{|}%\x7F]|%[0-9A-Fa-f]{2}|'|\{[+#./;?&=,!@|]?(([A-Za-z0-9_]|%[0-9A-Fa-f]{2})(\.?([A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*(:[1-9][0-9]{0,3}|\*)?)(,([A-Za-z0-9_]|%[0-9A-Fa-f]{2})(\.?([A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*(:[1-9][0-9]{0,3}|\*)?)*\})*\z",
        Plain, 100)]
    private static partial Regex UriTemplate();
}
