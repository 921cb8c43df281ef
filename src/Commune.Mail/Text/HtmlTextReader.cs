using System.Buffers;
using System.Globalization;

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
/// <param name="showHidden">Nothing is left out for being hidden: for a message that would be empty without.</param>
internal sealed class HtmlTextReader(HtmlReading reading, bool showHidden, int expected) : IDisposable
{
    private const int DeepestList = 10;
    private const int DeepestInside = 100;
    private const int DeepestFrame = 100;
    private const int DeepestTable = 20;
    private const int LongestUrl = 2000;

    private readonly TextLines _lines = new(expected, reading == HtmlReading.Markdown);
    // The number the next item of each open list gets; 0 for a list with bullets.
    private readonly List<int> _lists = [];
    private int _listOverflow;
    private int _pre;
    private string? _link;
    private int _linkStart;
    // The element whose content is left out, and what is open inside it.
    private readonly List<string> _inside = [];
    private string? _skipped;
    private readonly List<Frame> _frames = [];
    private readonly List<Table> _tables = [];

    /// <summary>An open element that says something about what is in it.</summary>
    /// <param name="Nested">How many elements of the same name are open inside.</param>
    private record struct Frame(string Name, int Nested, LineMarks Marks, bool NoSize);

    /// <param name="Flows">A table that only arranges: its cells are blocks.</param>
    /// <param name="Cells">In the row so far.</param>
    /// <param name="CellStart">Where the last cell begins.</param>
    private record struct Table(bool Flows, int Rows, int Cells, int CellStart, bool HasHead);

    private bool NoSize => _frames.Count > 0 && _frames[^1].NoSize;

    public void Text(ReadOnlySpan<char> text)
    {
        var hidden = _skipped is not null || NoSize;
        if (hidden != (reading == HtmlReading.Hidden))
            return;
        if (hidden && _skipped is not null && IsLeftOut(_skipped))
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

    public void Open(string name, HtmlAttributes attributes, bool selfClosing)
    {
        if (_skipped is not null)
        {
            if (!EndsSkipped(name))
            {
                if (_inside.Count < DeepestInside && !IsVoid(name))
                    _inside.Add(name);
                if (reading == HtmlReading.Hidden)
                    Break(name);
                return;
            }
            StopSkipping();
        }
        if (IsLeftOut(name))
        {
            // Only in drawings does "/>" close an element; elsewhere HTML ignores it.
            if (!selfClosing || name is not ("svg" or "math"))
                _skipped = name;
            return;
        }
        EndFrames(name);
        if (!attributes.IsEmpty)
        {
            var style = HtmlStyle.Of(attributes);
            if (style.IsHidden && !showHidden && !IsVoid(name))
            {
                _skipped = name;
                _lines.Line();
                return;
            }
            if (style.IsHidden && !showHidden && name == "img")
                return;
            AddFrame(name, attributes, style);
        }
        if (reading == HtmlReading.Hidden)
            Break(name == "br" ? "div" : name);
        else
            OpenShown(name, attributes);
    }

    private void AddFrame(string name, HtmlAttributes attributes, in HtmlStyle style)
    {
        var marks = reading == HtmlReading.MarkedText ? MailMarkup.Of(name, attributes, style) : LineMarks.None;
        if (marks.HasFlag(LineMarks.Divider) || marks.HasFlag(LineMarks.Border) || marks.HasFlag(LineMarks.Forward))
        {
            _lines.Line();
            _lines.MarkNext(marks);
            marks &= ~(LineMarks.Divider | LineMarks.Border | LineMarks.Forward);
        }
        // Sizes in tables are there to close gaps; their content sets its own.
        var noSize = showHidden ? null : style.HasNoSize;
        if ((marks == LineMarks.None && noSize is null) || IsVoid(name) || _frames.Count >= DeepestFrame)
            return;
        if (noSize is null && marks == LineMarks.None)
            return;
        if (marks != LineMarks.None)
            _lines.Line();
        var outer = _frames.Count > 0 ? _frames[^1] : default;
        _frames.Add(new Frame(name, 0, outer.Marks | marks, noSize ?? outer.NoSize));
        _lines.Marks = outer.Marks | marks;
    }

    /// <summary>Counts an element of the same name, or ends one that has no end tag of its own.</summary>
    private void EndFrames(string name)
    {
        if (_frames.Count == 0 || IsVoid(name))
            return;
        var frame = _frames[^1];
        if (frame.Name == name && name is not ("p" or "li" or "td" or "th" or "tr"))
        {
            _frames[^1] = frame with { Nested = frame.Nested + 1 };
            return;
        }
        if ((frame.Name == "p" && (name == "p" || IsBlock(name))) || (frame.Name == "li" && name == "li")
            || (frame.Name is "td" or "th" && name is "td" or "th" or "tr" && frame.Nested == 0))
        {
            PopFrame();
        }
        else if (name == "table" && frame.Name is "td" or "th" or "tr")
        {
            _frames[^1] = frame with { Nested = frame.Nested + 1 };
        }
    }

    private void CloseFrame(string name)
    {
        if (_frames.Count == 0)
            return;
        var frame = _frames[^1];
        if (frame.Name != name)
        {
            if (name == "table" && frame.Name is "td" or "th" or "tr" && frame.Nested > 0)
                _frames[^1] = frame with { Nested = frame.Nested - 1 };
            else if (IsBlock(name) && _frames.FindLastIndex(open => open.Name == name && open.Nested == 0) is >= 0 and var around && frame.Name is not ("td" or "th" or "tr"))
                PopTo(around);
            return;
        }
        if (frame.Nested > 0)
        {
            if (name is not ("td" or "th" or "tr"))
                _frames[^1] = frame with { Nested = frame.Nested - 1 };
        }
        else
        {
            PopFrame();
        }
    }

    private void PopTo(int index)
    {
        while (_frames.Count > index)
            PopFrame();
    }

    private void PopFrame()
    {
        if (_frames[^1].Marks != LineMarks.None)
            _lines.Line();
        _frames.RemoveAt(_frames.Count - 1);
        _lines.Marks = _frames.Count > 0 ? _frames[^1].Marks : LineMarks.None;
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
                EndLink();
                BeginLink(attributes.Find("href"));
                break;
            case "ul" or "ol" or "menu" or "dir":
                OpenList(name == "ol" ? StartOf(attributes) : 0);
                break;
            case "li":
                OpenItem();
                break;
            case "blockquote":
                OpenQuote();
                break;
            case "pre" or "listing":
                _lines.Paragraph();
                if (_pre++ == 0)
                    _lines.BeginCode();
                break;
            case "table":
                OpenTable(attributes);
                break;
            case "tr":
                _lines.EndRow();
                if (_tables.Count > 0)
                    _tables[^1] = _tables[^1] with { Rows = _tables[^1].Rows + 1, Cells = 0, HasHead = false };
                break;
            case "td" or "th":
                OpenCell(name);
                break;
            case "b" or "strong":
                _lines.Strong(1);
                break;
            case "i" or "em":
                _lines.Emphasis(1);
                break;
            default:
                if (reading == HtmlReading.Markdown && HeadingLevel(name) is > 0 and var level)
                {
                    _lines.Paragraph();
                    _lines.Marker(0, "######"[..level] + " ");
                    break;
                }
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
                if (reading == HtmlReading.Hidden)
                    Break(name);
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
        CloseFrame(name);
        if (reading == HtmlReading.Hidden)
        {
            Break(name);
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
                if (_pre == 1)
                    _lines.EndCode();
                _pre = Math.Max(0, _pre - 1);
                _lines.Paragraph();
                break;
            case "li":
                _lines.Line();
                break;
            case "tr":
                CloseRow();
                break;
            case "table":
                _lines.EndRow();
                CloseTable();
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

    /// <summary>Whether a hidden element is open: at the end this means that it was never closed, and hid too much.</summary>
    public bool IsHiding => _skipped is not null && !IsLeftOut(_skipped);

    public IReadOnlyList<LineMark> MarkedLines => _lines.MarkedLines;

    public string Finish()
    {
        EndLink();
        _lines.EndCode();
        return _lines.Finish();
    }

    public void Dispose() => _lines.Dispose();

    private void OpenQuote()
    {
        _lines.Paragraph();
        _lines.Quote(1);
        // The containers around it announce it; what follows it inside them are answers.
        for (var i = 0; i < _frames.Count; i++)
            _frames[i] = _frames[i] with { Marks = _frames[i].Marks & ~LineMarks.Attribution };
        _lines.Marks &= ~LineMarks.Attribution;
    }

    private void OpenTable(HtmlAttributes attributes)
    {
        _lines.EndRow();
        // A table in a cell makes the one around it an arrangement.
        if (_tables.Count > 0)
            _tables[^1] = _tables[^1] with { Flows = true };
        if (_tables.Count < DeepestTable)
            _tables.Add(new Table(attributes.Find("role") is "presentation" or "none", 0, 0, 0, false));
    }

    private void OpenCell(string name)
    {
        if (_tables.Count == 0)
            return;
        var table = _tables[^1];
        if (table.Cells > 0 && !table.Flows)
            _lines.Cell(table.CellStart);
        else
            _lines.EndRow();
        _tables[^1] = table with { Cells = table.Cells + 1, CellStart = _lines.Length, HasHead = table.HasHead || name == "th" };
    }

    private void CloseRow()
    {
        _lines.EndRow();
        if (reading == HtmlReading.Markdown && _tables.Count > 0 && _tables[^1] is { Rows: 1, HasHead: true, Cells: > 1, Flows: false } head)
            _lines.HeadRule(head.Cells);
    }

    private void CloseTable()
    {
        if (_tables.Count == 0)
            return;
        _tables.RemoveAt(_tables.Count - 1);
        _lines.IsTableRow = false;
    }

    private void BeginLink(string? url)
    {
        _link = url?.Trim();
        _linkStart = _lines.Length;
        if (reading == HtmlReading.Markdown && _link is { Length: > 0 and < LongestUrl } && IsShown(_link))
            _lines.BeginLink(Safe(_link));
    }

    // What could end the address of a Markdown link is written in its percent form.
    private static string Safe(string url)
    {
        if (!url.AsSpan().ContainsAny(Unsafe) && !url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            return url;
        var safe = new System.Text.StringBuilder(url.Length);
        foreach (var c in url)
        {
            if (char.IsControl(c) || c > 0x7F && char.IsWhiteSpace(c))
                continue;
            if (Unsafe.Contains(c))
                safe.Append('%').Append(((int)c).ToString("X2", CultureInfo.InvariantCulture));
            else
                safe.Append(c);
        }
        return safe.ToString();
    }

    private static readonly SearchValues<char> Unsafe = SearchValues.Create(" ()<>[]\\`*_|\"");

    private static int HeadingLevel(string name) => name.Length == 2 && name[0] == 'h' && name[1] is >= '1' and <= '6' ? name[1] - '0' : 0;

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
        _lines.Marker((reading == HtmlReading.Markdown ? 4 : 2) * (_lists.Count - 1), number == 0 ? "- " : number.ToString(CultureInfo.InvariantCulture) + ". ");
    }

    private static int StartOf(HtmlAttributes attributes) =>
        int.TryParse(attributes.Find("start"), NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            && start is > 0 and < 1_000_000 ? start : 1;

    private void EndLink()
    {
        var url = _link;
        _link = null;
        if (reading == HtmlReading.Markdown)
        {
            _lines.EndLink();
            return;
        }
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
