using System.Text;

namespace Commune.Mail.Text;

/// <summary>Collects text into lines: white space collapsed, at most one blank line between, quotation marks in front.</summary>
internal sealed class TextLines
{
    private const int DeepestQuote = 20;

    private readonly StringBuilder _text = new();
    // Line ends that are due before the next text: 1 starts a line, 2 leaves a blank one.
    private int _due;
    private bool _space;
    private bool _tab;
    private bool _lineStart = true;
    private int _quotes;
    // The depth of the line before, which a blank line between two depths must not exceed.
    private int _quotesBefore;
    private int _listDepth;
    private string? _marker;

    public int Length => _text.Length;

    public ReadOnlySpan<char> Since(int start) => start >= _text.Length ? "" : _text.ToString(start, _text.Length - start);

    public void Append(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            // A no-break space is a space; a soft hyphen is nothing.
            if (char.IsWhiteSpace(c) || c == '\u00A0')
                _space = true;
            else if (c == '\0')
                Put('\uFFFD');
            else if (c != '\u00AD')
                Put(c);
        }
    }

    public void AppendLink(string url)
    {
        _space = _text.Length > 0 && !_lineStart;
        Put('(');
        foreach (var c in url)
        {
            if (!char.IsWhiteSpace(c) && !char.IsControl(c))
                Put(c);
        }
        Put(')');
    }

    public void Preformatted(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (c == '\n')
                LineBreak();
            else if (c is ' ' or '\t' or '\u00A0' && !_lineStart)
                Put(c == '\t' ? '\t' : ' ');
            else if (c is ' ' or '\t' or '\u00A0')
                PutIndent();
            else if (c != '\r')
                Put(c == '\0' ? '\uFFFD' : c);
        }
    }

    /// <summary>The next text starts a line.</summary>
    public void Line()
    {
        if (_due == 0 && !_lineStart)
            _due = 1;
        _space = _tab = false;
    }

    /// <summary>The next text starts a line after a blank one.</summary>
    public void Paragraph()
    {
        if (_text.Length > 0)
            _due = 2;
        _space = _tab = false;
    }

    /// <summary>Ends the line, and leaves a blank one when it was ended already.</summary>
    public void LineBreak()
    {
        if (_text.Length > 0)
            _due = Math.Min(2, _due + 1);
        _space = _tab = false;
    }

    public void Cell()
    {
        if (!_lineStart && _due == 0)
            _tab = true;
        _space = false;
    }

    public void Quote(int change) => _quotes = Math.Max(0, _quotes + change);

    /// <summary>What stands before the next text: the bullet or number of a list item.</summary>
    public void Marker(int depth, string marker)
    {
        _listDepth = depth;
        _marker = marker;
    }

    public string Finish()
    {
        var end = _text.Length;
        while (end > 0 && char.IsWhiteSpace(_text[end - 1]))
            end--;
        return _text.ToString(0, end);
    }

    private void PutIndent()
    {
        BreakLines();
        _text.Append(' ');
    }

    private void Put(char c)
    {
        BreakLines();
        if (_tab)
            _text.Append('\t');
        else if (_space && !_lineStart)
            _text.Append(' ');
        _tab = _space = _lineStart = false;
        _text.Append(c);
    }

    private void BreakLines()
    {
        if (_due == 0 && _text.Length > 0)
            return;
        if (_text.Length > 0)
        {
            while (_text.Length > 0 && (_text[^1] is ' ' or '\t'))
                _text.Length--;
            if (_text.Length > 0)
                _text.Append('\n');
            if (_text.Length > 0 && _due > 1)
            {
                _text.Append('>', Math.Min(Math.Min(_quotes, _quotesBefore), DeepestQuote));
                _text.Append('\n');
            }
        }
        _due = 0;
        _lineStart = true;
        _space = false;
        _quotesBefore = _quotes;
        _text.Append('>', Math.Min(_quotes, DeepestQuote));
        if (_quotes > 0)
            _text.Append(' ');
        if (_marker is not null)
        {
            _text.Append(' ', 2 * _listDepth).Append(_marker);
            _marker = null;
        }
    }
}
