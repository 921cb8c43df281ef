namespace Commune.Mail.Text;

/// <summary>What is wanted of HTML.</summary>
internal enum HtmlReading
{
    Text,
    /// <summary>Text, and what the markup says about its lines.</summary>
    MarkedText,
    Markdown,
    /// <summary>Only what is not shown.</summary>
    Hidden,
}

/// <summary>Turns a stream of tags and text into lines.</summary>
internal sealed class HtmlTextReader : IDisposable
{
    private readonly HtmlReading _reading;
    private readonly bool _showHidden;
    private readonly TextLines _lines;
    private readonly SkippedElement _skipped = new();
    private readonly HtmlFrames _frames;
    private readonly HtmlOpenElements _open = new();
    private readonly HtmlSheet? _sheet;
    private readonly KnownStyles _known = new();
    private readonly HtmlLists _lists;
    private readonly HtmlTables _tables;
    private readonly HtmlLink _link;
    private int _pre;

    /// <param name="showHidden">Nothing is left out for being hidden: for a message that would be empty without.</param>
    /// <param name="sheet">Null when there is none.</param>
    /// <param name="expected">UTF-16 code units of text.</param>
    public HtmlTextReader(HtmlReading reading, bool showHidden, HtmlSheet? sheet, int expected)
    {
        _sheet = sheet;
        _reading = reading;
        _showHidden = showHidden;
        var isMarkdown = reading == HtmlReading.Markdown;
        _lines = new TextLines(expected, isMarkdown);
        _frames = new HtmlFrames(_lines, reading == HtmlReading.MarkedText);
        _lists = new HtmlLists(_lines, isMarkdown ? 4 : 2);
        _tables = new HtmlTables(_lines, isMarkdown);
        _link = new HtmlLink(_lines, isMarkdown);
    }

    public IReadOnlyList<LineMark> MarkedLines => _lines.MarkedLines;

    /// <summary>The markup says something about some lines, and may have parted them by it.</summary>
    public bool HasMarked => _frames.HasMarked;

    public void Take(HtmlTokenKind kind, in HtmlTokens tokens)
    {
        switch (kind)
        {
            case HtmlTokenKind.Text:
                Text(tokens.Text);
                break;
            case HtmlTokenKind.Open:
                Open(tokens.Name, tokens.Attributes, tokens.IsSelfClosing);
                break;
            case HtmlTokenKind.Close:
                if (!tokens.Raw.IsEmpty)
                    Raw(tokens.Name, tokens.Raw);
                Close(tokens.Name);
                break;
        }
    }

    private void Text(ReadOnlySpan<char> text)
    {
        var hidden = _skipped.IsOpen || (!_showHidden && _open.IsHidden);
        if (hidden != (_reading == HtmlReading.Hidden))
            return;
        while (true)
        {
            var next = text.IndexOf('&');
            Put(next < 0 ? text : text[..next]);
            if (next < 0)
                return;
            text = text[next..];
            var length = HtmlCharacters.Read(text, out var value);
            Put(value ?? "&");
            text = text[length..];
        }
    }

    private void Put(ReadOnlySpan<char> text)
    {
        if (_pre > 0)
            _lines.Preformatted(text);
        else
            _lines.Append(text);
    }

    /// <summary>Text of an element whose content is not markup, and that is not shown.</summary>
    private void Raw(string name, ReadOnlySpan<char> text)
    {
        if (_reading != HtmlReading.Hidden || name is "script" or "style")
            return;
        _lines.Line();
        _lines.Append(text);
        _lines.Line();
    }

    private void Open(string name, HtmlAttributes attributes, bool selfClosing)
    {
        if (_skipped.IsOpen && _skipped.TakesOpen(name))
        {
            if (_reading == HtmlReading.Hidden)
                Break(name);
            return;
        }
        // A sheet that stands before everything is in the head, wherever that begins.
        var place = _open.Count == 0 && HtmlElements.IsLeftOut(name) ? 0 : _open.Begin(name);
        if (HtmlElements.IsLeftOut(name))
        {
            // Only in drawings does "/>" close an element; elsewhere HTML ignores it.
            if (!selfClosing || name is not ("svg" or "math"))
                _skipped.Begin(name);
            return;
        }
        _frames.BeforeOpen(name);
        var bare = attributes.IsEmpty;
        string? id = null, classes = null;
        var style = default(HtmlStyle);
        if (_sheet is not null)
        {
            (id, classes) = bare ? (null, null) : (attributes.Find("id"), attributes.Find("class"));
            style = _sheet.StyleOf(name, id, classes, place, attributes, _open);
        }
        style = bare && _sheet is null ? HtmlStyle.OfName(name) : HtmlStyle.Of(name, attributes, style, _known);
        if (style.IsHidden && !_showHidden)
        {
            if (!HtmlElements.IsVoid(name))
            {
                _skipped.Begin(name);
                _lines.Line();
                return;
            }
            if (name == "img")
                return;
        }
        if (!bare)
            _frames.Open(name, attributes, style);
        _open.Open(name, id, classes, name == "a" && !bare && attributes.Has("href"), style);
        if (_reading == HtmlReading.Hidden)
            Break(name == "br" ? "div" : name);
        else
            OpenShown(name, attributes);
    }

    private void OpenShown(string name, HtmlAttributes attributes)
    {
        switch (name)
        {
            case "br":
                _lines.LineBreak();
                break;
            case "hr":
                _lines.Rule();
                break;
            case "img":
                if (attributes.Find("width") is not ("0" or "1") && attributes.Find("alt") is { Length: > 0 } alt)
                    _lines.Append(alt);
                break;
            case "a":
                _link.End();
                _link.Begin(attributes.Find("href"));
                break;
            case "ul" or "ol" or "menu" or "dir":
                _lists.Open(name == "ol" ? HtmlLists.StartOf(attributes) : 0);
                break;
            case "li":
                _lists.OpenItem();
                break;
            case "blockquote":
                _lines.Paragraph();
                _lines.Quote(1);
                _frames.EndAttribution();
                break;
            case "pre" or "listing":
                _lines.Paragraph();
                if (_pre++ == 0)
                    _lines.BeginCode();
                break;
            case "table":
                _tables.Open(attributes);
                break;
            case "tr":
                _tables.OpenRow();
                break;
            case "td" or "th":
                _tables.OpenCell(name);
                break;
            case "b" or "strong":
                _lines.Strong(1);
                break;
            case "i" or "em":
                _lines.Emphasis(1);
                break;
            default:
                if (_reading == HtmlReading.Markdown && HtmlElements.HeadingLevel(name) is > 0 and var level)
                {
                    _lines.Paragraph();
                    _lines.Marker(0, "######"[..level] + " ");
                    break;
                }
                Break(name);
                break;
        }
    }

    private void Close(string name)
    {
        if (_skipped.IsOpen && _skipped.TakesClose(name, out var wasInside))
        {
            if (wasInside && _reading == HtmlReading.Hidden)
                Break(name);
            return;
        }
        _frames.Close(name);
        _open.Close(name);
        if (_reading == HtmlReading.Hidden)
            Break(name);
        else
            CloseShown(name);
    }

    private void CloseShown(string name)
    {
        switch (name)
        {
            case "a":
                _link.End();
                break;
            case "ul" or "ol" or "menu" or "dir":
                _lists.Close();
                break;
            case "blockquote":
                _lines.Paragraph();
                _lines.Quote(-1);
                break;
            case "pre" or "listing":
                if (_pre == 1)
                    _lines.EndCode();
                _pre = Math.Max(0, _pre - 1);
                _lines.Paragraph();
                break;
            case "li":
                _lines.Line();
                break;
            case "tr":
                _tables.CloseRow();
                break;
            case "table":
                _tables.Close();
                break;
            case "b" or "strong":
                _lines.Strong(-1);
                break;
            case "i" or "em":
                _lines.Emphasis(-1);
                break;
            default:
                Break(name);
                break;
        }
    }

    public string Finish()
    {
        _link.End();
        _lines.EndCode();
        return _lines.Finish();
    }

    public void Dispose() => _lines.Dispose();

    private void Break(string name)
    {
        if (name == "p" || HtmlElements.HeadingLevel(name) > 0)
            _lines.Paragraph();
        else if (HtmlElements.IsBlock(name))
            _lines.Line();
    }
}
