namespace Commune.Ai.Extraction.Builtin.Reading;

/// <summary>A cell's content; empty when start and end are the same.</summary>
internal readonly record struct Cell(int Start, int End);

/// <summary>A heading and the rows below it.</summary>
/// <param name="Headings">The words of each column's heading; none for an empty one.</param>
internal sealed record Table(IReadOnlyList<IReadOnlyList<Word>> Headings, IReadOnlyList<TableRow> Rows, MailPart Part);

/// <param name="Line">The index of its line.</param>
internal sealed record TableRow(int Line, IReadOnlyList<Cell> Cells);

/// <summary>Cuts a line into cells.</summary>
internal static class CellReader
{
    private const int MostCells = 40;

    /// <param name="loose">Whether two spaces separate cells too.</param>
    /// <returns>The cells; fewer than two when the line is no row.</returns>
    public static List<Cell> Of(string text, TextLine line, bool loose)
    {
        var cells = new List<Cell>();
        var span = text.AsSpan(line.Start, line.Length);
        var mark = span.Contains('\t') ? '\t' : span.Contains('|') ? '|' : ' ';
        if (mark == ' ' && (!loose || !span.Contains("  ", StringComparison.Ordinal)))
            return cells;
        var from = mark == '|' && span[0] == '|' ? 1 : 0;
        var end = mark == '|' && span[^1] == '|' && span.Length > 1 ? span.Length - 1 : span.Length;
        while (from <= end && cells.Count < MostCells)
        {
            var rest = span[from..end];
            var stop = mark == ' ' ? rest.IndexOf("  ", StringComparison.Ordinal) : rest.IndexOf(mark);
            var length = stop < 0 ? rest.Length : stop;
            var cell = rest[..length];
            var lead = cell.Length - cell.TrimStart(" \t*\u00A0").Length;
            var content = cell.Trim(" \t*\u00A0").Length;
            if (mark != ' ' || content > 0)
                cells.Add(new Cell(line.Start + from + lead, line.Start + from + lead + content));
            if (stop < 0)
                break;
            from += length + (mark == ' ' ? 2 : 1);
        }
        return cells;
    }
}

/// <summary>Finds the tables of a text: HTML's, whose cells are separated by tabs, and those drawn with bars or spaces.</summary>
internal static class TableReader
{
    private const int MostTables = 50;
    private const int MostRows = 500;

    public static List<Table> Read(MailReading reading)
    {
        var tables = new List<Table>();
        for (var i = 0; i < reading.Lines.Count && tables.Count < MostTables; i++)
        {
            if (ReadAt(reading, i, out var after) is not { } table)
                continue;
            tables.Add(table);
            i = after - 1;
        }
        return tables;
    }

    private static Table? ReadAt(MailReading reading, int line, out int after)
    {
        after = line + 1;
        if (reading.Lines[line].IsBlank || reading.Trust[line] <= LineTrust.Beside)
            return null;
        var heading = CellReader.Of(reading.Text, reading.Lines[line], loose: true);
        if (heading.Count < 2 || !heading.TrueForAll(cell => IsHeading(reading.Text.AsSpan(cell.Start, cell.End - cell.Start))))
            return null;
        var rows = new List<TableRow>();
        for (var next = line + 1; next < reading.Lines.Count && rows.Count < MostRows; next++)
        {
            if (reading.Lines[next].IsBlank || reading.Trust[next] <= LineTrust.Beside)
                break;
            if (IsRule(reading.SpanOf(reading.Lines[next])))
            {
                after = next + 1;
                continue;
            }
            var cells = CellReader.Of(reading.Text, reading.Lines[next], loose: true);
            if (cells.Count != heading.Count)
                break;
            rows.Add(new TableRow(next, cells));
            after = next + 1;
        }
        if (rows.Count == 0)
            return null;
        var headings = heading.Select(cell => (IReadOnlyList<Word>)WordReader.OfName(reading.Text[cell.Start..cell.End])).ToList();
        return new Table(headings, rows, reading.Lines[line].Part);
    }

    private static bool IsHeading(ReadOnlySpan<char> cell)
    {
        if (cell.Length > 40)
            return false;
        var digits = 0;
        foreach (var c in cell)
            digits += char.IsDigit(c) ? 1 : 0;
        return digits == 0 && (cell.IsEmpty || cell[^1] is not (':' or '!'));
    }

    private static bool IsRule(ReadOnlySpan<char> line) => line.IndexOfAnyExcept("-=_+| :\t—─") < 0;
}
