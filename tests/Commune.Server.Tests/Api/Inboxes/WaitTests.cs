using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Inboxes;

/// <summary>Waiting for a mail with one call, and the code in it.</summary>
public abstract class WaitTests(Engine engine) : ServerTests(engine)
{
    [Fact]
    public async Task The_next_mail_and_its_code_are_the_answer()
    {
        var inbox = await Api.NewInboxAsync();
        await MailAsync(inbox, "kim@example.com", "Your code", "Your verification code is 111111.");
        var waiting = Api.GetAsync($"/v1/inboxes/{inbox.Id}/wait?timeout=60");
        await WaitsAsync(waiting);
        await MailAsync(inbox, "kim@example.com", "Your code", "Your verification code is 482 913.");
        var data = (await waiting).Expect(200).Data;
        Assert.Equal(("482913", "482 913", "text"), ((string)data["code"]!["value"]!, (string)data["code"]!["printed"]!, (string)data["code"]!["source"]!));
        Assert.Null(data["link"]);
        Assert.Equal(inbox.Id, (string)data["message"]!["metadata"]!["inbox_id"]!);
    }

    [Fact]
    public async Task A_code_and_a_link_that_only_the_HTML_form_shows_are_found()
    {
        var inbox = await Api.NewInboxAsync();
        const string Html = "<p>Your verification code is <b>482 913</b>.</p><p><a href=\"https://acme.test/confirm/abcdefghijklmnopqr\">Verify email</a></p>";
        const string Head = "From: kim@example.com\r\nSubject: Welcome\r\nMIME-Version: 1.0\r\n";
        string[] mails =
        [
            $"{Head}Content-Type: text/html; charset=utf-8\r\n\r\n{Html}\r\n",
            $"{Head}Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
                + $"This mail is best read as HTML.\r\n--b\r\nContent-Type: text/html\r\n\r\n{Html}\r\n--b--\r\n",
        ];
        var after = (string)(await Api.GetAsync("/v1/events?after=latest")).Expect(200).Json["cursor"]!;
        foreach (var mail in mails)
        {
            await ReceiveAsync("kim@example.com", inbox.Address, System.Text.Encoding.UTF8.GetBytes(mail));
            var answer = (await Api.GetAsync($"/v1/inboxes/{inbox.Id}/wait?timeout=60&after={after}")).Expect(200);
            Assert.Equal("482913", (string)answer.Data["code"]!["value"]!);
            Assert.Equal(("https://acme.test/confirm/abcdefghijklmnopqr", "html"), ((string)answer.Data["link"]!["url"]!, (string)answer.Data["link"]!["source"]!));
            after = (string)answer.Json["cursor"]!;
        }
    }

    [Theory]
    [InlineData("from=no-reply@accounts.acme.test")]
    [InlineData("from=acme.test")]
    [InlineData("from=@ACME.test")]
    [InlineData("subject=YOUR+CODE")]
    [InlineData("from=acme.test&subject=code")]
    public async Task Only_a_mail_that_matches_ends_the_wait(string query)
    {
        var inbox = await Api.NewInboxAsync();
        var waiting = Api.GetAsync($"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}/wait?timeout=60&after=1h&{query}");
        await MailAsync(inbox, "kim@evil-acme.test", "Urgent", "Your verification code is 666666.");
        await MailAsync(inbox, "no-reply@accounts.acme.test", "Here is your code", "To confirm your account open\nhttps://acme.test/confirm/abcdefghijklmnopqr");
        var answer = (await waiting).Expect(200);
        Assert.False((bool)answer.Json["timed_out"]!);
        Assert.Equal("no-reply@accounts.acme.test", (string)answer.Data["message"]!["from"]!);
        Assert.Null(answer.Data["code"]);
        Assert.Equal(("https://acme.test/confirm/abcdefghijklmnopqr", "acme.test", "confirm"),
            ((string)answer.Data["link"]!["url"]!, (string)answer.Data["link"]!["host"]!, (string)answer.Data["link"]!["purpose"]!));
    }

    [Theory]
    [InlineData("Bank <otp@.bank.test>, kim@DOMAIN", ".bank.test")]
    [InlineData("otp@bank.test, kim@DOMAIN", "bank.test")]
    [InlineData("otp@DOMAIN\nFrom: kim@DOMAIN", "")]
    [InlineData("otp@DOMAIN, kim@DOMAIN", "")]
    public async Task Who_proves_another_author_than_the_one_shown_is_not_authenticated(string authors, string pretended)
    {
        var inbox = await Api.NewInboxAsync();
        var domain = NewProvenDomain();
        await ReceiveAsync("kim@" + domain, inbox.Address, Letter.Plain(
            authors.Replace("DOMAIN", domain, StringComparison.Ordinal), inbox.Address, "Your code", "Your verification code is 482913."));
        var answer = (await Api.GetAsync($"/v1/inboxes/{inbox.Id}/wait?timeout=60&after=1h")).Expect(200);
        Assert.Equal("otp@" + (pretended.Length > 0 ? pretended : domain), (string)answer.Data["message"]!["from"]!);
        Assert.NotEqual(true, (bool?)answer.Data["sender_authenticated"]);
        if (pretended.StartsWith('.'))
            Assert.True((bool)(await Api.GetAsync($"/v1/inboxes/{inbox.Id}/wait?timeout=0.2&after=1h&from=bank.test")).Expect(200).Json["timed_out"]!);
    }

    [Fact]
    public async Task The_only_author_of_a_domain_that_vouches_for_him_is_authenticated()
    {
        var inbox = await Api.NewInboxAsync();
        var domain = NewProvenDomain();
        await MailAsync(inbox, "kim@" + domain, "Your code", "Your verification code is 482913.");
        var answer = (await Api.GetAsync($"/v1/inboxes/{inbox.Id}/wait?timeout=60&after=1h&from={domain.ToUpperInvariant()}")).Expect(200);
        Assert.True((bool)answer.Data["sender_authenticated"]!);
    }

    [Fact]
    public async Task A_mail_that_does_not_come_is_told_and_is_no_error()
    {
        var inbox = await Api.NewInboxAsync();
        await MailAsync(inbox, "kim@example.com", "before", "Your verification code is 111111.");
        var answer = (await Api.GetAsync($"/v1/inboxes/{inbox.Id}/wait?timeout=0.3")).Expect(200);
        Assert.True((bool)answer.Json["timed_out"]!);
        Assert.Null(answer.Json["data"]);
    }

    [Fact]
    public async Task The_cursor_goes_on_and_a_grace_looks_back()
    {
        var inbox = await Api.NewInboxAsync();
        var start = (string)(await Api.GetAsync("/v1/events?after=latest")).Expect(200).Json["cursor"]!;
        await MailAsync(inbox, "kim@example.com", "first", "Your verification code is 111111.");
        await MailAsync(inbox, "kim@example.com", "second", "Your verification code is 222222.");
        var path = $"/v1/inboxes/{inbox.Id}/wait?timeout=5";
        var first = (await Api.GetAsync($"{path}&after={start}")).Expect(200);
        Assert.Equal("111111", (string)first.Data["code"]!["value"]!);
        var second = (await Api.GetAsync($"{path}&after={first.Json["cursor"]}")).Expect(200);
        Assert.Equal("222222", (string)second.Data["code"]!["value"]!);
        Assert.Equal("111111", (string)(await Api.GetAsync($"{path}&after=5m")).Expect(200).Data["code"]!["value"]!);
        Assert.Equal("222222", (string)(await Api.GetAsync($"{path}&after=2026-01-01T00:00:00Z&subject=second")).Expect(200).Data["code"]!["value"]!);
    }

    [Fact]
    public async Task A_wait_that_cannot_be_is_refused()
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.GetAsync($"/v1/inboxes/{inbox.Id}/wait?timeout=long")).ExpectError(400);
        (await Api.GetAsync($"/v1/inboxes/{inbox.Id}/wait?after=whenever")).ExpectError(400);
        (await Api.GetAsync("/v1/inboxes/i_unknown/wait?timeout=1")).ExpectError(404);
        (await Server.Other.GetAsync($"/v1/inboxes/{inbox.Id}/wait?timeout=1")).ExpectError(404);
    }

    /// <summary>A domain that vouches for what comes from here.</summary>
    private string NewProvenDomain()
    {
        var domain = $"s{Guid.NewGuid():N}"[..14] + ".test";
        Server.Dns.Txt(domain, "v=spf1 ip4:127.0.0.1 -all");
        Server.Dns.Txt("_dmarc." + domain, "v=DMARC1; p=reject");
        return domain;
    }

    private Task MailAsync(InboxHandle inbox, string from, string subject, string text) =>
        ReceiveAsync(from, inbox.Address, Letter.Plain(from, inbox.Address, subject, text));

    /// <summary>Gives the call the time of a few others, so that it has begun.</summary>
    private async Task WaitsAsync(Task waiting)
    {
        for (var i = 0; i < 20; i++)
            (await Api.GetAsync("/v1/inboxes?limit=1")).Expect(200);
        Assert.False(waiting.IsCompleted);
    }
}

public sealed class SqliteWaitTests(SqliteEngine engine) : WaitTests(engine);

public sealed class PostgresWaitTests(PostgresEngine engine) : WaitTests(engine);
