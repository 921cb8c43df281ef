using System.Globalization;
using System.Text;

namespace Commune.Ai.JsonSchema;

/// <summary>A set of characters, astral ones included, written as a .NET pattern that takes one of them whole.</summary>
internal sealed class CodePoints
{
    private const int Last = 0x10FFFF;

    private readonly List<(int From, int To)> ranges = [];
    private readonly StringBuilder categories = new();

    public static CodePoints Digits => Of(('0', '9'));

    public static CodePoints Word => Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    /// <summary>ECMA-262 WhiteSpace and LineTerminator.</summary>
    public static CodePoints Space => Of(
        (0x9, 0xD), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F),
        (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    public static CodePoints LineEnds => Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029));

    public static CodePoints Of(params ReadOnlySpan<(int From, int To)> ranges)
    {
        var set = new CodePoints();
        set.ranges.AddRange(ranges);
        return set;
    }

    public void Add(int from, int to) => ranges.Add((from, to));

    public void Add(CodePoints other)
    {
        ranges.AddRange(other.ranges);
        categories.Append(other.categories);
    }

    /// <summary>A Unicode category as .NET writes it, <c>\p{L}</c>; it is looked up for characters below U+10000.</summary>
    public void AddCategory(string category) => categories.Append(category);

    public CodePoints Complement()
    {
        var rest = new CodePoints();
        var next = 0;
        foreach (var (from, to) in ranges.OrderBy(static range => range.From))
        {
            if (from > next)
                rest.ranges.Add((next, from - 1));
            next = Math.Max(next, to + 1);
        }

        if (next <= Last)
            rest.ranges.Add((next, Last));
        return rest;
    }

    /// <summary>The first character of the first range.</summary>
    public int First => ranges[0].From;

    private bool HasCategories => categories.Length > 0;

    public string ToPattern(bool negated)
    {
        if (negated && HasCategories)
        {
            // What is not in a category cannot be told apart above U+FFFF: any pair will do.
            return $"(?:[^{Bmp()}{categories}\\uD800-\\uDFFF]|[\\uD800-\\uDBFF][\\uDC00-\\uDFFF])";
        }

        if (negated)
            return Complement().ToPattern(negated: false);
        if (ranges is [var (from, to)] && from == to && from <= 0xFFFF && !HasCategories)
            return Unit(from);
        var single = Bmp() + categories;
        var pairs = Pairs().ToList();
        if (pairs.Count == 0)
            return single.Length == 0 ? @"[^\s\S]" : $"[{single}]";
        return "(?:" + (single.Length == 0 ? "" : $"[{single}]|") + string.Join('|', pairs) + ")";
    }

    private string Bmp()
    {
        var text = new StringBuilder();
        foreach (var (from, to) in ranges)
        {
            if (from <= 0xFFFF)
                text.Append(Unit(from)).Append('-').Append(Unit(Math.Min(to, 0xFFFF)));
        }

        return text.ToString();
    }

    private IEnumerable<string> Pairs()
    {
        foreach (var (rangeFrom, to) in ranges)
        {
            var from = Math.Max(rangeFrom, 0x10000);
            if (to < from)
                continue;
            var (highFrom, highTo) = (High(from), High(to));
            if (highFrom == highTo)
            {
                yield return $"{Unit(highFrom)}[{Unit(Low(from))}-{Unit(Low(to))}]";
                continue;
            }

            yield return $"{Unit(highFrom)}[{Unit(Low(from))}-\\uDFFF]";
            if (highTo - highFrom > 1)
                yield return $"[{Unit(highFrom + 1)}-{Unit(highTo - 1)}][\\uDC00-\\uDFFF]";
            yield return $"{Unit(highTo)}[\\uDC00-{Unit(Low(to))}]";
        }
    }

    private static int High(int point) => 0xD800 + ((point - 0x10000) >> 10);

    private static int Low(int point) => 0xDC00 + ((point - 0x10000) & 0x3FF);

    private static string Unit(int value) => "\\u" + value.ToString("X4", CultureInfo.InvariantCulture);
}
