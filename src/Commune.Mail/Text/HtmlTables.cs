namespace Commune.Mail.Text;

/// <summary>The open tables: cells of one that holds data stay in their row, cells of one that only arranges are blocks.</summary>
/// <param name="hasHeadRule">A rule stands below the first row when its cells are headings.</param>
internal sealed class HtmlTables(TextLines lines, bool hasHeadRule)
{
    private const int Deepest = 20;

    private readonly List<Table> _open = [];

    /// <param name="Flows">A table that only arranges: its cells are blocks.</param>
    /// <param name="Cells">In the row so far.</param>
    /// <param name="CellStart">Where the last cell begins.</param>
    private record struct Table(bool Flows, int Rows, int Cells, int CellStart, bool HasHead);

    public void OpenRow()
    {
        lines.EndRow();
        if (_open.Count > 0)
            _open[^1] = _open[^1] with { Rows = _open[^1].Rows + 1, Cells = 0, HasHead = false };
    }

    public void Open(HtmlAttributes attributes)
    {
        lines.EndRow();
        // A table in a cell makes the one around it an arrangement.
        if (_open.Count > 0)
            _open[^1] = _open[^1] with { Flows = true };
        if (_open.Count < Deepest)
            _open.Add(new Table(attributes.Find("role") is "presentation" or "none", 0, 0, 0, false));
    }

    public void OpenCell(string name)
    {
        if (_open.Count == 0)
            return;
        var table = _open[^1];
        if (table.Cells > 0 && !table.Flows)
            lines.Cell(table.CellStart);
        else
            lines.EndRow();
        _open[^1] = table with { Cells = table.Cells + 1, CellStart = lines.Length, HasHead = table.HasHead || name == "th" };
    }

    public void CloseRow()
    {
        lines.EndRow();
        if (hasHeadRule && _open.Count > 0 && _open[^1] is { Rows: 1, HasHead: true, Cells: > 1, Flows: false } head)
            lines.HeadRule(head.Cells);
    }

    public void Close()
    {
        lines.EndRow();
        if (_open.Count == 0)
            return;
        _open.RemoveAt(_open.Count - 1);
        lines.IsTableRow = false;
    }
}
