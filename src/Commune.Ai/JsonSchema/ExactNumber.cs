using System.Globalization;
using System.Numerics;

namespace Commune.Ai.JsonSchema;

/// <summary>A JSON number as it was written: digits × 10^exponent, with no zero at the end of the digits.</summary>
internal readonly struct ExactNumber : IComparable<ExactNumber>, IEquatable<ExactNumber>
{
    /// <summary>Beyond this many digits what follows counts as zeros: arithmetic on them has a price.</summary>
    private const int MostDigits = 1000;

    private readonly BigInteger digits;
    private readonly long exponent;
    private readonly int length;

    private ExactNumber(BigInteger digits, long exponent, int length)
    {
        this.digits = digits;
        this.exponent = exponent;
        this.length = length;
    }

    public bool IsInteger => digits.IsZero || exponent >= 0;

    public bool IsPositive => digits.Sign > 0;

    /// <param name="text">A number by the grammar of JSON.</param>
    public static ExactNumber Parse(string text)
    {
        var mantissa = text.AsSpan();
        long power = 0;
        var mark = mantissa.IndexOfAny('e', 'E');
        if (mark >= 0)
        {
            power = ExponentOf(mantissa[(mark + 1)..]);
            mantissa = mantissa[..mark];
        }

        var negative = mantissa.StartsWith("-");
        if (negative)
            mantissa = mantissa[1..];
        var point = mantissa.IndexOf('.');
        var figures = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        power -= point < 0 ? 0 : mantissa.Length - point - 1;
        figures = figures.TrimStart('0');
        if (figures.Length > MostDigits)
        {
            power += figures.Length - MostDigits;
            figures = figures[..MostDigits];
        }

        var trimmed = figures.TrimEnd('0');
        if (trimmed.Length == 0)
            return default;
        power += figures.Length - trimmed.Length;
        var value = BigInteger.Parse(trimmed, NumberStyles.None, CultureInfo.InvariantCulture);
        return new ExactNumber(negative ? -value : value, power, trimmed.Length);
    }

    public static ExactNumber Of(int value) => Parse(value.ToString(CultureInfo.InvariantCulture));

    public int CompareTo(ExactNumber other)
    {
        if (digits.Sign != other.digits.Sign || digits.IsZero)
            return digits.Sign.CompareTo(other.digits.Sign);
        var magnitude = (length + exponent).CompareTo(other.length + other.exponent);
        if (magnitude != 0)
            return digits.Sign * magnitude;
        // Of one magnitude: the exponents differ by no more than the digits are long.
        return exponent >= other.exponent
            ? (digits * BigInteger.Pow(10, (int)(exponent - other.exponent))).CompareTo(other.digits)
            : digits.CompareTo(other.digits * BigInteger.Pow(10, (int)(other.exponent - exponent)));
    }

    /// <param name="divisor">Greater than zero.</param>
    public bool IsMultipleOf(ExactNumber divisor)
    {
        if (digits.IsZero)
            return true;
        // The digits end in no zero: they cannot be a multiple of ten.
        if (exponent < divisor.exponent)
            return false;
        return (digits * BigInteger.ModPow(10, exponent - divisor.exponent, divisor.digits) % divisor.digits).IsZero;
    }

    public bool Equals(ExactNumber other) => digits == other.digits && exponent == other.exponent;

    public override bool Equals(object? obj) => obj is ExactNumber other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(digits, exponent);

    /// <summary>An exponent of more digits than anybody means is as good as a very large one.</summary>
    private static long ExponentOf(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? Math.Clamp(value, -1_000_000_000_000, 1_000_000_000_000)
            : text.StartsWith("-") ? -1_000_000_000_000 : 1_000_000_000_000;
}
