using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Commune.Mail.Spf;

/// <summary>Reads one directive (RFC 7208 §4.6.1, §5 and §12).</summary>
internal static class SpfTermParser
{
    /// <summary>How far the name goes that a term begins with: <c>ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )</c>.</summary>
    public static int NameLength(ReadOnlySpan<char> term)
    {
        if (term.IsEmpty || !char.IsAsciiLetter(term[0]))
            return 0;
        var length = 1;
        while (length < term.Length && (char.IsAsciiLetterOrDigit(term[length]) || term[length] is '-' or '_' or '.'))
            length++;
        return length;
    }

    public static bool TryParseDirective(ReadOnlySpan<char> term, [NotNullWhen(true)] out SpfDirective? directive)
    {
        directive = null;
        var text = term.ToString();
        var result = Qualifier(term[0]);
        if (result is not null)
            term = term[1..];
        var length = NameLength(term);
        if (length == 0 || !TryParseKind(term[..length], out var kind))
            return false;

        var empty = new SpfDirective(text, result ?? SpfResult.Pass, kind);
        var argument = term[length..];
        switch (kind)
        {
            case SpfMechanismKind.All:
                directive = empty;
                return argument.IsEmpty;
            case SpfMechanismKind.Include or SpfMechanismKind.Exists:
                return TryTakeTarget(argument, isNeeded: true, empty, out directive);
            case SpfMechanismKind.Ptr:
                return TryTakeTarget(argument, isNeeded: false, empty, out directive);
            case SpfMechanismKind.A or SpfMechanismKind.Mx:
                return TryTakePrefixes(ref argument, ref empty)
                    && TryTakeTarget(argument, isNeeded: false, empty, out directive);
            default:
                return TryTakeNetwork(argument, empty, out directive);
        }
    }

    private static string? Qualifier(char c) => c switch
    {
        '+' => SpfResult.Pass,
        '-' => SpfResult.Fail,
        '~' => SpfResult.SoftFail,
        '?' => SpfResult.Neutral,
        _ => null,
    };

    private static bool TryParseKind(ReadOnlySpan<char> name, out SpfMechanismKind kind)
    {
        Span<char> lower = stackalloc char[8];
        kind = default;
        if (name.Length > lower.Length)
            return false;
        lower = lower[..name.ToLowerInvariant(lower)];
        SpfMechanismKind? found = lower switch
        {
            "all" => SpfMechanismKind.All,
            "include" => SpfMechanismKind.Include,
            "a" => SpfMechanismKind.A,
            "mx" => SpfMechanismKind.Mx,
            "ptr" => SpfMechanismKind.Ptr,
            "ip4" => SpfMechanismKind.Ip4,
            "ip6" => SpfMechanismKind.Ip6,
            "exists" => SpfMechanismKind.Exists,
            _ => null,
        };
        kind = found.GetValueOrDefault();
        return found is not null;
    }

    private static bool TryTakeTarget(
        ReadOnlySpan<char> argument, bool isNeeded, SpfDirective empty, [NotNullWhen(true)] out SpfDirective? directive)
    {
        directive = empty;
        if (argument.IsEmpty)
            return !isNeeded;
        if (argument[0] != ':' || !SpfMacroString.TryParseDomainSpec(argument[1..], out var target))
            return false;
        directive = empty with { Target = target };
        return true;
    }

    /// <summary>Takes <c>[ "/" ip4 ] [ "//" ip6 ]</c> off the end. A slash may also belong to the domain-spec, so what
    /// does not look like a length stays, and is judged there.</summary>
    private static bool TryTakePrefixes(ref ReadOnlySpan<char> argument, ref SpfDirective directive)
    {
        var digits = TrailingDigits(argument);
        var before = argument[..^digits];
        if (digits > 0 && before.EndsWith("//"))
        {
            if (!TryParsePrefix(argument[^digits..], 128, out var prefix6))
                return false;
            directive = directive with { Prefix6 = prefix6 };
            argument = before[..^2];
            digits = TrailingDigits(argument);
            before = argument[..^digits];
        }

        if (digits > 0 && before.EndsWith("/") && !before.EndsWith("//"))
        {
            if (!TryParsePrefix(argument[^digits..], 32, out var prefix4))
                return false;
            directive = directive with { Prefix4 = prefix4 };
            argument = before[..^1];
        }

        return true;
    }

    private static int TrailingDigits(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < text.Length && char.IsAsciiDigit(text[^(count + 1)]))
            count++;
        return count;
    }

    /// <summary>RFC 7208 §5.6: no leading zeros.</summary>
    private static bool TryParsePrefix(ReadOnlySpan<char> digits, int most, out int prefix)
    {
        prefix = 0;
        if (digits.Length is 0 or > 3 || (digits[0] == '0' && digits.Length > 1))
            return false;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
                return false;
            prefix = (prefix * 10) + (digit - '0');
        }

        return prefix <= most;
    }

    private static bool TryTakeNetwork(
        ReadOnlySpan<char> argument, SpfDirective empty, [NotNullWhen(true)] out SpfDirective? directive)
    {
        directive = null;
        if (argument.IsEmpty || argument[0] != ':')
            return false;
        argument = argument[1..];
        var isIp4 = empty.Kind == SpfMechanismKind.Ip4;
        var slash = argument.IndexOf('/');
        var prefix = isIp4 ? 32 : 128;
        if (slash >= 0 && !TryParsePrefix(argument[(slash + 1)..], prefix, out prefix))
            return false;
        var address = slash < 0 ? argument : argument[..slash];
        if (!(isIp4 ? TryParseIp4(address, out var network) : TryParseIp6(address, out network)))
            return false;
        directive = isIp4
            ? empty with { Network = network, Prefix4 = prefix }
            : empty with { Network = network, Prefix6 = prefix };
        return true;
    }

    /// <summary>Four numbers and nothing shorter, without leading zeros: the framework reads "1.2.3" and "010" too.</summary>
    private static bool TryParseIp4(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        Span<byte> bytes = stackalloc byte[4];
        var count = 0;
        foreach (var range in text.Split('.'))
        {
            if (count == 4 || !TryParsePrefix(text[range], 255, out var number))
                return false;
            bytes[count++] = (byte)number;
        }

        if (count != 4)
            return false;
        address = new IPAddress(bytes);
        return true;
    }

    private static bool TryParseIp6(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        // The framework also takes brackets, zones and ports.
        if (text.ContainsAnyExcept("0123456789abcdefABCDEF:.") || !text.Contains(':'))
            return false;
        return IPAddress.TryParse(text, out address) && address.AddressFamily == AddressFamily.InterNetworkV6;
    }
}
