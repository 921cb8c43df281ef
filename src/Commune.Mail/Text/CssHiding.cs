namespace Commune.Mail.Text;

/// <summary>Whether a value of a CSS property leaves nothing to be seen.</summary>
internal static class CssHiding
{
    /// <summary>Less is not seen.</summary>
    public const double LeastOpacity = 0.1;

    /// <summary>Pixels in which no letter stands.</summary>
    public const double Flatness = 2;

    private const double FarLeft = -400;
    private const double FarRight = 3000;

    /// <summary>"opacity(0)", and the form of old browsers.</summary>
    public static bool HidesByFilter(ReadOnlySpan<char> value)
    {
        var at = value.IndexOf("opacity", StringComparison.OrdinalIgnoreCase);
        Span<CssLength> amount = stackalloc CssLength[1];
        if (at < 0 || CssLength.ReadAll(value[(at + 7)..], amount) == 0)
            return false;
        // "alpha(opacity=0)" counts in hundredths.
        return amount[0].Number <= (Starts(value, "alpha") ? 100 * LeastOpacity : LeastOpacity);
    }

    /// <summary>"rect(0,0,0,0)", "inset(50%)", "circle(0)", "polygon(0 0, 0 0)".</summary>
    public static bool CutsAll(ReadOnlySpan<char> value)
    {
        Span<CssLength> numbers = stackalloc CssLength[8];
        var count = CssLength.ReadAll(value, numbers);
        if (count == 0)
            return false;
        if (Starts(value, "inset"))
            return numbers[0] is { Unit: CssUnit.Percent, Number: >= 0.5 } || (count > 1 && numbers[1] is { Unit: CssUnit.Percent, Number: >= 0.5 });
        if (Starts(value, "circle") || Starts(value, "ellipse"))
            return numbers[0].Pixels <= Flatness;
        if (!Starts(value, "rect") && !Starts(value, "polygon"))
            return false;
        foreach (var number in numbers[..count])
        {
            if (Math.Abs(number.Pixels) > Flatness)
                return false;
        }
        return true;
    }

    /// <summary>Of transform and its short forms: nothing is left of it, or it is seen from its edge.</summary>
    public static bool HidesByTransform(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        Span<CssLength> numbers = stackalloc CssLength[3];
        if (name is "zoom" or "scale")
            return CssLength.ReadAll(value, numbers) > 0 && numbers[0].Number is >= 0 and <= 0.1;
        if (name is "translate")
            return IsFarAway(value);
        while (value.IndexOf('(') is >= 0 and var open)
        {
            var function = value[..open].Trim();
            value = value[(open + 1)..];
            var close = value.IndexOf(')');
            var inside = close < 0 ? value : value[..close];
            value = close < 0 ? default : value[(close + 1)..];
            var count = CssLength.ReadAll(inside, numbers);
            if (count == 0)
                continue;
            if (Starts(function, "scale") && (numbers[0].Number is >= 0 and <= 0.1 || (count > 1 && numbers[1].Number is >= 0 and <= 0.1)))
                return true;
            if (Starts(function, "translate") && IsFarAway(inside))
                return true;
            if ((Starts(function, "rotateX") || Starts(function, "rotateY")) && Math.Abs(numbers[0].Number) is >= 85 and <= 95)
                return true;
        }
        return false;
    }

    /// <summary>Pushed out of the window, or out of what is shown of it.</summary>
    public static bool IsFarAway(ReadOnlySpan<char> value)
    {
        Span<CssLength> numbers = stackalloc CssLength[4];
        var count = CssLength.ReadAll(value, numbers);
        foreach (var number in numbers[..count])
        {
            var away = number.Unit is CssUnit.Percent or CssUnit.View ? number.Number <= (number.IsShare ? -1 : -1000) || number.Number >= (number.IsShare ? 10 : 1000)
                : number.Pixels is <= FarLeft or >= FarRight;
            if (away)
                return true;
        }
        return false;
    }

    private static bool Starts(ReadOnlySpan<char> value, string word) => value.StartsWith(word, StringComparison.OrdinalIgnoreCase);
}
