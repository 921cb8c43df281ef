using System.Runtime.CompilerServices;
using System.Text;
using Commune.Mail.Mime;
using Commune.Mail.Text;
using Commune.Mail.Threading;

namespace Commune.Mail.Tests.Mime;

/// <summary>Messages written in tests as text: LF becomes CRLF, every character below 256 is one byte.</summary>
internal static class Eml
{
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text.Replace("\r\n", "\n").Replace("\n", "\r\n"));

    public static MimeMessage Parse(string text, MimeLimits? limits = null) => MimeParser.Parse(Bytes(text), limits);

    public static MessageContent Content(string text) => MessageContent.From(Parse(text));

    public static IEnumerable<string> CorpusFiles([CallerFilePath] string here = "") =>
        Directory.EnumerateFiles(Path.Combine(Path.GetDirectoryName(here)!, "..", "Corpus"), "*.eml").Order(StringComparer.Ordinal);

    /// <summary>Reads everything a message offers, and checks what must hold for any input.</summary>
    public static long Exhaust(MimeMessage message)
    {
        long characters = message.Subject.Length + (message.MessageId?.Length ?? 0) + (message.Date?.Year ?? 0);
        AssertText(message.Subject);
        foreach (var mailbox in message.From.Concat(message.To).Concat(message.Cc).Concat(message.Bcc).Concat(message.Sender).Concat(message.ReplyTo))
        {
            AssertText(mailbox.ToString());
            Assert.DoesNotContain('\n', mailbox.ToString());
            characters += mailbox.BareAddress.Length + mailbox.AsciiDomain.Length;
        }
        Assert.True(message.References.Count <= 500);
        characters += message.References.Sum(id => id.Length) + message.InReplyTo.Sum(id => id.Length);
        foreach (var (name, value) in message.Headers)
        {
            AssertText(value);
            characters += name.Length + value.Length;
        }
        var content = MessageContent.From(message);
        AssertText(content.Text);
        if (content.Html is not null)
            AssertText(content.Html);
        characters += content.Text.Length;
        AssertText(Snippet.Of(content.Text));
        AssertText(ReplySubject.KeyOf(message.Subject));
        foreach (var attachment in content.Attachments)
        {
            AssertText(attachment.FileName);
            Assert.False(string.IsNullOrWhiteSpace(attachment.FileName));
            Assert.Equal(attachment.Size, attachment.Part.DecodeBody().Length);
            Assert.Same(attachment.Part, message.FindPart(attachment.Path));
            characters += attachment.Size;
        }
        return characters;
    }

    public static void AssertText(string text)
    {
        Assert.DoesNotContain('\0', text);
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            Assert.True(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]), "half a surrogate pair");
            i++;
        }
    }
}
