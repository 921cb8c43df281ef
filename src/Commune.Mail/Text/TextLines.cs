using System.Buffers;

namespace Commune.Mail.Text;

/// <summary>
/// Collects text into lines: white space collapsed, at most one blank line between, quotation marks in front. As Markdown
/// (CommonMark 0.31) it escapes whatever the text could be mistaken for.
/// </summary>
internal sealed partial class TextLines(int expected, bool markdown = false) : IDisposable
{
    private const int DeepestQuote = 20;

    // All that is more than a character: white space, what is invisible, and what joins its neighbours.
    private static readonly SearchValues<char> Special = SearchValues.Create(
        "\0 \t\r\n\f\v\u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000\u00AD\u034F\u180E\u200B\u200C\u200D\u2060\uFEFF\u2800");

    private readonly GrowingText _text = new(Math.Max(256, expected));
    // Line ends that are due before the next text: 1 starts a line, 2 leaves a blank one.
    private int _due;
    private bool _space;
    private int _cells;
    private bool _lineStart = true;
    // The zero-width joiner before the next character; on its own it is nothing.
    private char _joiner;
    private int _quotes;
    // The depth of the line before, which a blank line between two depths must not exceed.
    private int _quotesBefore;
    private int _indent;
    private string? _marker;
    private LineMarks _once;
    private List<LineMark>? _marks;

    public int Length => _text.Length;

    public bool AtLineStart => _lineStart || _due > 0 || _text.Length == 0;

    /// <summary>What holds for the lines that begin from now on.</summary>
    public LineMarks Marks { get; set; }

    public IReadOnlyList<LineMark> MarkedLines => _marks ?? (IReadOnlyList<LineMark>)[];

    public void Dispose() => _text.Dispose();

    public ReadOnlySpan<char> Since(int start) => _text.Since(Math.Min(start, _text.Length));

    /// <summary>Says something about the next line alone.</summary>
    public void MarkNext(LineMarks marks) => _once |= marks;

    public void Append(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var special = text.IndexOfAny(Special);
            var run = special < 0 ? text : text[..special];
            if (!run.IsEmpty)
                Put(run);
            if (special < 0)
                return;
            var c = text[special];
            if (c == '\0')
                Put("\uFFFD");
            else if (c is '\u200C' or '\u200D')
                _joiner = _space || _lineStart || _due > 0 ? '\0' : c;
            else if (c is not ('\u00AD' or '\u034F' or '\u180E' or '\u200B' or '\u2060' or '\uFEFF' or '\u2800'))
            {
                _space = true;
                _joiner = '\0';
            }
            text = text[(special + 1)..];
        }
    }

    public void AppendLink(string url)
    {
        _space = _text.Length > 0 && !_lineStart;
        Begin();
        _text.Append('(');
        foreach (var c in url)
        {
            if (!char.IsWhiteSpace(c) && !char.IsControl(c))
                _text.Append(c);
        }
        _text.Append(')');
    }

    public void Preformatted(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (c == '\n')
            {
                LineBreak();
            }
            else if (c is ' ' or '\t' or '\u00A0')
            {
                BreakLines();
                _text.Append(c == '\t' && !_lineStart ? '\t' : ' ');
            }
            else if (c != '\r')
            {
                Begin();
                _text.Append(c == '\0' ? '\uFFFD' : c);
                CountFence(c);
            }
        }
    }

    /// <summary>The next text starts a line.</summary>
    public void Line()
    {
        // What a cell begins with does not part it from the cell before.
        if (_cells > 0)
            return;
        if (_due == 0 && !_lineStart)
            _due = 1;
        _space = false;
    }

    /// <summary>The next text starts a line, whatever cell was open.</summary>
    public void EndRow()
    {
        _cells = 0;
        Line();
    }

    /// <summary>The next text starts a line after a blank one.</summary>
    public void Paragraph()
    {
        if (_text.Length > 0 && _cells == 0)
            _due = 2;
        _space = false;
    }

    /// <summary>Ends the line, and leaves a blank one when it was ended already.</summary>
    public void LineBreak()
    {
        if (_text.Length > 0)
            _due = Math.Min(2, _due + 1);
        _space = false;
    }

    /// <summary>The next text stands in another cell of the same row.</summary>
    /// <param name="start">Where the cell before began: one line of it stays on the line, more is a block of its own.</param>
    public void Cell(int start)
    {
        _space = false;
        if (_lineStart || Since(Math.Min(start, _text.Length)).TrimStart().Contains('\n'))
        {
            EndRow();
            return;
        }
        _due = 0;
        _cells = 1;
    }

    /// <summary>A rule across the page.</summary>
    public void Rule()
    {
        Paragraph();
        Begin();
        _text.Append("---");
        Paragraph();
    }

    public void Quote(int change) => _quotes = Math.Max(0, _quotes + change);

    /// <summary>What stands before the next text: the bullet or number of a list item.</summary>
    public void Marker(int indent, string marker)
    {
        _indent = indent;
        _marker = marker;
    }

    public string Finish()
    {
        CloseMarks();
        var end = _text.Length;
        while (end > 0 && char.IsWhiteSpace(_text[end - 1]))
            end--;
        return _text.Until(end);
    }

    private void Put(ReadOnlySpan<char> run)
    {
        Begin();
        if (markdown && !InCode)
            WriteEscaped(run);
        else
            _text.Append(run);
    }

    /// <summary>Writes all that is due before a character.</summary>
    private void Begin()
    {
        BreakLines();
        var start = _lineStart;
        if (_cells > 0)
            _text.Append(markdown ? " | " : "\t");
        else if (_joiner != '\0')
            _text.Append(_joiner);
        else if (_space && !start)
            _text.Append(' ');
        _cells = 0;
        _joiner = '\0';
        _space = false;
        if (markdown)
            OpenMarks();
        _lineStart = false;
    }

    private void BreakLines()
    {
        if (_due == 0 && _text.Length > 0)
            return;
        if (_text.Length > 0)
        {
            CloseMarks();
            while (_text.Length > 0 && _text[_text.Length - 1] is ' ' or '\t')
                _text.Cut(_text.Length - 1);
            if (_text.Length > 0)
                EndLine();
            if (_text.Length > 0 && _due > 1)
            {
                _text.Append('>', Math.Min(Math.Min(_quotes, _quotesBefore), DeepestQuote));
                _text.Append('\n');
            }
        }
        _due = 0;
        _cells = 0;
        _joiner = '\0';
        _lineStart = _escapeStart = true;
        _numbered = false;
        _space = false;
        _quotesBefore = _quotes;
        if ((Marks | _once) != LineMarks.None)
            (_marks ??= []).Add(new LineMark(_text.Length, Marks | _once));
        _once = LineMarks.None;
        _text.Append('>', Math.Min(_quotes, DeepestQuote));
        if (_quotes > 0)
            _text.Append(' ');
        if (_marker is not null)
        {
            _text.Append(' ', _indent);
            _text.Append(_marker);
            _marker = null;
        }
    }

    private void EndLine()
    {
        // A line that does not end a paragraph needs two spaces, or Markdown joins it with the next.
        if (markdown && _due == 1 && _marker is null && !InCode && !IsTableRow)
            _text.Append("  ");
        _text.Append('\n');
    }
}
