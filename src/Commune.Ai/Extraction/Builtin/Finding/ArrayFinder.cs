using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Commune.Ai.Extraction.Builtin.Fields;
using Commune.Ai.Extraction.Builtin.Reading;
using Commune.Ai.Extraction.Builtin.Values;

namespace Commune.Ai.Extraction.Builtin.Finding;

#pragma warning disable MA0009 // They read one line of bounded length, and no repetition is nested in another: there is nothing to backtrack into.

/// <summary>Finds what comes several times: the rows of a table, the lines of an order, the words of a list.</summary>
internal sealed partial class ArrayFinder(MailReading reading, ValueFinder values, TextFinder texts, EnumFinder enums)
{
    private const int MostItems = 500;

    /// <summary>The elements, each with its fields by path below the element; for an array of simple values the path is "".</summary>
    public List<List<(string Path, Found Found)>> Find(Field field)
    {
        if (field.Items is not { } item)
            return [];
        var found = item.Kind == FieldKind.Object ? Rows(field, item) : Simple(field, item).Select(one => new List<(string Path, Found Found)> { ("", one) }).ToList();
        if (field.UniqueItems)
            found = [.. found.DistinctBy(row => string.Join('\n', row.Select(cell => cell.Item1 + cell.Item2.Value.ToJsonString())), StringComparer.Ordinal)];
        return found.Count > field.MaxItems || found.Count < field.MinItems ? [] : found;
    }

    private List<List<(string, Found)>> Rows(Field field, Field item)
    {
        var best = new List<List<(string, Found)>>();
        foreach (var table in reading.Tables.OrderBy(table => table.Part == MailPart.Quoted))
        {
            var columns = ColumnsOf(item, table);
            if (columns.Count == 0 || (columns.Count == 1 && item.Properties.Count > 1))
                continue;
            var rows = table.Rows.Select(row => RowOf(columns, row, table.Part)).Where(row => IsComplete(item, row)).Take(MostItems).ToList();
            if (rows.Count > best.Count)
                best = rows;
        }
        return best.Count > 0 ? best : Lines(item);
    }

    private static List<(Field Field, int Column)> ColumnsOf(Field item, Table table)
    {
        var pairs = new List<(Field Field, int Column, double Score)>();
        foreach (var property in item.Properties)
        {
            for (var i = 0; i < table.Headings.Count; i++)
            {
                // Of an item, "Item" is the name, and so is "Description".
                var score = Math.Max(ValueFinder.ScoreOf(property, table.Headings[i]), NamesItem(property) && table.Headings[i].Any(word => word.Means("item") || word.Means("text") || word.Means("name")) && !table.Headings[i].Any(word => word.Means("id") || word.Means("price") || word.Means("sku")) ? 0.7 : 0);
                if (score >= FieldName.Enough)
                    pairs.Add((property, i, score));
            }
        }
        var columns = new List<(Field, int)>();
        var taken = new HashSet<int>();
        var done = new HashSet<Field>();
        foreach (var (property, column, _) in pairs.OrderByDescending(pair => pair.Score))
        {
            if (!done.Contains(property) && taken.Add(column) && done.Add(property))
                columns.Add((property, column));
        }
        return columns;
    }

    private static bool NamesItem(Field property) =>
        property.Allows(JsonTypes.String) && property.Kind is FieldKind.Text or FieldKind.Person && (property.Names[0].HasType("name") || property.Names[0].HasType("text") || property.Names[0].Subjects is ["item"] or ["title"]);

    private List<(string, Found)> RowOf(List<(Field Field, int Column)> columns, TableRow row, MailPart part)
    {
        var cells = new List<(string, Found)>();
        foreach (var (property, column) in columns)
        {
            var cell = row.Cells[column];
            if (cell.End <= cell.Start)
                continue;
            var found = property.Kind is FieldKind.Enum ? OfEnum(property, cell) : values.InSpan(property, cell.Start, cell.End) ?? (IsFree(property) ? texts.OfSpan(property, cell.Start, cell.End) : null);
            if (found is not null)
                cells.Add((property.Name, found with { Confidence = Confidence.Cell * ValueFinder.FactorOf(part) }));
        }
        return cells;
    }

    private static bool IsFree(Field property) =>
        property.Kind is FieldKind.Text or FieldKind.Person or FieldKind.FirstName or FieldKind.LastName or FieldKind.Company or FieldKind.Address or FieldKind.Job or FieldKind.Place or FieldKind.Message or FieldKind.Subject;

    private Found? OfEnum(Field property, Cell cell) =>
        EnumFinder.OfText(property, reading.Text[cell.Start..cell.End]) is { } value ? new Found(JsonValue.Create(value), cell.Start, cell.End, 1) : null;

    private static bool IsComplete(Field item, List<(string Name, Found)> row) =>
        row.Count > 0 && item.Properties.All(property => !property.IsRequired || row.Exists(cell => cell.Name == property.Name))
        && (row.Count > 1 || item.Properties.Count == 1);

    /// <summary>"2 x Lamp, 20,00 €": a count, a name, an amount.</summary>
    private List<List<(string, Found)>> Lines(Field item)
    {
        var name = item.Properties.FirstOrDefault(NamesItem) ?? item.Properties.FirstOrDefault(property => property.Kind == FieldKind.Text && property.Names[0].IsAbout("item"));
        var count = item.Properties.FirstOrDefault(property => property.Kind == FieldKind.Count);
        if (name is null || count is null)
            return [];
        var price = item.Properties.FirstOrDefault(property => property.Kind == FieldKind.Amount && property.Names[0].IsAbout("price")) ?? item.Properties.FirstOrDefault(property => property.Kind == FieldKind.Amount);
        var rows = new List<List<(string, Found)>>();
        for (var i = 0; i < reading.Lines.Count && rows.Count < MostItems; i++)
        {
            var line = reading.Lines[i];
            if (line.IsBlank || reading.Trust[i] != LineTrust.Full || line.Part is MailPart.Quoted or MailPart.Signature)
                continue;
            var match = CountFirst.Match(reading.Text, line.Start, line.Length);
            if (!match.Success || match.Index != line.Start)
                match = CountLast.Match(reading.Text, line.Start, line.Length);
            if (!match.Success || match.Index != line.Start)
                continue;
            var row = new List<(string, Found)>();
            var (quantity, what) = (match.Groups["n"], match.Groups["v"]);
            if (Rendering.Number(count, decimal.Parse(quantity.ValueSpan, System.Globalization.CultureInfo.InvariantCulture)) is { } number)
                row.Add((count.Name, new Found(number, quantity.Index, quantity.Index + quantity.Length, Confidence.Loose)));
            var text = what.ValueSpan.TrimEnd(" \t-–—,:;@(").ToString();
            if (Rendering.Text(name, text) is { } node)
                row.Add((name.Name, new Found(node, what.Index, what.Index + text.Length, Confidence.Loose)));
            if (price is not null && values.InSpan(price, what.Index + text.Length, line.End) is { } amount)
                row.Add((price.Name, amount with { Confidence = Confidence.Loose }));
            if (IsComplete(item, row))
                rows.Add(row);
        }
        return rows;
    }

    private IEnumerable<Found> Simple(Field field, Field item)
    {
        if (item.Kind == FieldKind.Enum)
            return enums.All(item, leadNeeded: false);
        foreach (var (label, score) in values.LabelsOf(field).OrderByDescending(pair => ValueFinder.Weighed(1, pair.Label, pair.Score)))
        {
            var listed = Listed(item, label).Select(found => found with { Confidence = ValueFinder.Weighed(1, label, score) }).Take(MostItems).ToList();
            if (listed.Count > 0)
                return listed;
        }
        var typed = item.Kind is FieldKind.Text or FieldKind.Person ? [] : values.Near(item).Where(found => found.Confidence >= Confidence.SameSentence - 0.1).ToList();
        if (typed.Count == 0 && item.Kind is FieldKind.Email or FieldKind.Link)
            typed = [.. All(item)];
        if (typed.Count > 0 && item.Kind == FieldKind.Id)
            typed = [.. typed.Concat(Following(item, typed)).OrderBy(found => found.Start)];
        return typed.DistinctBy(found => found.Value.ToJsonString(), StringComparer.Ordinal).OrderBy(found => found.Start).Take(MostItems);
    }

    private IEnumerable<Found> All(Field item)
    {
        foreach (var value in ValueFinder.KindsOf(item).SelectMany(reading.Values.Of).Take(MostItems))
        {
            var line = reading.LineAt(value.Start);
            if (reading.Lines[line].IsOwn && reading.Trust[line] == LineTrust.Full && values.InSpan(item, value.Start, value.End) is { } found)
                yield return found with { Confidence = Confidence.Single };
        }
    }

    /// <summary>"orders A-17, A-18 and A-19": what follows an id with nothing but commas between.</summary>
    private IEnumerable<Found> Following(Field item, List<Found> known)
    {
        foreach (var first in known)
        {
            var end = first.End;
            foreach (var value in reading.Values.Of(ValueKind.Id).Where(value => value.Start >= end).Take(50))
            {
                if (value.Start - end > 8 || !Between.IsMatch(reading.Text.AsSpan(end, value.Start - end)) || values.InSpan(item, value.Start, value.End) is not { } next)
                    break;
                yield return next with { Confidence = Confidence.Near };
                end = value.End;
            }
        }
    }

    private IEnumerable<Found> Listed(Field item, Label label)
    {
        var from = label.ValueStart;
        for (var at = label.ValueStart; at <= label.ValueEnd; at++)
        {
            var joint = at < label.ValueEnd ? JointAt(at, label.ValueEnd) : 1;
            if (joint == 0)
                continue;
            var start = from;
            while (start < at && reading.Text[start] is ' ' or '-' or '*' or '•' or '\t' or '·')
                start++;
            var end = at;
            while (end > start && reading.Text[end - 1] is ' ' or '.' or '\t')
                end--;
            if (end > start && (values.InSpan(item, start, end) ?? (IsFree(item) ? texts.OfSpan(item, start, end) : null)) is { } found)
                yield return found;
            from = at + joint;
            at = from - 1;
        }
    }

    private int JointAt(int at, int end)
    {
        if (reading.Text[at] is ',' or ';' or '\n' or '|')
            return 1;
        foreach (var joint in (ReadOnlySpan<string>)[" and ", " und ", " et ", " y ", " e ", " en ", " & ", " / "])
        {
            if (at + joint.Length < end && string.CompareOrdinal(reading.Text, at, joint, 0, joint.Length) == 0)
                return joint.Length;
        }
        return 0;
    }

    [GeneratedRegex(@"(?:[-*•·]\s?)?(?<n>\d{1,5})\s?(?:x|×|\*|pcs\.?|pieces\sof|Stück|Stk\.?|st\.?)\s+(?<v>\p{L}[^\t|@=,;:(€$£]{0,80}?)(?=\s*(?:[,;:(\t|@=€$£]|\s[-–—]\s|\s(?:à|at|for|zu|je|a|voor|por)\s[€$£\d]|\s\d[\d.,]*\s?(?:€|\$|£|EUR|USD|GBP|CHF)|$))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CountFirst { get; }

    [GeneratedRegex(@"(?:[-*•·]\s?)?(?<v>\p{L}[^\d€$£\t|@=]{1,60})\s(?:x|×)\s?(?<n>\d{1,5})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CountLast { get; }

    [GeneratedRegex(@"^\s?(?:,|;|/|&|and|und|et|y|e|en|or)?\s?(?:and\s|und\s)?#?$", RegexOptions.CultureInvariant)]
    private static partial Regex Between { get; }
}
