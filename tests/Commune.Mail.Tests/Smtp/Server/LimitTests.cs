using Commune.Mail.Smtp;

namespace Commune.Mail.Tests.Smtp.Server;

public sealed class LimitTests
{
    private const string Opening = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n";

    [Fact]
    public async Task The_last_of_too_many_errors_closes_the_connection()
    {
        await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxErrors = 3 });
        await peer.SendAsync("X\r\nNOOP\r\nDATA\r\nMAIL\r\nNOOP\r\n");
        Assert.Equal("500 5.5.2, 250 2.0.0, 503 5.5.1, 421 4.7.0", SmtpPeer.Codes(await peer.EndAsync()));
    }

    [Fact]
    public async Task Refusals_by_the_handler_are_not_the_clients_errors()
    {
        await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxErrors = 2 });
        peer.Handler.OnRecipient = _ => SmtpReply.NoSuchMailbox;
        Assert.Equal("250 2.1.0, 550 5.1.1, 550 5.1.1, 550 5.1.1", await peer.AskAsync(Opening + "RCPT TO:<x@y>\r\nRCPT TO:<y@z>\r\n"));
    }

    [Fact]
    public async Task Commands_without_mail_have_a_limit()
    {
        await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxCommandsWithoutMail = 3 });
        await peer.SendAsync("NOOP\r\nRSET\r\nMAIL FROM:<a@b>\r\nNOOP\r\n");
        Assert.Equal("250 2.0.0, 250 2.0.0, 421 4.7.0", SmtpPeer.Codes(await peer.EndAsync()));
    }

    [Fact]
    public async Task An_accepted_message_begins_the_count_anew()
    {
        await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxCommandsWithoutMail = 3 });
        for (var i = 0; i < 5; i++)
            Assert.Equal("250 2.1.0, 250 2.1.5, 354, 250 2.0.0", await peer.AskAsync(Opening + "DATA\r\n.\r\n"));
    }

    [Fact]
    public async Task Trying_addresses_is_a_command_without_mail_each()
    {
        await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxCommandsWithoutMail = 4 });
        peer.Handler.OnRecipient = _ => SmtpReply.NoSuchMailbox;
        await peer.SendAsync(Opening + "RCPT TO:<x@y>\r\nRCPT TO:<x@y>\r\n");
        Assert.Equal("250 2.1.0, 550 5.1.1, 550 5.1.1, 421 4.7.0", SmtpPeer.Codes(await peer.EndAsync()));
    }

    [Fact]
    public async Task Recipients_beyond_the_limit_are_put_off_and_the_message_goes_to_the_others()
    {
        await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxRecipients = 100, MaxCommandsWithoutMail = 50 });
        await peer.SendAsync("MAIL FROM:<a@b>\r\n");
        peer.Heard();
        for (var i = 0; i < 100; i++)
            Assert.Equal("250 2.1.5", await peer.AskAsync($"RCPT TO:<r{i}@d>\r\n"));
        for (var i = 0; i < 100; i++)
            Assert.Equal("452 4.5.3", await peer.AskAsync("RCPT TO:<more@d>\r\n"));
        Assert.Equal("354, 250 2.0.0", await peer.AskAsync("DATA\r\n.\r\n"));
        Assert.Equal(100, Assert.Single(peer.Handler.Messages).Envelope.Recipients.Count);
    }

    [Fact]
    public async Task Messages_on_one_connection_have_a_limit()
    {
        await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxMessagesPerConnection = 1 });
        await peer.SendAsync(Opening + "DATA\r\n.\r\n" + Opening);
        Assert.Equal("250 2.1.0, 250 2.1.5, 354, 250 2.0.0, 421 4.7.0", SmtpPeer.Codes(await peer.EndAsync()));
    }

    [Fact]
    public async Task Endless_pipelining_is_answered_in_portions()
    {
        await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxCommandsWithoutMail = 100_000 });
        var before = peer.Flushes;
        await peer.SendAsync(string.Concat(Enumerable.Repeat("NOOP\r\n", 10_000)));
        Assert.InRange(peer.Flushes - before, 2, 20);
        Assert.Equal(10_000, peer.Heard().Split("\r\n").Length - 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("NOO")]
    [InlineData("MAIL FROM:<a@b>\r\n")]
    [InlineData(Opening + "DATA\r\nhalf a message\r\n")]
    [InlineData(Opening + "BDAT 10\r\nhalf")]
    public async Task A_client_that_falls_silent_gets_421(string lastWords)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync(lastWords);
        peer.Heard();
        peer.Time.Advance(TimeSpan.FromSeconds(299));
        Assert.False(peer.Session.IsCompleted);
        peer.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("421 4.4.2", SmtpPeer.Codes(await peer.EndAsync()));
        Assert.Empty(peer.Handler.Messages);
    }

    [Fact]
    public async Task Every_octet_begins_the_idle_timeout_anew()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        for (var i = 0; i < 10; i++)
        {
            peer.Time.Advance(TimeSpan.FromSeconds(200));
            await peer.SendAsync("NOOP\r\n"[(i % 6)..(i % 6 + 1)]);
        }

        Assert.False(peer.Session.IsCompleted);
    }

    [Theory]
    [InlineData("DATA\r\n")]
    [InlineData("BDAT 1000000\r\n")]
    public async Task A_body_that_trickles_in_is_cut_off(string start)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync(Opening + start);
        for (var i = 0; i < 9; i++)
        {
            peer.Time.Advance(TimeSpan.FromMinutes(1));
            await peer.SendAsync("x");
        }

        Assert.False(peer.Session.IsCompleted);
        peer.Heard();
        peer.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("421 4.4.2", SmtpPeer.Codes(await peer.EndAsync()));
    }

    [Fact]
    public async Task The_time_for_a_chunked_body_runs_over_all_its_chunks()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync(Opening);
        peer.Heard();
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("250 2.0.0", await peer.AskAsync("BDAT 1\r\nx"));
            peer.Time.Advance(TimeSpan.FromMinutes(3));
        }

        await peer.SendAsync("BDAT 1\r\n");
        Assert.Equal("421 4.4.2", SmtpPeer.Codes(await peer.EndAsync()));
    }

    [Fact]
    public async Task A_session_may_not_last_for_ever()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        for (var i = 0; i < 14; i++)
        {
            peer.Time.Advance(TimeSpan.FromMinutes(4.2));
            Assert.Equal("250 2.0.0", await peer.AskAsync("NOOP\r\n"));
        }

        peer.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("421 4.4.2", SmtpPeer.Codes(await peer.EndAsync()));
    }
}
