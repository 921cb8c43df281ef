using System.Globalization;

namespace Commune.Mail.Mime;

/// <summary>Dates of RFC 5322 §3.3 and §4.3, and the near misses that old mailers write.</summary>
public static class DateParser
{
    private const int LongestDate = 500;
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    public static bool TryParse(string text, out DateTimeOffset date)
    {
        date = default;
        if (string.IsNullOrWhiteSpace(text) || text.Length > LongestDate)
            return false;
        var words = Words(text);
        int? day = null, month = null, year = null;
        TimeSpan? time = null, zone = null;
        foreach (var word in words)
        {
            if (time is null && word.Contains(':', StringComparison.Ordinal))
                time = ReadTime(word);
            else if (time is not null && zone is null && ReadZone(word) is { } offset)
                zone = offset;
            else if (month is null && ReadMonth(word) is { } named)
                month = named;
            else if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                if (day is null && number <= 31 && word.Length <= 2)
                    day = number;
                else
                    year ??= FullYear(number, word.Length);
            }
        }
        if (day is null or 0 || month is null || year is null or < 1 or > 9998 || day > DateTime.DaysInMonth(year.Value, month.Value))
            return false;
        var local = new DateTime(year.Value, month.Value, day.Value, 0, 0, 0, DateTimeKind.Unspecified) + (time ?? TimeSpan.Zero);
        var universal = local - (zone ?? TimeSpan.Zero);
        if (universal.Year is < 1 or > 9998)
            return false;
        date = new DateTimeOffset(local, zone ?? TimeSpan.Zero);
        return true;
    }

    /// <summary>
    /// The words without comments. "21-Nov-1997" and "09:55:06+0100" are taken apart; "09 : 55" is put together (§4.3 allows it).
    /// </summary>
    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        var depth = 0;
        foreach (var c in text)
        {
            if (c == '(')
                depth++;
            var separates = depth > 0 || char.IsWhiteSpace(c) || c is ',' || (c is '-' or '+' && word.Length > 0);
            if (c == ')' && depth > 0)
                depth--;
            if (!separates)
            {
                if (c == ':' && word.Length == 0 && words.Count > 0)
                {
                    word.Append(words[^1]);
                    words.RemoveAt(words.Count - 1);
                }
                word.Append(c);
                continue;
            }
            if (word.Length > 0 && word[^1] == ':')
                continue;
            if (word.Length > 0)
                words.Add(word.ToString());
            word.Clear();
            // A zone keeps its sign.
            if (c is '-' or '+' && depth == 0 && words[^1].Contains(':', StringComparison.Ordinal))
                word.Append(c);
        }
        if (word.Length > 0)
            words.Add(word.ToString());
        return words;
    }

    private static TimeSpan? ReadTime(string word)
    {
        var parts = word.Split(':');
        if (parts.Length is < 2 or > 3)
            return null;
        var values = new int[3];
        for (var i = 0; i < parts.Length; i++)
        {
            var digits = parts[i];
            // Fractions of a second are not in the standard and not worth the date.
            var dot = digits.IndexOf('.', StringComparison.Ordinal);
            if (i == 2 && dot >= 0)
                digits = digits[..dot];
            if (digits.Length is 0 or > 2 || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out values[i]))
                return null;
        }
        // A leap second (§3.3 allows 60) has no place in DateTimeOffset.
        if (values[0] > 23 || values[1] > 59 || values[2] > 60)
            return null;
        return new TimeSpan(values[0], values[1], Math.Min(values[2], 59));
    }

    private static int? ReadMonth(string word)
    {
        if (word.Length < 3)
            return null;
        var index = Array.FindIndex(Months, month => word.StartsWith(month, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : index + 1;
    }

    // RFC 5322 §4.3: two digits below 50 are 20xx, the others and three digits count from 1900.
    private static int FullYear(int number, int digits) => digits switch
    {
        <= 2 when number < 50 => 2000 + number,
        <= 3 => 1900 + number,
        _ => number,
    };

    private static TimeSpan? ReadZone(string word)
    {
        if (word[0] is '+' or '-')
        {
            var digits = word.AsSpan(1);
            if (digits.Length == 5 && digits[2] == ':')
                digits = string.Concat(digits[..2], digits[3..]);
            if (digits.Length != 4 || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                return null;
            var offset = new TimeSpan(value / 100, value % 100, 0);
            // DateTimeOffset ends at 14 hours; nobody lives further away.
            if (offset > TimeSpan.FromHours(14) || value % 100 > 59)
                return TimeSpan.Zero;
            return word[0] == '-' ? -offset : offset;
        }
        return word.ToUpperInvariant() switch
        {
            "UT" or "UTC" or "GMT" or "Z" => TimeSpan.Zero,
            "EDT" => TimeSpan.FromHours(-4),
            "EST" or "CDT" => TimeSpan.FromHours(-5),
            "CST" or "MDT" => TimeSpan.FromHours(-6),
            "MST" or "PDT" => TimeSpan.FromHours(-7),
            "PST" => TimeSpan.FromHours(-8),
            // §4.3: the military letters were defined wrongly and mean nothing more than UTC.
            { Length: 1 } letter when char.IsAsciiLetter(letter[0]) => TimeSpan.Zero,
            _ => null,
        };
    }
}
