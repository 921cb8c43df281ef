namespace Commune.Mail.Mime;

/// <summary>The usual file extensions of media types, for parts without a name.</summary>
internal static class MediaTypes
{
    public static string ExtensionOf(string mediaType) => mediaType switch
    {
        "text/plain" => ".txt",
        "text/html" => ".html",
        "text/calendar" => ".ics",
        "text/csv" => ".csv",
        "text/vcard" or "text/x-vcard" => ".vcf",
        "text/rfc822-headers" or "message/rfc822" or "message/global" => ".eml",
        "message/delivery-status" or "message/disposition-notification" => ".txt",
        "image/png" => ".png",
        "image/jpeg" or "image/jpg" => ".jpg",
        "image/gif" => ".gif",
        "image/webp" => ".webp",
        "image/svg+xml" => ".svg",
        "image/bmp" => ".bmp",
        "image/tiff" => ".tif",
        "application/pdf" => ".pdf",
        "application/json" => ".json",
        "application/xml" or "text/xml" => ".xml",
        "application/zip" or "application/x-zip-compressed" => ".zip",
        "application/gzip" => ".gz",
        "application/msword" => ".doc",
        "application/vnd.ms-excel" => ".xls",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => ".docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => ".xlsx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => ".pptx",
        "application/pgp-signature" => ".asc",
        "application/pgp-encrypted" => ".txt",
        "application/pkcs7-signature" or "application/x-pkcs7-signature" => ".p7s",
        "application/pkcs7-mime" or "application/x-pkcs7-mime" => ".p7m",
        "audio/mpeg" => ".mp3",
        "audio/wav" or "audio/x-wav" => ".wav",
        "audio/ogg" => ".ogg",
        "video/mp4" => ".mp4",
        _ => ".bin",
    };
}
