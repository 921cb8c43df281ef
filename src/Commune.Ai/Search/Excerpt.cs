using System.Text;

namespace Commune.Ai.Search;

/// <summary>A range of a text, in UTF-16 code units.</summary>
public readonly record struct TextRange(int Start, int End);

/// <summary>The part of a text that shows best why it was found.</summary>
/// <param name="Text">On one line.</param>
/// <param name="Highlights">The words that were asked for, in order, without overlaps.</param>
public sealed record Excerpt(string Text, IReadOnlyList<TextRange> Highlights)
{
    public const int Longest = 200;
    private const int Before = 40;
    private const int LookedAt = 100_000;

    /// <summary>The excerpt around the words that are asked for; null when none is there.</summary>
    /// <param name="wanted">The terms and what each is worth.</param>
    public static Excerpt? Of(string text, Dictionary<string, double> wanted)
    {
        ArgumentNullException.ThrowIfNull(text);
        var marks = new Marks(wanted);
        SearchWords.Read(text.AsSpan(0, Math.Min(text.Length, LookedAt)), ref marks);
        if (marks.Found.Count == 0)
            return null;
        marks.Found.Sort(static (left, right) => left.Start.CompareTo(right.Start));
        var start = text.Length <= Longest ? 0 : WordStart(text, BestStart(marks.Found));
        return Cut(text, start, marks.Found);
    }

    /// <summary>The words that are asked for, wherever they stand in a short text such as a subject.</summary>
    public static IReadOnlyList<TextRange> MarksIn(string text, Dictionary<string, double> wanted)
    {
        var marks = new Marks(wanted);
        SearchWords.Read(text, ref marks);
        return Join(marks.Found.Select(static mark => new TextRange(mark.Start, mark.End)));
    }

    /// <summary>Where the window begins that has the words of most worth.</summary>
    private static int BestStart(List<Mark> marks)
    {
        var (best, bestWorth) = (0, -1.0);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var (worth, last) = (0.0, 0);
        for (var first = 0; first < marks.Count; first++)
        {
            while (last < marks.Count && marks[last].End - marks[first].Start <= Longest - Before)
            {
                var count = counts.GetValueOrDefault(marks[last].Term);
                worth += count == 0 ? marks[last].Worth : 0;
                counts[marks[last++].Term] = count + 1;
            }
            if (worth > bestWorth + 1e-9)
                (best, bestWorth) = (marks[first].Start, worth);
            if (last <= first)
            {
                last = first + 1;
                continue;
            }
            if (--counts[marks[first].Term] == 0)
                worth -= marks[first].Worth;
        }
        return best;
    }

    private static int WordStart(string text, int mark)
    {
        var start = Math.Max(0, mark - Before);
        if (start == 0)
            return 0;
        while (start < mark && !char.IsWhiteSpace(text[start]))
            start++;
        // A script without spaces has none to begin at.
        return start == mark && mark - Before > 0 && !char.IsWhiteSpace(text[mark - 1])
            ? mark - Before + (char.IsLowSurrogate(text[mark - Before]) ? 1 : 0) : start;
    }

    private static Excerpt Cut(string text, int start, List<Mark> marks)
    {
        var line = new StringBuilder(Longest);
        var ranges = new List<TextRange>();
        var mark = marks.FindIndex(found => found.Start >= start);
        var open = -1;
        var openEnd = 0;
        for (var at = start; at < text.Length && line.Length < Longest; at++)
        {
            if (open >= 0 && at >= openEnd)
            {
                ranges.Add(new TextRange(open, line.Length));
                open = -1;
            }
            for (; mark >= 0 && mark < marks.Count && marks[mark].Start <= at; mark++)
            {
                open = open >= 0 ? open : line.Length;
                openEnd = Math.Max(openEnd, marks[mark].End);
            }
            var c = text[at];
            if (char.IsWhiteSpace(c) || char.IsControl(c))
            {
                if (line.Length > 0 && line[^1] != ' ')
                    line.Append(' ');
                continue;
            }
            if (char.IsHighSurrogate(c) && line.Length == Longest - 1)
                break;
            line.Append(c);
        }
        if (open >= 0)
            ranges.Add(new TextRange(open, line.Length));
        var cut = line.ToString().TrimEnd();
        return new Excerpt(cut, Join(ranges.Select(range => new TextRange(range.Start, Math.Min(range.End, cut.Length)))));
    }

    private static IReadOnlyList<TextRange> Join(IEnumerable<TextRange> ranges)
    {
        var joined = new List<TextRange>();
        foreach (var range in ranges.Where(static range => range.End > range.Start).OrderBy(static range => range.Start))
        {
            if (joined.Count > 0 && range.Start <= joined[^1].End)
                joined[^1] = new TextRange(joined[^1].Start, Math.Max(joined[^1].End, range.End));
            else
                joined.Add(range);
        }
        return joined;
    }

    private readonly record struct Mark(string Term, int Start, int End, double Worth);

    private sealed class Marks(Dictionary<string, double> wanted) : IWordSink
    {
        private const int Most = 5000;
        private readonly Dictionary<string, double>.AlternateLookup<ReadOnlySpan<char>> bySpan = wanted.GetAlternateLookup<ReadOnlySpan<char>>();

        public List<Mark> Found { get; } = [];

        public void Take(ReadOnlySpan<char> term, int start, int length, WordKind kind)
        {
            if (Found.Count < Most && bySpan.TryGetValue(term, out var name, out var worth))
                Found.Add(new Mark(name, start, start + length, worth));
        }
    }
}
