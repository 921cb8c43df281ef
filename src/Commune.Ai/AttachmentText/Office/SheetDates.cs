using System.Globalization;
using System.Xml;

namespace Commune.Ai.AttachmentText.Office;

/// <summary>Which cell styles show a number as a date (ECMA-376 part 1 §18.8.30): a cell holds only days since 1900.</summary>
internal sealed class SheetDates
{
    private static readonly DateTime Epoch = new(1899, 12, 30, 0, 0, 0, DateTimeKind.Utc);
    private const double LastDay = 2_958_465;

    private readonly List<bool> styles = [];

    public static SheetDates Read(OfficePackage package)
    {
        var dates = new SheetDates();
        var formats = new HashSet<int>();
        using var reader = package.Open("xl/styles.xml");
        var inCells = false;
        while (reader is not null && reader.Read())
        {
            if (reader.LocalName == "cellXfs")
                inCells = reader.NodeType == XmlNodeType.Element;
            if (reader.NodeType != XmlNodeType.Element || !int.TryParse(reader.GetAttribute("numFmtId"), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                continue;
            if (reader.LocalName == "numFmt" && IsDate(reader.GetAttribute("formatCode") ?? ""))
                formats.Add(id);
            else if (reader.LocalName == "xf" && inCells)
                dates.styles.Add(id is >= 14 and <= 17 or 22 || formats.Contains(id));
        }
        return dates;
    }

    public string Shown(double number, int style)
    {
        if (style >= styles.Count || !styles[style] || number is < 1 or > LastDay)
            return number.ToString("R", CultureInfo.InvariantCulture);
        // A day's part is a fraction that has no exact form.
        var time = Epoch.AddSeconds(Math.Round(number * 86_400));
        return time.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a year or a day stands in the format, outside quotes and brackets.</summary>
    private static bool IsDate(string format)
    {
        var quoted = false;
        var bracketed = false;
        foreach (var c in format)
        {
            if (c == '"')
                quoted = !quoted;
            else if (c is '[' or ']')
                bracketed = c == '[';
            else if (!quoted && !bracketed && c is 'y' or 'Y' or 'd' or 'D')
                return true;
        }
        return false;
    }
}
