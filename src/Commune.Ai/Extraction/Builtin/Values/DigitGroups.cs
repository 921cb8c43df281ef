using System.Text.RegularExpressions;

namespace Commune.Ai.Extraction.Builtin.Values;

#pragma warning disable MA0009 // Of a line of bounded length, and each group begins with what the one before cannot take.

/// <summary>Long numbers in groups: a piece of one is never a value. Those of payment cards are no values at all.</summary>
internal static partial class DigitGroups
{
    private const int ShortestCard = 13;
    private const int LongestCard = 19;
    private const int LeastDigits = 12;

    /// <summary>"4111 1111 1111 1111", "3782-822463-10005", "9400 1000 0000 0000".</summary>
    [GeneratedRegex(@"(?<![\w.,+-]|\d[ ])\d{3,7}(?:[ \u00A0\u202F-]{1,2}\d{3,7}){2,6}(?:[ \u00A0\u202F-]\d{1,2})?(?![\w]|[ .,-]\d)", RegexOptions.CultureInvariant)]
    public static partial Regex Run { get; }

    /// <summary>The pieces of a longer number, unless it is thousands in groups of three.</summary>
    public static bool IsWhole(ReadOnlySpan<char> run)
    {
        var (digits, group, thousands, first) = (0, 0, true, true);
        for (var i = 0; i <= run.Length; i++)
        {
            if (i < run.Length && char.IsAsciiDigit(run[i]))
            {
                digits++;
                group++;
                continue;
            }
            thousands &= first ? group <= 3 : group == 3;
            (first, group) = (false, 0);
        }
        return digits >= LeastDigits && !thousands;
    }

    /// <summary>The number of a payment card: 13 to 19 digits that an issuer's number begins and a check digit ends (ISO 7812, Luhn).</summary>
    public static bool IsCard(ReadOnlySpan<char> text)
    {
        Span<char> digits = stackalloc char[LongestCard];
        var count = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                if (c is ' ' or '-' or '\u00A0' or '\u202F' or '.' or '/' or '_')
                    continue;
                return false;
            }
            if (count == LongestCard)
                return false;
            digits[count++] = c;
        }
        return count >= ShortestCard && IsIssued(digits) && HasCheckDigit(digits[..count]);
    }

    /// <summary>"XXXX-XXXX-XXXX-1111", "****1111": what is left of a card's number where the rest is kept back.</summary>
    public static bool IsMasked(ReadOnlySpan<char> text) => text.StartsWith("xxx", StringComparison.OrdinalIgnoreCase);

    private static bool IsIssued(ReadOnlySpan<char> digits) => digits[0] switch
    {
        '4' => true,
        '5' => digits[1] is >= '0' and <= '8',
        '6' => digits[1] is '0' or '2' or '4' or '5' or '7' or '9',
        '3' => digits[1] is '0' or '4' or '5' or '6' or '7' or '8' or '9',
        '2' => digits[1] is >= '2' and <= '7',
        _ => false,
    };

    private static bool HasCheckDigit(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            digit = i % 2 == 0 ? digit : digit * 2;
            sum += digit > 9 ? digit - 9 : digit;
        }
        return sum % 10 == 0;
    }
}
