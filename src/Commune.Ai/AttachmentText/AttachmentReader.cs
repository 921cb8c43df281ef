using System.Xml;
using Commune.Ai.AttachmentText.Office;
using Commune.Ai.AttachmentText.Pdf;

namespace Commune.Ai.AttachmentText;

/// <summary>The text of attachments, for search. What is in the bytes is data that strangers wrote: nothing in it throws, runs, loads or resolves anything.</summary>
public static class AttachmentReader
{
    /// <summary>False where the name says that there is no text to read, so that its bytes need not be fetched: pictures, sound, films, archives.</summary>
    public static bool MayHaveText(string? fileName) => Path.GetExtension(fileName ?? "").ToLowerInvariant() is not (
        ".png" or ".jpg" or ".jpeg" or ".gif" or ".webp" or ".bmp" or ".tif" or ".tiff" or ".heic" or ".heif" or ".ico" or ".svg"
        or ".mp3" or ".m4a" or ".wav" or ".ogg" or ".flac" or ".mp4" or ".mov" or ".avi" or ".mkv" or ".webm"
        or ".zip" or ".gz" or ".tgz" or ".7z" or ".rar" or ".bz2" or ".xz" or ".p7s" or ".p7m" or ".asc" or ".exe" or ".iso");

    /// <summary>Plain text, HTML, CSV, JSON, iCalendar, DOCX, XLSX, PPTX and PDF as text.</summary>
    /// <param name="mediaType">As in Content-Type, parameters included if there are any.</param>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public static AttachmentReading Read(ReadOnlyMemory<byte> content, string? fileName, string? mediaType, AttachmentLimits limits, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (content.Length > limits.MaxBytes)
            return new AttachmentReading.Unreadable(UnreadableReason.TooLarge, $"More than {limits.MaxBytes} bytes are not read.");
        var budget = new ReadingBudget(limits, ct);
        budget.Spend();
        var text = new CollectedText(budget);
        var kind = AttachmentKinds.Of(content.Span, fileName, mediaType);
        if (kind == AttachmentKind.Unknown)
            return new AttachmentReading.Unreadable(UnreadableReason.UnsupportedType, "Files of this type are not read.");
        var trouble = Read(kind, content, mediaType, text, budget);
        // What was read before the trouble is worth having.
        var value = text.Finish();
        if (value.Length > 0)
            return new AttachmentReading.Text(value, text.IsCut || budget.IsSpent);
        if (trouble is not null)
            return trouble;
        return budget.IsSpent
            ? new AttachmentReading.Unreadable(UnreadableReason.TooCostly, "It unpacks to more than a document would.")
            : new AttachmentReading.Unreadable(UnreadableReason.NoText, "There is no text in it.");
    }

    private static AttachmentReading.Unreadable? Read(AttachmentKind kind, ReadOnlyMemory<byte> content, string? mediaType, CollectedText text, ReadingBudget budget)
    {
        switch (kind)
        {
            case AttachmentKind.Plain:
                PlainText.Read(content.Span, mediaType, text);
                return null;
            case AttachmentKind.Html:
                PlainText.ReadHtml(content.Span, mediaType, text);
                return null;
            case AttachmentKind.Csv:
                CsvText.Read(PlainText.Decode(content.Span, mediaType), text);
                return null;
            case AttachmentKind.Json:
                JsonText.Read(content.Span, mediaType, text);
                return null;
            case AttachmentKind.Calendar:
                CalendarText.Read(PlainText.Decode(content.Span, mediaType), text);
                return null;
            case AttachmentKind.Pdf:
                return PdfText.Read(content, text, budget);
            default:
                return ReadOffice(kind, content, text, budget);
        }
    }

    private static AttachmentReading.Unreadable? ReadOffice(AttachmentKind kind, ReadOnlyMemory<byte> content, CollectedText text, ReadingBudget budget)
    {
        if (content.Span.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0]))
            return new AttachmentReading.Unreadable(UnreadableReason.Encrypted, "It has a password, or is of an old binary format.");
        if (OfficePackage.CountEntries(content.Span) > budget.Limits.MaxEntries)
            return new AttachmentReading.Unreadable(UnreadableReason.TooCostly, $"It has more than {budget.Limits.MaxEntries} parts.");
        try
        {
            using var package = new OfficePackage(content, budget);
            switch (kind == AttachmentKind.Office ? package.Kind() : kind)
            {
                case AttachmentKind.Word:
                    WordText.Read(package, text);
                    return null;
                case AttachmentKind.Sheet:
                    SheetText.Read(package, text);
                    return null;
                case AttachmentKind.Slides:
                    SlideText.Read(package, text);
                    return null;
                default:
                    return new AttachmentReading.Unreadable(UnreadableReason.UnsupportedType, "Archives are not read.");
            }
        }
        // What ZipArchive and XmlReader say to bytes that are no package, or no XML.
        catch (Exception error) when (error is InvalidDataException or XmlException or IOException or NotSupportedException or ArgumentException or OverflowException)
        {
            return budget.IsSpent ? null : new AttachmentReading.Unreadable(UnreadableReason.Damaged, "The document is damaged.");
        }
    }
}
