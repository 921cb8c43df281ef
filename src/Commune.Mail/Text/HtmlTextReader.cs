using System.Globalization;
using AngleSharp.Html.Parser.Tokens;

namespace Commune.Mail.Text;

/// <summary>Turns a stream of tags and text into lines.</summary>
internal sealed class HtmlTextReader(bool showHidden)
{
    private const int DeepestList = 10;
    private const int DeepestInside = 100;

    private readonly TextLines _lines = new();
    // The number the next item of each open list gets; 0 for a list with bullets.
    private readonly List<int> _lists = [];
    private int _listOverflow;
    private int _pre;
    private string? _link;
    private int _linkStart;
    // The element whose content is left out, and what is open inside it.
    private readonly List<string> _inside = [];
    private string? _skipped;

    public void Text(string text)
    {
        if (_skipped is not null)
            return;
        if (_pre > 0)
            _lines.Preformatted(text);
        else
            _lines.Append(text);
    }

    public void Open(HtmlTagToken tag)
    {
        var name = tag.Name;
        if (_skipped is not null)
        {
            if (!EndsSkipped(name))
            {
                if (_inside.Count < DeepestInside && !IsVoid(name))
                    _inside.Add(name);
                return;
            }
            StopSkipping();
        }
        if (IsLeftOut(name) || (!showHidden && IsHidden(tag) && !IsVoid(name)))
        {
            // Only in drawings does "/>" close an element; elsewhere HTML ignores it.
            if (!tag.IsSelfClosing || name is not ("svg" or "math"))
            {
                _skipped = name;
            }
            return;
        }

        switch (name)
        {
            case "br":
                _lines.LineBreak();
                break;
            case "hr":
                _lines.Paragraph();
                break;
            case "img":
                _lines.Append(tag.GetAttribute("alt"));
                break;
            case "a":
                EndLink();
                _link = tag.GetAttribute("href");
                _linkStart = _lines.Length;
                break;
            case "ul" or "ol" or "menu" or "dir":
                OpenList(name == "ol" ? StartOf(tag) : 0);
                break;
            case "li":
                OpenItem();
                break;
            case "blockquote":
                _lines.Paragraph();
                _lines.Quote(1);
                break;
            case "pre" or "listing":
                _lines.Paragraph();
                _pre++;
                break;
            case "td" or "th":
                _lines.Cell();
                break;
            default:
                Break(name);
                break;
        }
    }

    public void Close(string name)
    {
        if (_skipped is not null)
        {
            var open = _inside.LastIndexOf(name);
            if (open >= 0)
            {
                _inside.RemoveRange(open, _inside.Count - open);
                return;
            }
            var own = name == _skipped;
            // The end of something around it ends an element that lacks its own end.
            var around = !IsLeftOut(_skipped) && _inside.Count < DeepestInside && (IsBlock(name) || name is "td" or "th");
            if (!own && !around)
                return;
            StopSkipping();
            if (own)
                return;
        }
        switch (name)
        {
            case "a":
                EndLink();
                break;
            case "ul" or "ol" or "menu" or "dir":
                CloseList();
                break;
            case "blockquote":
                _lines.Paragraph();
                _lines.Quote(-1);
                break;
            case "pre" or "listing":
                _pre = Math.Max(0, _pre - 1);
                _lines.Paragraph();
                break;
            case "li":
                _lines.Line();
                break;
            default:
                Break(name);
                break;
        }
    }

    /// <summary>Whether a hidden element is open: at the end this means that it was never closed, and hid too much.</summary>
    public bool IsHiding => _skipped is not null && !IsLeftOut(_skipped);

    public string Finish()
    {
        EndLink();
        return _lines.Finish();
    }

    private void StopSkipping()
    {
        _skipped = null;
        _inside.Clear();
    }

    private void Break(string name)
    {
        if (name is "p" or "h1" or "h2" or "h3" or "h4" or "h5" or "h6")
            _lines.Paragraph();
        else if (IsBlock(name))
            _lines.Line();
    }

    private void OpenList(int first)
    {
        if (_lists.Count == 0)
            _lines.Paragraph();
        else
            _lines.Line();
        if (_lists.Count < DeepestList)
            _lists.Add(first);
        else
            _listOverflow++;
    }

    private void CloseList()
    {
        if (_listOverflow > 0)
            _listOverflow--;
        else if (_lists.Count > 0)
            _lists.RemoveAt(_lists.Count - 1);
        if (_lists.Count == 0)
            _lines.Paragraph();
        else
            _lines.Line();
    }

    private void OpenItem()
    {
        _lines.Line();
        if (_lists.Count == 0)
        {
            _lines.Marker(0, "- ");
            return;
        }
        var number = _lists[^1];
        if (number > 0)
            _lists[^1] = number + 1;
        _lines.Marker(_lists.Count - 1, number == 0 ? "- " : number.ToString(CultureInfo.InvariantCulture) + ". ");
    }

    private static int StartOf(HtmlTagToken tag) =>
        int.TryParse(tag.GetAttribute("start"), NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            && start is > 0 and < 1_000_000 ? start : 1;

    private void EndLink()
    {
        var url = _link?.Trim();
        _link = null;
        if (string.IsNullOrEmpty(url) || !IsShown(url))
            return;
        var text = _lines.Since(_linkStart).Trim();
        if (text.IsEmpty || !SameAddress(text, url))
            _lines.AppendLink(url);
    }

    private static bool IsShown(string url) =>
        url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        || url.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase);

    private static bool SameAddress(ReadOnlySpan<char> text, ReadOnlySpan<char> url) =>
        Bare(text).Equals(Bare(url), StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> Bare(ReadOnlySpan<char> url)
    {
        foreach (var scheme in (ReadOnlySpan<string>)["http://", "https://", "mailto:"])
        {
            if (url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            {
                url = url[scheme.Length..];
                break;
            }
        }
        return url.TrimEnd('/');
    }

    private static bool IsHidden(HtmlTagToken tag)
    {
        foreach (var attribute in tag.Attributes)
        {
            if (attribute.Name == "hidden")
                return true;
            if (attribute.Name == "style" && HidesByStyle(attribute.Value))
                return true;
        }
        return false;
    }

    private static bool HidesByStyle(string style)
    {
        var display = style.IndexOf("display", StringComparison.OrdinalIgnoreCase);
        if (display < 0)
            return false;
        var value = style.AsSpan(display + "display".Length).TrimStart();
        return value.StartsWith(':') && value[1..].TrimStart().StartsWith("none", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsLeftOut(string name) =>
        name is "script" or "style" or "title" or "textarea" or "xmp" or "iframe" or "noembed" or "noframes"
            or "svg" or "math" or "template" or "select";

    /// <summary>The end tag of a paragraph may be missing, and no HTML block stands inside a drawing.</summary>
    private bool EndsSkipped(string name) =>
        (_skipped == "p" && (name == "p" || IsBlock(name)))
        || (_skipped == "li" && _inside.Count == 0 && name == "li")
        || ((_skipped is "td" or "th") && _inside.Count == 0 && (name is "td" or "th" or "tr"))
        || (_skipped == "tr" && name == "tr" && !_inside.Contains("table"))
        || ((_skipped is "svg" or "math" or "select") && (name is "p" or "table" or "body" || IsBlock(name)));

    private static bool IsVoid(string name) =>
        name is "br" or "hr" or "img" or "input" or "meta" or "link" or "area" or "base" or "col" or "embed" or "source" or "track" or "wbr";

    private static bool IsBlock(string name) =>
        name is "div" or "tr" or "table" or "section" or "article" or "header" or "footer" or "main" or "nav" or "aside"
            or "address" or "center" or "form" or "fieldset" or "dl" or "dt" or "dd" or "figure" or "figcaption" or "caption"
            or "details" or "summary" or "body" or "html" or "ul" or "ol" or "li" or "blockquote" or "pre";
}
