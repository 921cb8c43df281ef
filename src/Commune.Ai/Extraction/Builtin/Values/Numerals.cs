using System.Collections.Frozen;
using System.Globalization;

namespace Commune.Ai.Extraction.Builtin.Values;

/// <summary>Numbers as people write them: "1,234.56", "1.234,56", "1 234,56", "1'234.50", "41,-", "two".</summary>
internal static class Numerals
{
    private static readonly FrozenDictionary<string, int> Words = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["one"] = 1, ["two"] = 2, ["three"] = 3, ["four"] = 4, ["five"] = 5, ["six"] = 6, ["seven"] = 7, ["eight"] = 8, ["nine"] = 9, ["ten"] = 10, ["eleven"] = 11, ["twelve"] = 12,
        ["fifteen"] = 15, ["twenty"] = 20, ["thirty"] = 30, ["fifty"] = 50,
        ["zwei"] = 2, ["drei"] = 3, ["vier"] = 4, ["funf"] = 5, ["fuenf"] = 5, ["sechs"] = 6, ["sieben"] = 7, ["acht"] = 8, ["neun"] = 9, ["zehn"] = 10, ["elf"] = 11, ["zwolf"] = 12,
        ["deux"] = 2, ["trois"] = 3, ["quatre"] = 4, ["cinq"] = 5, ["sept"] = 7, ["huit"] = 8, ["neuf"] = 9, ["dix"] = 10, ["onze"] = 11, ["douze"] = 12,
        ["dos"] = 2, ["tres"] = 3, ["cuatro"] = 4, ["cinco"] = 5, ["seis"] = 6, ["siete"] = 7, ["ocho"] = 8, ["nueve"] = 9, ["diez"] = 10, ["doce"] = 12,
        ["due"] = 2, ["tre"] = 3, ["quattro"] = 4, ["cinque"] = 5, ["sei"] = 6, ["sette"] = 7, ["otto"] = 8, ["nove"] = 9, ["dieci"] = 10, ["dodici"] = 12,
        ["twee"] = 2, ["drie"] = 3, ["vijf"] = 5, ["zes"] = 6, ["zeven"] = 7, ["negen"] = 9, ["tien"] = 10, ["twaalf"] = 12,
        ["dois"] = 2, ["duas"] = 2, ["quatro"] = 4, ["sete"] = 7, ["oito"] = 8, ["dez"] = 10, ["doze"] = 12,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool TryWord(string folded, out int number) => Words.TryGetValue(folded, out number);

    /// <param name="isMoney">Whether three digits behind a single mark are thousands: "12.000 €".</param>
    /// <param name="decimalComma">Whether the mail writes decimals with a comma; decides what is open otherwise.</param>
    public static bool TryRead(ReadOnlySpan<char> text, bool isMoney, bool decimalComma, out decimal number)
    {
        number = 0;
        Span<char> plain = stackalloc char[32];
        var length = 0;
        var mark = DecimalMark(text, isMoney, decimalComma);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (length == plain.Length)
                return false;
            if (char.IsAsciiDigit(c))
                plain[length++] = c;
            else if (i == mark)
                plain[length++] = '.';
            else if (c is '-' or '−' && length == 0)
                plain[length++] = '-';
        }
        if (!decimal.TryParse(plain[..length].TrimEnd('.'), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
            return false;
        // Without the zeros behind the point: 41.90 is 41.9 in JSON.
        number /= 1.0000000000000000000000000000m;
        return true;
    }

    /// <returns>Where the decimals begin, or -1.</returns>
    private static int DecimalMark(ReadOnlySpan<char> text, bool isMoney, bool decimalComma)
    {
        var dot = text.LastIndexOf('.');
        var comma = text.LastIndexOf(',');
        if (dot >= 0 && comma >= 0)
            return Math.Max(dot, comma);
        var mark = Math.Max(dot, comma);
        if (mark < 0 || text[..mark].Contains(text[mark]))
            return -1;
        var digits = 0;
        for (var i = mark + 1; i < text.Length && char.IsAsciiDigit(text[i]); i++)
            digits++;
        if (digits != 3)
            return mark;
        var before = 0;
        foreach (var c in text[..mark])
            before += char.IsAsciiDigit(c) ? 1 : 0;
        var isThousands = before <= 3 && text[0] != '0' && (isMoney || (text[mark] == ',') != decimalComma);
        return isThousands ? -1 : mark;
    }
}
