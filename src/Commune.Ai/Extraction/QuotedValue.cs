using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Commune.Ai.Extraction.Builtin.Reading;
using Commune.Ai.Extraction.Builtin.Values;

namespace Commune.Ai.Extraction;

#pragma warning disable MA0009 // They read a quote of bounded length, and what a repetition reads begins with a character that no other part takes.

/// <summary>Tells whether a value that is right only as it was written stands in its quote.</summary>
internal static partial class QuotedValue
{
    private const int LongestWord = 40;

    /// <summary>A value that is right only letter by letter, and no text in the words of the model: an id, an address, a name.</summary>
    public static bool IsExact(string value, JsonElement schema) =>
        !IsDay(schema) && !IsClock(schema)
        && (Format(schema) is not null || Has(schema, "pattern") || (value.Length <= LongestWord && !value.Any(char.IsWhiteSpace)));

    public static bool IsDay(JsonElement schema) => Format(schema) is "date" or "date-time";

    public static bool IsClock(JsonElement schema) => Format(schema) is "time" or "duration";

    /// <summary>The letters and digits of the value stand together in the quote, whatever is between them: "A-17" is "a 17", and not "BA-170".</summary>
    public static bool Has(string quote, string value)
    {
        value = value.Trim();
        if (HasCurrency(quote, value))
            return true;
        var sought = Plain(Scheme.Replace(value, ""), []);
        var places = new List<int>();
        var text = Plain(quote, places);
        if (sought.Length == 0)
            return value.Length > 0 && quote.Contains(value, StringComparison.Ordinal);
        // "lamp" is said by "two lamps".
        var mayGoOn = sought.Length > 2 && sought.All(char.IsLetter);
        for (var at = text.IndexOf(sought, StringComparison.Ordinal); at >= 0; at = text.IndexOf(sought, at + 1, StringComparison.Ordinal))
        {
            var (before, behind) = (places[at] - 1, places[at + sought.Length - 1] + 1);
            if ((before < 0 || !char.IsLetterOrDigit(quote[before])) && (mayGoOn || behind >= quote.Length || !char.IsLetterOrDigit(quote[behind])))
                return true;
        }

        return false;
    }

    /// <summary>"EUR" is said by "20 €".</summary>
    private static bool HasCurrency(string quote, string code)
    {
        if (code.Length != 3)
            return false;
        foreach (var sign in Signs.EnumerateMatches(quote))
        {
            if (Currencies.CodeOf(quote.Substring(sign.Index, sign.Length)) == code)
                return true;
        }

        return false;
    }

    /// <summary>The quote has the number, in figures of any notation or as a word.</summary>
    public static bool HasNumber(string quote, string number)
    {
        if (!decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            return false;
        value = Math.Abs(value);
        foreach (var regex in new[] { Grouped, Plainly })
        {
            foreach (var match in regex.EnumerateMatches(quote))
            {
                var behind = quote.AsSpan(match.Index + match.Length).TrimStart();
                var factor = behind.StartsWith("%") ? 0.01m : behind.StartsWith("k", StringComparison.OrdinalIgnoreCase) ? 1000 : 1;
                for (var way = 0; way < 4; way++)
                {
                    if (Numerals.TryRead(quote.AsSpan(match.Index, match.Length), (way & 1) == 0, (way & 2) == 0, out var read) && (read == value || read * factor == value))
                        return true;
                }
            }
        }

        var words = new List<Word>();
        WordReader.ReadPlain(quote, 0, quote.Length, 0, words);
        return words.Exists(word => Numerals.TryWord(word.Folded, out var read) && read == value);
    }

    /// <summary>The quote names the day: as a date, or counted from the day of the mail.</summary>
    public static bool HasDay(string quote, string value, DateOnly? mail)
    {
        if (value.Length < 10 || !DateOnly.TryParseExact(value.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return false;
        var found = new List<TypedValue>();
        foreach (var dayFirst in new[] { true, false })
            new DateReader(mail, dayFirst).Read(quote.ToCharArray(), 0, found);
        return found.Exists(date => date.Day == day) || (found.Count == 0 && HasNumber(quote, day.Day.ToString(CultureInfo.InvariantCulture)));
    }

    private static string Plain(string text, List<int> places)
    {
        var plain = new System.Text.StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsLetterOrDigit(text[i]))
                continue;
            plain.Append(char.ToLowerInvariant(text[i]));
            places.Add(i);
        }

        return plain.ToString();
    }

    private static string? Format(JsonElement schema) =>
        Has(schema, "format") && schema.GetProperty("format") is { ValueKind: JsonValueKind.String } format ? format.GetString() : null;

    private static bool Has(JsonElement schema, string name) => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out _);

    [GeneratedRegex(@"[A-Z]{0,2}[€$£¥₹]|\p{L}+\.?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Signs { get; }

    [GeneratedRegex(@"^(?:https?://|mailto:)|/$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Scheme { get; }

    [GeneratedRegex(@"[0-9]+(?:[.,'’\u00A0\u202F ][0-9]+)*", RegexOptions.CultureInvariant)]
    private static partial Regex Grouped { get; }

    [GeneratedRegex(@"[0-9]+(?:[.,][0-9]+)*", RegexOptions.CultureInvariant)]
    private static partial Regex Plainly { get; }
}
