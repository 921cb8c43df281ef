using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Commune.Ai.Tests.AttachmentText;

/// <summary>PDF files written by hand, with a table of their objects at the end.</summary>
internal sealed class PdfFile
{
    private readonly List<byte[]> objects = [];

    public const string Helvetica = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>";

    /// <summary>Adds an object and gives its number.</summary>
    public int Add(string body) => Add(Encoding.Latin1.GetBytes(body));

    public int Add(byte[] body)
    {
        objects.Add(body);
        return objects.Count;
    }

    public int AddStream(string dictionary, byte[] content) =>
        Add([.. Encoding.Latin1.GetBytes($"<<{dictionary}/Length {content.Length}>>\nstream\n"), .. content, .. "\nendstream"u8]);

    public int AddStream(string dictionary, string content) => AddStream(dictionary, Encoding.Latin1.GetBytes(content));

    /// <summary>A file of one page.</summary>
    /// <param name="font">The font F1.</param>
    public static byte[] Page(string content, string font = Helvetica) => Page(content, (_, _) => font);

    /// <param name="font">The font F1, which may add objects of its own.</param>
    public static byte[] Page(string content, Func<PdfFile, int, string> font, string page = "", Func<PdfFile, byte[], int>? stream = null)
    {
        var file = new PdfFile();
        file.Add("<</Type/Catalog/Pages 2 0 R>>");
        file.Add("<</Type/Pages/Kids[3 0 R]/Count 1>>");
        file.Add("");
        var text = Encoding.Latin1.GetBytes(content);
        var contents = stream is null ? file.AddStream("", text) : stream(file, text);
        var made = file.Add(font(file, 0));
        file.objects[2] = Encoding.Latin1.GetBytes($"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {contents} 0 R/Resources<</Font<</F1 {made} 0 R>>>>{page}>>");
        return file.Write();
    }

    /// <param name="trailer">Further entries.</param>
    public byte[] Write(string trailer = "", bool withTable = true)
    {
        using var file = new MemoryStream();
        file.Write("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"u8);
        var offsets = new List<long>();
        for (var i = 0; i < objects.Count; i++)
        {
            offsets.Add(file.Position);
            file.Write(Encoding.ASCII.GetBytes($"{i + 1} 0 obj\n"));
            file.Write(objects[i]);
            file.Write("\nendobj\n"u8);
        }
        var start = file.Position;
        if (withTable)
        {
            file.Write(Encoding.ASCII.GetBytes($"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n"));
            foreach (var offset in offsets)
                file.Write(Encoding.ASCII.GetBytes(offset.ToString("D10", CultureInfo.InvariantCulture) + " 00000 n \n"));
        }
        file.Write(Encoding.ASCII.GetBytes($"trailer\n<</Size {objects.Count + 1}/Root 1 0 R{trailer}>>\nstartxref\n{(withTable ? start : 7)}\n%%EOF\n"));
        return file.ToArray();
    }

    public static byte[] Deflate(byte[] content)
    {
        using var output = new MemoryStream();
        using (var deflate = new ZLibStream(output, CompressionLevel.Optimal, leaveOpen: true))
            deflate.Write(content);
        return output.ToArray();
    }
}
