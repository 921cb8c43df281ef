using System.Text;

namespace Commune.Mail.Text;

/// <summary>What the markup of an HTML mail says about a line of its text.</summary>
[Flags]
internal enum LineMarks : byte
{
    None = 0,
    /// <summary>Inside a container of earlier mail.</summary>
    Quoted = 1,
    Signature = 2,
    /// <summary>Earlier mail starts here and has no end.</summary>
    Divider = 4,
    /// <summary>Announces a quotation, in whatever language.</summary>
    Attribution = 8,
    /// <summary>A quotation of the author's own making, or an indented paragraph.</summary>
    OwnQuotation = 16,
    Forward = 32,
    /// <summary>A border that Outlook draws above the header of earlier mail, and others elsewhere.</summary>
    Border = 64,
}

/// <param name="Start">Where the line starts in the text.</param>
internal readonly record struct LineMark(int Start, LineMarks Marks);

/// <summary>The lines of a mail and which of them are quoted.</summary>
internal sealed class MailLines
{
    private readonly record struct Line(int Start, int Length, LineMarks Marks, bool Quoted, bool Blank);

    private readonly string _text;
    private readonly List<Line> _lines = [];

    public MailLines(string text, IReadOnlyList<LineMark>? marks)
    {
        _text = text;
        var mark = 0;
        for (var start = 0; start <= text.Length;)
        {
            var length = text.AsSpan(start).IndexOf('\n');
            if (length < 0)
                length = text.Length - start;
            var said = LineMarks.None;
            while (marks is not null && mark < marks.Count && marks[mark].Start <= start + length)
                said |= marks[mark++].Marks;
            var content = Visible(text.AsSpan(start, length));
            var quoted = said.HasFlag(LineMarks.Quoted)
                || (content.StartsWith('>') && !content.StartsWith(">From ") && !said.HasFlag(LineMarks.OwnQuotation));
            _lines.Add(new Line(start, length, said, quoted, content.IsEmpty));
            start += length + 1;
        }
    }

    public int Count => _lines.Count;

    /// <summary>Without the white space and direction marks around it.</summary>
    public ReadOnlySpan<char> this[int index] => Visible(Raw(index));

    public ReadOnlySpan<char> Raw(int index) => _text.AsSpan(_lines[index].Start, _lines[index].Length);

    public LineMarks Marks(int index) => _lines[index].Marks;

    public bool IsQuoted(int index) => _lines[index].Quoted;

    public bool IsBlank(int index) => _lines[index].Blank;

    public int NextText(int from)
    {
        while (from < Count && IsBlank(from))
            from++;
        return from;
    }

    public int LastQuoted() => _lines.FindLastIndex(line => line.Quoted);

    public bool HasOwnText(int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            if (!IsBlank(i) && !IsQuoted(i))
                return true;
        }
        return false;
    }

    /// <summary>The line after the last own text between two lines; -1 when there is none.</summary>
    public int EndOfOwnText(int from, int to)
    {
        for (var i = to; i >= from; i--)
        {
            if (!IsBlank(i) && !IsQuoted(i) && !QuoteStart.IsAttributionAt(this, i))
                return i + 1;
        }
        return -1;
    }

    /// <summary>The line after the run of quoted lines that starts here.</summary>
    public int EndOfQuote(int from)
    {
        var end = from;
        for (var i = from; i < Count && (IsQuoted(i) || IsBlank(i)); i++)
        {
            if (IsQuoted(i))
                end = i + 1;
        }
        return end;
    }

    /// <summary>The lines as text, without the blank ones at both ends.</summary>
    public string Join(int from, int to)
    {
        while (from < to && IsBlank(from))
            from++;
        while (to > from && IsBlank(to - 1))
            to--;
        if (from >= to)
            return "";
        return _text[_lines[from].Start..(_lines[to - 1].Start + _lines[to - 1].Length)].TrimEnd();
    }

    /// <summary>Some lines as one, for what mail programs wrap.</summary>
    public string Unwrapped(int from, int count)
    {
        var joined = new StringBuilder();
        for (var i = from; i < from + count; i++)
        {
            if (joined.Length > 0)
                joined.Append(' ');
            foreach (var c in this[i])
            {
                if (!IsDirectionMark(c))
                    joined.Append(c is '\u00A0' or '\u202F' ? ' ' : c);
            }
        }
        return joined.ToString();
    }

    private static ReadOnlySpan<char> Visible(ReadOnlySpan<char> line)
    {
        while (!line.IsEmpty && IsMargin(line[0]))
            line = line[1..];
        while (!line.IsEmpty && IsMargin(line[^1]))
            line = line[..^1];
        return line;
    }

    private static bool IsMargin(char c) => char.IsWhiteSpace(c) || IsDirectionMark(c) || c is '\u200B' or '\u2063' or '\uFEFF' or '\u00AD';

    private static bool IsDirectionMark(char c) => c is '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
