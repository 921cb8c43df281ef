namespace Commune.Mail.Text;

/// <summary>The open elements: what selectors ask of them, and how text looks in them. Where its colour is that of what is behind it, or its letters are too small, nobody sees it.</summary>
internal sealed class HtmlOpenElements
{
    // As deep as browsers go.
    private const int Deepest = 512;
    private const double UsualSize = 16;
    private const double LeastSize = 2;

    private static readonly HtmlColor Link = HtmlColor.OfText("#0000EE");

    /// <param name="Id">Null where nobody asks for it, as <paramref name="Classes"/>.</param>
    /// <param name="Children">How many elements have begun in it.</param>
    private record struct Element(string Name, string? Id, string? Classes, HtmlColor Color, HtmlColor Background, double Size, double Opacity, int Children);

    private readonly List<Element> _open = [];
    private int _children;
    // Elements deeper than that look as the deepest that is kept.
    private int _beyond;

    private Element Now => _open.Count > 0 ? _open[^1] : new Element("", null, null, HtmlColor.Black, HtmlColor.White, UsualSize, 1, _children);

    public bool IsHidden => Now is var now && (now.Size <= LeastSize || now.Opacity <= CssHiding.LeastOpacity || now.Color.Vanishes(now.Background));

    public int Count => _open.Count;

    public string NameOf(int index) => _open[index].Name;

    public string? IdOf(int index) => _open[index].Id;

    public string? ClassesOf(int index) => _open[index].Classes;

    /// <summary>Counts an element that begins, and ends what ends before it.</summary>
    /// <returns>Its place among the elements of its parent, from 1.</returns>
    public int Begin(string name)
    {
        EndBefore(name);
        if (_open.Count == 0)
            return ++_children;
        var children = _open[^1].Children + 1;
        _open[^1] = _open[^1] with { Children = children };
        return children;
    }

    /// <summary>Opens an element that has <see cref="Begin">begun</see>.</summary>
    /// <param name="isLink">It has the colour of links unless it says another.</param>
    public void Open(string name, string? id, string? classes, bool isLink, in HtmlStyle style)
    {
        if (HtmlElements.IsVoid(name))
            return;
        if (_open.Count == Deepest)
        {
            _beyond++;
            return;
        }
        var around = Now;
        var color = style.Color.IsSaid ? style.Color : isLink ? Link : around.Color;
        var background = style.Background.IsThatOfText ? color : style.Background.IsSaid ? style.Background : around.Background;
        var size = style.FontSize is not { } said ? around.Size : said.IsShare ? Math.Min(said.Number * around.Size, 1000) : said.Number;
        _open.Add(new Element(name, id, classes, color, background, size, around.Opacity * (style.Opacity ?? 1), 0));
    }

    public void Close(string name)
    {
        if (_beyond > 0)
        {
            _beyond--;
            return;
        }
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            var open = _open[i].Name;
            if (open == name)
            {
                _open.RemoveRange(i, _open.Count - i);
                return;
            }
            // A cell ends with its row or its table only.
            if (open is "table" || (open is "td" or "th" && name is not ("tr" or "tbody" or "table")))
                return;
        }
    }

    /// <summary>Ends what has no end tag of its own.</summary>
    private void EndBefore(string name)
    {
        if (_beyond > 0)
            return;
        if (_open.Count > 0 && _open[^1].Name == "p" && (name == "p" || HtmlElements.IsBlock(name)))
            _open.RemoveAt(_open.Count - 1);
        else if (name is "td" or "th" or "tr" or "li")
            EndCell(name);
    }

    private void EndCell(string name)
    {
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            var open = _open[i].Name;
            if (name == "li" ? open is "ul" or "ol" or "td" : open is "table" || (open == "tr" && name != "tr"))
                return;
            if (open == name || (name is "td" or "th" && open is "td" or "th"))
            {
                _open.RemoveRange(i, _open.Count - i);
                return;
            }
        }
    }
}
