namespace Commune.Mail.Mime;

/// <summary>Dates of RFC 5322 §3.3 and §4.3, and what mailers write instead: other orders, other languages, numbers only.</summary>
public static class DateParser
{
    private const int LongestDate = 500;

    // English first; the others are those that mailers with a translated clock write.
    private static readonly (string Name, int Month)[] Months =
    [
        ("jan", 1), ("feb", 2), ("mar", 3), ("apr", 4), ("may", 5), ("jun", 6), ("jul", 7), ("aug", 8), ("sep", 9), ("oct", 10), ("nov", 11), ("dec", 12),
        ("jän", 1), ("mär", 3), ("mrz", 3), ("mai", 5), ("okt", 10), ("dez", 12), ("fév", 2), ("fev", 2), ("avr", 4), ("juin", 6), ("juil", 7), ("aoû", 8), ("aou", 8),
        ("déc", 12), ("ene", 1), ("abr", 4), ("ago", 8), ("dic", 12), ("gen", 1), ("mag", 5), ("giu", 6), ("lug", 7), ("set", 9), ("ott", 10), ("out", 10), ("mrt", 3), ("mei", 5),
        ("maj", 5), ("sty", 1), ("lut", 2), ("kwi", 4), ("cze", 6), ("lip", 7), ("sie", 8), ("wrz", 9), ("paź", 10), ("lis", 11), ("gru", 12),
        ("янв", 1), ("фев", 2), ("мар", 3), ("апр", 4), ("май", 5), ("мая", 5), ("июн", 6), ("июл", 7), ("авг", 8), ("сен", 9), ("окт", 10), ("ноя", 11), ("дек", 12),
        ("oca", 1), ("şub", 2), ("nis", 4), ("haz", 6), ("tem", 7), ("ağu", 8), ("eyl", 9), ("eki", 10), ("kas", 11), ("ara", 12),
    ];

    public static bool TryParse(string text, out DateTimeOffset date)
    {
        date = default;
        if (string.IsNullOrWhiteSpace(text) || text.Length > LongestDate)
            return false;
        var tokens = DateToken.Split(text);
        var afternoon = false;
        var time = ReadTime(tokens, out var afterTime, out var halves, ref afternoon);
        if (!ReadDay(tokens, afterTime, halves, out var day, out var zone))
            return false;
        var local = day + (time ?? TimeSpan.Zero);
        var universal = local - (zone ?? TimeSpan.Zero);
        if (local.Year > 9998 || universal.Year is < 1 or > 9998)
            return false;
        date = new DateTimeOffset(local, zone ?? TimeSpan.Zero);
        return true;
    }

    /// <param name="after">Where the tokens after the time begin.</param>
    /// <param name="halves">The day was counted in halves: AM or PM.</param>
    private static TimeSpan? ReadTime(DateToken[] tokens, out int after, out bool halves, ref bool afternoon)
    {
        halves = false;
        after = tokens.Length;
        var separator = ":";
        var at = Find(tokens, separator, two: true);
        if (at < 0)
        {
            // "09.55.06" is a time when a name says the month, else it could be a day.
            separator = ".";
            at = Array.Exists(tokens, token => token.Kind == DateTokenKind.Word && MonthOf(token.Text) > 0) ? Find(tokens, separator, two: false) : -1;
        }
        if (at < 0)
            return null;
        var hour = tokens[at].Value;
        var minute = tokens[at + 2].Value;
        var second = 0;
        after = at + 3;
        if (DateToken.IsSign(tokens, after, separator) && DateToken.IsNumber(tokens, after + 1, 2))
        {
            second = tokens[after + 1].Value;
            after += 2;
            // Fractions of a second are not in the standard and not worth the date.
            if ((DateToken.IsSign(tokens, after, ".") || DateToken.IsSign(tokens, after, ",")) && after + 1 < tokens.Length && tokens[after + 1].Kind == DateTokenKind.Number)
                after += 2;
        }
        if (after < tokens.Length && tokens[after].Kind == DateTokenKind.Word && (tokens[after].Text.Equals("AM", StringComparison.OrdinalIgnoreCase) || tokens[after].Text.Equals("PM", StringComparison.OrdinalIgnoreCase)))
        {
            halves = true;
            afternoon = tokens[after].Text[0] is 'P' or 'p';
            if (hour is >= 1 and <= 12)
                hour = (hour % 12) + (afternoon ? 12 : 0);
            after++;
        }
        for (var i = at; i < after; i++)
            tokens[i].Used = true;
        if (hour == 24 && minute == 0 && second == 0)
            return TimeSpan.FromDays(1);
        // A leap second (§3.3 allows 60) has no place in DateTimeOffset.
        return hour > 23 || minute > 59 || second > 60 ? null : new TimeSpan(hour, minute, Math.Min(second, 59));
    }

    private static int Find(DateToken[] tokens, string separator, bool two)
    {
        for (var i = 0; i + 2 < tokens.Length; i++)
        {
            if (DateToken.IsNumber(tokens, i, 2) && DateToken.IsSign(tokens, i + 1, separator) && DateToken.IsNumber(tokens, i + 2, 2)
                && (two || (DateToken.IsSign(tokens, i + 3, separator) && DateToken.IsNumber(tokens, i + 4, 2))))
            {
                return i;
            }
        }
        return -1;
    }

    private static bool ReadDay(DateToken[] tokens, int afterTime, bool halves, out DateTime date, out TimeSpan? zone)
    {
        date = default;
        zone = DateZone.Read(tokens, afterTime);
        var monthAt = MonthAt(tokens);
        int? day = null, month = monthAt < 0 ? null : MonthOf(tokens[monthAt].Text), year = null;
        if (monthAt >= 0)
        {
            foreach (var token in tokens)
            {
                if (token.Kind != DateTokenKind.Number || token.Used || token.Value < 0)
                    continue;
                if (day is null && token.Value <= 31 && token.Text.Length <= 2)
                    day = token.Value;
                else
                    year ??= FullYear(token.Value, token.Text.Length);
            }
        }
        else if (!ReadNumbers(tokens, halves, out day, out month, out year))
        {
            return false;
        }
        if (day is null or 0 || month is null or < 1 or > 12 || year is null or < 1 or > 9998 || day > DateTime.DaysInMonth(year.Value, month.Value))
            return false;
        date = new DateTime(year.Value, month.Value, day.Value, 0, 0, 0, DateTimeKind.Unspecified);
        return true;
    }

    /// <summary>2026-11-21, 21.11.2026, 11/21/2026, 20261121.</summary>
    private static bool ReadNumbers(DateToken[] tokens, bool halves, out int? day, out int? month, out int? year)
    {
        day = month = year = null;
        for (var i = 0; i < tokens.Length; i++)
        {
            if (tokens[i].Kind != DateTokenKind.Number || tokens[i].Used)
                continue;
            var (one, length) = (tokens[i].Value, tokens[i].Text.Length);
            if (length == 8)
            {
                (year, month, day) = (one / 10000, one / 100 % 100, one % 100);
                return true;
            }
            if (i + 4 >= tokens.Length || tokens[i + 1].Text is not ("-" or "/" or ".") || tokens[i + 3].Text != tokens[i + 1].Text || !DateToken.IsNumber(tokens, i + 2, 2) || !DateToken.IsNumber(tokens, i + 4, 4))
                return false;
            var (two, three) = (tokens[i + 2].Value, tokens[i + 4].Value);
            if (length == 4)
                (year, month, day) = (one, two, three);
            else if (two > 12 || (halves && tokens[i + 1].Text == "/" && one <= 12))
                (month, day, year) = (one, two, FullYear(three, tokens[i + 4].Text.Length));
            else
                (day, month, year) = (one, two, FullYear(three, tokens[i + 4].Text.Length));
            return true;
        }
        return false;
    }

    /// <summary>The word that names the month: one beside a number, since "mar" may be a Tuesday.</summary>
    private static int MonthAt(DateToken[] tokens)
    {
        var found = -1;
        for (var i = 0; i < tokens.Length; i++)
        {
            if (tokens[i].Kind != DateTokenKind.Word || tokens[i].Used || MonthOf(tokens[i].Text) == 0)
                continue;
            if ((i > 0 && tokens[i - 1].Kind == DateTokenKind.Number) || DateToken.IsNumber(tokens, i + 1, 4))
                return i;
            if (found < 0)
                found = i;
        }
        return found;
    }

    private static int MonthOf(string word)
    {
        if (word.Length < 3)
            return 0;
        foreach (var (name, month) in Months)
        {
            if (word.StartsWith(name, StringComparison.OrdinalIgnoreCase))
                return month;
        }
        return 0;
    }

    // RFC 5322 §4.3: two digits below 50 are 20xx, the others and three digits count from 1900.
    private static int FullYear(int number, int digits) => digits switch
    {
        <= 2 when number < 50 => 2000 + number,
        <= 3 => 1900 + number,
        // "0026": two digits that a program filled up.
        _ when number < 50 => 2000 + number,
        _ => number,
    };
}
