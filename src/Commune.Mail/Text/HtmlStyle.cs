namespace Commune.Mail.Text;

/// <summary>What a style attribute and its older equivalents say about being seen.</summary>
internal ref struct HtmlStyle
{
    private ReadOnlySpan<char> _color;
    private ReadOnlySpan<char> _background;
    private bool _overflowHidden;
    private bool _noHeight;

    public bool IsHidden { get; private set; }

    /// <summary>Whether the type has no size: true, false when it has one, null when nothing is said. Inherited until something else is said.</summary>
    public bool? HasNoSize { get; private set; }

    public bool HasTopBorder { get; private set; }

    public bool IsPlainIndent { get; private set; }

    public static HtmlStyle Of(HtmlAttributes attributes)
    {
        var style = new HtmlStyle();
        foreach (var attribute in attributes)
        {
            if (attribute.Name.Equals("style", StringComparison.OrdinalIgnoreCase))
                style.Read(attribute.Value);
            else if (attribute.Name.Equals("hidden", StringComparison.OrdinalIgnoreCase))
                style.IsHidden = true;
            else if (attribute.Name.Equals("color", StringComparison.OrdinalIgnoreCase))
                style._color = attribute.Value.Trim();
            else if (attribute.Name.Equals("bgcolor", StringComparison.OrdinalIgnoreCase))
                style._background = attribute.Value.Trim();
        }
        style.IsHidden |= (style._noHeight && style._overflowHidden) || SameColor(style._color, style._background);
        return style;
    }

    private void Read(ReadOnlySpan<char> css)
    {
        foreach (var range in css.Split(';'))
        {
            var declaration = css[range];
            var colon = declaration.IndexOf(':');
            if (colon <= 0)
                continue;
            var name = declaration[..colon].Trim();
            var value = declaration[(colon + 1)..].Trim();
            var important = value.IndexOf('!');
            if (important >= 0)
                value = value[..important].TrimEnd();
            if (!value.IsEmpty && name.Length is >= 3 and <= 20)
                Read(name, value);
        }
    }

    private void Read(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        Span<char> lower = stackalloc char[name.Length];
        name.ToLowerInvariant(lower);
        switch (lower)
        {
            case "display":
                IsHidden |= value.StartsWith("none", StringComparison.OrdinalIgnoreCase);
                break;
            case "visibility":
                IsHidden |= value.StartsWith("hidden", StringComparison.OrdinalIgnoreCase);
                break;
            case "mso-hide":
                IsHidden |= value.StartsWith("all", StringComparison.OrdinalIgnoreCase);
                break;
            case "opacity":
                IsHidden |= IsZero(value);
                break;
            case "max-height":
                IsHidden |= IsZero(value);
                break;
            case "height":
                _noHeight |= IsZero(value);
                break;
            case "overflow":
                _overflowHidden |= value.StartsWith("hidden", StringComparison.OrdinalIgnoreCase);
                break;
            case "font-size":
                HasNoSize = IsZero(value);
                break;
            case "text-indent" or "left" or "top" or "margin-left":
                IsHidden |= IsFarAway(value);
                break;
            case "color":
                _color = value;
                break;
            case "background" or "background-color":
                _background = value;
                break;
            case "border-top":
                HasTopBorder |= value.Contains("solid", StringComparison.OrdinalIgnoreCase);
                break;
            case "border":
                IsPlainIndent |= value.StartsWith("none", StringComparison.OrdinalIgnoreCase);
                break;
            case "margin":
                IsPlainIndent |= value.EndsWith(" 40px", StringComparison.OrdinalIgnoreCase);
                break;
        }
    }

    private static bool IsZero(ReadOnlySpan<char> value)
    {
        var number = value.IndexOfAnyExcept("0.");
        return number != 0 && (number < 0 || !char.IsAsciiDigit(value[number])) && value[0] == '0' | value.StartsWith(".0");
    }

    // Pushed out of the window: at least a thousand to the left or above.
    private static bool IsFarAway(ReadOnlySpan<char> value) =>
        value[0] == '-' && value[1..].IndexOfAnyExceptInRange('0', '9') is var end && (end < 0 ? value.Length - 1 : end) >= 4;

    private static bool SameColor(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        if (one.IsEmpty || other.IsEmpty)
            return false;
        return one.Equals(other, StringComparison.OrdinalIgnoreCase) ? one[0] == '#' || char.IsAsciiLetter(one[0]) && !IsKeyword(one)
            : Rgb(one) is var color and >= 0 && color == Rgb(other);
    }

    private static bool IsKeyword(ReadOnlySpan<char> value) =>
        value.Equals("inherit", StringComparison.OrdinalIgnoreCase) || value.Equals("initial", StringComparison.OrdinalIgnoreCase)
        || value.Equals("transparent", StringComparison.OrdinalIgnoreCase) || value.Equals("unset", StringComparison.OrdinalIgnoreCase)
        || value.Equals("currentcolor", StringComparison.OrdinalIgnoreCase);

    private static int Rgb(ReadOnlySpan<char> value)
    {
        if (value.Equals("white", StringComparison.OrdinalIgnoreCase))
            return 0xFFFFFF;
        if (value.Equals("black", StringComparison.OrdinalIgnoreCase))
            return 0;
        if (value[0] != '#' || !int.TryParse(value[1..], System.Globalization.NumberStyles.AllowHexSpecifier, null, out var number))
            return -1;
        return value.Length switch
        {
            7 => number,
            4 => ((number >> 8) * 0x110000) | ((number >> 4 & 0xF) * 0x1100) | ((number & 0xF) * 0x11),
            _ => -1,
        };
    }
}
