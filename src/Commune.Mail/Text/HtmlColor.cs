using System.Drawing;
using System.Globalization;

namespace Commune.Mail.Text;

/// <summary>A colour of HTML or CSS as far as it matters whether a text stands out from what is behind it.</summary>
internal readonly record struct HtmlColor
{
    private const int Unsaid = 0;
    private const int IsOther = 1;
    private const int IsTransparent = 2;
    private const int IsOfText = 3;
    private const int FirstRgb = 0x1000000;

    /// <summary>Of 255, in each of red, green and blue: a contrast of about 1.25 to 1, which nobody reads.</summary>
    private const int LeastDifference = 24;
    private const double LeastAlpha = 0.1;
    private const int LongestValue = 64;
    private const int MostOfGradient = 8;

    private readonly int _code;

    private HtmlColor(int code) => _code = code;

    /// <summary>It is said, and not known what it is: a picture, a gradient.</summary>
    public static HtmlColor Other => new(IsOther);

    public static HtmlColor White => new(FirstRgb | 0xFFFFFF);

    public static HtmlColor Black => new(FirstRgb);

    public bool IsSaid => _code != Unsaid;

    /// <summary>A background that is the colour of the text.</summary>
    public bool IsThatOfText => _code == IsOfText;

    /// <summary>Text of this colour cannot be seen on that background.</summary>
    public bool Vanishes(HtmlColor background) =>
        _code == IsTransparent || (_code >= FirstRgb && background._code >= FirstRgb && IsNear(background));

    private bool IsNear(HtmlColor other) => IsNear(other, 16) && IsNear(other, 8) && IsNear(other, 0);

    private bool IsNear(HtmlColor other, int shift) => Math.Abs((_code >> shift & 0xFF) - (other._code >> shift & 0xFF)) < LeastDifference;

    /// <summary>Unsaid when the value leaves it to what is around.</summary>
    public static HtmlColor OfText(ReadOnlySpan<char> value) => Of(value.Trim()) is var color && color.IsThatOfText ? default : color;

    /// <summary>Of background, background-color or bgcolor.</summary>
    public static HtmlColor OfBackground(ReadOnlySpan<char> value)
    {
        value = value.Trim();
        if (value.Contains("url(", StringComparison.OrdinalIgnoreCase))
            return Other;
        if (value.IndexOf("gradient(", StringComparison.OrdinalIgnoreCase) is >= 0 and var gradient)
            return OfGradient(value[(gradient + 9)..]);
        var open = value.IndexOf('(');
        var blank = value.IndexOf(' ');
        if (open >= 0 && (blank < 0 || open < blank))
            blank = value.IndexOf(')') + 1;
        var color = Of(blank <= 0 ? value : value[..blank]);
        return color._code == IsTransparent ? default : color;
    }

    /// <summary>From a colour to the same one is that colour.</summary>
    private static HtmlColor OfGradient(ReadOnlySpan<char> stops)
    {
        HtmlColor? first = null;
        for (var count = 0; count < MostOfGradient && !stops.IsEmpty; count++)
        {
            stops = stops.TrimStart(" ,");
            var open = stops.IndexOf('(');
            var end = stops.IndexOfAny(',', ' ', ')');
            if (open >= 0 && open < end && stops.IndexOf(')') is >= 0 and var close)
                end = close + 1;
            var stop = end < 0 ? stops : stops[..end];
            stops = end < 0 ? default : stops[(end + (stop.EndsWith(")") ? 0 : 1))..];
            if (stop.IsEmpty || !(stop[0] == '#' || char.IsAsciiLetter(stop[0])) || stop is "to" or "right" or "left" or "top" or "bottom" || stop.EndsWith("deg"))
                continue;
            var color = Of(stop);
            if (color._code < FirstRgb || (first is { } earlier && !earlier.IsNear(color)))
                return Other;
            first ??= color;
        }
        return first ?? Other;
    }

    private static HtmlColor Of(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty)
            return default;
        Span<char> lower = stackalloc char[Math.Min(value.Length, LongestValue)];
        value[..lower.Length].ToLowerInvariant(lower);
        if (lower[0] == '#')
            return OfHex(lower[1..]);
        if (lower.Contains('('))
            return OfFunction(lower);
        return lower switch
        {
            "white" or "canvas" or "window" or "field" => White,
            "black" or "canvastext" or "windowtext" or "fieldtext" => Black,
            "transparent" => new HtmlColor(IsTransparent),
            "currentcolor" => new HtmlColor(IsOfText),
            "inherit" or "initial" or "unset" or "revert" or "none" or "auto" => default,
            _ => OfName(lower),
        };
    }

    private static HtmlColor OfName(ReadOnlySpan<char> name)
    {
        // Old pages leave out the "#".
        if (name.Length is 3 or 6 && OfHex(name) is { _code: >= FirstRgb } hex)
            return hex;
        if (name.IndexOfAnyExceptInRange('a', 'z') >= 0)
            return Other;
        var color = Color.FromName(name.ToString().Replace("grey", "gray", StringComparison.Ordinal));
        return color is { IsKnownColor: true, IsSystemColor: false } ? Rgb(color.R, color.G, color.B) : Other;
    }

    private static HtmlColor OfHex(ReadOnlySpan<char> digits)
    {
        if (!uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
            return Other;
        return digits.Length switch
        {
            3 => Rgb((number >> 8) * 17, (number >> 4 & 15) * 17, (number & 15) * 17),
            4 => WithAlpha((number >> 12) * 17, (number >> 8 & 15) * 17, (number >> 4 & 15) * 17, (number & 15) / 15.0),
            6 => Rgb(number >> 16, number >> 8 & 255, number & 255),
            8 => WithAlpha(number >> 24, number >> 16 & 255, number >> 8 & 255, (number & 255) / 255.0),
            _ => Other,
        };
    }

    private static HtmlColor OfFunction(ReadOnlySpan<char> value)
    {
        Span<CssLength> parts = stackalloc CssLength[4];
        var open = value.IndexOf('(');
        var name = value[..open].Trim();
        var count = CssLength.ReadAll(value[(open + 1)..], parts);
        if (count < 3)
            return Other;
        var alpha = count < 4 ? 1 : parts[3].Number;
        switch (name)
        {
            case "rgb" or "rgba":
                return WithAlpha(Channel(parts[0], 1), Channel(parts[1], 1), Channel(parts[2], 1), alpha);
            case "color":
                return WithAlpha(Channel(parts[0], 255), Channel(parts[1], 255), Channel(parts[2], 255), alpha);
            case "hsl" or "hsla":
                return OfHue(parts[0].Number, Share(parts[1]), Share(parts[2]), alpha);
            case "hwb":
                return Share(parts[1]) > 0.9 ? WithAlpha(255, 255, 255, alpha) : Share(parts[2]) > 0.95 ? WithAlpha(0, 0, 0, alpha) : Other;
            case "lab" or "lch" or "oklab" or "oklch":
                // The first number is how light it is: 100, 100% or, of the newer two, 1.
                var light = parts[0].IsShare ? parts[0].Number : name[0] == 'o' ? parts[0].Number : parts[0].Number / 100;
                return light > 0.95 ? WithAlpha(255, 255, 255, alpha) : light < 0.05 ? WithAlpha(0, 0, 0, alpha) : alpha <= LeastAlpha ? new HtmlColor(IsTransparent) : Other;
            default:
                return Other;
        }
    }

    private static double Channel(CssLength part, double whole) => part.IsShare ? part.Number * 255 : part.Number * whole;

    private static double Share(CssLength part) => part.IsShare ? part.Number : part.Number / 100;

    private static HtmlColor OfHue(double hue, double saturation, double light, double alpha)
    {
        (saturation, light) = (Math.Clamp(saturation, 0, 1), Math.Clamp(light, 0, 1));
        var amount = saturation * Math.Min(light, 1 - light);
        return WithAlpha(255 * At(0), 255 * At(8), 255 * At(4), alpha);

        // CSS Color §7.1.
        double At(double n)
        {
            var k = (((n + (hue / 30)) % 12) + 12) % 12;
            return light - (amount * Math.Max(-1, Math.Min(Math.Min(k - 3, 9 - k), 1)));
        }
    }

    private static HtmlColor WithAlpha(double red, double green, double blue, double alpha) =>
        alpha <= LeastAlpha ? new HtmlColor(IsTransparent) : alpha < 0.9 ? Other : Rgb(red, green, blue);

    private static HtmlColor Rgb(double red, double green, double blue) => new(FirstRgb | (Byte(red) << 16) | (Byte(green) << 8) | Byte(blue));

    private static int Byte(double value) => double.IsNaN(value) ? 0 : (int)Math.Clamp(value, 0, 255);
}
