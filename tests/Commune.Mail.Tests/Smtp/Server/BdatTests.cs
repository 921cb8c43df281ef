namespace Commune.Mail.Tests.Smtp.Server;

public sealed class BdatTests
{
    private const string Opening = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n";
    private const string Opened = "250 2.1.0, 250 2.1.5, ";

    [Theory]
    [InlineData("BDAT 5 LAST\r\nab\r\n.", "250 2.0.0", "ab\r\n.")]
    [InlineData("BDAT 0 LAST\r\n", "250 2.0.0", "")]
    [InlineData("bdat 0\r\nBDAT 0 last\r\n", "250 2.0.0, 250 2.0.0", "")]
    [InlineData("BDAT 3\r\nabcBDAT 3\r\ndefBDAT 0 LAST\r\n", "250 2.0.0, 250 2.0.0, 250 2.0.0", "abcdef")]
    [InlineData("BDAT 2\r\na\rBDAT 2 LAST\r\n\nb", "250 2.0.0, 250 2.0.0", "a\r\nb")]
    [InlineData("BDAT 8 LAST\r\n.\r\n..\r\n\0", "250 2.0.0", ".\r\n..\r\n\0")]
    public async Task Chunks_make_a_message(string chunks, string replies, string content)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        Assert.Equal(Opened + replies + ", 250 2.0.0", await peer.AskAsync(Opening + chunks + "NOOP\r\n"));
        Assert.Equal(content, Assert.Single(peer.Handler.Messages).Content);
        await using var slow = await SmtpPeer.GreetedAsync();
        foreach (var c in Opening + chunks + "QUIT\r\n")
            await slow.SendAsync(c.ToString());
        Assert.Equal(Opened + replies + ", 221 2.0.0", SmtpPeer.Codes(await slow.EndAsync()));
        Assert.Equal(content, Assert.Single(slow.Handler.Messages).Content);
    }

    [Theory]
    [InlineData("BDAT 6 LAST\r\nNOOP\r\n", "503 5.5.1")]
    [InlineData("MAIL FROM:<a@b>\r\nBDAT 6 LAST\r\nNOOP\r\n", "250 2.1.0, 554 5.5.1")]
    [InlineData("MAIL FROM:<a@b>\r\nBDAT 6\r\nNOOP\r\nRCPT TO:<c@d>\r\n", "250 2.1.0, 554 5.5.1, 503 5.5.1")]
    [InlineData(Opening + "BDAT 6 FIRST\r\nNOOP\r\n", Opened + "501 5.5.4")]
    [InlineData(Opening + "BDAT 6LAST\r\nNOOP\r\n", Opened + "501 5.5.4")]
    [InlineData(Opening + "BDAT 3 LAST\r\na\nb", Opened + "550 5.6.0")]
    [InlineData(Opening + "BDAT 3 LAST\r\na\rb", Opened + "550 5.6.0")]
    [InlineData(Opening + "BDAT 2 LAST\r\na\r", Opened + "550 5.6.0")]
    [InlineData(Opening + "BDAT 2\r\na\rBDAT 1 LAST\r\nb", Opened + "250 2.0.0, 550 5.6.0")]
    [InlineData(Opening + "BDAT 2\r\na\nBDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nMAIL FROM:<a@b>\r\n", Opened + "550 5.6.0, 503 5.5.1, 503 5.5.1, 250 2.1.0")]
    [InlineData(Opening + "BDAT 1\r\naDATA\r\n", Opened + "250 2.0.0, 503 5.5.1")]
    [InlineData(Opening + "BDAT 1\r\naRCPT TO:<x@y>\r\n", Opened + "250 2.0.0, 503 5.5.1")]
    [InlineData(Opening + "BDAT 1\r\naRSET\r\nBDAT 0 LAST\r\n", Opened + "250 2.0.0, 250 2.0.0, 503 5.5.1")]
    public async Task Refused_chunks_are_consumed_and_never_run(string commands, string replies)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        Assert.Equal(replies + ", 252 2.5.0", await peer.AskAsync(commands + "VRFY x\r\n"));
        Assert.Empty(peer.Handler.Messages);
    }

    [Theory]
    [InlineData("BDAT", "501 5.5.4")]
    [InlineData("BDAT LAST", "501 5.5.4")]
    [InlineData("BDAT -1 LAST", "501 5.5.4")]
    [InlineData("BDAT +1 LAST", "501 5.5.4")]
    [InlineData("BDAT x10", "501 5.5.4")]
    [InlineData("BDAT 99999999999999999999 LAST", "501 5.5.4")]
    [InlineData("BDAT 9223372036854775807 LAST", "552 5.3.4")]
    public async Task A_chunk_whose_end_cannot_be_found_closes_the_connection(string command, string reply)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync(Opening + command + "\r\nNOOP\r\n");
        Assert.Equal(Opened + reply, SmtpPeer.Codes(await peer.EndAsync()));
    }

    [Fact]
    public async Task SIZE_is_enforced_over_all_chunks()
    {
        await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxMessageBytes = 10 });
        Assert.Equal(
            Opened + "250 2.0.0, 552 5.3.4, 503 5.5.1, 250 2.1.0",
            await peer.AskAsync(Opening + "BDAT 10\r\n0123456789BDAT 1\r\nxBDAT 1 LAST\r\nxMAIL FROM:<a@b>\r\n"));
        Assert.Empty(peer.Handler.Messages);
    }

    [Fact]
    public async Task A_fully_pipelined_chunked_transaction_is_answered_with_one_flush()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        var before = peer.Flushes;
        await peer.SendAsync(Opening + "BDAT 3 LAST\r\nabcQUIT\r\n");
        Assert.Equal(before + 1, peer.Flushes);
        Assert.Equal(Opened + "250 2.0.0, 221 2.0.0", SmtpPeer.Codes(await peer.EndAsync()));
    }

    [Fact]
    public async Task DATA_works_after_a_chunked_message()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        Assert.Equal(
            Opened + "250 2.0.0, " + Opened + "354, 250 2.0.0",
            await peer.AskAsync(Opening + "BDAT 1 LAST\r\na" + Opening + "DATA\r\nb\r\n.\r\n"));
        Assert.Equal(["a", "b\r\n"], peer.Handler.Messages.Select(m => m.Content), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Many_chunks_are_not_commands_without_mail()
    {
        await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxCommandsWithoutMail = 10 });
        await peer.SendAsync(Opening);
        for (var i = 0; i < 100; i++)
            await peer.SendAsync("BDAT 1\r\nx");
        await peer.SendAsync("BDAT 0 LAST\r\n");
        Assert.Equal(100, Assert.Single(peer.Handler.Messages).Content.Length);
    }

    [Fact]
    public async Task Empty_chunks_without_end_are_commands_without_mail()
    {
        await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxCommandsWithoutMail = 10 });
        await peer.SendAsync(Opening);
        for (var i = 0; i < 10; i++)
            await peer.SendAsync("BDAT 0\r\n");
        Assert.EndsWith("250 2.0.0, 421 4.7.0", SmtpPeer.Codes(await peer.EndAsync()), StringComparison.Ordinal);
    }
}
