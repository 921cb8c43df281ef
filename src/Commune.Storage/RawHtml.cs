using Commune.Mail.Mime;

namespace Commune.Storage;

/// <summary>The HTML body of a message whose raw bytes stand in the database: a copy beside them would be most of what a message writes.</summary>
internal static class RawHtml
{
    public static string? Read(ReadOnlyMemory<byte> raw) => MessageContent.From(MimeParser.Parse(raw)).Html;
}
