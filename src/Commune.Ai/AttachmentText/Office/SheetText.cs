using System.Globalization;
using System.Text;
using System.Xml;

namespace Commune.Ai.AttachmentText.Office;

/// <summary>The text of an XLSX file (ECMA-376 part 1 §18): each sheet's name, then a line for each row with its cells between tabs.</summary>
internal static class SheetText
{
    public static void Read(OfficePackage package, CollectedText text)
    {
        var main = package.MainPart("xl/workbook.xml");
        var shared = ReadSharedStrings(package);
        var dates = SheetDates.Read(package);
        foreach (var (name, part) in SheetsOf(package, main))
        {
            if (text.IsFull)
                return;
            text.Append(name);
            text.EndLine();
            ReadSheet(package, part, shared, dates, text);
            text.EndParagraph();
        }
    }

    private static List<(string Name, string Part)> SheetsOf(OfficePackage package, string main)
    {
        var targets = package.Relationships(main).GroupBy(static one => one.Id, StringComparer.Ordinal)
            .ToDictionary(static same => same.Key, static same => same.First().Target, StringComparer.Ordinal);
        var sheets = new List<(string, string)>();
        using (var reader = package.Open(main))
        {
            while (reader is not null && reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "sheet" && OfficeXml.Reference(reader) is { } id && targets.TryGetValue(id, out var target))
                    sheets.Add((reader.GetAttribute("name") ?? "", target));
            }
        }
        return sheets.Count > 0 ? sheets : [.. package.Named("xl/worksheets/sheet").Select(static part => ("", part))];
    }

    // §18.4.8: a string is the texts of its runs, without the phonetic ones.
    private static List<string> ReadSharedStrings(OfficePackage package)
    {
        var strings = new List<string>();
        using var reader = package.Open("xl/sharedStrings.xml");
        var current = new StringBuilder();
        var inText = false;
        var moved = false;
        while (reader is not null && (moved || reader.Read()))
        {
            moved = false;
            switch (reader.NodeType)
            {
                case XmlNodeType.Element when reader.LocalName == "rPh":
                    reader.Skip();
                    moved = !reader.EOF;
                    break;
                case XmlNodeType.Element when reader.LocalName == "si":
                    current.Clear();
                    if (reader.IsEmptyElement)
                        strings.Add("");
                    break;
                case XmlNodeType.Element when reader.LocalName == "t":
                    inText = !reader.IsEmptyElement;
                    break;
                case XmlNodeType.EndElement when reader.LocalName == "t":
                    inText = false;
                    break;
                case XmlNodeType.EndElement when reader.LocalName == "si":
                    strings.Add(current.ToString());
                    break;
                case XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.CDATA when inText:
                    current.Append(reader.Value);
                    break;
            }
        }
        return strings;
    }

    private static void ReadSheet(OfficePackage package, string part, List<string> shared, SheetDates dates, CollectedText text)
    {
        using var reader = package.Open(part);
        var type = "";
        var style = 0;
        var inValue = false;
        while (reader is not null && !text.IsFull && reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element when reader.LocalName == "c":
                    type = reader.GetAttribute("t") ?? "n";
                    _ = int.TryParse(reader.GetAttribute("s"), NumberStyles.None, CultureInfo.InvariantCulture, out style);
                    break;
                case XmlNodeType.Element when reader.LocalName is "v" or "t":
                    inValue = !reader.IsEmptyElement;
                    break;
                case XmlNodeType.EndElement when reader.LocalName is "v" or "t":
                    inValue = false;
                    break;
                case XmlNodeType.EndElement when reader.LocalName == "c":
                    text.Append("\t");
                    break;
                case XmlNodeType.EndElement when reader.LocalName == "row":
                    text.EndLine();
                    break;
                case XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.CDATA when inValue:
                    text.Append(Shown(type, style, reader.Value, shared, dates).ReplaceLineEndings(" "));
                    break;
            }
        }
    }

    // §18.18.11
    private static string Shown(string type, int style, string value, List<string> shared, SheetDates dates) => type switch
    {
        "s" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < shared.Count ? shared[index] : "",
        "b" => value == "1" ? "TRUE" : "FALSE",
        "n" when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => dates.Shown(number, style),
        _ => value,
    };
}
