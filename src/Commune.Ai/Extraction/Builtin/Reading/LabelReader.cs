using System.Text.RegularExpressions;

namespace Commune.Ai.Extraction.Builtin.Reading;

#pragma warning disable MA0009 // They read one line of bounded length, and no repetition is nested in another: there is nothing to backtrack into.

/// <summary>Finds the names and values of a text: lines of forms, rows of two cells, names above their values.</summary>
internal static partial class LabelReader
{
    private const int MostLabels = 2000;
    private const int LongestName = 60;
    private const int MostWords = 7;
    private const int LongestBlock = 40;

    public static List<Label> Read(MailReading reading)
    {
        var labels = new List<Label>();
        for (var i = 0; i < reading.Lines.Count && labels.Count < MostLabels; i++)
        {
            if (reading.Lines[i].IsBlank || reading.Trust[i] == LineTrust.None)
                continue;
            var before = labels.Count;
            ReadRow(reading, i, labels);
            if (labels.Count == before)
                ReadPairs(reading, i, labels);
            if (labels.Count == before)
                ReadLoose(reading, i, labels);
            if (labels.Count == before)
                ReadAbove(reading, i, labels);
        }
        return labels;
    }

    /// <summary>Exactly two cells that hold something: a name and a value.</summary>
    private static void ReadRow(MailReading reading, int line, List<Label> labels)
    {
        var cells = CellReader.Of(reading.Text, reading.Lines[line], loose: true);
        if (cells.Count < 2)
            return;
        var filled = cells.Where(cell => cell.End > cell.Start).ToList();
        if (filled.Count == 2)
            Add(reading, line, filled[0].Start, filled[0].End, filled[1].Start, filled[1].End, LabelKind.Line, labels);
    }

    /// <summary>"Order: A-17, Date: 21.11.2026": a value ends where the next name begins.</summary>
    private static void ReadPairs(MailReading reading, int line, List<Label> labels)
    {
        var here = reading.Lines[line];
        var span = reading.SpanOf(here);
        var colons = new List<int>();
        for (var at = 0; at < span.Length && colons.Count < 20; at++)
        {
            if (IsColon(span, at))
                colons.Add(at);
        }
        for (var i = 0; i < colons.Count; i++)
        {
            var from = i == 0 ? 0 : NameStart(span, colons[i - 1] + 1, colons[i]);
            if (from < 0)
                continue;
            var valueStart = colons[i] + 1;
            var valueEnd = span.Length;
            for (var next = i + 1; next < colons.Count; next++)
            {
                var name = NameStart(span, valueStart, colons[next]);
                if (name < 0)
                    continue;
                valueEnd = span[..name].TrimEnd(" \t,;|/").Length;
                break;
            }
            var value = span[valueStart..Math.Max(valueStart, valueEnd)].Trim(" \t*_\u00A0");
            if (value.IsEmpty && i == colons.Count - 1)
                AddBlock(reading, line, here.Start + from, here.Start + colons[i], labels);
            else if (!value.IsEmpty)
            {
                var start = here.Start + valueStart + span[valueStart..].IndexOf(value, StringComparison.Ordinal);
                Add(reading, line, here.Start + from, here.Start + colons[i], start, start + value.Length, LabelKind.Line, labels);
            }
        }
    }

    private static bool IsColon(ReadOnlySpan<char> line, int at)
    {
        if (line[at] is '：')
            return true;
        if (line[at] is '=')
            return at > 0 && at + 1 < line.Length && line[at + 1] != '=' && line[at - 1] != '=';
        if (line[at] != ':' || at == 0)
            return false;
        // Not of "14:30", "https://" or "::".
        var after = at + 1 < line.Length ? line[at + 1] : ' ';
        return after is not ('/' or ':') && line[at - 1] != ':' && !(char.IsDigit(line[at - 1]) && char.IsDigit(after));
    }

    /// <summary>A second name on a line stands behind a mark: ", Date:", " | Date:", two spaces.</summary>
    private static int NameStart(ReadOnlySpan<char> line, int from, int colon)
    {
        var name = line[from..colon];
        var mark = name.LastIndexOfAny(",;|\t");
        var wide = name.TrimEnd().LastIndexOf("  ", StringComparison.Ordinal);
        var start = Math.Max(mark, wide < 0 ? -1 : wide + 1);
        if (start < 0)
            return -1;
        var rest = name[(start + 1)..].Trim();
        return rest.Length is 0 or > LongestName || rest.Count(' ') > 3 ? -1 : from + start + 1;
    }

    /// <summary>"Address:" with the value on the lines below, up to a blank one.</summary>
    private static void AddBlock(MailReading reading, int line, int nameStart, int nameEnd, List<Label> labels)
    {
        var first = line + 1;
        while (first < reading.Lines.Count && first <= line + 2 && reading.Lines[first].IsBlank)
            first++;
        if (first >= reading.Lines.Count || reading.Lines[first].IsBlank || reading.Trust[first] <= LineTrust.Beside)
            return;
        var end = first;
        while (end < reading.Lines.Count && end - first < LongestBlock && !reading.Lines[end].IsBlank
            && reading.Lines[end].Part == reading.Lines[line].Part && reading.Trust[end] > LineTrust.Beside
            && (end == first || !StartsWithName(reading, end)))
        {
            end++;
        }
        if (end > first)
            Add(reading, line, nameStart, nameEnd, reading.Lines[first].Start, reading.Lines[end - 1].End, LabelKind.Below, labels);
    }

    private static bool StartsWithName(MailReading reading, int line)
    {
        var span = reading.SpanOf(reading.Lines[line]);
        for (var at = 0; at < Math.Min(span.Length, LongestName); at++)
        {
            if (IsColon(span, at))
                return span[..at].Count(' ') < 4;
        }
        return false;
    }

    /// <summary>"Total ....... 41.90", "Colour - blue", "Total 41,90 €".</summary>
    private static void ReadLoose(MailReading reading, int line, List<Label> labels)
    {
        var here = reading.Lines[line];
        var span = reading.SpanOf(here);
        if (span.Length > 120)
            return;
        foreach (var match in Leader.EnumerateMatches(span))
        {
            var value = span[(match.Index + match.Length)..];
            if (match.Index > 0 && !value.IsEmpty)
                Add(reading, line, here.Start, here.Start + match.Index, here.Start + match.Index + match.Length, here.End, LabelKind.Loose, labels);
            return;
        }
        foreach (var match in EndAmount.EnumerateMatches(span))
        {
            var name = span[..match.Index].TrimEnd();
            if (!name.IsEmpty && name.Count(' ') < 5)
                Add(reading, line, here.Start, here.Start + name.Length, here.Start + match.Index, here.End, LabelKind.Loose, labels);
            return;
        }
    }

    /// <summary>A short line of its own above another: what tables become that only arrange.</summary>
    private static void ReadAbove(MailReading reading, int line, List<Label> labels)
    {
        var here = reading.Lines[line];
        if (here.Length > 40 || here.Part is MailPart.Subject or MailPart.OldSubject)
            return;
        var span = reading.SpanOf(here);
        if (span[^1] is '.' or '!' or ',' or ';' || span.ContainsAnyInRange('0', '9') || span.Count(' ') > 4)
            return;
        var below = line + 1;
        while (below < reading.Lines.Count && below <= line + 2 && reading.Lines[below].IsBlank)
            below++;
        if (below >= reading.Lines.Count || reading.Lines[below].IsBlank || reading.Trust[below] <= LineTrust.Beside || reading.Lines[below].Part != here.Part || reading.Lines[below].Length > 200)
            return;
        var name = span.TrimEnd(" ?*").Length;
        Add(reading, line, here.Start, here.Start + name, reading.Lines[below].Start, reading.Lines[below].End, LabelKind.Below, labels);
    }

    private static void Add(MailReading reading, int line, int nameStart, int nameEnd, int valueStart, int valueEnd, LabelKind kind, List<Label> labels)
    {
        if (labels.Count >= MostLabels)
            return;
        var name = reading.Text.AsSpan(nameStart, nameEnd - nameStart).Trim(" \t-*•_#>\u00A0\"'{[");
        if (name.IsEmpty || name.Length > LongestName)
            return;
        var start = nameStart + reading.Text.AsSpan(nameStart, nameEnd - nameStart).IndexOf(name, StringComparison.Ordinal);
        var words = WordReader.OfName(name.ToString());
        if (words.Count is 0 or > MostWords)
            return;
        while (valueStart < valueEnd && reading.Text[valueStart] is ' ' or '\t' or '*' or '_' or '\u00A0')
            valueStart++;
        while (valueEnd > valueStart && reading.Text[valueEnd - 1] is ' ' or '\t' or '*' or '\u00A0')
            valueEnd--;
        if (valueEnd > valueStart)
            labels.Add(new Label(words, start, valueStart, valueEnd, kind, reading.Lines[line].Part, reading.Trust[line]));
    }

    [GeneratedRegex(@"\s?\.{3,}\s?|\s[–—-]{1,2}\s|\s?…+\s?")]
    private static partial Regex Leader { get; }

    [GeneratedRegex(@"(?:[€$£¥]|\b(?:EUR|USD|GBP|CHF|JPY|CAD|AUD)\b)\s?-?[\d.,' ]{1,16}$|(?<![\d.,])-?\d[\d.,' ]{0,16}\s?(?:[€$£¥]|\b(?:EUR|USD|GBP|CHF|JPY|CAD|AUD|Euro)\b)$")]
    private static partial Regex EndAmount { get; }
}
