using System.Globalization;
using Commune.Mail.Smtp;

namespace Commune.Mail.Reports;

/// <summary>Finds the codes of an SMTP reply (RFC 5321 §4.2, RFC 2034) inside the text a report quotes it in.</summary>
internal static class StatusText
{
    /// <summary>The first enhanced status code of class 2, 4 or 5. Addresses and version numbers are none.</summary>
    public static EnhancedStatusCode? EnhancedCodeIn(ReadOnlySpan<char> text)
    {
        for (var i = 0; i + 4 < text.Length; i++)
        {
            if (text[i] is not ('2' or '4' or '5') || text[i + 1] != '.' || (i > 0 && (char.IsLetterOrDigit(text[i - 1]) || text[i - 1] == '.')))
                continue;
            var end = i;
            while (end < text.Length && end - i < 10 && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
                end++;
            var code = text[i..end].TrimEnd('.');
            // RFC 3463 §3 ends at subject 7.
            if (EnhancedStatusCode.TryParse(code, out var found) && found.Subject <= 7 && (end >= text.Length || !char.IsLetterOrDigit(text[end])))
                return found;
            i = end - 1;
        }
        return null;
    }

    /// <summary>The reply code: a number that begins the text, follows punctuation, or stands before an enhanced code.</summary>
    public static int? SmtpCodeIn(ReadOnlySpan<char> text)
    {
        for (var i = 0; i + 3 <= text.Length; i++)
        {
            if (text[i] is not ('2' or '4' or '5') || !IsCode(text, i))
                continue;
            var before = text[..i].TrimEnd(' ');
            var after = text[(i + 3)..].TrimStart(" -:");
            if (before.IsEmpty || before[^1] is ':' or ';' or '#' or '(' or '<' or '>' or '"' or '\'' or '[' or '=' or '/' or '\n'
                || (after.Length > 4 && after[0] == text[i] && after[1] == '.' && char.IsAsciiDigit(after[2]))
                || before.EndsWith("smtp", StringComparison.OrdinalIgnoreCase) || before.EndsWith("error", StringComparison.OrdinalIgnoreCase))
            {
                return int.Parse(text.Slice(i, 3), NumberStyles.None, CultureInfo.InvariantCulture);
            }
        }
        return null;
    }

    private static bool IsCode(ReadOnlySpan<char> text, int at)
    {
        if (!char.IsBetween(text[at + 1], '0', '7') || !char.IsAsciiDigit(text[at + 2]) || (at > 0 && (char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '.' or '-' or '@')))
            return false;
        return at + 3 == text.Length || text[at + 3] is ' ' or '-' or ':' or '\n' or '\t' or ',' or ';' or ')' or '\'' or '"' or '#';
    }
}
