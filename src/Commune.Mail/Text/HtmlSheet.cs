namespace Commune.Mail.Text;

/// <summary>
/// What the style sheets in a mail say about its elements. Rules for some screens only hide nothing here. Of a selector that is not understood it is kept
/// that it gives a background, so that white text on it counts as seen.
/// </summary>
internal sealed class HtmlSheet
{
    private const int MostRules = 4000;
    private const int MostOfKey = 200;
    // Rules that hide something are kept where there are too many others.
    private const int MostHiding = 4 * MostRules;
    private const int MostHidingOfKey = 2 * MostOfKey;
    private const int MostSelectors = 64;
    private const int MostClasses = 64;
    private const int Deepest = 12;
    private const int LongestSelector = 300;
    private const int MostMatches = 200;

    /// <summary>Elements that selectors may look at in a mail: beyond, a rule that hides does so wherever its last name stands.</summary>
    private const int MostSteps = 3_000_000;

    private sealed record Rule(HtmlSelector Selector, HtmlStyle Style, int Order);

    private readonly Dictionary<string, List<Rule>> _rules = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<Rule>>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<Rule> _matches = [];
    private int _count;
    private int _steps = MostSteps;

    private HtmlSheet() => _lookup = _rules.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Null when they say nothing that matters.</summary>
    public static HtmlSheet? Of(string html)
    {
        if (!html.Contains("<style", StringComparison.OrdinalIgnoreCase))
            return null;
        var sheet = new HtmlSheet();
        var tokens = new HtmlTokens(html);
        var counts = false;
        while (true)
        {
            switch (tokens.Next())
            {
                case HtmlTokenKind.End:
                    return sheet._count > 0 ? sheet : null;
                case HtmlTokenKind.Open when tokens.Name == "style":
                    counts = IsForAll(tokens.Attributes.Find("media")) && tokens.Attributes.Find("type") is null or "" or "text/css";
                    break;
                case HtmlTokenKind.Close when tokens.Name == "style" && counts:
                    var css = CssText.Plain(tokens.Raw);
                    sheet.Read(ref css, null, counts: true, 0);
                    counts = false;
                    // Most stand in the head; what follows need not be read for them.
                    if (!tokens.Rest.Contains("<style", StringComparison.OrdinalIgnoreCase))
                        return sheet._count > 0 ? sheet : null;
                    break;
            }
        }
    }

    /// <summary>What they say about an element, in the order of the cascade (CSS Cascade §6.4).</summary>
    /// <param name="place">Among the elements of its parent, from 1.</param>
    public HtmlStyle StyleOf(string name, string? id, string? classes, int place, HtmlAttributes attributes, HtmlOpenElements around)
    {
        _matches.Clear();
        Match("*", "", name, id, classes, place, attributes, around);
        Match("", name, name, id, classes, place, attributes, around);
        var count = 0;
        foreach (var range in classes.AsSpan().SplitAny(" \t\r\n\f"))
        {
            var one = classes.AsSpan()[range];
            if (one.IsEmpty)
                continue;
            if (count++ == MostClasses)
                break;
            Match(".", one, name, id, classes, place, attributes, around);
        }
        Match("#", id, name, id, classes, place, attributes, around);
        if (_matches.Count > 1)
            _matches.Sort(static (one, other) => one.Selector.Weight != other.Selector.Weight ? one.Selector.Weight - other.Selector.Weight : one.Order - other.Order);
        var style = default(HtmlStyle);
        foreach (var rule in _matches)
            style.Add(rule.Style);
        return style;
    }

    public static bool HasClass(string? classes, string wanted)
    {
        var rest = classes.AsSpan();
        while (rest.IndexOf(wanted, StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
        {
            var end = at + wanted.Length;
            if ((at == 0 || char.IsWhiteSpace(rest[at - 1])) && (end == rest.Length || char.IsWhiteSpace(rest[end])))
                return true;
            rest = rest[end..];
        }
        return false;
    }

    private void Match(
        string mark, ReadOnlySpan<char> value, string name, string? id, string? classes, int place, HtmlAttributes attributes, HtmlOpenElements around)
    {
        if (value.Length > LongestSelector || (value.IsEmpty && mark is not "*"))
            return;
        Span<char> key = stackalloc char[LongestSelector + 1];
        mark.CopyTo(key);
        value.CopyTo(key[mark.Length..]);
        if (!_lookup.TryGetValue(key[..(mark.Length + value.Length)], out var rules))
            return;
        foreach (var rule in rules)
        {
            if (_matches.Count >= MostMatches && !rule.Style.IsHidden)
                continue;
            if (rule.Selector.Matches(name, id, classes, place, attributes, around, ref _steps) || (_steps < 0 && rule.Style.IsHidden))
                _matches.Add(rule);
        }
    }

    /// <summary>Reads a block up to its end, and the blocks inside it.</summary>
    /// <param name="selectors">Whose block it is; null at the top.</param>
    /// <param name="counts">It holds on every screen.</param>
    private void Read(ref ReadOnlySpan<char> css, IReadOnlyList<string>? selectors, bool counts, int depth)
    {
        var style = default(HtmlStyle);
        while (css.IndexOfAny('{', '}', ';') is >= 0 and var stop)
        {
            var piece = css[..stop].Trim();
            var mark = css[stop];
            css = css[(stop + 1)..];
            if (mark == '{')
            {
                // The signs of an HTML comment may stand around a sheet.
                if (piece.StartsWith("<!--"))
                    piece = piece[4..].TrimStart();
                if (depth == Deepest)
                    css = AfterBlock(css);
                else if (piece.StartsWith('@'))
                    Read(ref css, selectors, counts && Holds(piece), depth + 1);
                else
                    Read(ref css, Inside(selectors, piece), counts, depth + 1);
                continue;
            }
            if (selectors is not null && counts)
                style.ReadDeclaration(piece);
            if (mark == '}' && depth > 0)
            {
                Keep(selectors, style);
                return;
            }
        }
        if (selectors is not null && counts)
            style.ReadDeclaration(css.Trim());
        css = default;
        Keep(selectors, style);
    }

    private void Keep(IReadOnlyList<string>? selectors, HtmlStyle style)
    {
        style = style.WithoutMarks();
        if (selectors is null || style.SaysNothing)
            return;
        foreach (var selector in selectors)
        {
            if (HtmlSelector.Parse(selector) is { } parsed)
                Keep(parsed, style);
            else if (style.Background.IsSaid && HtmlSelector.LastKey(selector) is { } key && HtmlSelector.Parse(key) is { } last)
                Keep(last, HtmlStyle.OnSomething);
        }
    }

    private void Keep(HtmlSelector selector, HtmlStyle style)
    {
        if (_count >= (style.IsHidden ? MostHiding : MostRules))
            return;
        var key = selector.Key;
        if (!_rules.TryGetValue(key, out var rules))
            _rules.Add(key, rules = []);
        if (rules.Count < (style.IsHidden ? MostHidingOfKey : MostOfKey))
            rules.Add(new Rule(selector, style, _count++));
    }

    /// <summary>Selectors of a block in another one hold inside that (CSS Nesting §3).</summary>
    private static List<string> Inside(IReadOnlyList<string>? around, ReadOnlySpan<char> piece)
    {
        var selectors = new List<string>();
        foreach (var range in piece.Split(','))
        {
            var own = piece[range].Trim();
            if (own.Length is 0 or > LongestSelector)
                continue;
            if (around is null)
            {
                selectors.Add(own.ToString());
            }
            else
            {
                foreach (var outer in around)
                {
                    var whole = own.Contains('&') ? own.ToString().Replace("&", outer, StringComparison.Ordinal) : outer + " " + own.ToString();
                    if (whole.Length <= LongestSelector && selectors.Count < MostSelectors)
                        selectors.Add(whole);
                }
            }
            if (selectors.Count >= MostSelectors)
                break;
        }
        return selectors;
    }

    /// <summary>What stands in such a block holds on every screen.</summary>
    private static bool Holds(ReadOnlySpan<char> rule) =>
        rule.StartsWith("@media", StringComparison.OrdinalIgnoreCase) ? IsForAll(rule[6..])
        : rule.StartsWith("@supports", StringComparison.OrdinalIgnoreCase) || rule.StartsWith("@layer", StringComparison.OrdinalIgnoreCase)
            || rule.StartsWith("@container", StringComparison.OrdinalIgnoreCase) || rule.StartsWith("@scope", StringComparison.OrdinalIgnoreCase);

    /// <param name="media">"(max-width: 600px)", "print" and the like are for some.</param>
    private static bool IsForAll(ReadOnlySpan<char> media)
    {
        media = media.Trim();
        if (media.IsEmpty)
            return true;
        foreach (var range in media.Split(','))
        {
            if (IsForAnyScreen(media[range].Trim()))
                return true;
        }
        return false;
    }

    private static bool IsForAnyScreen(ReadOnlySpan<char> query)
    {
        while (!(query = query.TrimStart()).IsEmpty)
        {
            if (query[0] == '(')
            {
                var close = query.IndexOf(')');
                if (!IsOfAllScreens((close < 0 ? query[1..] : query[1..close]).Trim()))
                    return false;
                query = close < 0 ? default : query[(close + 1)..];
                continue;
            }
            var end = query.IndexOfAny(" \t\r\n(");
            var word = end < 0 ? query : query[..end];
            query = query[word.Length..];
            if (!word.Equals("screen", StringComparison.OrdinalIgnoreCase) && !word.Equals("all", StringComparison.OrdinalIgnoreCase)
                && !word.Equals("only", StringComparison.OrdinalIgnoreCase) && !word.Equals("and", StringComparison.OrdinalIgnoreCase))
                return false;
        }
        return true;
    }

    /// <summary>"min-width: 1px", "max-width: 9999px", "color": a condition that is none.</summary>
    private static bool IsOfAllScreens(ReadOnlySpan<char> feature)
    {
        var colon = feature.IndexOf(':');
        if (colon < 0)
            return feature.Equals("color", StringComparison.OrdinalIgnoreCase) || feature.Equals("width", StringComparison.OrdinalIgnoreCase);
        var name = feature[..colon].Trim();
        if (IsUsual(name, feature[(colon + 1)..].Trim()))
            return true;
        if (!CssLength.TryRead(feature[(colon + 1)..], out var value))
            return false;
        if (name.Contains("ratio", StringComparison.OrdinalIgnoreCase))
            return name.Contains("min-", StringComparison.OrdinalIgnoreCase) && value.Number <= 1;
        return name.StartsWith("min-", StringComparison.OrdinalIgnoreCase) ? value.Pixels <= 240 : name.StartsWith("max-", StringComparison.OrdinalIgnoreCase) && value.Pixels >= 2000;
    }

    /// <summary>How screens are unless somebody has chosen otherwise.</summary>
    private static bool IsUsual(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        Span<char> both = stackalloc char[64];
        if (name.Length + value.Length >= both.Length)
            return false;
        name.ToLowerInvariant(both);
        both[name.Length] = ':';
        value.ToLowerInvariant(both[(name.Length + 1)..]);
        return both[..(name.Length + 1 + value.Length)] is "prefers-color-scheme:light" or "prefers-reduced-motion:no-preference" or "prefers-contrast:no-preference" or "grid:0" or "scripting:none"
            or "monochrome:0" or "forced-colors:none" or "inverted-colors:none" or "update:fast";
    }

    private static ReadOnlySpan<char> AfterBlock(ReadOnlySpan<char> css)
    {
        for (var depth = 1; depth > 0;)
        {
            var stop = css.IndexOfAny('{', '}');
            if (stop < 0)
                return default;
            depth += css[stop] == '{' ? 1 : -1;
            css = css[(stop + 1)..];
        }
        return css;
    }
}
