using Commune.Mail.Smtp;

namespace Commune.Mail.Tests.Smtp.Server;

public sealed class EndingTests
{
    private const string Opening = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n";

    [Fact]
    public async Task A_drain_closes_an_idle_session()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.DrainAsync();
        Assert.Equal("421 4.3.2", SmtpPeer.Codes(await peer.EndAsync()));
    }

    [Fact]
    public async Task A_drain_greets_nobody()
    {
        await using var peer = new SmtpPeer();
        await peer.DrainAsync();
        await peer.OpenAsync();
        Assert.Equal("421", SmtpPeer.Codes(await peer.EndAsync()));
    }

    [Theory]
    [InlineData("", "DATA\r\nx\r\n.\r\nMAIL FROM:<a@b>\r\n", "354, 250 2.0.0, 421 4.3.2")]
    [InlineData("DATA\r\nx", "\r\n.\r\n", "250 2.0.0, 421 4.3.2")]
    [InlineData("BDAT 3\r\nx\r\n", "BDAT 0 LAST\r\n", "250 2.0.0, 421 4.3.2")]
    [InlineData("", "RCPT TO:<e@f>\r\nRSET\r\nNOOP\r\n", "250 2.1.5, 250 2.0.0, 421 4.3.2")]
    public async Task A_drain_lets_a_transaction_finish(string before, string after, string replies)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync(Opening + before);
        peer.Heard();
        await peer.DrainAsync();
        Assert.Equal("", peer.Heard());
        await peer.SendAsync(after);
        Assert.Equal(replies, SmtpPeer.Codes(await peer.EndAsync()));
        Assert.Equal(after.Contains("RSET", StringComparison.Ordinal) ? 0 : 1, peer.Handler.Messages.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(Opening + "DATA\r\nx")]
    [InlineData(Opening + "BDAT 10\r\nx")]
    public async Task An_abort_stops_at_once(string before)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync(before);
        peer.Heard();
        await peer.AbortAsync();
        Assert.Equal("", await peer.EndAsync());
        Assert.Empty(peer.Handler.Messages);
    }

    [Theory]
    [InlineData("")]
    [InlineData("NOO")]
    [InlineData(Opening)]
    [InlineData(Opening + "BDAT 10\r\nx")]
    public async Task A_client_that_hangs_up_ends_the_session(string before)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync(before);
        peer.Heard();
        Assert.Equal("", await peer.HangUpAsync());
    }

    [Fact]
    public async Task What_the_handler_throws_is_reported_and_answered_with_451()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        peer.Handler.OnMail = _ => throw new InvalidOperationException("mail");
        Assert.Equal("451 4.3.0, 503 5.5.1", await peer.AskAsync(Opening));
        peer.Handler.OnMail = _ => SmtpReply.SenderOk;
        peer.Handler.OnRecipient = _ => throw new InvalidOperationException("rcpt");
        Assert.Equal("250 2.1.0, 451 4.3.0", await peer.AskAsync(Opening));
        peer.Handler.OnRecipient = _ => SmtpReply.RecipientOk;
        peer.Handler.OnMessage = _ => throw new InvalidOperationException("message");
        Assert.Equal("250 2.1.5, 354, 451 4.3.0, 250 2.1.0", await peer.AskAsync("RCPT TO:<c@d>\r\nDATA\r\n.\r\nMAIL FROM:<a@b>\r\n"));
        Assert.Equal(["mail", "rcpt", "message"], peer.Errors.Select(e => e.Message), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_answers_354_has_failed()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        peer.Handler.OnMail = _ => new SmtpReply(354, null, "go on");
        Assert.Equal("451 4.3.0", await peer.AskAsync("MAIL FROM:<a@b>\r\n"));
        Assert.Single(peer.Errors);
    }

    [Fact]
    public async Task A_handlers_421_closes_the_connection()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        peer.Handler.OnMail = _ => new SmtpReply(421, new EnhancedStatusCode(4, 7, 0), "Not now");
        await peer.SendAsync(Opening);
        Assert.Equal("421 4.7.0", SmtpPeer.Codes(await peer.EndAsync()));
    }

    [Fact]
    public async Task What_nobody_wants_reported_leaves_the_session()
    {
        await using var peer = await SmtpPeer.GreetedAsync(reportsErrors: false);
        peer.Handler.OnMail = _ => throw new InvalidOperationException("mail");
        await peer.SendAsync(Opening);
        Assert.Equal("451 4.3.0", SmtpPeer.Codes(peer.Heard()));
        Assert.Equal("mail", (await Assert.ThrowsAsync<InvalidOperationException>(() => peer.Session)).Message);
    }
}
