using System.Globalization;

namespace Commune.Mail.Mime;

/// <summary>The date of RFC 5322 §3.3 as we write it.</summary>
public static class MailDate
{
    /// <summary><c>Fri, 21 Nov 1997 09:55:06 -0600</c>.</summary>
    public static string Format(DateTimeOffset date)
    {
        var zone = date.Offset;
        var sign = zone < TimeSpan.Zero ? '-' : '+';
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{date:ddd, d MMM yyyy HH:mm:ss} {sign}{Math.Abs(zone.Hours):00}{Math.Abs(zone.Minutes):00}");
    }
}
