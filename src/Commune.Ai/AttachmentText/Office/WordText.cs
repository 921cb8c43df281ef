using System.Xml;

namespace Commune.Ai.AttachmentText.Office;

/// <summary>The text of a DOCX file (ECMA-376 part 1 §17): the body, then headers, footers, notes and comments, which the body's flow does not hold.</summary>
internal static class WordText
{
    private static readonly string[] Beside = ["header", "footer", "footnotes", "endnotes", "comments"];

    public static void Read(OfficePackage package, CollectedText text)
    {
        var main = package.MainPart("word/document.xml");
        ReadPart(package, main, text);
        foreach (var name in package.Named("word/").Where(static name => Beside.Any(kind => name.AsSpan(5).StartsWith(kind, StringComparison.OrdinalIgnoreCase))))
        {
            text.EndParagraph();
            ReadPart(package, name, text);
        }
    }

    private static void ReadPart(OfficePackage package, string part, CollectedText text)
    {
        using var reader = package.Open(part);
        var moved = false;
        var cells = 0;
        while (reader is not null && !text.IsFull && (moved || reader.Read()))
        {
            moved = false;
            switch (reader.NodeType)
            {
                // §M.2: what older programs shall show instead is the same text again.
                case XmlNodeType.Element when reader.LocalName is "Fallback" or "instrText" or "delText":
                    reader.Skip();
                    moved = !reader.EOF;
                    break;
                case XmlNodeType.Element when reader.LocalName == "tab":
                    text.Append("\t");
                    break;
                case XmlNodeType.Element when reader.LocalName is "br" or "cr":
                    text.Append("\n");
                    break;
                case XmlNodeType.Element when reader.LocalName == "noBreakHyphen":
                    text.Append("-");
                    break;
                // A row is a line, whatever stands in its cells.
                case XmlNodeType.EndElement when reader.LocalName == "p" && cells > 0:
                    text.Append(" ");
                    break;
                case XmlNodeType.EndElement when reader.LocalName is "p" or "tr":
                    text.EndLine();
                    break;
                case XmlNodeType.Element when reader.LocalName == "tc" && !reader.IsEmptyElement:
                    cells++;
                    break;
                case XmlNodeType.EndElement when reader.LocalName == "tc":
                    cells--;
                    text.Append("\t");
                    break;
                case XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.CDATA:
                    text.Append(reader.Value);
                    break;
            }
        }
    }
}
