namespace Commune.Mail.Text;

/// <summary>What style sheets, a style attribute and its older equivalents say about being seen.</summary>
internal struct HtmlStyle
{

    /// <summary>Each way to hide an element; <see cref="Flat"/> and <see cref="Narrow"/> only where it is <see cref="Clipped"/>.</summary>
    [Flags]
    private enum Ways
    {
        None = 0,
        Display = 1,
        Visibility = 2,
        Outlook = 4,
        NoHeight = 16,
        Away = 32,
        Attribute = 64,
        Flat = 128,
        Narrow = 256,
        Clipped = 512,
        CutOut = 1024,
        Transform = 2048,
        Filter = 4096,
        Squeezed = 8192,
        Content = 16384,
        // Not ways to hide, but what has a last word as well.
        Color = 32768,
        Fill = 65536,
        Background = 131072,
        Size = 262144,
        Opacity = 524288,
    }

    private Ways _said;
    private Ways _hides;
    private Ways _important;
    private HtmlColor _color;
    private HtmlColor _fill;

    public readonly bool IsHidden =>
        (_hides & ~(Ways.Flat | Ways.Narrow | Ways.Clipped)) != Ways.None || ((_hides & Ways.Clipped) != Ways.None && (_hides & (Ways.Flat | Ways.Narrow)) != Ways.None)
        || Opacity <= CssHiding.LeastOpacity;

    /// <summary>Null when nothing is said: it is inherited.</summary>
    public CssLength? FontSize { get; private set; }

    public readonly HtmlColor Color => _fill.IsSaid ? _fill : _color;

    public HtmlColor Background { get; private set; }

    /// <summary>Of the element and all in it; null when nothing is said.</summary>
    public double? Opacity { get; private set; }

    public bool HasTopBorder { get; private set; }

    public bool IsPlainIndent { get; private set; }

    public readonly bool SaysNothing => _said == Ways.None;

    /// <summary>Only that there is a background.</summary>
    public static HtmlStyle OnSomething => new() { _said = Ways.Background, Background = HtmlColor.Other };

    /// <summary>What an element without attributes says, and without a style sheet.</summary>
    public static HtmlStyle OfName(string name)
    {
        var style = default(HtmlStyle);
        style.ReadName(name);
        return style;
    }

    /// <param name="sheets">What style sheets say.</param>
    public static HtmlStyle Of(string name, HtmlAttributes attributes, in HtmlStyle sheets, KnownStyles known)
    {
        var style = sheets;
        style.ReadName(name);
        // Then all that it says is said by its style attribute.
        var isNew = style.SaysNothing && style.FontSize is null;
        var css = default(ReadOnlySpan<char>);
        var isOpen = false;
        var count = 0;
        foreach (var attribute in attributes)
        {
            count++;
            switch (attribute.Name.Length)
            {
                // Of two the first counts (HTML §13.2.5.33).
                case 5 when css.IsEmpty && attribute.Name.Equals("style", StringComparison.OrdinalIgnoreCase):
                    css = attribute.Value;
                    break;
                case 6 when attribute.Name.Equals("hidden", StringComparison.OrdinalIgnoreCase):
                    // An author's own display shows it again.
                    style.Say(Ways.Display, hides: true, important: false);
                    break;
                case 4 when attribute.Name.Equals("open", StringComparison.OrdinalIgnoreCase):
                    isOpen = true;
                    break;
                case 5 when name == "font" && attribute.Name.Equals("color", StringComparison.OrdinalIgnoreCase):
                case 4 when name == "body" && attribute.Name.Equals("text", StringComparison.OrdinalIgnoreCase):
                    isNew = false;
                    if ((style._said & Ways.Color) == Ways.None)
                        style._color = HtmlColor.OfText(attribute.Value);
                    break;
                case 7 when attribute.Name.Equals("bgcolor", StringComparison.OrdinalIgnoreCase):
                    isNew = false;
                    if ((style._said & Ways.Background) == Ways.None)
                        style.Background = HtmlColor.OfBackground(attribute.Value);
                    break;
                case 10 when attribute.Name.Equals("background", StringComparison.OrdinalIgnoreCase):
                    isNew = false;
                    style.Background = HtmlColor.Other;
                    break;
            }
        }
        // What else it says is not read.
        if (count == HtmlAttributes.Most)
            style.Say(Ways.Attribute, hides: true, important: false);
        if (name == "dialog" && isOpen)
            style._hides &= ~Ways.Attribute;
        isNew &= style.SaysNothing;
        if (!css.IsEmpty && !(isNew && known.TryGet(css, ref style)))
        {
            style.Read(CssText.Plain(css.Contains('&') ? HtmlCharacters.Decode(css) : css));
            if (isNew)
                known.Keep(css, style);
        }
        // Tables are as large as what is in them, whatever they say.
        if (name is "td" or "th" or "tr" or "table" or "tbody")
            style._hides &= ~(Ways.Flat | Ways.Narrow);
        return style;
    }

    /// <summary>Without what only mail programs' own styles mean.</summary>
    public readonly HtmlStyle WithoutMarks() => this with { HasTopBorder = false, IsPlainIndent = false };

    /// <summary>Takes over what a rule says that comes later or names the element more closely.</summary>
    public void Add(in HtmlStyle rule)
    {
        var taken = rule._said & (rule._important | ~_important);
        _hides = (_hides & ~taken) | (rule._hides & taken);
        _said |= rule._said;
        _important |= rule._important;
        if ((taken & Ways.Size) != Ways.None)
            FontSize = rule.FontSize;
        if ((taken & Ways.Color) != Ways.None)
            _color = rule._color;
        if ((taken & Ways.Fill) != Ways.None)
            _fill = rule._fill;
        if ((taken & Ways.Background) != Ways.None)
            Background = rule.Background;
        if ((taken & Ways.Opacity) != Ways.None)
            Opacity = rule.Opacity;
    }

    /// <summary>"display: none", trimmed.</summary>
    public void ReadDeclaration(ReadOnlySpan<char> declaration)
    {
        var colon = declaration.IndexOf(':');
        if (colon <= 0)
            return;
        var name = declaration[..colon].Trim();
        var value = declaration[(colon + 1)..].Trim();
        var important = value.IndexOf('!');
        if (important >= 0)
            value = value[..important].TrimEnd();
        if (!value.IsEmpty && name.Length is >= 3 and <= 24)
            Read(name, value, important >= 0);
    }

    private void ReadName(string name)
    {
        if (HtmlElements.IsNeverShown(name))
            Say(Ways.Attribute, hides: true, important: false);
        else if (FontSize is null && name is "small" or "sub" or "sup")
            FontSize = new CssLength(0.83, CssUnit.Em);
    }

    private void Read(ReadOnlySpan<char> css)
    {
        foreach (var range in css.Split(';'))
            ReadDeclaration(css[range]);
    }

    private void Read(ReadOnlySpan<char> name, ReadOnlySpan<char> value, bool important)
    {
        Span<char> lower = stackalloc char[name.Length];
        name.ToLowerInvariant(lower);
        switch (lower)
        {
            case "display":
                Say(Ways.Display, Starts(value, "none") || IsElsewhere(value), important);
                break;
            case "visibility":
                Say(Ways.Visibility, Starts(value, "hidden") || Starts(value, "collapse") || IsElsewhere(value), important);
                break;
            case "content-visibility":
                Say(Ways.Content, Starts(value, "hidden"), important);
                break;
            case "mso-hide":
                Say(Ways.Outlook, Starts(value, "all"), important);
                break;
            case "opacity":
                if ((CssLength.TryRead(value, out var opacity) || IsElsewhere(value)) && Takes(Ways.Opacity, important))
                    Opacity = Math.Clamp(opacity.Number, 0, 1);
                break;
            case "filter" or "-webkit-filter":
                Say(Ways.Filter, CssHiding.HidesByFilter(value), important);
                break;
            case "max-height":
                Say(Ways.NoHeight, CssLength.TryRead(value, out var most) && most.Pixels <= 0, important);
                Say(Ways.Flat, CssLength.TryRead(value, out most) && most.Pixels <= CssHiding.Flatness, important);
                break;
            case "height" or "block-size" or "line-height":
                Say(Ways.Flat, CssLength.TryRead(value, out var height) && height.Pixels <= CssHiding.Flatness, important);
                break;
            case "width" or "max-width" or "inline-size":
                Say(Ways.Narrow, CssLength.TryRead(value, out var width) && width.Pixels <= CssHiding.Flatness, important);
                break;
            case "overflow" or "overflow-x" or "overflow-y":
                Say(Ways.Clipped, !Starts(value, "visible"), important);
                break;
            case "clip" or "clip-path" or "-webkit-clip-path":
                Say(Ways.CutOut, CssHiding.CutsAll(value), important);
                break;
            case "transform" or "scale" or "zoom" or "rotate" or "translate":
                Say(Ways.Transform, CssHiding.HidesByTransform(lower, value), important);
                break;
            case "letter-spacing":
                Say(Ways.Squeezed, CssLength.TryRead(value, out var spacing) && spacing.Pixels <= -6, important);
                break;
            case "font-size" or "font":
                ReadSize(lower, value, important);
                break;
            case "text-indent" or "left" or "top" or "right" or "bottom" or "inset" or "margin-left" or "margin-top" or "margin-right":
                // Several properties of one way: none of them takes back another.
                if (CssHiding.IsFarAway(value) || (lower is "text-indent" && CssLength.TryRead(value, out var indent) && indent is { IsShare: true, Unit: CssUnit.Percent, Number: >= 1 }))
                    Say(Ways.Away, hides: true, important);
                break;
            case "color":
                if (HtmlColor.OfText(value) is { IsSaid: true } color && Takes(Ways.Color, important))
                    _color = color;
                break;
            case "-webkit-text-fill-color":
                if (HtmlColor.OfText(value) is { IsSaid: true } fill && Takes(Ways.Fill, important))
                    _fill = fill;
                break;
            case "background" or "background-color":
                if (HtmlColor.OfBackground(value) is { IsSaid: true } background && Takes(Ways.Background, important))
                    Background = background;
                break;
            case "background-image":
                if (!Starts(value, "none") && HtmlColor.OfBackground(value) is { IsSaid: true } image && Takes(Ways.Background, important))
                    Background = image;
                break;
            case "border-top":
                HasTopBorder |= value.Contains("solid", StringComparison.OrdinalIgnoreCase);
                break;
            case "border":
                IsPlainIndent |= Starts(value, "none");
                break;
            case "margin":
                IsPlainIndent |= value.EndsWith(" 40px", StringComparison.OrdinalIgnoreCase);
                if (CssHiding.IsFarAway(value))
                    Say(Ways.Away, hides: true, important);
                break;
        }
    }

    private void ReadSize(ReadOnlySpan<char> name, ReadOnlySpan<char> value, bool important)
    {
        CssLength? size = null;
        if (CssLength.TryRead(value, out var only) && name is "font-size")
        {
            size = only;
        }
        else if (name is "font-size")
        {
            Span<CssLength> first = stackalloc CssLength[1];
            if (IsElsewhere(value))
                size = default(CssLength);
            else if (value.Contains('('))
                size = CssLength.ReadAll(value, first) > 0 ? first[0] : null;
            else if (!Starts(value, "inherit") && !Starts(value, "unset") && !Starts(value, "revert"))
                size = Starts(value, "smaller") ? new CssLength(0.83, CssUnit.Em) : Starts(value, "larger") ? new CssLength(1.2, CssUnit.Em) : new CssLength(16, CssUnit.Pixel);
        }
        else
        {
            // "italic 700 1px/1 serif": of its numbers the size has a unit, or is 0.
            foreach (var range in value.Split(' '))
            {
                var word = value[range];
                var slash = word.IndexOf('/');
                if (CssLength.TryRead(slash < 0 ? word : word[..slash], out var length) && (length.Unit != CssUnit.None || length.Number == 0))
                {
                    size = length;
                    break;
                }
            }
        }
        if (size is not null && Takes(Ways.Size, important))
            FontSize = size;
    }

    /// <summary>The last word counts, unless an earlier one was called important.</summary>
    private bool Takes(Ways way, bool important)
    {
        if (!important && (_important & way) != Ways.None)
            return false;
        _said |= way;
        if (important)
            _important |= way;
        return true;
    }

    private void Say(Ways way, bool hides, bool important)
    {
        if (Takes(way, important))
            _hides = hides ? _hides | way : _hides & ~way;
    }

    /// <summary>"var(--x)": no mail that is meant to be read everywhere leaves it to a variable whether it is seen.</summary>
    private static bool IsElsewhere(ReadOnlySpan<char> value) => Starts(value, "var(") || Starts(value, "env(");

    private static bool Starts(ReadOnlySpan<char> value, string word) => value.StartsWith(word, StringComparison.OrdinalIgnoreCase);
}
