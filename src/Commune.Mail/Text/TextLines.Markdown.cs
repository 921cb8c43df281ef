using System.Buffers;

namespace Commune.Mail.Text;

internal sealed partial class TextLines
{
    private const string Bold = "**";
    private const string Italic = "*";

    // CommonMark §2.4: any of these could begin markup somewhere in a line.
    private static readonly SearchValues<char> Escaped = SearchValues.Create("\\`*_[]<>|~&");

    private int _bold;
    private int _italic;
    private bool _boldOpen;
    private bool _italicOpen;
    private string? _url;
    private string? _openUrl;
    // The next character begins a line, or all before it on the line were digits.
    private bool _escapeStart = true;
    private bool _numbered;
    // Where the fence of the block of code stands, or -1; it has to be longer than any run of tildes inside.
    private int _fenceAt = -1;
    private int _fenceRun;
    private int _fenceLongest;

    /// <summary>Whether text stands in a block of code, where nothing is escaped.</summary>
    private bool InCode => _fenceAt >= 0;

    /// <summary>Whether the lines are rows of a table, which must follow each other.</summary>
    public bool IsTableRow { get; set; }

    public void Strong(int change)
    {
        _bold = Math.Max(0, _bold + change);
        if (_bold == 0 && _boldOpen)
            CloseEmphasis();
    }

    public void Emphasis(int change)
    {
        _italic = Math.Max(0, _italic + change);
        if (_italic == 0 && _italicOpen)
            CloseEmphasis();
    }

    /// <summary>A link around the text that follows, to the end of its line.</summary>
    public void BeginLink(string url) => _url = url;

    public void EndLink()
    {
        _url = null;
        CloseLink();
    }

    /// <summary>The rule that makes a row the head of a table.</summary>
    public void HeadRule(int cells)
    {
        Line();
        IsTableRow = true;
        BreakLines();
        _text.Append("---");
        for (var i = 1; i < cells; i++)
            _text.Append(" | ---");
        _lineStart = false;
        Line();
    }

    public void BeginCode()
    {
        if (!markdown || InCode)
            return;
        BreakLines();
        _fenceAt = _text.Length;
        _text.Append("~~~");
        _fenceRun = _fenceLongest = 0;
        _lineStart = false;
        _due = 1;
    }

    public void EndCode()
    {
        if (!InCode)
            return;
        _due = 1;
        BreakLines();
        var more = Math.Max(0, _fenceLongest - 2);
        _text.Insert(_fenceAt, '~', more);
        _text.Append('~', 3 + more);
        _fenceAt = -1;
        _lineStart = false;
    }

    private void CountFence(char c)
    {
        _fenceRun = c == '~' ? _fenceRun + 1 : 0;
        _fenceLongest = Math.Max(_fenceLongest, _fenceRun);
    }

    private void OpenMarks()
    {
        if (InCode)
            return;
        if (_url is not null && _openUrl is null)
        {
            // "!" before a link would make it an image.
            if (_text.Length > 0 && _text[_text.Length - 1] == '!')
                _text.Insert(_text.Length - 1, '\\', 1);
            _text.Append('[');
            _openUrl = _url;
            _escapeStart = false;
        }
        if (_bold > 0 && !_boldOpen)
        {
            // One inside the other is closed and opened again in order.
            if (_italicOpen)
                CloseEmphasis();
            _text.Append(Bold);
            _boldOpen = true;
            _escapeStart = false;
        }
        if (_italic > 0 && !_italicOpen)
        {
            _text.Append(Italic);
            _italicOpen = true;
            _escapeStart = false;
        }
    }

    private void CloseEmphasis()
    {
        if (_italicOpen)
            _text.Append(Italic);
        if (_boldOpen)
            _text.Append(Bold);
        _italicOpen = _boldOpen = false;
    }

    private void CloseLink()
    {
        if (_openUrl is null)
            return;
        CloseEmphasis();
        _text.Append("](");
        _text.Append(_openUrl);
        _text.Append(')');
        _openUrl = null;
    }

    private void CloseMarks()
    {
        if (!markdown)
            return;
        if (_openUrl is not null)
        {
            // A link does not go over lines, and its address is not repeated on each of them: that would have no bound.
            CloseLink();
            _url = null;
        }
        CloseEmphasis();
    }

    private void WriteEscaped(ReadOnlySpan<char> run)
    {
        foreach (var c in run)
        {
            var escape = Escaped.Contains(c)
                // §4 and §5: what means something at the start of a line alone.
                || (_escapeStart && c is '#' or '+' or '-' or '=' or ':')
                || (_numbered && c is '.' or ')');
            _numbered = (_escapeStart || _numbered) && char.IsAsciiDigit(c);
            _escapeStart = false;
            if (escape)
                _text.Append('\\');
            _text.Append(c);
        }
    }
}
