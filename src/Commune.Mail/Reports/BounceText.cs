using System.Buffers;

namespace Commune.Mail.Reports;

/// <summary>The text of a bounce for people: where the original begins, and who wrote it.</summary>
internal static class BounceText
{
    /// <summary>Lines after which the original message is returned.</summary>
    private static readonly SearchValues<string> CopyLines = SearchValues.Create(
        [
            "Below this line is a copy of the message", "This is a copy of the message, including all the headers", "This is a copy of your message, including all the headers", "This is a copy of the message's headers", "Original message follows", "Original message headers", "Original Message Header",
            "Unsent message follows", "The header of the original message", "Message header follows", "Undelivered message follows", "Returned message follows", "Message headers follow", "Copy of the original message", "Start of returned message", "Received message follows", "message text follows", "Content of your message",
            "Ursprüngliche Nachrichtenkopfzeilen", "Ursprüngliche Nachricht", "En-têtes de message d'origine", "En-têtes du message d'origine", "Encabezados del mensaje original", "Encabezados de mensajes originales", "Intestazioni del messaggio originale", "Intestazioni messaggio originale", "元のメッセージ ヘッダー", "原邮件",
        ], StringComparison.OrdinalIgnoreCase);

    /// <summary>What the mailer says, and the original it returns in the same text.</summary>
    public static (string Report, ReadOnlyMemory<char> Copy) SplitOriginal(string text)
    {
        var at = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range);
            at = range.End.GetOffset(text.Length);
            if (line.ContainsAny(CopyLines))
                return (text[..range.Start.GetOffset(text.Length)], Header(text.AsMemory(Math.Min(at + 1, text.Length))));
            // Without an announcement the first trace field shows it.
            if (line.StartsWith("Received: ") || line.StartsWith("Return-Path: ") || line.StartsWith("Return-path: "))
                return (text[..range.Start.GetOffset(text.Length)], text.AsMemory(range.Start.GetOffset(text.Length)));
        }
        return (text, default);
    }

    /// <summary>Passes over the blank lines and rules between the announcement and the header.</summary>
    private static ReadOnlyMemory<char> Header(ReadOnlyMemory<char> rest)
    {
        while (!rest.IsEmpty)
        {
            var end = rest.Span.IndexOf('\n');
            var line = end < 0 ? rest.Span : rest.Span[..end];
            var colon = line.IndexOf(':');
            if (colon > 0 && !line[..colon].ContainsAny(' ', '\t'))
                return rest;
            if (end < 0 || !(line.IsWhiteSpace() || line.TrimStart().StartsWith("-") || line.EndsWith("-") || line.Contains("------", StringComparison.Ordinal)))
                return end < 0 ? default : rest[(end + 1)..];
            rest = rest[(end + 1)..];
        }
        return rest;
    }

    /// <summary>The host that gave up, where the text names it.</summary>
    public static string? ReportingHost(string report)
    {
        foreach (var label in (ReadOnlySpan<string>)["Generating server:", "Reporting-MTA: dns;", "qmail-send program at ", "mail system at host "])
        {
            var at = report.IndexOf(label, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
                continue;
            var name = report.AsSpan(at + label.Length).TrimStart(' ');
            var end = name.IndexOfAny(" \n\t,;");
            name = (end < 0 ? name : name[..end]).TrimEnd('.');
            if (name.Length is > 0 and <= 255)
                return name.ToString();
        }
        return null;
    }
}
