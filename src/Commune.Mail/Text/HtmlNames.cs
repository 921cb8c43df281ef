using System.Collections.Frozen;

namespace Commune.Mail.Text;

/// <summary>The names of the elements that mail is written with. A short one is looked up as the number that its letters make.</summary>
internal static class HtmlNames
{
    private const int Bits = 9;
    private const int LongestKey = 8;
    private const ulong Spread = 0x9E3779B97F4A7C15;

    private static readonly FrozenSet<string> Known = new[]
    {
        "a", "abbr", "address", "area", "article", "aside", "b", "base", "big", "blockquote", "body", "br", "button", "caption", "center", "cite", "code", "col",
        "dd", "del", "details", "dir", "div", "dl", "dt", "em", "embed", "fieldset", "figcaption", "figure", "font", "footer", "form", "h1", "h2", "h3", "h4", "h5",
        "h6", "head", "header", "hr", "html", "i", "iframe", "img", "input", "kbd", "li", "link", "listing", "main", "math", "menu", "meta", "nav", "noembed",
        "noframes", "o:p", "object", "ol", "option", "p", "pre", "s", "samp", "script", "section", "select", "small", "source", "span", "strike",
        "strong", "style", "sub", "summary", "sup", "svg", "table", "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "title", "tr", "track", "tt", "u",
        "ul", "v:imagedata", "wbr", "xmp",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Names = Known.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly (ulong Key, string? Name)[] Short = MakeShort();

    public static bool IsKnown(ReadOnlySpan<char> name) => Find(name) is not null;

    /// <summary>The name in lower case; null for one that mail is not written with.</summary>
    public static string? Find(ReadOnlySpan<char> name)
    {
        if (!TryMakeKey(name, out var key))
            return Names.TryGetValue(name, out var known) ? known : null;
        for (var slot = Slot(key); ; slot = (slot + 1) & (Short.Length - 1))
        {
            ref readonly var entry = ref Short[slot];
            if (entry.Key == key)
                return entry.Name;
            if (entry.Key == 0)
                return null;
        }
    }

    /// <summary>Equal for names that are equal but for their case, and for no others.</summary>
    private static bool TryMakeKey(ReadOnlySpan<char> name, out ulong key)
    {
        key = 0;
        if (name.Length is 0 or > LongestKey)
            return false;
        foreach (var c in name)
        {
            if (c is < ' ' or > '\x7f')
                return false;
            key = (key << 8) | (byte)(char.IsAsciiLetterUpper(c) ? c | 0x20 : c);
        }
        return true;
    }

    private static int Slot(ulong key) => (int)(key * Spread >> (64 - Bits));

    private static (ulong, string?)[] MakeShort()
    {
        var entries = new (ulong Key, string? Name)[1 << Bits];
        foreach (var name in Known)
        {
            if (!TryMakeKey(name, out var key))
                continue;
            var slot = Slot(key);
            while (entries[slot].Key != 0)
                slot = (slot + 1) & (entries.Length - 1);
            entries[slot] = (key, name);
        }
        return entries;
    }
}
