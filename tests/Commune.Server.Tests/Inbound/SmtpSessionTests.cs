using System.Text;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Inbound;

/// <summary>The SMTP session as its client sees it: sizes, TLS, smuggling, chunks, pipelining, many recipients.</summary>
public abstract class SmtpSessionTests(Engine engine) : ServerTests(engine)
{
    private const string Kim = "kim@example.com";

    [Fact]
    public async Task A_message_over_SIZE_is_552_and_the_session_goes_on()
    {
        var inbox = await Api.NewInboxAsync();
        await using var talk = await SmtpTalk.ConnectAsync(Server.Program.Smtp);
        Assert.Contains("SIZE 26214400", (await talk.CommandAsync("EHLO client.test")).Text, StringComparison.Ordinal);
        (await talk.CommandAsync($"MAIL FROM:<{Kim}> SIZE=26214401")).Expect(552);
        (await talk.CommandAsync($"MAIL FROM:<{Kim}>")).Expect(250);
        (await talk.CommandAsync($"RCPT TO:<{inbox.Address}>")).Expect(250);
        (await talk.CommandAsync("DATA")).Expect(354);
        var line = Encoding.ASCII.GetBytes(new string('x', 998) + "\r\n");
        var block = Enumerable.Repeat(line, 1000).SelectMany(static l => l).ToArray();
        for (var i = 0; i < 27; i++)
            await talk.WriteAsync(block);
        (await talk.CommandAsync(".")).Expect(552);
        (await talk.MailAsync(Kim, [inbox.Address], Letter.Plain(Kim, inbox.Address, "small", "t"))).Expect(250);
        Assert.Equal("small", (string)(await Api.OnlyMessageAsync(inbox))["subject"]!);
    }

    [Fact]
    public async Task Mail_over_STARTTLS_with_the_self_signed_certificate_arrives()
    {
        var inbox = await Api.NewInboxAsync();
        await using var talk = await SmtpTalk.ConnectAsync(Server.Program.Smtp);
        Assert.Contains("STARTTLS", (await talk.CommandAsync("EHLO client.test")).Text, StringComparison.Ordinal);
        await talk.StartTlsAsync();
        Assert.DoesNotContain("STARTTLS", (await talk.CommandAsync("EHLO client.test")).Expect(250).Text, StringComparison.Ordinal);
        (await talk.MailAsync(Kim, [inbox.Address], Letter.Plain(Kim, inbox.Address, "secret", "t"))).Expect(250);
        Assert.Contains("CN=mail.commune.test", talk.Certificate!.Subject, StringComparison.Ordinal);
        Assert.Contains("ESMTPS", Encoding.UTF8.GetString(await Api.RawAsync(await Api.OnlyMessageAsync(inbox))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_behind_STARTTLS_are_dropped()
    {
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        await talk.WriteAsync("STARTTLS\r\nMAIL FROM:<evil@example.com>\r\n"u8.ToArray());
        (await talk.ReadAsync()).Expect(220);
        await talk.HandshakeAsync();
        (await talk.CommandAsync("EHLO client.test")).Expect(250);
        (await talk.CommandAsync("RCPT TO:<a@b.example>")).Expect(503);
    }

    [Theory]
    [InlineData("one\n.\r\nMAIL FROM:<evil@example.com>\r\n")]
    [InlineData("one\r\n.\nMAIL FROM:<evil@example.com>\r\n")]
    [InlineData("one\r.\rMAIL FROM:<evil@example.com>\r\n")]
    public async Task A_bare_CR_or_LF_does_not_end_the_data_and_is_refused(string smuggled)
    {
        var inbox = await Api.NewInboxAsync();
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        (await talk.CommandAsync($"MAIL FROM:<{Kim}>")).Expect(250);
        (await talk.CommandAsync($"RCPT TO:<{inbox.Address}>")).Expect(250);
        (await talk.CommandAsync("DATA")).Expect(354);
        await talk.WriteAsync(Encoding.ASCII.GetBytes("Subject: x\r\n\r\n" + smuggled));
        Assert.InRange((await talk.CommandAsync("\r\n.")).Code, 500, 599);
        Assert.Empty(await Api.MessagesAsync(inbox));
    }

    [Fact]
    public async Task BDAT_brings_a_message_in()
    {
        var inbox = await Api.NewInboxAsync();
        await using var talk = await SmtpTalk.ConnectAsync(Server.Program.Smtp);
        Assert.Contains("CHUNKING", (await talk.CommandAsync("EHLO client.test")).Text, StringComparison.Ordinal);
        (await talk.CommandAsync($"MAIL FROM:<{Kim}>")).Expect(250);
        (await talk.CommandAsync($"RCPT TO:<{inbox.Address}>")).Expect(250);
        var letter = Letter.Plain(Kim, inbox.Address, "chunks", ".dots stay");
        await talk.WriteAsync([.. Encoding.ASCII.GetBytes("BDAT 20\r\n"), .. letter[..20]]);
        (await talk.ReadAsync()).Expect(250);
        await talk.WriteAsync([.. Encoding.ASCII.GetBytes($"BDAT {letter.Length - 20} LAST\r\n"), .. letter[20..]]);
        (await talk.ReadAsync()).Expect(250);
        Letter.AssertBehindTrace(letter, await Api.RawAsync(await Api.OnlyMessageAsync(inbox)));
    }

    [Fact]
    public async Task A_pipelined_group_is_answered_in_order()
    {
        var inbox = await Api.NewInboxAsync();
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        await talk.WriteAsync(Encoding.ASCII.GetBytes($"MAIL FROM:<{Kim}>\r\nRCPT TO:<nobody-{inbox.LocalPart}@{SharedServer.SharedDomain}>\r\nRCPT TO:<{inbox.Address}>\r\nDATA\r\n"));
        (await talk.ReadAsync()).Expect(250);
        (await talk.ReadAsync()).Expect(550);
        (await talk.ReadAsync()).Expect(250);
        (await talk.ReadAsync()).Expect(354);
        await talk.WriteAsync("Subject: piped\r\n\r\nx\r\n.\r\nNOOP\r\nQUIT\r\n"u8.ToArray());
        (await talk.ReadAsync()).Expect(250);
        (await talk.ReadAsync()).Expect(250);
        (await talk.ReadAsync()).Expect(221);
        Assert.Equal("piped", (string)(await Api.OnlyMessageAsync(inbox))["subject"]!);
    }

    [Fact]
    public async Task A_mail_loop_is_refused()
    {
        var inbox = await Api.NewInboxAsync();
        var hops = string.Concat(Enumerable.Repeat("Received: from a by b; Wed, 04 Mar 2026 05:06:07 +0000\n", 150));
        Assert.InRange((await SmtpTalk.MailAsync(Server.Program.Smtp, Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "s", "t", headers: hops))).Code, 550, 554);
        Assert.Empty(await Api.MessagesAsync(inbox));
    }

    [Fact]
    public async Task A_hundred_recipients_in_one_transaction_are_taken()
    {
        var inboxes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Api.NewInboxAsync()));
        (await SmtpTalk.MailAsync(Server.Program.Smtp, Kim, [.. inboxes.Select(static i => i.Address)], Letter.Plain(Kim, "undisclosed-recipients:;", "all", "t"))).Expect(250);
        foreach (var inbox in inboxes)
            await Api.OnlyMessageAsync(inbox);
    }
}

public sealed class SqliteSmtpSessionTests(SqliteEngine engine) : SmtpSessionTests(engine);

public sealed class PostgresSmtpSessionTests(PostgresEngine engine) : SmtpSessionTests(engine);
