using System.Globalization;

namespace Commune.Mail.Mime;

/// <summary>A piece of a date.</summary>
/// <param name="Used">Taken by the time or the zone.</param>
internal record struct DateToken(DateTokenKind Kind, string Text, int Value, bool Used)
{
    private const int MostTokens = 100;

    /// <summary>Numbers, words and signs; comments (RFC 5322 §3.2.2), quotes and white space are gone.</summary>
    public static DateToken[] Split(string text)
    {
        var tokens = new List<DateToken>();
        var depth = 0;
        for (var i = 0; i < text.Length && tokens.Count < MostTokens; i++)
        {
            var c = text[i];
            if (c == '(')
                depth++;
            else if (c == ')' && depth > 0)
                depth--;
            else if (depth > 0 || char.IsWhiteSpace(c) || c is '"' or '\'' or '日' or '일')
                continue;
            // "2026年11月21日"
            else if (c is '年' or '月' or '년' or '월')
                tokens.Add(new DateToken(DateTokenKind.Sign, "-", 0, false));
            else if (!char.IsAsciiDigit(c) && !char.IsLetter(c))
                tokens.Add(new DateToken(DateTokenKind.Sign, c.ToString(), 0, false));
            else
            {
                var start = i;
                var digits = char.IsAsciiDigit(c);
                while (i + 1 < text.Length && (digits ? char.IsAsciiDigit(text[i + 1]) : char.IsLetter(text[i + 1])))
                    i++;
                var word = text[start..(i + 1)];
                if (!digits)
                    tokens.Add(new DateToken(DateTokenKind.Word, word, 0, false));
                else if (word.Length is 14 or 12)
                    AddCompact(tokens, word[..8], word[8..]);
                else if (word.Length == 6 && tokens.Count > 1 && (tokens[^1].Text is "T" or "t" ? tokens[^2].Text.Length == 8 : tokens[^1] is { Kind: DateTokenKind.Number, Text.Length: 4 }))
                    AddTime(tokens, word);
                else
                    tokens.Add(new DateToken(DateTokenKind.Number, word, int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : -1, false));
            }
        }
        return [.. tokens];
    }

    private static void AddCompact(List<DateToken> tokens, string day, string time)
    {
        tokens.Add(new DateToken(DateTokenKind.Number, day, int.Parse(day, NumberStyles.None, CultureInfo.InvariantCulture), false));
        AddTime(tokens, time);
    }

    private static void AddTime(List<DateToken> tokens, string time)
    {
        for (var i = 0; i + 1 < time.Length; i += 2)
        {
            if (i > 0)
                tokens.Add(new DateToken(DateTokenKind.Sign, ":", 0, false));
            tokens.Add(new DateToken(DateTokenKind.Number, time.Substring(i, 2), int.Parse(time.AsSpan(i, 2), NumberStyles.None, CultureInfo.InvariantCulture), false));
        }
    }

    public static bool IsNumber(DateToken[] tokens, int at, int longest) => at < tokens.Length && tokens[at].Kind == DateTokenKind.Number && tokens[at].Text.Length <= longest;

    public static bool IsSign(DateToken[] tokens, int at, string sign) => at < tokens.Length && tokens[at].Kind == DateTokenKind.Sign && tokens[at].Text == sign;
}

internal enum DateTokenKind
{
    Number,
    Word,
    Sign,
}
