using Commune.Peers;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Inbound;

/// <summary>Inboxes that do not take everybody's mail.</summary>
public abstract class SenderListTests(Engine engine) : ServerTests(engine)
{
    private const string Refusal = "The recipient does not take mail from this sender";

    [Fact]
    public async Task Who_is_blocked_is_refused_by_envelope_and_by_author()
    {
        var inbox = await ListedAsync(new { block = (string[])["Kim@Example.com", "@bad.test"] });
        await RefusedAsync(inbox, "kim@example.com", "ada@example.org");
        await RefusedAsync(inbox, "ada@example.org", "KIM@EXAMPLE.COM");
        await RefusedAsync(inbox, "x@bad.test", "ada@example.org");
        (await MailAsync(inbox, "x@sub.bad.test", "ada@example.org")).Expect(250);
        Assert.Equal("ada@example.org", (string)(await Api.OnlyMessageAsync(inbox))["from"]!);

        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        (await talk.CommandAsync("MAIL FROM:<kim@example.com>")).Expect(250);
        var reply = (await talk.CommandAsync($"RCPT TO:<{inbox.Address}>")).Expect(550);
        Assert.Contains("5.7.1 " + Refusal, reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a@evil.test, b@ok.test")]
    [InlineData("b@ok.test, a@evil.test")]
    [InlineData("b@ok.test\nFrom: a@evil.test")]
    [InlineData("x:;\nSender: a@evil.test")]
    [InlineData("b@ok.test\nSender: a@evil.test")]
    [InlineData("\"b\nFrom: a@evil.test\nFrom: c\" <b@ok.test>")]
    public async Task Who_is_blocked_is_refused_wherever_he_is_named_as_an_author(string fields)
    {
        var inbox = await ListedAsync(new { block = (string[])["@evil.test"] });
        await RefusedAsync(inbox, "q@ok.test", fields);
        (await MailAsync(inbox, "q@ok.test", "b@ok.test, c@ok.test")).Expect(250);
    }

    [Fact]
    public async Task Who_is_blocked_is_refused_as_the_only_sender_of_a_mail_without_From()
    {
        var inbox = await ListedAsync(new { block = (string[])["@evil.test"] });
        Assert.Contains(Refusal, (await SmtpTalk.MailAsync(
            Server.Program.Smtp, "q@ok.test", inbox.Address, Letter.Bytes("Sender: a@evil.test\nSubject: s\n\nt\n"))).Expect(550).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kim@GOOD, ada@GOOD")]
    [InlineData("kim@GOOD\nFrom: kim@GOOD")]
    [InlineData("kim@GOOD, otp@.bank.test")]
    public async Task With_allow_only_a_mail_has_one_author(string fields)
    {
        var good = NewSender(withDmarc: true);
        var inbox = await ListedAsync(new { mode = "allow_only", allow = (string[])["@" + good] });
        await RefusedAsync(inbox, "kim@" + good, fields.Replace("GOOD", good, StringComparison.Ordinal));
        (await MailAsync(inbox, "kim@" + good, "kim@" + good)).Expect(250);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_allow_only_a_proven_sender_is_taken_and_a_forged_one_is_not(bool withDmarc)
    {
        var (good, other) = (NewSender(withDmarc), NewSender(withDmarc));
        var inbox = await ListedAsync(new { mode = "allow_only", allow = (string[])["@" + good] });
        (await MailAsync(inbox, "kim@" + good, "kim@" + good)).Expect(250);
        // Whose envelope proves another domain, or none, may write any From.
        await RefusedAsync(inbox, "kim@" + other, "kim@" + good);
        await RefusedAsync(inbox, "kim@unproven.test", "kim@" + good);
        await RefusedAsync(inbox, "kim@" + other, "kim@" + other);
        await RefusedAsync(inbox, "", "kim@" + good);
        Assert.Single(await Api.MessagesAsync(inbox));
    }

    [Fact]
    public async Task A_sender_whose_DNS_does_not_answer_may_come_again()
    {
        var good = NewSender(withDmarc: true);
        var inbox = await ListedAsync(new { mode = "allow_only", allow = (string[])["@" + good] });
        Server.Dns.Fail(good, FakeDnsFailure.ServFail);
        (await MailAsync(inbox, "kim@" + good, "kim@" + good)).Expect(451);
    }

    [Fact]
    public async Task Where_another_recipient_takes_the_mail_it_is_stored_for_both_and_marked_for_one()
    {
        var (open, closed) = (await Api.NewInboxAsync(), await ListedAsync(new { block = (string[])["@bad.test"] }));
        (await Api.PutAsync($"/v1/inboxes/{closed.Id}", new { webhook = new { endpoint = "https://hook.invalid/closed" } })).Expect(200);
        (await SmtpTalk.MailAsync(Server.Program.Smtp, "list@example.org", [open.Address, closed.Address],
            Letter.Plain("x@bad.test", open.Address, "s", "Your verification code is 482913."))).Expect(250);
        Assert.Null((await Api.OnlyMessageAsync(open))["metadata"]!["blocked"]);
        Assert.True((bool)(await Api.OnlyMessageAsync(closed))["metadata"]!["blocked"]!);
        Assert.Empty((await Api.GetAsync($"/v1/webhooks/deliveries?inbox_id={closed.Id}&endpoint=https://hook.invalid/closed")).Expect(200).List);
        Assert.Equal("message.blocked", (string)Assert.Single((await Api.GetAsync($"/v1/events?inbox_id={closed.Id}&limit=1000")).Expect(200).List)["type"]!);
        Assert.True((bool)(await Api.GetAsync($"/v1/inboxes/{closed.Id}/wait?timeout=0.2&after=1h")).Expect(200).Json["timed_out"]!);
    }

    [Fact]
    public async Task Mail_between_inboxes_here_obeys_and_counts_as_proven()
    {
        var sender = await Api.NewInboxAsync();
        var closed = await ListedAsync(new { block = (string[])[sender.Address] });
        var refused = (string)(await SendAsync(sender, closed.Address, "s", "t")).Data["id"]!;
        await Api.WaitForStatusAsync(refused, "bounced");
        var attempt = (await Api.GetAsync($"/v1/messages/{refused}/attempts")).Expect(200).Text;
        Assert.Contains(Refusal, attempt, StringComparison.Ordinal);
        var welcoming = await ListedAsync(new { mode = "allow_only", allow = (string[])[sender.Address] });
        await Api.WaitForStatusAsync((string)(await SendAsync(sender, welcoming.Address, "s", "t")).Data["id"]!, "delivered");
        Assert.Empty(await Api.MessagesAsync(closed));
    }

    [Fact]
    public async Task What_comes_back_to_mail_of_the_inbox_is_taken_whoever_tells_it()
    {
        var inbox = await ListedAsync(new { mode = "allow_only", allow = Array.Empty<string>() });
        var to = "gone@" + Server.NewRemoteDomain();
        var id = (string)(await SendAsync(inbox, to, "s", "t")).Data["id"]!;
        var sent = await Server.Sink.WaitForAsync(to);
        (await SmtpTalk.MailAsync(Server.Program.Smtp, "", sent.ReversePath, ReturnedMail.StatusNotification(sent.ReversePath, null, ReturnedMail.Failed(to)))).Expect(250);
        await Api.WaitForStatusAsync(id, "bounced");
    }

    [Fact]
    public async Task Lists_are_set_in_part_and_shown_on_both_paths()
    {
        var inbox = await Api.NewInboxAsync();
        var (path, nested) = ($"/v1/inboxes/{inbox.Id}/lists", $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}/lists");
        var none = (await Api.GetAsync(path)).Expect(200).Data;
        Assert.Equal(("all", 0, 0), ((string)none["mode"]!, none["allow"]!.AsArray().Count, none["block"]!.AsArray().Count));
        (await Api.PutAsync(nested, new { block = (string[])[" @BÜCHER.example ", "@bücher.example"] })).Expect(200);
        (await Api.PutAsync(path, new { mode = "allow_only", allow = "kim@example.com" })).Expect(200);
        var set = (await Api.GetAsync(nested)).Expect(200).Data;
        JsonAssert.Texts(["@xn--bcher-kva.example"], set["block"]!);
        JsonAssert.Texts(["kim@example.com"], set["allow"]!);
        Assert.Equal("allow_only", (string)set["mode"]!);
    }

    [Theory]
    [InlineData("""{"mode": "none"}""")]
    [InlineData("""{"allow": ["kim"]}""")]
    [InlineData("""{"allow": ["kim@"]}""")]
    [InlineData("""{"block": ["a b@example.com"]}""")]
    [InlineData("""{"block": [1]}""")]
    public async Task What_is_no_list_is_400(string json) =>
        (await Api.SendAsync(HttpMethod.Put, $"/v1/inboxes/{(await Api.NewInboxAsync()).Id}/lists", json)).ExpectError(400);

    [Fact]
    public async Task A_thousand_entries_are_enough_and_every_route_asks_for_its_scope()
    {
        var path = $"/v1/inboxes/{(await Api.NewInboxAsync()).Id}/lists";
        string[] many = [.. Enumerable.Range(0, 1000).Select(static i => $"@d{i}.test")];
        (await Api.PutAsync(path, new { block = many })).Expect(200);
        (await Api.PutAsync(path, new { allow = (string[])["kim@example.com"] })).ExpectError(400);
        (await Server.Scoped("inboxes:write").GetAsync(path)).ExpectError(403);
        (await Server.Scoped("inboxes:read").PutAsync(path, new { })).ExpectError(403);
        (await Server.Scoped("inboxes:read").GetAsync(path)).Expect(200);
    }

    /// <summary>A domain that vouches for what comes from here.</summary>
    private string NewSender(bool withDmarc)
    {
        var domain = $"s{Guid.NewGuid():N}"[..12] + ".test";
        Server.Dns.Txt(domain, "v=spf1 ip4:127.0.0.1 -all");
        if (withDmarc)
            Server.Dns.Txt("_dmarc." + domain, "v=DMARC1; p=none");
        return domain;
    }

    private async Task<InboxHandle> ListedAsync(object lists)
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.PutAsync($"/v1/inboxes/{inbox.Id}/lists", lists)).Expect(200);
        return inbox;
    }

    private Task<TalkReply> MailAsync(InboxHandle inbox, string envelope, string author) =>
        SmtpTalk.MailAsync(Server.Program.Smtp, envelope, inbox.Address, Letter.Plain(author, inbox.Address, "s", "t"));

    private async Task RefusedAsync(InboxHandle inbox, string envelope, string author)
    {
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        (await talk.CommandAsync($"MAIL FROM:<{envelope}>")).Expect(250);
        var reply = await talk.CommandAsync($"RCPT TO:<{inbox.Address}>");
        if (reply.Code == 250)
        {
            (await talk.CommandAsync("DATA")).Expect(354);
            await talk.WriteAsync(SmtpTalk.Stuff(Letter.Plain(author, inbox.Address, "s", "t")));
            reply = await talk.CommandAsync(".");
        }
        Assert.Contains("5.7.1 " + Refusal, reply.Expect(550).Text, StringComparison.Ordinal);
    }
}

public sealed class SqliteSenderListTests(SqliteEngine engine) : SenderListTests(engine);

public sealed class PostgresSenderListTests(PostgresEngine engine) : SenderListTests(engine);
