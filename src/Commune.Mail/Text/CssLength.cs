using System.Globalization;

namespace Commune.Mail.Text;

internal enum CssUnit
{
    None,
    Pixel,
    Em,
    Percent,
    /// <summary>Of the width or height of the window.</summary>
    View,
    Degree,
}

/// <summary>A number of CSS with its unit, in pixels as far as that can be said without a page.</summary>
/// <param name="Number">In pixels, or in parts of one where it is a share.</param>
internal readonly record struct CssLength(double Number, CssUnit Unit)
{
    private const double Em = 16;
    private const int LongestNumber = 30;

    /// <summary>Of something around it: "50%", "2em".</summary>
    public bool IsShare => Unit is CssUnit.Em or CssUnit.Percent;

    /// <summary>In pixels, an em being that of a browser's own size of letters.</summary>
    public double Pixels => IsShare ? Number * Em : Number;

    public static bool TryRead(ReadOnlySpan<char> value, out CssLength length)
    {
        length = default;
        value = value.Trim();
        return !value.IsEmpty && (char.IsAsciiDigit(value[0]) || value[0] is '.' or '-' or '+') && Read(value, out length) > 0;
    }

    /// <summary>All numbers that stand in a value, in order, as many as there is room for.</summary>
    /// <returns>How many.</returns>
    public static int ReadAll(ReadOnlySpan<char> value, Span<CssLength> lengths)
    {
        var count = 0;
        var isName = false;
        while (!value.IsEmpty && count < lengths.Length)
        {
            var c = value[0];
            var read = 0;
            if (!isName && (char.IsAsciiDigit(c) || c is '.' or '-' or '+'))
                read = Read(value, out lengths[count]);
            if (read > 0)
                count++;
            isName = read == 0 && (char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '#');
            value = value[Math.Max(1, read)..];
        }
        return count;
    }

    /// <returns>The characters of number and unit; 0 when there is none.</returns>
    private static int Read(ReadOnlySpan<char> value, out CssLength length)
    {
        length = default;
        var end = value[0] is '-' or '+' ? 1 : 0;
        while (end < value.Length && (char.IsAsciiDigit(value[end]) || value[end] == '.'))
            end++;
        if (end + 1 < value.Length && value[end] is 'e' or 'E' && (char.IsAsciiDigit(value[end + 1]) || (value[end + 1] is '-' or '+' && end + 2 < value.Length && char.IsAsciiDigit(value[end + 2]))))
        {
            end += 2;
            while (end < value.Length && char.IsAsciiDigit(value[end]))
                end++;
        }
        if (!double.TryParse(value[..Math.Min(end, LongestNumber)], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return 0;
        var unitEnd = end;
        while (unitEnd < value.Length && (char.IsAsciiLetter(value[unitEnd]) || value[unitEnd] == '%'))
            unitEnd++;
        length = Of(number, value[end..unitEnd]);
        return unitEnd;
    }

    private static CssLength Of(double number, ReadOnlySpan<char> unit)
    {
        Span<char> lower = stackalloc char[Math.Min(unit.Length, 8)];
        unit[..lower.Length].ToLowerInvariant(lower);
        return lower switch
        {
            "%" => new(number / 100, CssUnit.Percent),
            "em" => new(number, CssUnit.Em),
            "ex" or "ch" => new(number / 2, CssUnit.Em),
            "rem" => new(number * Em, CssUnit.Pixel),
            "pt" => new(number * 4 / 3, CssUnit.Pixel),
            "pc" => new(number * Em, CssUnit.Pixel),
            "in" => new(number * 96, CssUnit.Pixel),
            "cm" => new(number * 37.8, CssUnit.Pixel),
            "mm" => new(number * 3.78, CssUnit.Pixel),
            "q" => new(number * 0.945, CssUnit.Pixel),
            "vw" or "vh" or "vmin" or "vmax" => new(number * 10, CssUnit.View),
            "deg" => new(number, CssUnit.Degree),
            _ => new(number, lower.IsEmpty ? CssUnit.None : CssUnit.Pixel),
        };
    }
}
