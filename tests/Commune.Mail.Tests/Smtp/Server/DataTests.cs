using Commune.Mail.Smtp;

namespace Commune.Mail.Tests.Smtp.Server;

public sealed class DataTests
{
    private const string Opening = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n";

    public static TheoryData<string, string> Bodies => new()
    {
        { ".\r\n", "" },
        { "Subject: x\r\n\r\nhello\r\n.\r\n", "Subject: x\r\n\r\nhello\r\n" },
        { "\r\n.\r\n", "\r\n" },
        { "..\r\n.\r\n", ".\r\n" },
        { ".a\r\n..b\r\n...c\r\n.\r\n", "a\r\n.b\r\n..c\r\n" },
        { "a.\r\n.\r\n", "a.\r\n" },
        { "a\r\n..\r\n.\r\n", "a\r\n.\r\n" },
        { "a\0b\u00ff\r\n.\r\n", "a\0b\u00ff\r\n" },
        { new string('x', 5000) + "\r\n." + new string('.', 5000) + "\r\n.\r\n", new string('x', 5000) + "\r\n" + new string('.', 5000) + "\r\n" },
    };

    /// <summary>What other servers were made to take for the end of mail, and other things that look like it.</summary>
    public static TheoryData<string> FalseEnds => new()
    {
        "\n.\n", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r.\r", "\n.\r", "\r.\n", "\r\n.\r\r\n", "\r\n\r.\r\n", "\r\n.\r\0\r\n", "\n\r\n", "\r\r\n",
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task The_body_arrives_without_its_transparency_dots(string sent, string content)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        Assert.Equal("250 2.1.0, 250 2.1.5, 354", await peer.AskAsync(Opening));
        Assert.Equal("250 2.0.0, 250 2.0.0", await peer.AskAsync(sent + "NOOP\r\n"));
        Assert.Equal(content, Assert.Single(peer.Handler.Messages).Content);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_that_comes_octet_by_octet_is_the_same(string sent, string content)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        foreach (var c in Opening + sent + "QUIT\r\n")
            await peer.SendAsync(c.ToString());
        Assert.Equal("250 2.1.0, 250 2.1.5, 354, 250 2.0.0, 221 2.0.0", SmtpPeer.Codes(await peer.EndAsync()));
        Assert.Equal(content, Assert.Single(peer.Handler.Messages).Content);
    }

    [Theory]
    [MemberData(nameof(FalseEnds))]
    public async Task A_smuggled_message_is_not_taken(string falseEnd)
    {
        var smuggled = "first" + falseEnd + Opening + "second\r\n.\r\nNOOP\r\n";
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync(Opening);
        peer.Heard();
        Assert.Equal("550 5.6.0, 250 2.0.0", await peer.AskAsync(smuggled));
        Assert.Empty(peer.Handler.Messages);
    }

    [Theory]
    [MemberData(nameof(FalseEnds))]
    public async Task A_smuggled_message_that_comes_octet_by_octet_is_not_taken(string falseEnd)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        foreach (var c in Opening + "first" + falseEnd + Opening + "second\r\n.\r\nQUIT\r\n")
            await peer.SendAsync(c.ToString());
        Assert.Equal("250 2.1.0, 250 2.1.5, 354, 550 5.6.0, 221 2.0.0", SmtpPeer.Codes(await peer.EndAsync()));
        Assert.Empty(peer.Handler.Messages);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("\n.\r\n")]
    public async Task A_bare_line_end_is_found_wherever_it_stands(string bare)
    {
        // Positions on both sides of the scanner's blocks of 64.
        for (var at = 0; at < 200; at++)
        {
            await using var peer = await SmtpPeer.GreetedAsync();
            await peer.SendAsync(Opening + new string('x', at) + bare + new string('x', 200 - at) + "\r\n.\r\n");
            Assert.Equal("250 2.1.0, 250 2.1.5, 354, 550 5.6.0", SmtpPeer.Codes(peer.Heard()));
        }
    }

    [Fact]
    public async Task Line_ends_and_dots_are_right_at_every_offset()
    {
        for (var at = 0; at < 200; at++)
        {
            var line = new string('x', at) + "\r\n";
            await using var peer = await SmtpPeer.GreetedAsync();
            await peer.SendAsync(Opening + line + ".." + line + "..\r\n" + line + ".\r\n");
            Assert.Equal(line + "." + line + ".\r\n" + line, Assert.Single(peer.Handler.Messages).Content);
        }
    }

    [Fact]
    public async Task A_refused_message_ends_the_transaction()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync(Opening + "a\nb\r\n.\r\n");
        peer.Heard();
        Assert.Equal("503 5.5.1, 250 2.1.0", await peer.AskAsync("DATA\r\nMAIL FROM:<a@b>\r\n"));
    }

    [Fact]
    public async Task Several_messages_go_over_one_connection()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        for (var i = 0; i < 3; i++)
            Assert.Equal("250 2.1.0, 250 2.1.5, 354, 250 2.0.0", await peer.AskAsync(Opening + $"{i}\r\n.\r\n"));
        Assert.Equal(["0\r\n", "1\r\n", "2\r\n"], peer.Handler.Messages.Select(m => m.Content), StringComparer.Ordinal);
        Assert.Equal(3, peer.Info.MessagesAccepted);
    }

    [Fact]
    public async Task A_message_cut_off_by_a_hang_up_is_not_delivered()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync(Opening + "half a message\r\n.\r");
        await peer.HangUpAsync();
        Assert.Empty(peer.Handler.Messages);
    }

    [Fact]
    public async Task The_handlers_refusal_is_the_reply()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        peer.Handler.OnMessage = _ => new(new SmtpReply(550, new EnhancedStatusCode(5, 7, 26), "DMARC says no"));
        await peer.SendAsync(Opening);
        peer.Heard();
        await peer.SendAsync(".\r\n");
        Assert.Equal("550 5.7.26 DMARC says no\r\n", peer.Heard());
    }

    [Theory]
    [InlineData(998, "250 2.0.0")]
    [InlineData(999, "552 5.3.4")]
    public async Task SIZE_counts_the_message_without_dots_and_end(int line, string reply)
    {
        await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxMessageBytes = 1000 });
        await peer.SendAsync(Opening);
        peer.Heard();
        Assert.Equal(reply + ", 250 2.0.0", await peer.AskAsync("." + new string('.', line) + "\r\n.\r\nNOOP\r\n"));
    }

    [Fact]
    public async Task A_message_four_times_too_large_closes_the_connection()
    {
        await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxMessageBytes = 1000 });
        await peer.SendAsync(Opening);
        peer.Heard();
        Assert.Equal("", await peer.AskAsync(new string('x', 4000)));
        await peer.SendAsync("x");
        Assert.Equal("552 5.3.4", SmtpPeer.Codes(await peer.EndAsync()));
    }

    [Fact]
    public async Task A_pipelined_transaction_is_answered_with_one_flush()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        var before = peer.Flushes;
        await peer.SendAsync(Opening);
        Assert.Equal(before + 1, peer.Flushes);
        await peer.SendAsync("x\r\n.\r\n" + Opening);
        Assert.Equal(before + 2, peer.Flushes);
        Assert.Equal("250 2.1.0, 250 2.1.5, 354, 250 2.0.0, 250 2.1.0, 250 2.1.5, 354", SmtpPeer.Codes(peer.Heard()));
    }

    [Fact]
    public async Task Half_a_command_behind_a_group_does_not_hold_its_replies_back()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        Assert.Equal("250 2.0.0, 250 2.0.0", await peer.AskAsync("NOOP\r\nNOOP\r\nNO"));
        Assert.Equal("250 2.0.0", await peer.AskAsync("OP\r\n"));
    }

    [Fact]
    public async Task Replies_do_not_wait_for_a_handler_that_takes_its_time()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        var durable = new TaskCompletionSource<SmtpReply>();
        peer.Handler.OnMessage = _ => new(durable.Task);
        Assert.Equal("250 2.1.0, 250 2.1.5, 354", await peer.AskAsync(Opening + "x\r\n.\r\nNOOP\r\n"));
        durable.SetResult(SmtpReply.Accepted);
        Assert.Equal("250 2.0.0, 250 2.0.0", SmtpPeer.Codes(peer.Heard()));
    }

    [Theory]
    [InlineData("HELO", "SMTP")]
    [InlineData("EHLO", "ESMTP")]
    public async Task The_protocol_is_what_the_client_greeted_with(string greeting, string protocol)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync($"{greeting} client.example\r\n{Opening}.\r\n");
        Assert.Equal(protocol, Assert.Single(peer.Handler.Messages).Protocol);
    }
}
