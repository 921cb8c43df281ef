namespace Commune.Mail.Text;

/// <summary>The open elements by which mail programs mark what is in them.</summary>
/// <param name="marksLines">Whether the lines are to be marked.</param>
internal sealed class HtmlFrames(TextLines lines, bool marksLines)
{
    private const int Deepest = 100;

    private readonly List<Frame> _open = [];

    /// <param name="Nested">How many elements of the same name are open inside.</param>
    private record struct Frame(string Name, int Nested, LineMarks Marks);

    /// <summary>A quotation begins: the containers around it announce it, and what follows it inside them are answers.</summary>
    public void EndAttribution()
    {
        for (var i = 0; i < _open.Count; i++)
            _open[i] = _open[i] with { Marks = _open[i].Marks & ~LineMarks.Attribution };
        lines.Marks &= ~LineMarks.Attribution;
    }

    /// <summary>Without a marked element the lines are those that they would be for who does not mark them.</summary>
    public bool HasMarked { get; private set; }

    public void Open(string name, HtmlAttributes attributes, in HtmlStyle style)
    {
        var marks = marksLines ? MailMarkup.Of(name, attributes, style) : LineMarks.None;
        HasMarked |= marks != LineMarks.None;
        if (marks.HasFlag(LineMarks.Divider) || marks.HasFlag(LineMarks.Border) || marks.HasFlag(LineMarks.Forward))
        {
            lines.Line();
            lines.MarkNext(marks);
            marks &= ~(LineMarks.Divider | LineMarks.Border | LineMarks.Forward);
        }
        if (marks == LineMarks.None || HtmlElements.IsVoid(name) || _open.Count >= Deepest)
            return;
        lines.Line();
        var outer = _open.Count > 0 ? _open[^1] : default;
        _open.Add(new Frame(name, 0, outer.Marks | marks));
        lines.Marks = outer.Marks | marks;
    }

    /// <summary>Counts an element of the same name, or ends one that has no end tag of its own.</summary>
    public void BeforeOpen(string name)
    {
        if (_open.Count == 0 || HtmlElements.IsVoid(name))
            return;
        var frame = _open[^1];
        if (frame.Name == name && name is not ("p" or "li" or "td" or "th" or "tr"))
        {
            _open[^1] = frame with { Nested = frame.Nested + 1 };
            return;
        }
        if ((frame.Name == "p" && (name == "p" || HtmlElements.IsBlock(name))) || (frame.Name == "li" && name == "li")
            || (frame.Name is "td" or "th" && name is "td" or "th" or "tr" && frame.Nested == 0))
        {
            Pop();
        }
        else if (name == "table" && frame.Name is "td" or "th" or "tr")
        {
            _open[^1] = frame with { Nested = frame.Nested + 1 };
        }
    }

    public void Close(string name)
    {
        if (_open.Count == 0)
            return;
        var frame = _open[^1];
        if (frame.Name != name)
        {
            if (name == "table" && frame.Name is "td" or "th" or "tr" && frame.Nested > 0)
                _open[^1] = frame with { Nested = frame.Nested - 1 };
            else if (HtmlElements.IsBlock(name) && _open.FindLastIndex(open => open.Name == name && open.Nested == 0) is >= 0 and var around && frame.Name is not ("td" or "th" or "tr"))
                PopTo(around);
            return;
        }
        if (frame.Nested > 0)
        {
            if (name is not ("td" or "th" or "tr"))
                _open[^1] = frame with { Nested = frame.Nested - 1 };
        }
        else
        {
            Pop();
        }
    }

    private void PopTo(int index)
    {
        while (_open.Count > index)
            Pop();
    }

    private void Pop()
    {
        lines.Line();
        _open.RemoveAt(_open.Count - 1);
        lines.Marks = _open.Count > 0 ? _open[^1].Marks : LineMarks.None;
    }
}
