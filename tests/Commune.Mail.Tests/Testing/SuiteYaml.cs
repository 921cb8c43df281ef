using System.Globalization;
using System.Text;

namespace Commune.Mail.Tests.Testing;

/// <summary>A scalar (<see cref="Text"/>), a sequence (<see cref="Items"/>) or a mapping (<see cref="Map"/>). Scalars are
/// not interpreted: every one is text, an absent value is the empty text.</summary>
internal sealed class YamlNode
{
    public string Text { get; init; } = "";

    public IReadOnlyList<YamlNode> Items { get; init; } = [];

    public IReadOnlyDictionary<string, YamlNode> Map { get; init; } = new Dictionary<string, YamlNode>(StringComparer.Ordinal);

    /// <summary>The value of a key, or null when the node is no mapping or has no such key.</summary>
    public YamlNode? this[string key] => Map.GetValueOrDefault(key);

    /// <summary>The items of a sequence; a scalar counts as a sequence of itself.</summary>
    public IReadOnlyList<YamlNode> AsList => Items.Count > 0 || Text.Length == 0 ? Items : [this];
}

/// <summary>Reads the part of YAML 1.1 that the SPF and ARC suites are written in: several documents, block mappings and
/// sequences, literal and folded blocks, plain scalars over several lines, quoted scalars, flow sequences and mappings,
/// comments. No anchors, no tags. Throws <see cref="FormatException"/> on anything else.</summary>
internal sealed class SuiteYaml
{
    private readonly List<string> _lines;
    private int _at;

    private SuiteYaml(List<string> lines) => _lines = lines;

    /// <summary>The documents of a file, in order. Every line of a literal block ends with a bare LF.</summary>
    public static IReadOnlyList<YamlNode> Read(string text)
    {
        var documents = new List<YamlNode>();
        var lines = new List<string>();
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.TrimEnd() == "---")
                Finish();
            else
                lines.Add(line);
        }

        Finish();
        return documents;

        void Finish()
        {
            var reader = new SuiteYaml(lines);
            if (reader.SkipToContent())
                documents.Add(reader.ReadBlock(IndentOf(reader.Line)));
            if (reader.SkipToContent())
                throw new FormatException($"Not understood: {reader.Line}");
            lines = [];
        }
    }

    private string Line => _lines[_at];

    private static int IndentOf(string line) => line.Length - line.TrimStart(' ').Length;

    private bool SkipToContent()
    {
        while (_at < _lines.Count && (string.IsNullOrWhiteSpace(Line) || Line.TrimStart()[0] == '#'))
            _at++;
        return _at < _lines.Count;
    }

    private bool HasContentAt(int indent) => SkipToContent() && IndentOf(Line) == indent;

    private static bool IsItem(string trimmed) => trimmed == "-" || trimmed.StartsWith("- ", StringComparison.Ordinal);

    private YamlNode ReadBlock(int indent)
    {
        if (IsItem(Line.Trim()))
            return ReadSequence(indent);
        if (KeyLength(Line.TrimStart()) > 0)
            return ReadMapping(indent);
        return ReadScalar(_lines[_at++].TrimStart(), indent - 1);
    }

    private YamlNode ReadSequence(int indent)
    {
        var items = new List<YamlNode>();
        while (HasContentAt(indent) && IsItem(Line.Trim()))
        {
            // What follows the dash is a block of its own, indented by the dash and the spaces behind it.
            var rest = Line[(indent + 1)..];
            _lines[_at] = new string(' ', indent + 1) + rest;
            if (rest.Trim().Length == 0)
                SkipToContent();
            items.Add(ReadBlock(IndentOf(Line)));
        }

        return new YamlNode { Items = items };
    }

    private YamlNode ReadMapping(int indent)
    {
        var map = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        while (HasContentAt(indent) && KeyLength(Line.TrimStart()) is > 0 and var length)
        {
            var line = Line.TrimStart();
            var key = line[..length];
            map[key[0] is '"' or '\'' ? Unquote(key, out _) : key] = ReadValue(line[(length + 1)..].Trim(' '), indent);
        }

        return new YamlNode { Map = map };
    }

    private YamlNode ReadValue(string rest, int indent)
    {
        _at++;
        if (rest.Length > 0 && rest[0] != '#')
            return ReadScalar(rest, indent);
        if (!SkipToContent())
            return new YamlNode();
        var next = IndentOf(Line);
        // A sequence may stand at the indent of the key it belongs to.
        return next > indent || (next == indent && IsItem(Line.Trim())) ? ReadBlock(next) : new YamlNode();
    }

    /// <summary>The length of the key that a line begins with, or 0 when it begins with none.</summary>
    private static int KeyLength(string line)
    {
        var start = 0;
        if (line[0] is '"' or '\'')
        {
            Unquote(line, out start);
            return start > 0 && start < line.Length && line[start] == ':' ? start : 0;
        }

        while ((start = line.IndexOf(':', start)) > 0)
        {
            if (start == line.Length - 1 || line[start + 1] == ' ')
                return start;
            start++;
        }

        return 0;
    }

    /// <summary>A scalar or a flow collection that begins with this text and may go on over further lines, all of them
    /// indented by more than <paramref name="indent"/>.</summary>
    private YamlNode ReadScalar(string first, int indent)
    {
        if (first[0] is '|' or '>')
            return new YamlNode { Text = ReadBlockScalar(first.TrimEnd(), indent) };
        var text = new StringBuilder(first);
        if (first[0] is not ('"' or '\'' or '[' or '{'))
        {
            text.Clear().Append(WithoutComment(first));
            while (_at < _lines.Count && !string.IsNullOrWhiteSpace(Line) && IndentOf(Line) > indent)
                text.Append(' ').Append(WithoutComment(_lines[_at++].Trim()));
            return new YamlNode { Text = text.ToString().TrimEnd() };
        }

        while (true)
        {
            var at = 0;
            var whole = text.ToString();
            if (TryReadFlow(whole, ref at, out var node))
                return node!;
            if (_at == _lines.Count)
                throw new FormatException($"Not closed: {first}");
            text.Append(' ').Append(_lines[_at++].Trim());
        }
    }

    private static string WithoutComment(string text)
    {
        var comment = text.IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 ? text : text[..comment].TrimEnd();
    }

    private string ReadBlockScalar(string header, int indent)
    {
        var lines = new List<string>();
        var inner = -1;
        for (; _at < _lines.Count; _at++)
        {
            var isBlank = Line.Trim(' ').Length == 0;
            if (inner < 0 && !isBlank)
                inner = IndentOf(Line);
            if (!isBlank && (inner <= indent || IndentOf(Line) < inner))
                break;
            lines.Add(inner >= 0 && Line.Length > inner ? Line[inner..] : "");
        }

        while (lines.Count > 0 && lines[^1].Length == 0)
            lines.RemoveAt(lines.Count - 1);
        var text = header[0] == '|' ? string.Join('\n', lines) : Fold(lines);
        return header.EndsWith('-') || text.Length == 0 ? text : text + "\n";
    }

    /// <summary>YAML 1.1 §9.2.5: a line break between two ordinary lines becomes a space; empty and further indented
    /// lines keep theirs.</summary>
    private static string Fold(List<string> lines)
    {
        var text = new StringBuilder();
        for (var i = 0; i < lines.Count; i++)
        {
            if (i > 0)
            {
                var joins = IsOrdinary(lines[i]) && IsOrdinary(lines[i - 1]);
                var afterGap = lines[i - 1].Length == 0 && IsOrdinary(lines[i]);
                if (joins)
                    text.Append(' ');
                else if (!afterGap)
                    text.Append('\n');
            }

            text.Append(lines[i]);
        }

        return text.ToString();

        static bool IsOrdinary(string line) => line.Length > 0 && line[0] != ' ';
    }

    private static bool TryReadFlow(string text, ref int at, out YamlNode? node)
    {
        node = null;
        SkipSpaces(text, ref at);
        if (at == text.Length)
            return false;
        switch (text[at])
        {
            case '"' or '\'':
                var value = Unquote(text[at..], out var length);
                at += length;
                node = new YamlNode { Text = value };
                return length > 0;
            case '[' or '{':
                return TryReadFlowCollection(text, ref at, out node);
            default:
                var start = at;
                while (at < text.Length && !",]}".Contains(text[at], StringComparison.Ordinal)
                       && !(text[at] == ':' && (at + 1 == text.Length || text[at + 1] == ' ')))
                {
                    at++;
                }

                node = new YamlNode { Text = text[start..at].TrimEnd() };
                return at < text.Length;
        }
    }

    private static bool TryReadFlowCollection(string text, ref int at, out YamlNode? node)
    {
        node = null;
        var isMap = text[at++] == '{';
        var items = new List<YamlNode>();
        var map = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        while (true)
        {
            SkipSpaces(text, ref at);
            if (at == text.Length)
                return false;
            if (text[at] == ',')
            {
                at++;
                continue;
            }

            if (text[at] is ']' or '}')
            {
                at++;
                node = new YamlNode { Items = items, Map = map };
                return true;
            }

            if (!TryReadFlow(text, ref at, out var item))
                return false;
            if (!isMap)
            {
                items.Add(item!);
                continue;
            }

            SkipSpaces(text, ref at);
            if (at == text.Length || text[at++] != ':' || !TryReadFlow(text, ref at, out var value))
                return false;
            map[item!.Text] = value!;
        }
    }

    private static void SkipSpaces(string text, ref int at)
    {
        while (at < text.Length && text[at] == ' ')
            at++;
    }

    /// <param name="length">How much of the text the quoted scalar took; 0 when it is not closed.</param>
    private static string Unquote(string text, out int length)
    {
        var quote = text[0];
        var value = new StringBuilder();
        length = 0;
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == quote && quote == '\'' && i + 1 < text.Length && text[i + 1] == quote)
            {
                value.Append(text[i++]);
            }
            else if (text[i] == quote)
            {
                length = i + 1;
                return value.ToString();
            }
            else if (text[i] == '\\' && quote == '"' && i + 1 < text.Length)
            {
                value.Append(Unescape(text, ref i));
            }
            else
            {
                value.Append(text[i]);
            }
        }

        return "";
    }

    private static char Unescape(string text, ref int i)
    {
        switch (text[++i])
        {
            case 'x':
                i += 2;
                return (char)int.Parse(text.AsSpan(i - 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            case '0':
                return '\0';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case var other:
                return other;
        }
    }
}
