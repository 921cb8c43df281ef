using System.IO.Compression;
using System.Text;

namespace Commune.Ai.Tests.AttachmentText;

/// <summary>Office documents made from the XML of their parts.</summary>
internal static class OfficeFile
{
    private const string Relationship = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    public static byte[] Zip(params (string Name, string Content)[] parts)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in parts)
            {
                using var stream = zip.CreateEntry(name).Open();
                stream.Write(Encoding.UTF8.GetBytes(content));
            }
        }
        return file.ToArray();
    }

    public static string Relationships(params (string Id, string Type, string Target)[] all) =>
        $"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>{string.Concat(all.Select(static one => $"<Relationship Id='{one.Id}' Type='{Relationship}/{one.Type}' Target='{one.Target}'/>"))}</Relationships>";

    /// <param name="body">Inside w:body.</param>
    public static byte[] Word(string body, params (string Name, string Content)[] more) =>
        Zip([("word/document.xml", WordPart("document", $"<w:body>{body}</w:body>")), .. more]);

    public static string WordPart(string root, string content) =>
        $"<?xml version='1.0'?><w:{root} xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main' xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'>{content}</w:{root}>";

    public static string Paragraph(string text) => $"<w:p><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>";

    public static byte[] Sheet(string rows, string sharedStrings = "<sst/>", string styles = "<styleSheet/>") => Zip(
        ("xl/workbook.xml", $"<workbook xmlns:r='{Relationship}'><sheets><sheet name='Costs' r:id='r7'/></sheets></workbook>"),
        ("xl/_rels/workbook.xml.rels", Relationships(("r7", "worksheet", "worksheets/sheet9.xml"))),
        ("xl/worksheets/sheet9.xml", $"<worksheet><sheetData>{rows}</sheetData></worksheet>"),
        ("xl/sharedStrings.xml", sharedStrings),
        ("xl/styles.xml", styles));

    public static byte[] Slides() => Zip(
        ("_rels/.rels", Relationships(("r1", "officeDocument", "/ppt/presentation.xml"))),
        ("ppt/presentation.xml", $"<p:presentation xmlns:p='p' xmlns:r='{Relationship}'><p:sldIdLst><p:sldId id='1' r:id='b'/><p:sldId id='2' r:id='a'/></p:sldIdLst></p:presentation>"),
        ("ppt/_rels/presentation.xml.rels", Relationships(("a", "slide", "slides/slide1.xml"), ("b", "slide", "slides/slide2.xml"))),
        ("ppt/slides/slide1.xml", Slide("Thank you", "")),
        ("ppt/slides/slide2.xml", Slide("Quarterly results", "<a:fld><a:t>17</a:t></a:fld>")),
        ("ppt/slides/_rels/slide2.xml.rels", Relationships(("n", "notesSlide", "../notesSlides/notesSlide1.xml"))),
        ("ppt/notesSlides/notesSlide1.xml", Slide("Speak slowly", "")));

    private static string Slide(string text, string more) =>
        $"<p:sld xmlns:p='p' xmlns:a='a'><a:p><a:r><a:t>{text}</a:t></a:r><a:r><a:t>!</a:t></a:r>{more}</a:p></p:sld>";
}
