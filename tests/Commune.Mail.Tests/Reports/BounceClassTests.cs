using Commune.Mail.Reports;
using Commune.Mail.Smtp;

namespace Commune.Mail.Tests.Reports;

public sealed class BounceClassTests
{
    [Theory]
    [InlineData("550 5.1.1 <a@x.example>: Recipient address rejected: User unknown in virtual mailbox table", BounceClass.Hard)]
    [InlineData("550 No such user here", BounceClass.Hard)]
    [InlineData("550 5.7.1 Unable to relay: recipient unknown", BounceClass.Hard)]
    [InlineData("550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", BounceClass.Hard)]
    [InlineData("556 5.1.10 Domain does not accept mail (nullMX)", BounceClass.Hard)]
    [InlineData("554 5.4.4 [internal] host not found", BounceClass.Hard)]
    [InlineData("552 5.2.2 Over quota", BounceClass.Full)]
    [InlineData("452 4.2.2 The recipient's inbox is out of storage space", BounceClass.Full)]
    [InlineData("550 The mailbox is full", BounceClass.Full)]
    [InlineData("552 5.3.4 Message size exceeds fixed maximum message size", BounceClass.Policy)]
    [InlineData("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", BounceClass.Block)]
    [InlineData("550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent; part of their network is on our block list (S3150)", BounceClass.Block)]
    [InlineData("421 4.7.0 [TSS04] Messages temporarily deferred due to user complaints", BounceClass.Block)]
    [InlineData("550 5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy", BounceClass.Policy)]
    [InlineData("550 5.7.1 Message rejected as spam by content scanner", BounceClass.Policy)]
    [InlineData("554 5.6.0 Message contains a virus", BounceClass.Policy)]
    [InlineData("450 4.2.0 Greylisted, see postgrey help", BounceClass.Soft)]
    [InlineData("451 4.3.0 Temporary lookup failure", BounceClass.Soft)]
    [InlineData("connect to mx.x.example[192.0.2.1]:25: Connection timed out", BounceClass.Soft)]
    [InlineData("550 User gone not listed in Domino Directory", BounceClass.Hard)]
    [InlineData("554 192.0.2.1 is listed at rbl.there.example", BounceClass.Block)]
    [InlineData("550 refused", BounceClass.Hard)]
    [InlineData("", BounceClass.Soft)]
    public void A_failed_recipient_is_classed_by_code_and_words(string text, BounceClass expected) =>
        Assert.Equal(expected, BounceClassifier.Classify(RecipientAction.Failed, StatusText.EnhancedCodeIn(text), StatusText.SmtpCodeIn(text), text));

    [Theory]
    [InlineData(550, "550 5.1.1 No such user here", BounceClass.Hard)]
    [InlineData(550, "No such user here", BounceClass.Hard)]
    [InlineData(552, "552 5.2.2 Mailbox full", BounceClass.Full)]
    [InlineData(451, "451 4.7.1 Greylisted", BounceClass.Soft)]
    [InlineData(554, "554 5.7.1 Your message looks like spam", BounceClass.Policy)]
    public void A_refusal_in_the_dialogue_is_classed_by_the_reply(int code, string reply, BounceClass expected) =>
        Assert.Equal(expected, BounceClassifier.ClassifyReply(code, reply));

    [Theory]
    [InlineData(550, "550 Access denied")]
    [InlineData(553, "553 go away")]
    [InlineData(554, "554 5.7.1 Client host blocked using zen.spamhaus.org")]
    public void A_host_that_refuses_the_connection_says_nothing_against_a_recipient(int code, string reply) =>
        Assert.NotEqual(BounceClass.Hard, BounceClassifier.ClassifyRefusal(code, reply));

    [Fact]
    public void A_delay_is_never_hard() =>
        Assert.Equal(BounceClass.Soft, BounceClassifier.Classify(RecipientAction.Delayed, new EnhancedStatusCode(5, 1, 1), 550, "user unknown"));

    [Theory]
    [InlineData(RecipientAction.Delivered)]
    [InlineData(RecipientAction.Relayed)]
    [InlineData(RecipientAction.Expanded)]
    public void What_arrived_has_no_bounce_class(RecipientAction action) =>
        Assert.Equal(BounceClass.None, BounceClassifier.Classify(action, new EnhancedStatusCode(2, 0, 0), 250, "mailbox full of joy"));

    [Theory]
    [InlineData("host mx.x.example[10.5.1.1] said: 550 5.7.1 no", "5.7.1", 550)]
    [InlineData("from 5.1.1.4 via 4.94.2", null, null)]
    [InlineData("(#5.1.1)", "5.1.1", null)]
    [InlineData("smtp;550-5.2.1 closed", "5.2.1", 550)]
    [InlineData("after 450 tries of 550 messages", null, null)]
    [InlineData("<<< 554 rejected", null, 554)]
    [InlineData("#550 4.4.7 QUEUE.Expired; message expired ##", "4.4.7", 550)]
    public void Codes_are_told_from_other_numbers(string text, string? enhanced, int? smtp)
    {
        Assert.Equal(enhanced, StatusText.EnhancedCodeIn(text)?.ToString());
        Assert.Equal(smtp, StatusText.SmtpCodeIn(text));
    }
}
