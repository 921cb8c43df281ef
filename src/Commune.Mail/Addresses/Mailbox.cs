using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Commune.Mail.Addresses;

/// <summary>
/// One mailbox of RFC 5322 §3.4, with the internationalised forms of RFC 6532.
/// </summary>
/// <param name="DisplayName">The decoded name, or null when there is none.</param>
/// <param name="LocalPart">The local part as it goes on the wire: a dot-atom, or a quoted string with its quotes.</param>
/// <param name="Domain">The domain in lower case; an internationalised one stays in Unicode.</param>
public sealed record Mailbox(string? DisplayName, string LocalPart, string Domain)
{
    // RFC 5321 §4.5.3.1: 64 octets of local part; a path of 256 octets leaves 254 between its brackets.
    private const int LongestLocalPart = 64;
    private const int LongestAddress = 254;

    /// <summary><c>local@domain</c> without a name.</summary>
    public string Address => $"{LocalPart}@{Domain}";

    /// <summary>The identity of a participant: the address in lower case, without a name.</summary>
    public string BareAddress => Address.ToLowerInvariant();

    /// <summary>The domain as DNS and a plain SMTP server read it (punycode, RFC 5891); as it is when it has no such form.</summary>
    public string AsciiDomain => ToAscii(Domain) ?? Domain;

    /// <summary>The domain as people read it (RFC 5891): punycode labels in Unicode, others as they are.</summary>
    public string UnicodeDomain => ToUnicode(Domain);

    /// <summary>The form shown to people: <c>Name &lt;a@b&gt;</c>, the name quoted where RFC 5322 asks for it, Unicode kept.</summary>
    public override string ToString()
    {
        if (string.IsNullOrEmpty(DisplayName))
            return Address;
        return $"{Phrase.Quote(DisplayName)} <{Address}>";
    }

    /// <summary>
    /// Reads one address as an API caller writes it: <c>a@b</c> or <c>Name &lt;a@b&gt;</c>.
    /// Strict: what could not be sent, or could smuggle a second header or recipient, is refused.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Mailbox? mailbox)
    {
        mailbox = null;
        text = text.Trim(' ');
        foreach (var c in text)
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
                return false;
        }

        string? name = null;
        var address = text;
        if (text.EndsWith(">"))
        {
            var open = text.LastIndexOf('<');
            if (open < 0 || !TryParseName(text[..open].Trim(' '), out name))
                return false;
            address = text[(open + 1)..^1];
        }

        if (!TryParseAddress(address, out var local, out var domain))
            return false;
        mailbox = new Mailbox(name, local, domain);
        return true;
    }

    /// <summary>The punycode form of a domain, or null when the name is not a valid internationalised one.</summary>
    internal static string? ToAscii(string domain)
    {
        if (Ascii.IsValid(domain))
            return domain;
        try
        {
            return new IdnMapping { UseStd3AsciiRules = true }.GetAscii(domain).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static string ToUnicode(string domain)
    {
        if (!domain.Contains("xn--", StringComparison.OrdinalIgnoreCase))
            return domain;
        try
        {
            return new IdnMapping { UseStd3AsciiRules = true }.GetUnicode(domain).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return domain;
        }
    }

    private static bool TryParseName(ReadOnlySpan<char> text, out string? name)
    {
        name = null;
        if (text.IsEmpty)
            return true;
        if (text[0] != '"')
        {
            if (text.ContainsAny('<', '>', '"') || !IsWellFormed(text))
                return false;
            name = text.ToString();
            return true;
        }

        if (!TryUnquote(text, out var content) || !IsWellFormed(content))
            return false;
        var trimmed = content.Trim();
        name = trimmed.Length == 0 ? null : trimmed;
        return true;
    }

    private static bool TryParseAddress(ReadOnlySpan<char> text, out string local, out string domain)
    {
        local = domain = "";
        var at = text.LastIndexOf('@');
        if (at <= 0 || at == text.Length - 1 || !IsWellFormed(text))
            return false;
        var left = text[..at];
        var right = text[(at + 1)..];

        if (left[0] == '"')
        {
            if (!TryUnquote(left, out var content) || content.Length == 0)
                return false;
            local = IsDotAtom(content) ? content : Phrase.QuoteAlways(content);
        }
        else if (IsDotAtom(left))
        {
            local = left.ToString();
        }
        else
        {
            return false;
        }

        domain = right.ToString().ToLowerInvariant();
        return IsDomain(domain)
            && Encoding.UTF8.GetByteCount(local) <= LongestLocalPart
            && Encoding.UTF8.GetByteCount(local) + 1 + Encoding.UTF8.GetByteCount(domain) <= LongestAddress;
    }

    /// <summary>Takes a whole quoted string apart; false when a quote inside it is not escaped.</summary>
    private static bool TryUnquote(ReadOnlySpan<char> text, out string content)
    {
        content = "";
        if (text.Length < 2 || text[^1] != '"')
            return false;
        var unescaped = new StringBuilder(text.Length);
        var inner = text[1..^1];
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '"')
                return false;
            if (inner[i] == '\\' && ++i == inner.Length)
                return false;
            unescaped.Append(inner[i]);
        }
        content = unescaped.ToString();
        return true;
    }

    internal static bool IsDotAtom(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] == '.' || text[^1] == '.')
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '.' ? text[i - 1] == '.' : !Phrase.IsAtomCharacter(c))
                return false;
        }
        return true;
    }

    private static bool IsDomain(string domain)
    {
        var ascii = ToAscii(domain);
        if (ascii is null || ascii.Length > 253)
            return false;
        foreach (var range in ascii.AsSpan().Split('.'))
        {
            var label = ascii.AsSpan(range);
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-')
                return false;
            foreach (var c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
                    return false;
            }
        }
        return true;
    }

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var used) != System.Buffers.OperationStatus.Done)
                return false;
            text = text[used..];
        }
        return true;
    }
}
