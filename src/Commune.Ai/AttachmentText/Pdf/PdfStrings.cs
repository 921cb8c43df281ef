using System.Text;
using Commune.Mail.Mime;

namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>Text strings outside content (ISO 32000-1 §7.9.2.2).</summary>
internal static class PdfStrings
{
    // Near enough to PDFDocEncoding: they differ in signs below 0xA0.
    private static readonly Encoding Windows1252 = Charsets.Find("windows-1252")!;

    public static string Decode(byte[] bytes) => bytes switch
    {
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode.GetString(bytes, 2, bytes.Length - 2),
        [0xFF, 0xFE, ..] => Encoding.Unicode.GetString(bytes, 2, bytes.Length - 2),
        [0xEF, 0xBB, 0xBF, ..] => Encoding.UTF8.GetString(bytes, 3, bytes.Length - 3),
        _ => Windows1252.GetString(bytes),
    };
}
