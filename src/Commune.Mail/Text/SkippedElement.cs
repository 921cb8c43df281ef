namespace Commune.Mail.Text;

/// <summary>The element whose content is left out, because it is no text or because nobody sees it, and what is open inside it.</summary>
internal sealed class SkippedElement
{
    private const int DeepestInside = 100;

    private readonly List<string> _inside = [];
    private string? _name;

    public bool IsOpen => _name is not null;

    /// <summary>It is text that is hidden, not a script or a drawing.</summary>
    public bool IsHidden => _name is not null && !HtmlElements.IsLeftOut(_name);

    public void Begin(string name) => _name = name;

    /// <summary>Takes a start tag inside it; false when the tag ends it.</summary>
    public bool TakesOpen(string name)
    {
        if (EndsBefore(name))
        {
            End();
            return false;
        }
        if (_inside.Count < DeepestInside && !HtmlElements.IsVoid(name))
            _inside.Add(name);
        return true;
    }

    /// <summary>Takes an end tag inside it; false when the tag belongs to it or to something around it.</summary>
    /// <param name="wasInside">The tag closed something inside.</param>
    public bool TakesClose(string name, out bool wasInside)
    {
        var open = _inside.LastIndexOf(name);
        wasInside = open >= 0;
        if (wasInside)
        {
            _inside.RemoveRange(open, _inside.Count - open);
            return true;
        }
        if (name == _name)
        {
            End();
            return true;
        }
        // The end of something around it ends an element that lacks its own end.
        if (!IsHidden || _inside.Count >= DeepestInside || !(HtmlElements.IsBlock(name) || name is "td" or "th"))
            return true;
        End();
        return false;
    }

    private void End()
    {
        _name = null;
        _inside.Clear();
    }

    /// <summary>The end tag of a paragraph may be missing, and no HTML block stands inside a drawing.</summary>
    private bool EndsBefore(string name) =>
        (_name == "p" && (name == "p" || HtmlElements.IsBlock(name)))
        || (_name == "li" && _inside.Count == 0 && name == "li")
        || ((_name is "td" or "th") && _inside.Count == 0 && (name is "td" or "th" or "tr"))
        || (_name == "tr" && name == "tr" && !_inside.Contains("table"))
        || ((_name is "svg" or "math" or "select") && (name is "p" or "table" or "body" || HtmlElements.IsBlock(name)));
}
