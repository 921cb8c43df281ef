using System.Text.Unicode;

namespace Commune.Ai.AttachmentText;

/// <summary>What an attachment is read as.</summary>
internal enum AttachmentKind
{
    Unknown,
    Plain,
    Html,
    Csv,
    Json,
    Calendar,
    Word,
    Sheet,
    Slides,
    Pdf,

    /// <summary>An Office document of unknown kind; its parts tell.</summary>
    Office,
}

/// <summary>Tells what an attachment is: by its first bytes where these are sure, then by its name, then by its media type, which senders get wrong most.</summary>
internal static class AttachmentKinds
{
    private const int LookedAt = 4096;

    public static AttachmentKind Of(ReadOnlySpan<byte> content, string? fileName, string? mediaType)
    {
        // ISO 32000-1 §7.5.2 and its note: readers accept a header within the first 1024 bytes.
        if (content[..Math.Min(content.Length, 1024)].IndexOf("%PDF-"u8) >= 0)
            return AttachmentKind.Pdf;
        var named = ByName(fileName);
        if (named == AttachmentKind.Unknown)
            named = ByMediaType(mediaType);
        if (content.StartsWith("PK\u0003\u0004"u8))
            return named is AttachmentKind.Word or AttachmentKind.Sheet or AttachmentKind.Slides ? named : AttachmentKind.Office;
        // A document with a password is a compound file with the real one inside (MS-OFFCRYPTO §1.3).
        if (content.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0]))
            return named is AttachmentKind.Word or AttachmentKind.Sheet or AttachmentKind.Slides ? named : AttachmentKind.Unknown;
        return named == AttachmentKind.Unknown && LooksLikeText(content) ? AttachmentKind.Plain : named;
    }

    private static AttachmentKind ByName(string? fileName) => Path.GetExtension(fileName ?? "").ToLowerInvariant() switch
    {
        ".txt" or ".text" or ".md" or ".markdown" or ".log" or ".srt" or ".vtt" or ".vcf" or ".yaml" or ".yml" or ".ini" or ".xml" or ".tex" => AttachmentKind.Plain,
        ".htm" or ".html" or ".xhtml" => AttachmentKind.Html,
        ".csv" or ".tsv" => AttachmentKind.Csv,
        ".json" => AttachmentKind.Json,
        ".ics" => AttachmentKind.Calendar,
        ".docx" or ".docm" or ".dotx" => AttachmentKind.Word,
        ".xlsx" or ".xlsm" or ".xltx" => AttachmentKind.Sheet,
        ".pptx" or ".pptm" or ".potx" or ".ppsx" => AttachmentKind.Slides,
        ".pdf" => AttachmentKind.Pdf,
        _ => AttachmentKind.Unknown,
    };

    private static AttachmentKind ByMediaType(string? mediaType) => (mediaType ?? "").Split(';')[0].Trim().ToLowerInvariant() switch
    {
        "text/html" or "application/xhtml+xml" => AttachmentKind.Html,
        "text/csv" or "application/csv" or "text/tab-separated-values" => AttachmentKind.Csv,
        "application/json" or "text/json" => AttachmentKind.Json,
        "text/calendar" or "application/ics" => AttachmentKind.Calendar,
        "application/pdf" or "application/x-pdf" => AttachmentKind.Pdf,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => AttachmentKind.Word,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => AttachmentKind.Sheet,
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => AttachmentKind.Slides,
        "application/xml" => AttachmentKind.Plain,
        var type when type.StartsWith("text/", StringComparison.Ordinal) || type.EndsWith("+json", StringComparison.Ordinal) || type.EndsWith("+xml", StringComparison.Ordinal)
            && !type.StartsWith("image/", StringComparison.Ordinal) => AttachmentKind.Plain,
        _ => AttachmentKind.Unknown,
    };

    /// <summary>UTF-8 without control characters, as far as the beginning shows.</summary>
    private static bool LooksLikeText(ReadOnlySpan<byte> content)
    {
        var sample = content[..Math.Min(content.Length, LookedAt)];
        // The end of the sample may cut a character.
        for (var cut = 0; cut < 3 && sample.Length < content.Length && !Utf8.IsValid(sample); cut++)
            sample = sample[..^1];
        return !sample.IsEmpty && Utf8.IsValid(sample) && !sample.ContainsAnyInRange((byte)0, (byte)8) && !sample.ContainsAnyInRange((byte)14, (byte)26);
    }
}
