using Commune.Ai.Screening;

namespace Commune.Ai.Tests.Screening;

public sealed class SpamScreenTests
{
    private static readonly SenderEvidence Proven = new("pass", true, "pass", "pass");
    private static readonly SenderEvidence Forged = new("fail", false, "fail", "fail");

    [Fact]
    public void A_letter_of_a_proven_sender_is_accepted()
    {
        var verdict = SpamScreen.Run(Mail("Lunch on Friday?", "Shall we meet at noon?"), Proven);
        Assert.Equal("accept", verdict.Action);
        Assert.True(verdict.Score < 0.05, $"{verdict.Score}");
    }

    [Fact]
    public void A_forged_offer_of_money_is_to_be_rejected()
    {
        var verdict = SpamScreen.Run(
            Mail("CONGRATULATIONS! YOU HAVE WON $1000000!!!", "Dear friend, you have won the lottery. Act now and claim your prize: http://bit.ly/x"), Forged);
        Assert.Equal("reject", verdict.Action);
        Assert.Contains("dmarc_fail", verdict.Reasons, StringComparer.Ordinal);
        Assert.Contains("words", verdict.Reasons, StringComparer.Ordinal);
    }

    [Fact]
    public void An_executable_from_an_unproven_sender_is_flagged()
    {
        var mail = Mail("Invoice", "See the invoice.") with { AttachmentNames = ["invoice.pdf.exe"] };
        Assert.Equal("flag", SpamScreen.Run(mail, new SenderEvidence("softfail", false, "none", "fail")).Action);
        Assert.Equal("accept", SpamScreen.Run(mail with { AttachmentNames = ["invoice.pdf"] }, Proven).Action);
    }

    [Fact]
    public void Who_was_written_to_before_is_trusted_more_and_who_was_flagged_less()
    {
        var mail = Mail("Act now", "Click here for a limited time. Order now.");
        var unknown = new SenderEvidence("softfail", false, "none", "pass");
        var score = SpamScreen.Run(mail, unknown).Score;
        Assert.True(SpamScreen.Run(mail, unknown with { Received = 4, SentTo = 2 }).Score < score);
        Assert.True(SpamScreen.Run(mail, unknown with { Received = 4, Flagged = 4 }).Score > score);
    }

    [Fact]
    public void Forged_header_fields_count()
    {
        var whole = new HeaderFacts(false, false, false, false, false, null, false);
        var mail = Mail("Hello", "Hello") with { Header = whole };
        Assert.True(SpamScreen.Run(mail with { Header = new HeaderFacts(true, true, true, true, true, "other.example", false) }, Proven).Score
            > SpamScreen.Run(mail, Proven).Score + 0.3);
    }

    private static ScreenedMail Mail(string subject, string text) => new() { Subject = subject, SenderName = "Kim", Sender = "kim@mailbox.example", Text = text, Html = null };
}
