namespace Commune.Mail.Text;

/// <summary>
/// A selector of a style sheet (Selectors 3): names, classes, ids and attributes of an element and names, classes and ids of those around it. What needs
/// to know the elements beside it is not read.
/// </summary>
internal sealed class HtmlSelector
{
    private const int MostCompounds = 8;
    private const int MostClasses = 8;
    private const int Longest = 300;

    private sealed record Compound(string? Name, string? Id, IReadOnlyList<string> Classes, IReadOnlyList<AttributeTest> Attributes, int? Place, bool IsChild)
    {
        /// <summary>What it must not be.</summary>
        public IReadOnlyList<Compound> Not { get; init; } = [];

        /// <summary>What it must be as well.</summary>
        public IReadOnlyList<Compound> And { get; init; } = [];
    }

    /// <param name="Sign">"" for an attribute of any value, else "=", "~", "^", "$", "*" or "|".</param>
    private sealed record AttributeTest(string Name, string Sign, string Value);

    // The element itself first, then outwards; IsChild says that the next stands directly in the one behind it.
    private readonly IReadOnlyList<Compound> _compounds;

    private HtmlSelector(IReadOnlyList<Compound> compounds)
    {
        _compounds = compounds;
        foreach (var compound in compounds)
            Weight += (compound.Id is null ? 0 : 10_000) + (100 * (compound.Classes.Count + compound.Attributes.Count + (compound.Place is null ? 0 : 1))) + (compound.Name is null ? 0 : 1);
    }

    /// <summary>What is more closely named counts more (§9).</summary>
    public int Weight { get; }

    /// <summary>What an element has in any case that it can be of: "#id", ".class", a name, or "*".</summary>
    public string Key => _compounds[0] is { Id: { } id } ? "#" + id : _compounds[0].Classes.Count > 0 ? "." + _compounds[0].Classes[0] : _compounds[0].Name ?? "*";

    /// <summary>Null for one that is not understood.</summary>
    public static HtmlSelector? Parse(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length is 0 or > Longest)
            return null;
        var compounds = new List<Compound>();
        var isChild = false;
        while (!text.IsEmpty)
        {
            if (compounds.Count == MostCompounds || ReadCompound(ref text, isChild) is not { } compound)
                return null;
            compounds.Add(compound);
            var rest = text.TrimStart();
            if (rest.IsEmpty)
                break;
            isChild = rest[0] == '>';
            // A blank or ">" must part them; what stands beside an element is not known.
            if (rest[0] is '+' or '~' || (!isChild && rest.Length == text.Length))
                return null;
            text = isChild ? rest[1..].TrimStart() : rest;
            if (text.IsEmpty)
                return null;
        }
        compounds.Reverse();
        return new HtmlSelector(compounds);
    }

    /// <summary>The last name, class or id of a selector that is not understood; null without one, and where it holds only at the touch of a pointer.</summary>
    public static string? LastKey(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        foreach (var passing in (ReadOnlySpan<string>)[":hover", ":active", ":focus", ":visited"])
        {
            if (text.Contains(passing, StringComparison.OrdinalIgnoreCase))
                return null;
        }
        var last = text[(text.LastIndexOfAny(" >+~\t\r\n") + 1)..];
        var end = last.IndexOfAny('[', ':');
        last = end < 0 ? last : last[..end];
        var mark = last.LastIndexOfAny('.', '#');
        var key = mark < 0 ? last : last[mark..];
        return key.IsEmpty || key.Length > Longest ? null : key.ToString().ToLowerInvariant();
    }

    /// <param name="place">Among the elements of its parent, from 1.</param>
    /// <param name="steps">How many elements may still be looked at.</param>
    public bool Matches(string name, string? id, string? classes, int place, HtmlAttributes attributes, HtmlOpenElements around, ref int steps)
    {
        var own = _compounds[0];
        if (--steps < 0 || !Is(own, name, id, classes) || (own.Place is { } wanted && wanted != place))
            return false;
        foreach (var test in own.Attributes)
        {
            if (!Has(attributes, test))
                return false;
        }
        return Stands(1, own.IsChild, around.Count - 1, around, ref steps);
    }

    /// <summary>Whether those around it are there, from a compound outwards.</summary>
    private bool Stands(int index, bool directly, int from, HtmlOpenElements around, ref int steps)
    {
        if (index == _compounds.Count)
            return true;
        var wanted = _compounds[index];
        for (var i = from; i >= 0; i--)
        {
            if (--steps < 0)
                return false;
            if (Is(wanted, around.NameOf(i), around.IdOf(i), around.ClassesOf(i)) && Stands(index + 1, wanted.IsChild, i - 1, around, ref steps))
                return true;
            if (directly)
                return false;
        }
        // Their tags may be missing.
        return wanted is { Name: "html" or "body", Id: null, Classes.Count: 0 } && Stands(index + 1, wanted.IsChild, -1, around, ref steps);
    }

    private static bool Is(Compound wanted, string name, string? id, string? classes)
    {
        if (wanted.Name is not null && !wanted.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            return false;
        if (wanted.Id is not null && !wanted.Id.Equals(id, StringComparison.OrdinalIgnoreCase))
            return false;
        foreach (var one in wanted.Classes)
        {
            if (!HtmlSheet.HasClass(classes, one))
                return false;
        }
        foreach (var other in wanted.Not)
        {
            if (Is(other, name, id, classes))
                return false;
        }
        foreach (var other in wanted.And)
        {
            if (!Is(other, name, id, classes))
                return false;
        }
        return true;
    }

    private static bool Has(HtmlAttributes attributes, AttributeTest test)
    {
        foreach (var attribute in attributes)
        {
            if (!attribute.Name.Equals(test.Name, StringComparison.OrdinalIgnoreCase))
                continue;
            var value = attribute.Value;
            return test.Sign switch
            {
                "" => true,
                "^" => value.StartsWith(test.Value, StringComparison.OrdinalIgnoreCase),
                "$" => value.EndsWith(test.Value, StringComparison.OrdinalIgnoreCase),
                "*" or "~" => value.Contains(test.Value, StringComparison.OrdinalIgnoreCase),
                "|" => value.StartsWith(test.Value, StringComparison.OrdinalIgnoreCase),
                _ => value.Equals(test.Value, StringComparison.OrdinalIgnoreCase),
            };
        }
        return false;
    }

    private static Compound? ReadCompound(ref ReadOnlySpan<char> text, bool isChild)
    {
        string? name = null, id = null;
        int? place = null;
        List<Compound> not = [], and = [];
        var classes = new List<string>();
        var attributes = new List<AttributeTest>();
        var any = false;
        if (text[0] == '*')
        {
            any = true;
            text = text[1..];
        }
        else if (ReadName(ref text) is { } tag)
        {
            (any, name) = (true, tag);
        }
        while (!text.IsEmpty && text[0] is '.' or '#' or '[' or ':')
        {
            var mark = text[0];
            text = text[1..];
            any = true;
            if (mark == '[')
            {
                if (ReadAttribute(ref text) is not { } test || attributes.Count == MostClasses)
                    return null;
                attributes.Add(test);
                continue;
            }
            if (ReadName(ref text) is not { } word)
                return null;
            switch (mark)
            {
                case '#':
                    id = word;
                    break;
                case '.' when classes.Count < MostClasses:
                    classes.Add(word);
                    break;
                case ':' when word.Equals("first-child", StringComparison.OrdinalIgnoreCase):
                    place = 1;
                    break;
                case ':' when word.Equals("nth-child", StringComparison.OrdinalIgnoreCase) && ReadPlace(ref text) is { } number:
                    place = number;
                    break;
                case ':' when word.Equals("not", StringComparison.OrdinalIgnoreCase) && not.Count < MostClasses && ReadInner(ref text) is { } inner:
                    not.Add(inner);
                    break;
                case ':' when (word.Equals("is", StringComparison.OrdinalIgnoreCase) || word.Equals("where", StringComparison.OrdinalIgnoreCase)) && and.Count < MostClasses && ReadInner(ref text) is { } inner:
                    and.Add(inner);
                    break;
                case ':' when word.Equals("root", StringComparison.OrdinalIgnoreCase):
                    name = "html";
                    break;
                default:
                    return null;
            }
        }
        return any ? new Compound(name, id, classes, attributes, place, isChild) { Not = not, And = and } : null;
    }

    /// <summary>"(.a)": one name, class or id of the element itself.</summary>
    private static Compound? ReadInner(ref ReadOnlySpan<char> text)
    {
        var close = text.IndexOf(')');
        if (close < 2 || text[0] != '(')
            return null;
        var inside = text[1..close].Trim();
        text = text[(close + 1)..];
        return !inside.IsEmpty && !inside.ContainsAny(":[,") && ReadCompound(ref inside, isChild: false) is { } compound && inside.IsEmpty ? compound : null;
    }

    private static int? ReadPlace(ref ReadOnlySpan<char> text)
    {
        var close = text.IndexOf(')');
        if (close < 2 || text[0] != '(' || !int.TryParse(text[1..close].Trim(), System.Globalization.NumberStyles.None, null, out var number))
            return null;
        text = text[(close + 1)..];
        return number;
    }

    /// <summary>"data-x]", "class~=x]": what stands in quotes and is no name is not known any more (<see cref="CssText"/>).</summary>
    private static AttributeTest? ReadAttribute(ref ReadOnlySpan<char> text)
    {
        var close = text.IndexOf(']');
        if (close <= 0)
            return null;
        var test = text[..close].Trim();
        text = text[(close + 1)..];
        var name = ReadName(ref test);
        test = test.Trim();
        if (name is null)
            return null;
        if (test.IsEmpty)
            return new AttributeTest(name, "", "");
        var sign = test[0] == '=' ? "=" : test.Length > 1 && test[1] == '=' && "~^$*|".Contains(test[0]) ? test[..1].ToString() : null;
        if (sign is null)
            return null;
        var value = test[(sign == "=" ? 1 : 2)..].Trim().Trim("\"'");
        return value.IsEmpty ? null : new AttributeTest(name, sign, value.ToString());
    }

    private static string? ReadName(ref ReadOnlySpan<char> text)
    {
        var end = 0;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '-' or '_' or '\uFFFD'))
            end++;
        if (end == 0)
            return null;
        var name = text[..end].ToString();
        text = text[end..];
        return name;
    }
}
