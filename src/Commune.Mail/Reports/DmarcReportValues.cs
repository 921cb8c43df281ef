using System.Globalization;
using System.Net;

namespace Commune.Mail.Reports;

/// <summary>The values in a DMARC report as reporters write them: out of range, in other units, in any case.</summary>
internal static class DmarcReportValues
{
    public static string Domain(string text) => text.TrimEnd('.').ToLowerInvariant();

    public static string Alignment(string text) => text.StartsWith('s') || text.StartsWith('S') ? "s" : "r";

    public static string Disposition(string text, string absent) =>
        text.ToLowerInvariant() is "none" or "quarantine" or "reject" ? text.ToLowerInvariant() : absent;

    public static string PassOrFail(string text) => text.Equals("pass", StringComparison.OrdinalIgnoreCase) ? "pass" : "fail";

    public static int Percentage(string text) => text.Length == 0 ? 100 : (int)Math.Min(Number(text.TrimEnd('%', ' ')) ?? 100, 100);

    public static long Count(string text) => Math.Min(Number(text) ?? 0, int.MaxValue);

    /// <summary>Not negative; numbers too large for the type become its largest. Null for anything else.</summary>
    private static long? Number(string text)
    {
        if (text.StartsWith('-') && text.Length > 1 && !text.AsSpan(1).ContainsAnyExceptInRange('0', '9'))
            return 0;
        if (text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
    }

    /// <summary>Seconds since 1970; milliseconds and ISO 8601 have been seen.</summary>
    public static DateTimeOffset? Time(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var whole = dot > 0 && !text.Contains(':', StringComparison.Ordinal) ? text[..dot] : text;
        if (Number(whole) is { } seconds)
        {
            if (seconds > 100_000_000_000)
                seconds /= 1000;
            return seconds is > 0 and <= 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date) ? date : null;
    }

    public static string Address(string text)
    {
        // "1" is an address to IPAddress, and none to a reader of reports.
        if (text.AsSpan().ContainsAny('.', ':') && IPAddress.TryParse(text, out var address))
            return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
        return text.Length <= 64 ? text : Mime.Charsets.Clean(text[..64]);
    }
}
