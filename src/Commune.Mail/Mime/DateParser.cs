using System.Globalization;

namespace Commune.Mail.Mime;

/// <summary>Dates of RFC 5322 §3.3 and §4.3, and what mailers write instead: other orders, other languages, numbers only.</summary>
public static class DateParser
{
    private const int LongestDate = 500;
    private const int MostTokens = 100;

    // English first; the others are those that mailers with a translated clock write.
    private static readonly (string Name, int Month)[] Months =
    [
        ("jan", 1), ("feb", 2), ("mar", 3), ("apr", 4), ("may", 5), ("jun", 6), ("jul", 7), ("aug", 8), ("sep", 9), ("oct", 10), ("nov", 11), ("dec", 12),
        ("jän", 1), ("mär", 3), ("mrz", 3), ("mai", 5), ("okt", 10), ("dez", 12), ("fév", 2), ("fev", 2), ("avr", 4), ("juin", 6), ("juil", 7), ("aoû", 8), ("aou", 8),
        ("déc", 12), ("ene", 1), ("abr", 4), ("ago", 8), ("dic", 12), ("gen", 1), ("mag", 5), ("giu", 6), ("lug", 7), ("set", 9), ("ott", 10), ("out", 10), ("mrt", 3), ("mei", 5),
    ];

    private enum Kind
    {
        Number,
        Word,
        Sign,
    }

    /// <param name="Used">Taken by the time or the zone.</param>
    private record struct Token(Kind Kind, string Text, int Value, bool Used);

    public static bool TryParse(string text, out DateTimeOffset date)
    {
        date = default;
        if (string.IsNullOrWhiteSpace(text) || text.Length > LongestDate)
            return false;
        var tokens = Tokens(text);
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

    /// <summary>Numbers, words and signs; comments (RFC 5322 §3.2.2), quotes and white space are gone.</summary>
    private static Token[] Tokens(string text)
    {
        var tokens = new List<Token>();
        var depth = 0;
        for (var i = 0; i < text.Length && tokens.Count < MostTokens; i++)
        {
            var c = text[i];
            if (c == '(')
                depth++;
            else if (c == ')' && depth > 0)
                depth--;
            else if (depth > 0 || char.IsWhiteSpace(c) || c is '"' or '\'')
                continue;
            else if (!char.IsAsciiDigit(c) && !char.IsLetter(c))
                tokens.Add(new Token(Kind.Sign, c.ToString(), 0, false));
            else
            {
                var start = i;
                var digits = char.IsAsciiDigit(c);
                while (i + 1 < text.Length && (digits ? char.IsAsciiDigit(text[i + 1]) : char.IsLetter(text[i + 1])))
                    i++;
                var word = text[start..(i + 1)];
                if (!digits)
                    tokens.Add(new Token(Kind.Word, word, 0, false));
                else if (word.Length is 14 or 12)
                    AddCompact(tokens, word[..8], word[8..]);
                else if (word.Length == 6 && tokens.Count > 1 && tokens[^1].Text is "T" or "t" && tokens[^2].Text.Length == 8)
                    AddTime(tokens, word);
                else
                    tokens.Add(new Token(Kind.Number, word, int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : -1, false));
            }
        }
        return [.. tokens];
    }

    private static void AddCompact(List<Token> tokens, string day, string time)
    {
        tokens.Add(new Token(Kind.Number, day, int.Parse(day, NumberStyles.None, CultureInfo.InvariantCulture), false));
        AddTime(tokens, time);
    }

    private static void AddTime(List<Token> tokens, string time)
    {
        for (var i = 0; i + 1 < time.Length; i += 2)
        {
            if (i > 0)
                tokens.Add(new Token(Kind.Sign, ":", 0, false));
            tokens.Add(new Token(Kind.Number, time.Substring(i, 2), int.Parse(time.AsSpan(i, 2), NumberStyles.None, CultureInfo.InvariantCulture), false));
        }
    }

    private static bool IsNumber(Token[] tokens, int at, int longest) => at < tokens.Length && tokens[at].Kind == Kind.Number && tokens[at].Text.Length <= longest;

    private static bool IsSign(Token[] tokens, int at, string sign) => at < tokens.Length && tokens[at].Kind == Kind.Sign && tokens[at].Text == sign;

    /// <param name="after">Where the tokens after the time begin.</param>
    /// <param name="halves">The day was counted in halves: AM or PM.</param>
    private static TimeSpan? ReadTime(Token[] tokens, out int after, out bool halves, ref bool afternoon)
    {
        halves = false;
        after = tokens.Length;
        var separator = ":";
        var at = Find(tokens, separator, two: true);
        if (at < 0)
        {
            // "09.55.06" is a time when a name says the month, else it could be a day.
            separator = ".";
            at = Array.Exists(tokens, token => token.Kind == Kind.Word && MonthOf(token.Text) > 0) ? Find(tokens, separator, two: false) : -1;
        }
        if (at < 0)
            return null;
        var hour = tokens[at].Value;
        var minute = tokens[at + 2].Value;
        var second = 0;
        after = at + 3;
        if (IsSign(tokens, after, separator) && IsNumber(tokens, after + 1, 2))
        {
            second = tokens[after + 1].Value;
            after += 2;
            // Fractions of a second are not in the standard and not worth the date.
            if ((IsSign(tokens, after, ".") || IsSign(tokens, after, ",")) && after + 1 < tokens.Length && tokens[after + 1].Kind == Kind.Number)
                after += 2;
        }
        if (after < tokens.Length && tokens[after].Kind == Kind.Word && (tokens[after].Text.Equals("AM", StringComparison.OrdinalIgnoreCase) || tokens[after].Text.Equals("PM", StringComparison.OrdinalIgnoreCase)))
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

    private static int Find(Token[] tokens, string separator, bool two)
    {
        for (var i = 0; i + 2 < tokens.Length; i++)
        {
            if (IsNumber(tokens, i, 2) && IsSign(tokens, i + 1, separator) && IsNumber(tokens, i + 2, 2)
                && (two || (IsSign(tokens, i + 3, separator) && IsNumber(tokens, i + 4, 2))))
            {
                return i;
            }
        }
        return -1;
    }

    private static bool ReadDay(Token[] tokens, int afterTime, bool halves, out DateTime date, out TimeSpan? zone)
    {
        date = default;
        zone = ReadZone(tokens, afterTime);
        var monthAt = MonthAt(tokens);
        int? day = null, month = monthAt < 0 ? null : MonthOf(tokens[monthAt].Text), year = null;
        if (monthAt >= 0)
        {
            foreach (var token in tokens)
            {
                if (token.Kind != Kind.Number || token.Used || token.Value < 0)
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
    private static bool ReadNumbers(Token[] tokens, bool halves, out int? day, out int? month, out int? year)
    {
        day = month = year = null;
        for (var i = 0; i < tokens.Length; i++)
        {
            if (tokens[i].Kind != Kind.Number || tokens[i].Used)
                continue;
            var (one, length) = (tokens[i].Value, tokens[i].Text.Length);
            if (length == 8)
            {
                (year, month, day) = (one / 10000, one / 100 % 100, one % 100);
                return true;
            }
            if (i + 4 >= tokens.Length || tokens[i + 1].Text is not ("-" or "/" or ".") || tokens[i + 3].Text != tokens[i + 1].Text || !IsNumber(tokens, i + 2, 2) || !IsNumber(tokens, i + 4, 4))
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
    private static int MonthAt(Token[] tokens)
    {
        var found = -1;
        for (var i = 0; i < tokens.Length; i++)
        {
            if (tokens[i].Kind != Kind.Word || tokens[i].Used || MonthOf(tokens[i].Text) == 0)
                continue;
            if ((i > 0 && tokens[i - 1].Kind == Kind.Number) || IsNumber(tokens, i + 1, 4))
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
        _ => number,
    };

    private static TimeSpan? ReadZone(Token[] tokens, int from)
    {
        var yearBefore = Array.Exists(tokens[..from], token => !token.Used && token.Text.Length == 4 && token.Kind == Kind.Number);
        for (var i = from; i < tokens.Length; i++)
        {
            var token = tokens[i];
            if (token.Kind == Kind.Word && NamedZone(token.Text) is { } named)
            {
                tokens[i].Used = true;
                // "GMT+0100", as scripts write it.
                return named == TimeSpan.Zero && token.Text.Length > 1 && i + 1 < tokens.Length && tokens[i + 1].Text is "+" or "-" ? ReadOffset(tokens, i + 1) : named;
            }
            if (token.Text is "+" or "-")
                return ReadOffset(tokens, i);
            if (token.Kind == Kind.Number && yearBefore && token.Text.Length == 4)
            {
                tokens[i].Used = true;
                return Offset(token.Value, token.Text.Length);
            }
        }
        return null;
    }

    private static TimeSpan ReadOffset(Token[] tokens, int sign)
    {
        var at = sign;
        while (at < tokens.Length && tokens[at].Text is "+" or "-")
            at++;
        if (!IsNumber(tokens, at, 4))
            return TimeSpan.Zero;
        tokens[at].Used = true;
        var value = Offset(tokens[at].Value, tokens[at].Text.Length);
        if (IsSign(tokens, at + 1, ":") && IsNumber(tokens, at + 2, 2))
        {
            tokens[at + 2].Used = true;
            value = Offset((100 * tokens[at].Value) + tokens[at + 2].Value, 4);
        }
        // Two signs contradict each other.
        if (at - sign > 1)
            return TimeSpan.Zero;
        return tokens[sign].Text == "-" ? -value : value;
    }

    private static TimeSpan Offset(int value, int digits)
    {
        var offset = digits <= 2 ? TimeSpan.FromHours(value) : new TimeSpan(value / 100, value % 100, 0);
        // DateTimeOffset ends at 14 hours; nobody lives further away.
        return offset > TimeSpan.FromHours(14) || (digits > 2 && value % 100 > 59) ? TimeSpan.Zero : offset;
    }

    private static TimeSpan? NamedZone(string word) => word.ToUpperInvariant() switch
    {
        "UT" or "UTC" or "GMT" or "Z" or "WET" => TimeSpan.Zero,
        "EDT" or "AST" => TimeSpan.FromHours(-4),
        "EST" or "CDT" => TimeSpan.FromHours(-5),
        "CST" or "MDT" => TimeSpan.FromHours(-6),
        "MST" or "PDT" => TimeSpan.FromHours(-7),
        "PST" or "AKDT" => TimeSpan.FromHours(-8),
        "AKST" => TimeSpan.FromHours(-9),
        "HST" => TimeSpan.FromHours(-10),
        "ADT" or "BRT" => TimeSpan.FromHours(-3),
        "CET" or "MEZ" or "MET" or "BST" or "WEST" => TimeSpan.FromHours(1),
        "CEST" or "MESZ" or "MEST" or "EET" or "SAST" => TimeSpan.FromHours(2),
        "EEST" or "MSK" => TimeSpan.FromHours(3),
        "IST" => new TimeSpan(5, 30, 0),
        "HKT" or "SGT" or "AWST" => TimeSpan.FromHours(8),
        "JST" or "KST" => TimeSpan.FromHours(9),
        "AEST" => TimeSpan.FromHours(10),
        "AEDT" => TimeSpan.FromHours(11),
        "NZST" => TimeSpan.FromHours(12),
        "NZDT" => TimeSpan.FromHours(13),
        // §4.3: the military letters were defined wrongly and mean nothing more than UTC.
        { Length: 1 } letter when char.IsAsciiLetter(letter[0]) => TimeSpan.Zero,
        _ => null,
    };
}
