using System.Xml;

namespace Commune.Ai.AttachmentText.Office;

/// <summary>The text of a PPTX file (ECMA-376 part 1 §19, §21): slides in their order, each followed by its notes.</summary>
internal static class SlideText
{
    public static void Read(OfficePackage package, CollectedText text)
    {
        foreach (var slide in SlidesOf(package))
        {
            if (text.IsFull)
                return;
            ReadPart(package, slide, text);
            foreach (var notes in package.Relationships(slide).Where(static one => one.Type.EndsWith("/notesSlide", StringComparison.Ordinal)))
                ReadPart(package, notes.Target, text);
            text.EndParagraph();
        }
    }

    private static IReadOnlyList<string> SlidesOf(OfficePackage package)
    {
        var main = package.MainPart("ppt/presentation.xml");
        var targets = package.Relationships(main).GroupBy(static one => one.Id, StringComparer.Ordinal)
            .ToDictionary(static same => same.Key, static same => same.First().Target, StringComparer.Ordinal);
        var slides = new List<string>();
        using (var reader = package.Open(main))
        {
            while (reader is not null && reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "sldId" && OfficeXml.Reference(reader) is { } id && targets.TryGetValue(id, out var target))
                    slides.Add(target);
            }
        }
        return slides.Count > 0 ? slides : [.. package.Named("ppt/slides/slide")];
    }

    private static void ReadPart(OfficePackage package, string part, CollectedText text)
    {
        using var reader = package.Open(part);
        var moved = false;
        while (reader is not null && !text.IsFull && (moved || reader.Read()))
        {
            moved = false;
            switch (reader.NodeType)
            {
                // The number of the slide, the date: every slide has them.
                case XmlNodeType.Element when reader.LocalName is "Fallback" or "fld":
                    reader.Skip();
                    moved = !reader.EOF;
                    break;
                case XmlNodeType.Element when reader.LocalName == "br":
                    text.Append("\n");
                    break;
                case XmlNodeType.EndElement when reader.LocalName == "p":
                    text.EndLine();
                    break;
                case XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.CDATA:
                    text.Append(reader.Value);
                    break;
            }
        }
        text.EndLine();
    }
}
