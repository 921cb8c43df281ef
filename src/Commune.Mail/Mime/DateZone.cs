namespace Commune.Mail.Mime;

/// <summary>The zone of a date: an offset, a name, or both.</summary>
internal static class DateZone
{
    /// <param name="from">Where the tokens after the time begin.</param>
    public static TimeSpan? Read(DateToken[] tokens, int from)
    {
        var yearBefore = Array.Exists(tokens[..from], token => !token.Used && token.Text.Length == 4 && token.Kind == DateTokenKind.Number);
        for (var i = from; i < tokens.Length; i++)
        {
            var token = tokens[i];
            if (token.Kind == DateTokenKind.Word && NamedZone(token.Text) is { } named)
            {
                tokens[i].Used = true;
                // "GMT+0100", as scripts write it.
                return named == TimeSpan.Zero && token.Text.Length > 1 && i + 1 < tokens.Length && tokens[i + 1].Text is "+" or "-" ? ReadOffset(tokens, i + 1) : named;
            }
            if (token.Text is "+" or "-")
                return ReadOffset(tokens, i);
            if (token.Kind == DateTokenKind.Number && yearBefore && token.Text.Length == 4)
            {
                tokens[i].Used = true;
                return Offset(token.Value, token.Text.Length);
            }
        }
        return null;
    }

    private static TimeSpan ReadOffset(DateToken[] tokens, int sign)
    {
        var at = sign;
        while (at < tokens.Length && tokens[at].Text is "+" or "-")
            at++;
        if (!DateToken.IsNumber(tokens, at, 4))
            return TimeSpan.Zero;
        tokens[at].Used = true;
        var value = Offset(tokens[at].Value, tokens[at].Text.Length);
        if (DateToken.IsSign(tokens, at + 1, ":") && DateToken.IsNumber(tokens, at + 2, 2))
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
