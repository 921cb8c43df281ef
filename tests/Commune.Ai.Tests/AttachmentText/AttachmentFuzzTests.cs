using System.Diagnostics;
using System.Text;
using Commune.Ai.AttachmentText;

namespace Commune.Ai.Tests.AttachmentText;

/// <summary>Good files with octets changed, cut, doubled and spliced, under a fixed seed and a random one: each is read or has a reason, soon.</summary>
public sealed class AttachmentFuzzTests(ITestOutputHelper output)
{
    private static readonly AttachmentLimits Small = AttachmentLimits.Default with { MaxWork = 2_000_000, MaxUnpacked = 4_000_000 };

    private static readonly string[] Splices =
    [
        "<<", ">>", "[", "]", "(", ")", "<", ">", "/", "%", "stream\n", "endstream", "endobj", "obj", "1 0 R", "5 0 R", "-1", "99999999999", "xref\n", "trailer", "/Prev 9", "/Kids[2 0 R]",
        "/Length -5", "/W[9 9 9]", "/Index[0 99999999]", "/Predictor 15", "/Columns 0", "BT", "ET", "Tj", "Do", "BI ID", "<FEFF>", "beginbfrange <00> <FFFFFFFF> <00> endbfrange", "\0", "\u00FF",
        "{\"a\":", "\\ud800", "\"", ",", ";", "BEGIN:VEVENT\n", "DTSTART:2026\n", "<w:p>", "</w:p>", "<!DOCTYPE a>", "&#0;", "<p>", "PK\u0001\u0002", "PK\u0005\u0006",
    ];

    public static TheoryData<string> Kinds => new("a.txt", "a.html", "a.csv", "a.json", "a.ics", "a.docx", "a.xlsx", "a.pptx", "a.pdf", "packed.pdf");

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Whatever_comes_is_read_without_harm(string name)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var sample = Sample(name);
        foreach (var random in new[] { new Random(20261121), new Random(seed) })
        {
            for (var round = 0; round < 400; round++)
            {
                var bytes = Mutate(sample, random);
                var start = Stopwatch.GetTimestamp();
                var reading = Reading.Of(bytes, name[^1] == 'f' ? "a.pdf" : name, limits: Small);
                Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10));
                if (reading is AttachmentReading.Text text)
                {
                    Assert.False(string.IsNullOrWhiteSpace(text.Value));
                    Assert.True(text.Value.Length <= Small.MaxText);
                    Assert.DoesNotContain('\0', text.Value);
                    Assert.Equal(text.Value, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Value)));
                }
            }
        }
    }

    private static byte[] Sample(string name) => name switch
    {
        "a.txt" => Encoding.UTF8.GetBytes("Grüße aus Köln,\r\n\r\n😀 a text of two lines.\n"),
        "a.html" => "<html><meta charset=utf-8><body><p>Dear <b>Kim</b></p><table><tr><td>1<td>2</table></body></html>"u8.ToArray(),
        "a.csv" => "name;amount\n\"Finch; D\";\"say \"\"hi\"\"\"\n"u8.ToArray(),
        "a.json" => """{"customer":{"name":"J\u00fcrgen","paid":true},"items":[7,"x",null,{"deep":[[["down"]]]}]}"""u8.ToArray(),
        "a.ics" => "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Viewing\\, second\n  floor\nDTSTART;TZID=X:20261204T081500\nATTENDEE;CN=\"A: B\":mailto:a@b.example\nEND:VEVENT\nEND:VCALENDAR\n"u8.ToArray(),
        "a.docx" => OfficeFile.Word(OfficeFile.Paragraph("Lease agreement") + OfficeFile.Paragraph("The rent")),
        "a.xlsx" => OfficeFile.Sheet("<row><c t='s'><v>0</v></c><c s='1'><v>46347</v></c></row>", "<sst><si><t>Item</t></si></sst>", "<styleSheet><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>"),
        "a.pptx" => OfficeFile.Slides(),
        "packed.pdf" => PdfFile.Page("BT /F1 12 Tf 72 700 Td (Hello) Tj ET", Composite, stream: static (file, text) => file.AddStream("/Filter/FlateDecode", PdfFile.Deflate(text))),
        _ => PdfFile.Page("BT /F1 12 Tf 72 700 Td [(Hel) 20 (lo)] TJ T* <00010002> Tj /Span <</ActualText(x)>> BDC EMC ET q 1 0 0 1 5 5 cm Q", Composite),
    };

    private static string Composite(PdfFile file, int number)
    {
        var map = file.AddStream("", "1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0000> <00FF> <0041> endbfrange");
        return $"<</Type/Font/Subtype/Type0/Encoding/Identity-H/DescendantFonts[<</DW 500/W[1[600 600] 16 18 550]>>]/ToUnicode {map} 0 R>>";
    }

    private static byte[] Mutate(byte[] sample, Random random)
    {
        var bytes = sample.ToList();
        for (var left = random.Next(1, 8); left > 0; left--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(5))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(40), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(Splices[random.Next(Splices.Length)]));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(200), bytes.Count - at)));
                    break;
                default:
                    if (random.Next(6) == 0)
                        bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }
        return [.. bytes];
    }
}
