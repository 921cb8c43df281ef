using System.Text;
using System.Xml;

namespace Commune.Mail.Reports;

/// <summary>Walks over the elements of a report, with a bound for their depth and their text. Names are local, in any case.</summary>
internal sealed class ReportXmlReader(XmlReader reader)
{
    private const int DeepestElement = 100;
    private const int LongestText = 1000;

    private readonly StringBuilder _text = new();

    /// <summary>The bound was reached: nothing more is read.</summary>
    public bool IsTooDeep { get; private set; }

    /// <summary>Goes to the root element; whether it has this name.</summary>
    public bool IsRoot(string name) =>
        reader.MoveToContent() == XmlNodeType.Element && reader.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The names of the elements inside the current one, lower case; the reader stands on each. Deeper ones are passed over.</summary>
    public IEnumerable<string> Children()
    {
        var depth = reader.Depth;
        if (reader.IsEmptyElement)
            yield break;
        while (NextChild(depth))
            yield return reader.LocalName.ToLowerInvariant();
    }

    private bool NextChild(int parentDepth)
    {
        while (Advance())
        {
            if (reader.Depth <= parentDepth)
                return false;
            if (reader.NodeType == XmlNodeType.Element && reader.Depth == parentDepth + 1)
                return true;
        }
        return false;
    }

    /// <summary>The text inside the current element, its white space trimmed.</summary>
    public string Text()
    {
        if (reader.IsEmptyElement)
            return "";
        var depth = reader.Depth;
        _text.Clear();
        while (Advance() && reader.Depth > depth)
        {
            if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace && _text.Length <= LongestText)
                _text.Append(reader.Value.AsSpan(0, Math.Min(reader.Value.Length, 2 * LongestText)));
        }
        var text = _text.ToString().Trim();
        return Mime.Charsets.Clean(text.Length <= LongestText ? text : text[..LongestText]);
    }

    public bool Advance()
    {
        if (IsTooDeep || !reader.Read())
            return false;
        IsTooDeep = reader.Depth > DeepestElement;
        return !IsTooDeep;
    }
}
