using System.Runtime.CompilerServices;
using Commune.Mail.Mime;
using Commune.Mail.Text;

namespace Commune.Mail.Tests.Text;

/// <summary>
/// Replies in the style of each mail program and in each language it writes its announcements in: a mail in
/// <c>Corpus/Conversations</c>, and beside it the text of what it adds.
/// </summary>
public sealed class ConversationTests
{
    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "Corpus", "Conversations");

    public static TheoryData<string> Samples() =>
        new(Directory.EnumerateFiles(Folder(), "*.eml").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_reply_is_what_its_author_wrote(string sample)
    {
        var message = MimeParser.Parse(File.ReadAllBytes(Path.Combine(Folder(), sample + ".eml")));
        var expected = File.ReadAllText(Path.Combine(Folder(), sample + ".txt")).TrimEnd();
        var content = MessageContent.From(message);
        Assert.Equal(expected, content.ReplyText);
        // The HTML alone, and the message as it is read back from a store, say the same.
        if (content.Html is not null)
            Assert.Equal(expected, ReplyText.OfHtml(content.Html).Reply);
        Assert.Equal(expected, new MessageContent(content.Text, content.Html, []).ReplyText);
        Assert.False(content.Reply.IsForward);
        Assert.Equal("customer@example.net", Assert.Single(message.From).Address);
        Assert.DoesNotContain("=?", message.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_samples_in_many_languages() => Assert.True(Samples().Count > 200);
}
