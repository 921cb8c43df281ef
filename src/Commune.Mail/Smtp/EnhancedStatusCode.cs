using System.Globalization;

namespace Commune.Mail.Smtp;

/// <summary>An enhanced mail system status code, <c>class.subject.detail</c> (RFC 3463 §2).</summary>
/// <param name="Class">2 success, 4 persistent transient failure, 5 permanent failure.</param>
/// <param name="Subject">What the failure is about, 0–999: 1 addressing, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 policy.</param>
/// <param name="Detail">The detail within the subject, 0–999.</param>
public readonly record struct EnhancedStatusCode(int Class, int Subject, int Detail)
{
    /// <summary>Reads a code such as <c>5.1.1</c>; no surrounding text, no leading zeros (RFC 3463 §2).</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EnhancedStatusCode code)
    {
        code = default;
        var first = text.IndexOf('.');
        if (first != 1 || text[0] is not ('2' or '4' or '5'))
            return false;
        var rest = text[2..];
        var second = rest.IndexOf('.');
        if (second < 0 || !TryNumber(rest[..second], out var subject) || !TryNumber(rest[(second + 1)..], out var detail))
            return false;
        code = new EnhancedStatusCode(text[0] - '0', subject, detail);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Class}.{Subject}.{Detail}");

    private static bool TryNumber(ReadOnlySpan<char> digits, out int value)
    {
        value = 0;
        if (digits.Length is 0 or > 3 || (digits[0] == '0' && digits.Length > 1))
            return false;
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
