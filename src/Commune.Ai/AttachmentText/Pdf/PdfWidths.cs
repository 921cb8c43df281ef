namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>The kind of a font's shapes, for fonts whose widths the file leaves out.</summary>
internal enum PdfFace
{
    Sans,
    Serif,
    Mono,
}

/// <summary>How wide the glyphs of a font are (ISO 32000-1 §9.6.2.1, §9.7.4.3), in units of its size.</summary>
internal sealed class PdfWidths
{
    private const int MostWidths = 70_000;
    private const double Thousandth = 0.001;

    private readonly Dictionary<uint, double> widths = [];
    private double? usual;

    public static PdfWidths None { get; } = new();

    public PdfFace Face { get; private init; }

    /// <summary>Null when the file does not say.</summary>
    public double? Of(uint code) => widths.TryGetValue(code, out var width) ? width : usual;

    public static PdfWidths OfSimple(PdfDocument document, PdfObject.Dictionary font, ReadingBudget budget)
    {
        var name = document.Name(font["BaseFont"]) ?? "";
        var found = new PdfWidths
        {
            Face = name.Contains("Courier", StringComparison.Ordinal) || name.Contains("Mono", StringComparison.Ordinal) ? PdfFace.Mono
                : name.Contains("Times", StringComparison.Ordinal) || name.Contains("Serif", StringComparison.Ordinal) ? PdfFace.Serif : PdfFace.Sans,
        };
        // §9.6.5: a Type 3 font has a scale of its own.
        var scale = document.Name(font["Subtype"]) == "Type3" && document.Items(font["FontMatrix"]) is [var first, ..] ? Math.Abs(document.Number(first, Thousandth)) : Thousandth;
        var code = (uint)Math.Clamp(document.Number(font["FirstChar"]), 0, 255);
        foreach (var width in document.Items(font["Widths"]))
        {
            if (code > 255 || !budget.Spend())
                break;
            found.widths[code++] = document.Number(width) * scale;
        }
        return found;
    }

    public static PdfWidths OfComposite(PdfDocument document, PdfObject.Dictionary descendant, ReadingBudget budget)
    {
        var found = new PdfWidths { usual = document.Number(descendant["DW"], 1000) * Thousandth };
        var items = document.Items(descendant["W"]);
        for (var i = 0; i + 1 < items.Count && found.widths.Count < MostWidths && budget.Spend();)
        {
            var first = (uint)Math.Clamp(document.Number(items[i]), 0, 65535);
            if (document.Resolve(items[i + 1]) is PdfObject.Array list)
            {
                foreach (var width in list.Items.Take(MostWidths))
                    found.widths[first++] = document.Number(width) * Thousandth;
                i += 2;
            }
            else if (i + 2 < items.Count)
            {
                var last = (uint)Math.Clamp(document.Number(items[i + 1]), 0, 65535);
                var width = document.Number(items[i + 2]) * Thousandth;
                for (var code = first; code <= last && budget.Spend(); code++)
                    found.widths[code] = width;
                i += 3;
            }
            else
            {
                break;
            }
        }
        return found;
    }
}
