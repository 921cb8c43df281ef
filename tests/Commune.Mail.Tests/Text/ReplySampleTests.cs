using System.Runtime.CompilerServices;
using Commune.Mail.Mime;
using Commune.Mail.Text;

namespace Commune.Mail.Tests.Text;

/// <summary>One mail in the style of each program.</summary>
public sealed class ReplySampleTests
{
    private static MessageContent Read(string name, [CallerFilePath] string here = "") =>
        MessageContent.From(MimeParser.Parse(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(here)!, "..", "Corpus", "Replies", name + ".eml"))));

    [Theory]
    [InlineData("gmail-web", "It came this morning, thank you.\n\nThe box is dented, though.", "Has the parcel arrived?", "Harbour Street 4")]
    [InlineData("gmail-plain", "Yes, Thursday suits me.", "Would Thursday suit you?", null)]
    [InlineData("outlook-desktop", "Please cancel the order.", "Your order is on its way.", "Kim Lee")]
    [InlineData("outlook-desktop-slovene", "Hvala, dobil sem ga.", "Paket je poslan.", null)]
    [InlineData("outlook-web", "I will call you at noon.", "When may we call?", "Purchasing")]
    [InlineData("outlook-mobile", "Fine with me.", "Is Tuesday fine?", "Outlook for iOS")]
    [InlineData("outlook-plain", "Bitte stornieren.", "Soll es storniert werden?", null)]
    [InlineData("outlook-plain-rule", "Tout est bien arrivé.", "Le colis est-il arrivé ?", null)]
    [InlineData("outlook-ios-plain", "Ok for me.", "Is it ok?", "Get Outlook for iOS")]
    [InlineData("apple-mail-plain", "It is the green one.", "Which one is it?", null)]
    [InlineData("iphone", "Ja, passt.", "Passt Dienstag?", "Von meinem iPhone gesendet")]
    [InlineData("yahoo", "Sure, send it again.", "Shall we send it again?", null)]
    [InlineData("thunderbird", "Both arrived today.", "Has one arrived, or both?", "Example Ltd")]
    [InlineData("thunderbird-bottom", "Both arrived.", "Please tell us.", "Kim")]
    [InlineData("proton", "Keep it, please.", "Shall we keep it?", "Sent with")]
    [InlineData("zoho", "It works now.", "Does it work?", "Kim")]
    [InlineData("lotus", "Approved.", "Please approve.", null)]
    [InlineData("lotus-wrote", "Approved, go on.", "Please approve.", null)]
    [InlineData("samsung", "Ok, danke!", "Ist es da?", null)]
    [InlineData("mailing-list", "I think the second patch is right.", "Which patch is right?", "Parcels mailing list")]
    [InlineData("disclaimer", "The invoice is attached.", null, "Head of Purchasing")]
    public void The_newest_reply_stands_alone(string sample, string reply, string? quoted, string? signature)
    {
        var parts = Read(sample).Reply;
        Assert.Equal(reply, parts.Reply);
        AssertHolds(quoted, parts.Quoted);
        AssertHolds(signature, parts.Signature);
        Assert.False(parts.IsForward);
    }

    [Theory]
    [InlineData("gmail-forward", "Can you take this one?", "The lamp is broken.")]
    [InlineData("apple-forward", "FYI, see below.", "The lamp is broken.")]
    public void The_note_above_a_forward_is_the_reply(string sample, string reply, string quoted)
    {
        var parts = Read(sample).Reply;
        Assert.True(parts.IsForward);
        Assert.Equal(reply, parts.Reply);
        AssertHolds(quoted, parts.Quoted);
    }

    [Fact]
    public void A_forward_without_a_note_is_its_content()
    {
        var parts = Read("thunderbird-forward").Reply;
        Assert.True(parts.IsForward);
        Assert.Contains("The lamp is broken.", parts.Reply, StringComparison.Ordinal);
        Assert.Null(parts.Quoted);
    }

    [Fact]
    public void Answers_between_quotations_keep_them()
    {
        var parts = Read("interleaved").Reply;
        Assert.Equal("Hi,\n\n> First question?\n\nFirst answer.\n\n> Second question?\n> Still the second.\n\nSecond answer.", parts.Reply);
        Assert.Equal("> Regards\n> Support", parts.Quoted);
        Assert.Equal("-- \nKim", parts.Signature);
    }

    [Fact]
    public void Answers_inside_the_container_of_Gmail_are_kept() =>
        Assert.Equal("> Which colour?\n\nBlue.\n\n> Which size?\n\nMedium, please.", Read("gmail-inline").ReplyText);

    [Fact]
    public void Apple_Mail_in_HTML_is_read() => Assert.StartsWith("It is the green one.", Read("apple-mail").ReplyText, StringComparison.Ordinal);

    [Fact]
    public void A_snippet_is_of_the_reply() => Assert.Equal("Yes, Thursday suits me.", Snippet.Of(Read("gmail-plain")));

    private static void AssertHolds(string? expected, string? actual)
    {
        if (expected is null)
            Assert.Null(actual);
        else
            Assert.Contains(expected, actual ?? "", StringComparison.Ordinal);
    }
}
