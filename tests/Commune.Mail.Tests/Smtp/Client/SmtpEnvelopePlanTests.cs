using Commune.Mail.Smtp.Client;

namespace Commune.Mail.Tests.Smtp.Client;

/// <summary>What is declared to the server, and what is refused without asking it.</summary>
public sealed class SmtpEnvelopePlanTests : SmtpClientFixture
{
    [Fact]
    public async Task A_message_beyond_the_SIZE_of_the_server_is_refused_here()
    {
        Mx.OffersSize = Content.Length - 1;
        await using var connection = await ConnectAsync();
        var result = await SendAsync(connection, "a@example.net", "b@example.net");
        Assert.All(result.Recipients, r => Assert.Equal(
            (SmtpOutcome.PermanentFailure, 552, "5.3.4"), (r.Outcome, r.Code!.Value, r.EnhancedCode)));
        Assert.Equal("", Verbs);
        Assert.True(connection.IsUsable);
    }

    [Fact]
    public async Task A_message_of_exactly_the_SIZE_of_the_server_is_sent()
    {
        Mx.OffersSize = Content.Length;
        await using var connection = await ConnectAsync();
        Assert.Equal("Accepted", Outcomes(await SendAsync(connection, "a@example.net")));
    }

    [Fact]
    public async Task What_a_bounce_is_to_repeat_is_told_where_DSN_is_offered()
    {
        Mx.OffersDsn = true;
        await using var connection = await ConnectAsync();
        await connection.SendAsync(To("kim+tag=x@example.net") with { EnvelopeId = "msg_1m7zqwc6f002nttkxdekmvd3geqs7bwsg18+1" }, Octets(Content), CancellationToken.None);
        Assert.EndsWith("ENVID=msg_1m7zqwc6f002nttkxdekmvd3geqs7bwsg18+2B1", Mx.Messages[0].MailParameters, StringComparison.Ordinal);
        Assert.Equal(
            "RCPT TO:<kim+tag=x@example.net> ORCPT=rfc822;kim+2Btag+3Dx@example.net", Assert.Single(Mx.Commands, static c => c.Verb == "RCPT").Line);
    }

    [Fact]
    public async Task Nothing_of_the_kind_is_told_where_it_is_not_offered()
    {
        await using var connection = await ConnectAsync();
        await connection.SendAsync(To("a@example.net") with { EnvelopeId = "msg_1m7zqwc6f002nttkxdekmvd3geqs7bwsg18ngm" }, Octets(Content), CancellationToken.None);
        Assert.DoesNotContain("ENVID", Mx.Messages[0].MailParameters, StringComparison.Ordinal);
        Assert.Equal("RCPT TO:<a@example.net>", Assert.Single(Mx.Commands, static c => c.Verb == "RCPT").Line);
    }

    [Fact]
    public async Task An_8_bit_body_is_declared()
    {
        await using var connection = await ConnectAsync();
        await connection.SendAsync(To("a@example.net") with { Is8Bit = true }, Octets("Subject: x\r\n\r\nä\r\n"), CancellationToken.None);
        Assert.Equal("SIZE=18 BODY=8BITMIME", Mx.Messages[0].MailParameters);
        Assert.Equal("Subject: x\r\n\r\nä\r\n", Mx.Messages[0].Text);
    }

    [Fact]
    public async Task An_8_bit_body_is_not_sent_where_it_is_not_offered()
    {
        Mx.Offers8BitMime = false;
        await using var connection = await ConnectAsync();
        var result = await connection.SendAsync(To("a@example.net") with { Is8Bit = true }, Octets(Content), CancellationToken.None);
        Assert.Equal("5.6.3", result.Recipients[0].EnhancedCode);
        Assert.Equal("", Verbs);
    }

    [Fact]
    public async Task SMTPUTF8_is_declared_when_the_message_or_an_address_needs_it()
    {
        await using var connection = await ConnectAsync();
        await connection.SendAsync(To("a@example.net") with { RequiresSmtpUtf8 = true }, Octets(Content), CancellationToken.None);
        await SendAsync(connection, "jörg@example.net");
        await SendAsync(connection, "user@bücher.example");
        Assert.EndsWith(" SMTPUTF8", Mx.Messages[0].MailParameters, StringComparison.Ordinal);
        Assert.EndsWith(" SMTPUTF8", Mx.Messages[1].MailParameters, StringComparison.Ordinal);
        Assert.Equal(["jörg@example.net"], Mx.Messages[1].Recipients);
        Assert.DoesNotContain("SMTPUTF8", Mx.Messages[2].MailParameters, StringComparison.Ordinal);
        Assert.Equal(["user@xn--bcher-kva.example"], Mx.Messages[2].Recipients);
    }

    [Fact]
    public async Task A_message_that_needs_SMTPUTF8_is_not_sent_where_it_is_not_offered()
    {
        Mx.OffersSmtpUtf8 = false;
        await using var connection = await ConnectAsync();
        var result = await connection.SendAsync(To("a@example.net") with { RequiresSmtpUtf8 = true }, Octets(Content), CancellationToken.None);
        Assert.Equal((SmtpOutcome.PermanentFailure, "5.6.7"), (result.Recipients[0].Outcome, result.Recipients[0].EnhancedCode));
        Assert.Equal("", Verbs);
    }

    [Fact]
    public async Task Only_the_recipient_that_needs_SMTPUTF8_is_refused_where_it_is_not_offered()
    {
        Mx.OffersSmtpUtf8 = false;
        await using var connection = await ConnectAsync();
        var result = await SendAsync(connection, "jörg@example.net", "a@example.net");
        Assert.Equal("PermanentFailure Accepted", Outcomes(result));
        Assert.Equal("5.6.7", result.Recipients[0].EnhancedCode);
        Assert.Equal(["a@example.net"], Mx.Messages[0].Recipients);
    }

    [Fact]
    public async Task A_recipient_that_would_smuggle_a_command_is_refused_and_never_sent()
    {
        await using var connection = await ConnectAsync();
        var result = await SendAsync(connection, "a@example.net>\r\nRCPT TO:<evil@example.net", "b@example.net");
        Assert.Equal("PermanentFailure Accepted", Outcomes(result));
        Assert.Equal("5.1.3", result.Recipients[0].EnhancedCode);
        Assert.Equal(["b@example.net"], Mx.Messages[0].Recipients);
        Assert.Single(Mx.Commands, c => c.Verb == "RCPT");
    }

    [Fact]
    public async Task A_sender_that_would_smuggle_a_command_is_refused()
    {
        await using var connection = await ConnectAsync();
        var result = await connection.SendAsync(
            To("a@example.net") with { ReversePath = "a@example.org>\r\nRSET" }, Octets(Content), CancellationToken.None);
        Assert.Equal((SmtpOutcome.PermanentFailure, "5.1.7"), (result.Recipients[0].Outcome, result.Recipients[0].EnhancedCode));
        Assert.Equal("", Verbs);
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\r\n.\nMAIL FROM:<x>\r\n")]
    [InlineData("a\r.\r\n")]
    public async Task A_message_with_a_bare_CR_or_LF_is_an_argument_error(string message)
    {
        await using var connection = await ConnectAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => connection.SendAsync(To("a@example.net"), Octets(message), CancellationToken.None));
        Assert.Equal("", Verbs);
        Assert.True(connection.IsUsable);
    }
}
