using System.Text;
using Commune.Ai.AttachmentText;

namespace Commune.Ai.Tests.AttachmentText;

public class PdfTests
{
    private const string Hello = "BT /F1 12 Tf 72 700 Td (Hello world) Tj ET";

    private static string TextOf(byte[] file) => Reading.TextOf(file, "a.pdf");

    private static string Shown(string content, string font = PdfFile.Helvetica) => TextOf(PdfFile.Page(content, font));

    private static string Filtered(string filter, byte[] content) =>
        TextOf(PdfFile.Page("", static (_, _) => PdfFile.Helvetica, stream: (file, _) => file.AddStream($"/Filter{filter}", content)));

    [Fact]
    public void Shown_text_is_read() => Assert.Equal("Hello world", Shown(Hello));

    [Theory]
    [InlineData("(a\\(b\\)c) Tj", "a(b)c")]
    [InlineData("(nested (paren) here) Tj", "nested (paren) here")]
    [InlineData("(caf\\351) Tj", "café")]
    [InlineData("(one\\\ntwo) Tj", "onetwo")]
    [InlineData("<48 65 6C6C6F> Tj", "Hello")]
    [InlineData("[(Ta) 20 (ble)] TJ", "Table")]
    [InlineData("[(two) -400 (words)] TJ", "two words")]
    [InlineData("14 TL (first) Tj (second) '", "first\nsecond")]
    [InlineData("14 TL (first) Tj 0 0 (second) \"", "first\nsecond")]
    [InlineData("(left) Tj 200 0 Td (right) Tj", "left\tright")]
    [InlineData("(up) Tj 0 -60 Td (down) Tj", "up\n\ndown")]
    [InlineData("(manip-) Tj 0 -14 Td (ulation) Tj", "manipulation")]
    [InlineData("(E-) Tj 0 -14 Td (Mail) Tj", "E-\nMail")]
    [InlineData("/Span <</ActualText <FEFF00C4>>> BDC (xx) Tj EMC ( y) Tj", "Ä y")]
    [InlineData("BI /W 2 /H 2 ID \u0001(no) TjEIx EI (yes) Tj", "yes")]
    public void Operators_mean_what_the_standard_says(string operators, string expected) =>
        Assert.Equal(expected, Shown($"BT /F1 12 Tf 72 700 Td {operators} ET"));

    [Fact]
    public void Words_without_spaces_between_them_are_told_by_their_distance() =>
        Assert.Equal("Total 49.90", Shown("BT /F1 10 Tf 1 0 0 1 72 700 Tm (Total) Tj 1 0 0 1 102 700 Tm (49.90) Tj ET"));

    [Fact]
    public void Letters_shown_one_by_one_are_a_word() =>
        Assert.Equal("Wide", Shown("BT /F1 10 Tf 1 0 0 1 72 700 Tm (W) Tj 1 0 0 1 81.4 700 Tm (i) Tj 1 0 0 1 83.7 700 Tm (d) Tj 1 0 0 1 89.2 700 Tm (e) Tj ET"));

    [Fact]
    public void Text_on_a_turned_page_is_read_along_its_lines() =>
        Assert.Equal("first line\nsecond", Shown("BT /F1 10 Tf 0 1 -1 0 100 100 Tm (first) Tj 0 1 -1 0 100 122 Tm (line) Tj 0 1 -1 0 115 100 Tm (second) Tj ET"));

    [Theory]
    [InlineData("<</Type/Font/Subtype/Type1/BaseFont/X/Encoding<</BaseEncoding/WinAnsiEncoding/Differences[65/eacute/fi/uni20AC/Lslash/scaron/A.sc/f_f_i]>>>>", "éfi€ŁšAffi")]
    [InlineData("<</Type/Font/Subtype/Type1/BaseFont/X/Encoding/MacRomanEncoding>>", "ABCDEFG")]
    public void Glyph_names_are_characters(string font, string expected) =>
        Assert.Equal(expected, Shown("BT /F1 12 Tf 72 700 Td (ABCDEFG) Tj ET", font));

    [Fact]
    public void A_cmap_maps_codes_of_two_octets()
    {
        const string cmap = """
            begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange
            2 beginbfchar <0001> <0047> <0002> <D83DDE00> endbfchar
            2 beginbfrange <0010> <0012> <0061> <0020> <0021> [<00660069> <00FC>] endbfrange
            endcmap
            """;
        var file = PdfFile.Page("BT /F1 12 Tf 72 700 Td <00010010001100120020002100027777> Tj ET", static (file, _) =>
        {
            var map = file.AddStream("", cmap);
            var descendant = file.Add("<</Type/Font/Subtype/CIDFontType2/DW 500/W[1[600 600] 16 18 550]>>");
            return $"<</Type/Font/Subtype/Type0/Encoding/Identity-H/DescendantFonts[{descendant} 0 R]/ToUnicode {map} 0 R>>";
        });
        Assert.Equal("Gabcfiü😀", TextOf(file));
    }

    [Fact]
    public void Predefined_cmaps_are_charsets()
    {
        var file = PdfFile.Page("BT /F1 12 Tf 72 700 Td <93FA967B> Tj ET", "<</Type/Font/Subtype/Type0/Encoding/90ms-RKSJ-H/DescendantFonts[<<>>]>>");
        Assert.Equal("日本", TextOf(file));
        file = PdfFile.Page("BT /F1 12 Tf 72 700 Td <65E5672C> Tj ET", "<</Type/Font/Subtype/Type0/Encoding/UniJIS-UCS2-H/DescendantFonts[<<>>]>>");
        Assert.Equal("日本", TextOf(file));
    }

    [Fact]
    public void Glyphs_that_nobody_can_name_are_no_text() => Assert.Equal(
        UnreadableReason.NoText,
        Reading.ReasonOf(PdfFile.Page("BT /F1 12 Tf <00010002> Tj ET", "<</Type/Font/Subtype/Type0/Encoding/Identity-H/DescendantFonts[<<>>]>>"), "a.pdf"));

    [Fact]
    public void Flate_is_undone() => Assert.Equal("Hello world", Filtered("/FlateDecode", PdfFile.Deflate(Encoding.Latin1.GetBytes(Hello))));

    [Fact]
    public void Hexadecimal_is_undone() => Assert.Equal("Hello world", Filtered("/ASCIIHexDecode", Encoding.ASCII.GetBytes(Convert.ToHexString(Encoding.Latin1.GetBytes(Hello)) + ">")));

    [Fact]
    public void Base_85_is_undone() => Assert.Equal("Hello world", Filtered("/ASCII85Decode", Encoding.ASCII.GetBytes(Base85(Encoding.Latin1.GetBytes(Hello)))));

    [Fact]
    public void Filters_are_undone_one_after_the_other() => Assert.Equal(
        "Hello world", Filtered("[/ASCIIHexDecode/FlateDecode]", Encoding.ASCII.GetBytes(Convert.ToHexString(PdfFile.Deflate(Encoding.Latin1.GetBytes(Hello))))));

    [Fact]
    public void Lzw_is_undone() =>
        // The example of ISO 32000-1 §7.4.4.2: 45 45 45 45 45 65 45 45 45 66.
        Assert.Equal("-----A---B", Encoding.ASCII.GetString(Commune.Ai.AttachmentText.Pdf.PdfLzw.Decode(
            [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01], early: true, new ReadingBudget(AttachmentLimits.Default, default))));

    [Fact]
    public void Run_lengths_are_undone()
    {
        var content = Encoding.Latin1.GetBytes("BT /F1 12 Tf (Wa");
        Assert.Equal("Waaaaa", Filtered("/RunLengthDecode", [(byte)(content.Length - 1), .. content, 253, (byte)'a', 6, .. ") Tj ET"u8, 128]));
    }

    [Fact]
    public void A_cross_reference_stream_with_a_predictor_and_packed_objects_are_read()
    {
        var packed = "1 0 2 33 5 74 <</Type/Catalog/Pages 2 0 R    >><</Type/Pages/Kids[6 0 R]/Count 1      >>" + PdfFile.Helvetica;
        var first = packed.IndexOf("<<", StringComparison.Ordinal);
        packed = packed.Replace("1 0 2 33 5 74", $"1 0 2 {packed.IndexOf("<</Type/Pages/", StringComparison.Ordinal) - first} 5 {packed.IndexOf("<</Type/Font", StringComparison.Ordinal) - first}", StringComparison.Ordinal);
        first = packed.IndexOf("<<", StringComparison.Ordinal);
        using var file = new MemoryStream();
        var offsets = new Dictionary<int, int>();
        void Write(int number, string dictionary, byte[]? content)
        {
            offsets[number] = (int)file.Position;
            file.Write(Encoding.Latin1.GetBytes($"{number} 0 obj\n<<{dictionary}{(content is null ? "" : $"/Length {content.Length}")}>>\n"));
            if (content is not null)
                file.Write([.. "stream\r\n"u8, .. content, .. "\r\nendstream\n"u8]);
            file.Write("endobj\n"u8);
        }
        file.Write("%PDF-1.5\n"u8);
        Write(3, "", Encoding.Latin1.GetBytes(Hello));
        Write(6, "/Type/Page/Parent 2 0 R/Contents 3 0 R/Resources<</Font<</F1 5 0 R>>>>", null);
        Write(7, $"/Type/ObjStm/N 3/First {first}/Filter/FlateDecode", PdfFile.Deflate(Encoding.Latin1.GetBytes(packed)));
        var start = (int)file.Position;
        byte[][] rows = [[0, 0, 0, 0], [2, 0, 7, 0], [2, 0, 7, 1], Row(3), [0, 0, 0, 0], [2, 0, 7, 2], Row(6), Row(7)];
        var before = new byte[4];
        var predicted = new List<byte>();
        foreach (var row in rows)
        {
            predicted.Add(2);
            predicted.AddRange(row.Select((octet, i) => (byte)(octet - before[i])));
            before = row;
        }
        Write(8, "/Type/XRef/Size 8/Root 1 0 R/W[1 2 1]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>", PdfFile.Deflate([.. predicted]));
        file.Write(Encoding.ASCII.GetBytes($"startxref\n{start}\n%%EOF"));
        Assert.Equal("Hello world", TextOf(file.ToArray()));

        byte[] Row(int number) => [1, (byte)(offsets[number] >> 8), (byte)offsets[number], 0];
    }

    [Fact]
    public void A_file_without_a_table_is_read_by_its_objects()
    {
        var file = new PdfFile();
        file.Add("<</Type/Catalog/Pages 2 0 R>>");
        file.Add("<</Type/Pages/Kids[3 0 R]/Count 1>>");
        file.Add("<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>");
        file.AddStream("", Hello);
        file.Add(PdfFile.Helvetica);
        Assert.Equal("Hello world", TextOf(file.Write(withTable: false)));
    }

    [Fact]
    public void Rubbish_before_the_header_and_a_wrong_length_do_no_harm()
    {
        var file = Encoding.Latin1.GetString(PdfFile.Page(Hello)).Replace("/Length 42", "/Length 17", StringComparison.Ordinal);
        Assert.Equal("Hello world", TextOf(Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\n\r\n" + file)));
    }

    [Fact]
    public void A_form_is_drawn_with_its_own_resources()
    {
        var file = new PdfFile();
        file.Add("<</Type/Catalog/Pages 2 0 R>>");
        file.Add("<</Type/Pages/Kids[3 0 R]/Count 1/Resources<</XObject<</X1 5 0 R>>>>>>");
        file.Add("<</Type/Page/Parent 2 0 R/Contents 4 0 R>>");
        file.AddStream("", "/X1 Do");
        file.AddStream("/Subtype/Form/Resources<</Font<</F1 6 0 R>>/XObject<</X1 5 0 R>>>>", Hello + " /X1 Do");
        file.Add(PdfFile.Helvetica);
        Assert.Equal("Hello world", TextOf(file.Write()));
    }

    [Fact]
    public void Form_fields_and_notes_are_text() => Assert.Equal("Hello world\n\nfilled in\na note", TextOf(PdfFile.Page(
        Hello, static (_, _) => PdfFile.Helvetica, "/Annots[<</Subtype/Widget/V(filled in)>><</Subtype/Text/Contents<FEFF00610020006E006F00740065>>><</Subtype/Link>>]")));

    [Fact]
    public void An_encrypted_file_says_so()
    {
        var file = new PdfFile();
        file.Add("<</Type/Catalog/Pages 2 0 R>>");
        file.Add("<</Filter/Standard/V 4>>");
        Assert.Equal(UnreadableReason.Encrypted, Reading.ReasonOf(file.Write("/Encrypt 2 0 R"), "a.pdf"));
    }

    [Fact]
    public void A_scan_has_no_text() => Assert.Equal(UnreadableReason.NoText, Reading.ReasonOf(PdfFile.Page("q 500 0 0 700 0 0 cm /Im1 Do Q"), "a.pdf"));

    [Fact]
    public void A_header_alone_is_damaged() => Assert.Equal(UnreadableReason.Damaged, Reading.ReasonOf("%PDF-1.7\n"u8.ToArray(), "a.pdf"));

    [Fact]
    public void Circles_end()
    {
        var file = new PdfFile();
        file.Add("<</Type/Catalog/Pages 2 0 R>>");
        file.Add("<</Type/Pages/Kids[2 0 R 3 0 R 4 0 R]/Count 9/Resources 4 0 R>>");
        file.Add("<</Type/Page/Contents 5 0 R/Resources 4 0 R>>");
        file.Add("4 0 R");
        file.Add("<</Length 5 0 R>>\nstream\nBT (x) Tj ET\nendstream");
        Assert.Equal("x", TextOf(file.Write()));
    }

    [Fact]
    public void A_bomb_ends_at_the_budget()
    {
        var bomb = PdfFile.Deflate(PdfFile.Deflate(new byte[200_000_000]));
        Assert.True(bomb.Length < 10_000);
        var file = PdfFile.Page("", static (_, _) => PdfFile.Helvetica, stream: (file, _) => file.AddStream("/Filter[/FlateDecode/FlateDecode]", bomb));
        Assert.Equal(UnreadableReason.TooCostly, Reading.ReasonOf(file, "a.pdf"));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("<<")]
    [InlineData("(")]
    [InlineData("q ")]
    [InlineData("/a<</b")]
    [InlineData("BT /F1 1 Tf (a) Tj ")]
    public void Depth_and_length_do_no_harm(string piece) =>
        Reading.Of(PdfFile.Page(string.Concat(Enumerable.Repeat(piece, 200_000))), "a.pdf");

    private static string Base85(byte[] bytes)
    {
        var text = new StringBuilder();
        for (var i = 0; i < bytes.Length; i += 4)
        {
            var length = Math.Min(4, bytes.Length - i);
            uint group = 0;
            for (var j = 0; j < 4; j++)
                group = group << 8 | (j < length ? bytes[i + j] : 0u);
            var digits = new char[5];
            for (var j = 4; j >= 0; j--, group /= 85)
                digits[j] = (char)('!' + group % 85);
            text.Append(digits, 0, length + 1);
        }
        return text + "~>";
    }
}
