using Commune.Ai.AttachmentText;

namespace Commune.Ai.Tests.AttachmentText;

public class OfficeTests
{
    [Fact]
    public void Paragraphs_of_a_docx_are_lines()
    {
        var file = OfficeFile.Word(OfficeFile.Paragraph("Lease agree") + "<w:p><w:r><w:t>The </w:t></w:r><w:r><w:t>rent</w:t><w:tab/><w:t>820</w:t><w:br/><w:t>euros</w:t></w:r></w:p>");
        Assert.Equal("Lease agree\nThe rent\t820\neuros", Reading.TextOf(file, "lease.docx"));
    }

    [Fact]
    public void Rows_of_a_docx_table_are_lines() => Assert.Equal(
        "Room\tSize\nKitchen\t12 m²",
        Reading.TextOf(OfficeFile.Word($"<w:tbl>{Row("Room", "Size")}{Row("Kitchen", "12 m²")}</w:tbl>"), "a.docx"));

    [Fact]
    public void Deleted_text_field_codes_and_fallbacks_are_left_out() => Assert.Equal(
        "stays box",
        Reading.TextOf(OfficeFile.Word(
            "<w:p><w:r><w:t xml:space='preserve'>stays </w:t></w:r><w:del><w:r><w:delText>goes</w:delText></w:r></w:del><w:r><w:instrText>PAGEREF 7</w:instrText></w:r>"
            + "<mc:AlternateContent><mc:Choice><w:t>box</w:t></mc:Choice><mc:Fallback><w:t>box</w:t></mc:Fallback></mc:AlternateContent></w:p>"), "a.docx"));

    [Fact]
    public void Headers_and_notes_of_a_docx_come_after_its_body()
    {
        var file = OfficeFile.Word(OfficeFile.Paragraph("Body"),
            ("word/header1.xml", OfficeFile.WordPart("hdr", OfficeFile.Paragraph("Confidential"))), ("word/footnotes.xml", OfficeFile.WordPart("footnotes", OfficeFile.Paragraph("See annex"))));
        Assert.Equal("Body\n\nConfidential\n\nSee annex", Reading.TextOf(file, "a.docx"));
    }

    [Fact]
    public void The_relationships_say_which_part_is_the_document()
    {
        var file = OfficeFile.Zip(("_rels/.rels", OfficeFile.Relationships(("x", "officeDocument", "word/other.xml"))), ("word/other.xml", OfficeFile.WordPart("document", OfficeFile.Paragraph("Here"))));
        Assert.Equal("Here", Reading.TextOf(file, "a.docx"));
    }

    [Fact]
    public void The_parts_tell_what_a_file_is_when_its_name_does_not() =>
        Assert.Equal("Words", Reading.TextOf(OfficeFile.Word(OfficeFile.Paragraph("Words")), "file.bin", "application/octet-stream"));

    [Fact]
    public void Rows_of_an_xlsx_are_lines_below_the_sheets_name()
    {
        var file = OfficeFile.Sheet(
            "<row><c t='s'><v>0</v></c><c t='inlineStr'><is><t>Amount</t></is></c></row><row><c t='s'><v>1</v></c><c><v>44.95</v></c><c t='b'><v>1</v></c><c t='str'><v>sum</v></c></row>",
            "<sst><si><t>Item</t></si><si><r><t>Train to </t></r><r><t>Kassel</t></r><rPh><t>ka</t></rPh></si></sst>");
        Assert.Equal("Costs\nItem\tAmount\nTrain to Kassel\t44.95\tTRUE\tsum", Reading.TextOf(file, "a.xlsx"));
    }

    [Fact]
    public void Dates_of_an_xlsx_are_dates()
    {
        var file = OfficeFile.Sheet(
            "<row><c s='1'><v>46347</v></c><c s='2'><v>46348.6041666667</v></c><c s='0'><v>46347</v></c></row>",
            styles: "<styleSheet><numFmts><numFmt numFmtId='170' formatCode='dd.mm.yyyy hh:mm'/></numFmts><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='170'/></cellXfs></styleSheet>");
        Assert.Equal("Costs\n2026-11-21\t2026-11-22 14:30\t46347", Reading.TextOf(file, "a.xlsx"));
    }

    [Fact]
    public void Slides_come_in_the_order_of_the_presentation_with_their_notes() =>
        Assert.Equal("Quarterly results!\nSpeak slowly!\n\nThank you!", Reading.TextOf(OfficeFile.Slides(), "a.pptx"));

    [Fact]
    public void A_document_type_is_not_read() =>
        Assert.Equal(UnreadableReason.Damaged, Reading.ReasonOf(OfficeFile.Zip(("word/document.xml",
            "<!DOCTYPE w [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;'>]><w:p xmlns:w='w'><w:t>&b;</w:t></w:p>")), "a.docx"));

    [Fact]
    public void A_part_that_unpacks_beyond_reason_ends_the_reading()
    {
        // 60 MB of blanks in 60 KB.
        var bomb = OfficeFile.Word(new string(' ', 60_000_000) + OfficeFile.Paragraph("never seen"));
        Assert.True(bomb.Length < 100_000);
        Assert.Equal(UnreadableReason.TooCostly, Reading.ReasonOf(bomb, "a.docx"));
    }

    [Fact]
    public void Text_before_a_bomb_is_kept_and_cut()
    {
        var text = Assert.IsType<AttachmentReading.Text>(Reading.Of(OfficeFile.Word(OfficeFile.Paragraph("before") + new string(' ', 60_000_000)), "a.docx"));
        Assert.Equal(new AttachmentReading.Text("before", IsCut: true), text);
    }

    [Fact]
    public void Too_many_parts_are_not_opened() =>
        Assert.Equal(UnreadableReason.TooCostly, Reading.ReasonOf(OfficeFile.Zip([.. Enumerable.Range(0, 5000).Select(static i => ($"word/{i}", ""))]), "a.docx"));

    [Fact]
    public void An_archive_is_no_document() =>
        Assert.Equal(UnreadableReason.UnsupportedType, Reading.ReasonOf(OfficeFile.Zip(("a.txt", "text")), "a.zip", "application/zip"));

    [Fact]
    public void A_document_with_a_password_says_so() =>
        Assert.Equal(UnreadableReason.Encrypted, Reading.ReasonOf([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0], "a.docx"));

    [Fact]
    public void Half_a_file_is_damaged()
    {
        var file = OfficeFile.Word(OfficeFile.Paragraph("whole"));
        Assert.Equal(UnreadableReason.Damaged, Reading.ReasonOf(file[..(file.Length / 2)], "a.docx"));
    }

    private static string Row(params string[] cells) => $"<w:tr>{string.Concat(cells.Select(static cell => $"<w:tc>{OfficeFile.Paragraph(cell)}</w:tc>"))}</w:tr>";
}
