namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>The text of a PDF file: its pages in order, each with what stands in its form fields and notes.</summary>
internal static class PdfText
{
    private const int MostAnnotations = 2000;

    public static AttachmentReading.Unreadable? Read(ReadOnlyMemory<byte> file, CollectedText text, ReadingBudget budget)
    {
        var document = PdfDocument.Open(file, budget);
        if (document.IsEncrypted)
            return new AttachmentReading.Unreadable(UnreadableReason.Encrypted, "It is encrypted.");
        var pages = 0;
        foreach (var (page, resources) in document.Pages())
        {
            if (text.IsFull)
                return null;
            pages++;
            var layout = new PdfLayout(text);
            new PdfContent(document, layout, budget).Run(ContentOf(document, page), resources);
            layout.EndPage();
            ReadAnnotations(document, page, text);
        }
        return pages > 0 || budget.IsSpent
            ? null
            : new AttachmentReading.Unreadable(UnreadableReason.Damaged, "No page can be found in it.");
    }

    // §7.8.2: several streams are one, with a blank where they meet.
    private static byte[] ContentOf(PdfDocument document, PdfObject.Dictionary page)
    {
        if (document.Resolve(page["Contents"]) is not PdfObject.Array array)
            return document.Bytes(page["Contents"]);
        var whole = new MemoryStream();
        foreach (var part in array.Items)
        {
            whole.Write(document.Bytes(part));
            whole.WriteByte((byte)'\n');
        }
        return whole.ToArray();
    }

    private static void ReadAnnotations(PdfDocument document, PdfObject.Dictionary page, CollectedText text)
    {
        foreach (var item in document.Items(page["Annots"]).Take(MostAnnotations))
        {
            var annotation = document.Dictionary(item);
            var value = document.Name(annotation["Subtype"]) switch
            {
                "Widget" => annotation["V"] ?? document.Dictionary(annotation["Parent"])["V"],
                "FreeText" or "Text" => annotation["Contents"],
                _ => null,
            };
            if (document.Resolve(value) is not PdfObject.Text words)
                continue;
            text.Append(PdfStrings.Decode(words.Bytes));
            text.EndLine();
        }
    }
}
