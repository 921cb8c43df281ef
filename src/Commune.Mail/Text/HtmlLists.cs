using System.Globalization;

namespace Commune.Mail.Text;

/// <summary>The open lists, and the marker of each item.</summary>
/// <param name="indent">Columns by which a list inside a list is moved.</param>
internal sealed class HtmlLists(TextLines lines, int indent)
{
    private const int Deepest = 10;

    // The number the next item of each open list gets; 0 for a list with bullets.
    private readonly List<int> _next = [];
    private int _overflow;

    /// <summary>The number of the first item of an ordered list.</summary>
    public static int StartOf(HtmlAttributes attributes) =>
        int.TryParse(attributes.Find("start"), NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            && start is > 0 and < 1_000_000 ? start : 1;

    /// <param name="first">0 for a list with bullets.</param>
    public void Open(int first)
    {
        if (_next.Count == 0)
            lines.Paragraph();
        else
            lines.Line();
        if (_next.Count < Deepest)
            _next.Add(first);
        else
            _overflow++;
    }

    public void Close()
    {
        if (_overflow > 0)
            _overflow--;
        else if (_next.Count > 0)
            _next.RemoveAt(_next.Count - 1);
        if (_next.Count == 0)
            lines.Paragraph();
        else
            lines.Line();
    }

    public void OpenItem()
    {
        lines.Line();
        if (_next.Count == 0)
        {
            lines.Marker(0, "- ");
            return;
        }
        var number = _next[^1];
        if (number > 0)
            _next[^1] = number + 1;
        lines.Marker(indent * (_next.Count - 1), number == 0 ? "- " : number.ToString(CultureInfo.InvariantCulture) + ". ");
    }
}
