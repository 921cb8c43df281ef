using Commune.Ai.Extraction;
using Commune.Mail.Mime;
using Commune.Mail.Text;
using Commune.Storage;

namespace Commune.Server.Extraction;

/// <summary>A message as an extractor is given it.</summary>
internal static class MessageText
{
    /// <summary>UTF-16 code units; nobody writes more to be read.</summary>
    private const int Longest = 200_000;

    public static MailText Of(MailMessage message)
    {
        var sender = message.Participants.FirstOrDefault(static participant => participant.Role == "sender");
        var text = Cut(message.Content);
        // The HTML tells better what is quoted, but what is quoted from must be the text that is shown.
        var html = message.ContentHtml is { Length: <= 4 * Longest } given ? given : null;
        return Of(message.Subject, sender?.Name, sender?.Identity, DateTimeOffset.FromUnixTimeMilliseconds(message.CreatedAt), text, new MessageContent(text, html, []).Reply);
    }

    /// <summary>Text that is not a stored message.</summary>
    public static MailText Of(string subject, string? from, string text, DateTimeOffset date)
    {
        var cut = Cut(text);
        return Of(subject, null, from, date, cut, ReplyText.Of(cut));
    }

    private static MailText Of(string subject, string? name, string? address, DateTimeOffset date, string text, ReplyParts parts) =>
        new(Cut(subject), name, address, date, parts.Reply, text) { Signature = parts.Signature, IsForward = parts.IsForward };

    private static string Cut(string text)
    {
        var lines = text.ReplaceLineEndings("\n");
        return lines.Length <= Longest ? lines : lines[..(char.IsHighSurrogate(lines[Longest - 1]) ? Longest - 1 : Longest)];
    }
}
