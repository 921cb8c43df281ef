using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Outbound;

/// <summary>How mail finds its way: by MX, by a relay, or into an inbox of this server.</summary>
public abstract class DeliveryTests(Engine engine) : ServerTests(engine)
{
    private static string NewName() => $"d{Guid.NewGuid():N}"[..14] + ".test";

    [Fact]
    public async Task Without_an_MX_the_host_itself_takes_the_mail()
    {
        var domain = NewName();
        Server.Dns.A(domain, "127.0.0.1");
        await AssertDeliveredAsync("user@" + domain);
    }

    [Fact]
    public async Task When_the_first_MX_is_dead_the_second_takes_the_mail()
    {
        var domain = NewName();
        Server.Dns.Mx(domain, 10, "dead." + domain);
        Server.Dns.A("dead." + domain, "127.0.0.77");
        Server.Dns.Mx(domain, 20, "live." + domain);
        Server.Dns.A("live." + domain, "127.0.0.1");
        await AssertDeliveredAsync("user@" + domain);
    }

    [Fact]
    public async Task When_the_first_MX_does_not_exist_the_second_takes_the_mail()
    {
        var domain = NewName();
        Server.Dns.Mx(domain, 10, "gone." + domain + ".invalid");
        Server.Dns.Mx(domain, 20, "live." + domain);
        Server.Dns.A("live." + domain, "127.0.0.1");
        await AssertDeliveredAsync("user@" + domain);
    }

    [Fact]
    public async Task A_domain_that_is_an_alias_is_followed()
    {
        var (alias, domain) = (NewName(), Server.NewRemoteDomain());
        Server.Dns.Cname(alias, domain);
        await AssertDeliveredAsync("user@" + alias);
    }

    [Fact]
    public async Task A_null_MX_bounces_without_a_connection()
    {
        var domain = NewName();
        Server.Dns.Mx(domain, 0, "");
        Server.Dns.A(domain, "127.0.0.1");
        var bounced = await AssertStatusAsync("user@" + domain, "bounced");
        Assert.Equal("hard", (string)bounced["metadata"]!["delivery_data"]!["bounce_type"]!);
        Assert.Equal(0, Server.Sink.AttemptsFor("user@" + domain));
    }

    [Fact]
    public async Task A_domain_that_does_not_exist_bounces()
    {
        var bounced = await AssertStatusAsync("user@" + NewName(), "bounced");
        Assert.NotNull((string?)bounced["metadata"]!["delivery_data"]!["bounced_at"]);
        Assert.NotNull((string?)bounced["metadata"]!["delivery_data"]!["bounce_reason"]);
    }

    [Fact]
    public async Task A_look_up_that_fails_for_now_is_tried_again()
    {
        var domain = Server.NewRemoteDomain();
        Server.Dns.Fail(domain, FakeDnsFailure.ServFail);
        var inbox = await Api.NewInboxAsync();
        var sent = await SendAsync(inbox, "user@" + domain, "s", "t");
        await Eventually.GetAsync(() => Task.FromResult(Server.Dns.QueriesFor(domain)), static n => n > 0);
        Server.Dns.Fail(domain, null);
        await Api.WaitForStatusAsync((string)sent.Data["id"]!, "delivered");
    }

    [Fact]
    public async Task A_4xx_is_tried_again_until_it_is_accepted()
    {
        var to = "user@" + Server.NewRemoteDomain();
        Server.Sink.Answer(to, "451 4.7.1 Greylisted", "451 4.7.1 Still");
        await AssertDeliveredAsync(to);
        Assert.Equal(3, Server.Sink.AttemptsFor(to));
        Assert.Single(Server.Sink.For(to));
    }

    [Fact]
    public async Task A_5xx_bounces_and_is_not_tried_again()
    {
        var to = "gone@" + Server.NewRemoteDomain();
        Server.Sink.Answer(to, "550 5.1.1 No such user here");
        var bounced = await AssertStatusAsync(to, "bounced");
        Assert.Contains("No such user here", (string)bounced["metadata"]!["delivery_data"]!["bounce_reason"]!, StringComparison.Ordinal);
        Assert.Equal("hard", (string)bounced["metadata"]!["delivery_data"]!["bounce_type"]!);
        Assert.Equal(1, Server.Sink.AttemptsFor(to));
    }

    [Fact]
    public async Task Every_attempt_is_listed_with_its_host_and_answer()
    {
        var to = "user@" + Server.NewRemoteDomain();
        Server.Sink.Answer(to, "451 4.7.1 Greylisted");
        var sent = await SendAsync(await Api.NewInboxAsync(), to, "s", "t");
        var path = $"/v1/messages/{(string)sent.Data["id"]!}/attempts";
        await Api.WaitForStatusAsync((string)sent.Data["id"]!, "delivered");
        var attempts = (await Api.GetAsync(path)).Expect(200).List;
        JsonAssert.Texts(["deferred", "delivered"], attempts.Select(static a => (string)a["outcome"]!));
        Assert.Equal("451 4.7.1 Greylisted", (string)attempts[0]["reply"]!);
        Assert.All(attempts, a => Assert.Equal((to, $"127.0.0.1:{Server.Sink.Port}"), ((string)a["recipient"]!, (string)a["address"]!)));
        var first = (await Api.GetAsync(path + "?limit=1")).Expect(200);
        Assert.Equal((string)attempts[1]["id"]!, (string)Assert.Single((await Api.GetAsync($"{path}?limit=1&cursor={first.NextCursor}")).Expect(200).List)["id"]!);
        (await Server.Other.GetAsync(path)).ExpectError(404);
        (await Server.Scoped("threads:read").GetAsync(path)).ExpectError(403);
    }

    [Fact]
    public async Task A_domain_says_how_much_TLS_its_mail_asks_for()
    {
        var path = $"/v1/domains/{Server.OwnDomainId}";
        Assert.Equal("require", (string)(await Api.PatchAsync(path, new { tls = "require" })).Expect(200).Data["tls"]!);
        Assert.Equal("require", (string)(await Api.GetAsync(path)).Expect(200).Data["tls"]!);
        (await Api.PatchAsync(path, new { tls = "always" })).ExpectError(400);
        (await Server.Other.PatchAsync(path, new { tls = "verify" })).ExpectError(404);
        Assert.Equal("opportunistic", (string)(await Api.PatchAsync(path, new { tls = "opportunistic" })).Expect(200).Data["tls"]!);
    }

    [Fact]
    public async Task One_refused_recipient_does_not_hold_the_others()
    {
        var domain = Server.NewRemoteDomain();
        Server.Sink.Answer("gone@" + domain, "550 5.1.1 No such user here");
        Server.Sink.Answer("later@" + domain, "450 4.2.0 Busy");
        var inbox = await Api.NewInboxAsync();
        (await Api.PostAsync("/v1/messages/send", new { to = new[] { "gone@" + domain, "here@" + domain, "later@" + domain }, subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
        var here = await Server.Sink.WaitForAsync("here@" + domain);
        JsonAssert.Texts(["here@" + domain], here.Recipients);
        JsonAssert.Texts(["later@" + domain], (await Server.Sink.WaitForAsync("later@" + domain)).Recipients);
        // A negative outcome of one recipient is the worse one, and stays.
        await Api.WaitForStatusAsync((string)(await Api.OnlyMessageAsync(inbox))["message_id"]!, "bounced");
        Assert.Single(Server.Sink.For("here@" + domain));
    }

    [Fact]
    public async Task Recipients_of_several_domains_each_get_it()
    {
        var inbox = await Api.NewInboxAsync();
        string[] to = ["a@" + Server.NewRemoteDomain(), "b@" + Server.NewRemoteDomain(), "c@" + Server.NewRemoteDomain()];
        var sent = (await Api.PostAsync("/v1/messages/send", new { to, subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
        await Api.WaitForStatusAsync((string)sent.Data["id"]!, "delivered");
        Assert.All(to, address => Assert.Single(Server.Sink.For(address)));
    }

    [Fact]
    public async Task The_envelope_names_a_sender_that_we_receive_for()
    {
        var inbox = await Api.NewInboxAsync();
        var to = "user@" + Server.NewRemoteDomain();
        await SendAsync(inbox, to, "s", "t");
        var arrived = await Server.Sink.WaitForAsync(to);
        Assert.Equal("mail.commune.test", arrived.HeloName);
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        (await talk.CommandAsync("MAIL FROM:<>")).Expect(250);
        (await talk.CommandAsync($"RCPT TO:<{arrived.ReversePath}>")).Expect(250);
    }

    [Fact]
    public async Task Between_agents_of_this_server_mail_threads_both_ways()
    {
        var (alice, bob) = (await Api.NewInboxAsync(name: "Alice"), await Server.Other.NewInboxAsync(name: "Bob"));
        var sent = (await Api.PostAsync("/v1/messages/send", new { to = bob.Address, subject = "Deal?", text = "Ten apples.", inbox_id = alice.Id })).Expect(202);
        var got = Assert.Single(await Server.Other.WaitForMessagesAsync(bob, 1));
        Assert.Equal("inbound", (string)got["direction"]!);
        Assert.Equal(alice.Address, (string)got["from"]!);
        Assert.Equal("Ten apples.", ((string)got["content"]!).Trim());
        Assert.Equal((string)sent.Data["smtp_message_id"]!, (string)got["metadata"]!["message_id"]!);
        JsonAssert.Differ(sent.Data["thread_id"], got["thread_id"]);
        JsonAssert.Differ(sent.Data["id"], got["message_id"]);
        await Api.WaitForStatusAsync((string)sent.Data["id"]!, "delivered");

        var reply = (await Server.Other.PostAsync("/v1/messages/send", new { to = alice.Address, text = "Deal.", thread_id = (string)got["thread_id"]! })).Expect(202);
        var back = (await Api.WaitForMessagesAsync(alice, 2))[1];
        Assert.Equal((string)sent.Data["thread_id"]!, (string)back["thread_id"]!);
        Assert.Equal("Re: Deal?", (string)back["subject"]!);
        Assert.Equal((string)sent.Data["smtp_message_id"]!, (string)back["metadata"]!["in_reply_to"]!);
        Assert.Equal((string)reply.Data["smtp_message_id"]!, (string)back["metadata"]!["message_id"]!);

        (await Api.PostAsync("/v1/messages/send", new { to = bob.Address, text = "Good.", thread_id = (string)sent.Data["thread_id"]! })).Expect(202);
        var third = (await Server.Other.WaitForMessagesAsync(bob, 3))[2];
        Assert.Equal((string)got["thread_id"]!, (string)third["thread_id"]!);
        Assert.Single(await Api.ThreadsAsync(alice));
        Assert.Single(await Server.Other.ThreadsAsync(bob));
    }

    [Fact]
    public async Task An_agent_may_write_to_itself_and_to_a_plus_address()
    {
        var inbox = await Api.NewInboxAsync();
        await SendAsync(inbox, inbox.Address, "Note to self", "t");
        var messages = await Api.WaitForMessagesAsync(inbox, 2);
        Assert.Equal(1, messages.Count(static m => (string)m["direction"]! == "inbound"));
        Assert.Equal(1, messages.Count(static m => (string)m["direction"]! == "outbound"));
        var other = await Api.NewInboxAsync();
        await SendAsync(inbox, $"{other.LocalPart}+shop@{SharedServer.SharedDomain}", "s", "t");
        await Api.WaitForMessagesAsync(other, 1);
    }

    [Fact]
    public async Task Local_and_remote_recipients_of_one_message_both_get_it()
    {
        var (inbox, local) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        var remote = "user@" + Server.NewRemoteDomain();
        var sent = (await Api.PostAsync("/v1/messages/send", new { to = new[] { local.Address, remote }, bcc = new[] { inbox.Address }, subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
        var arrived = await Server.Sink.WaitForAsync(remote);
        Assert.Equal((string)sent.Data["smtp_message_id"]!, Letter.HeaderOf(arrived.Text, "Message-ID"));
        var got = Assert.Single(await Api.WaitForMessagesAsync(local, 1));
        Assert.Empty(JsonAssert.Participants(got, "bcc"));
        await Api.WaitForMessagesAsync(inbox, 2);
        await Api.WaitForStatusAsync((string)sent.Data["id"]!, "delivered");
    }

    [Fact]
    public async Task Mail_to_an_address_of_this_server_that_does_not_exist_bounces()
    {
        var inbox = await Api.NewInboxAsync();
        var sent = await SendAsync(inbox, $"nobody-{inbox.LocalPart}@{SharedServer.SharedDomain}", "s", "t");
        await Api.WaitForStatusAsync((string)sent.Data["id"]!, "bounced");
    }

    [Fact]
    public async Task A_relay_takes_all_mail_over_STARTTLS_when_it_offers_it()
    {
        await using var relay = new FakeMx { OffersStartTls = true };
        var key = ApiKeySecret.New();
        var settings = (await Engine.NewSettingsAsync())
            .With("Commune__BootstrapApiKey", key)
            .With("Commune__Outbound__Relay", $"smtp://127.0.0.1:{relay.Port}");
        await using var program = await CommuneProcess.StartAsync(settings);
        var api = new ApiClient(program.Http, key);
        var inbox = await api.NewInboxAsync("relayed");
        (await api.PostAsync("/v1/messages/send", new { to = new[] { "a@far.example", "b@away.example" }, subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
        var all = await Eventually.GetAsync(() => Task.FromResult(relay.Messages), static m => m.SelectMany(static x => x.Recipients).Count() >= 2);
        JsonAssert.Texts(["a@far.example", "b@away.example"], all.SelectMany(static m => m.Recipients).Order(StringComparer.Ordinal));
        Assert.All(all, static m => Assert.True(m.IsTls));
    }

    [Fact]
    public async Task Mail_for_inboxes_of_this_server_does_not_wait_for_hosts_that_hang()
    {
        var never = new TaskCompletionSource();
        await using var relay = new FakeMx();
        relay.On("CONNECT", FakeMxAction.Default.After(never.Task));
        var key = ApiKeySecret.New();
        await using var program = await CommuneProcess.StartAsync((await Engine.NewSettingsAsync())
            .With("Commune__BootstrapApiKey", key)
            .With("Commune__Outbound__Concurrency", "2")
            .With("Commune__Outbound__Relay", $"smtp://127.0.0.1:{relay.Port}"));
        var api = new ApiClient(program.Http, key);
        var (sender, receiver) = (await api.NewInboxAsync(), await api.NewInboxAsync());
        var stuck = Enumerable.Range(0, 20).Select(static i => $"a@d{i}.test");
        (await api.PostAsync("/v1/messages/send", new { to = stuck, subject = "s", text = "t", inbox_id = sender.Id })).Expect(202);
        (await api.PostAsync("/v1/messages/send", new { to = receiver.Address, subject = "s", text = "t", inbox_id = sender.Id })).Expect(202);
        Assert.Single(await api.WaitForMessagesAsync(receiver, 1));
        never.SetResult();
    }

    private Task AssertDeliveredAsync(string to) => AssertStatusAsync(to, "delivered", expectArrival: true);

    private async Task<System.Text.Json.Nodes.JsonObject> AssertStatusAsync(string to, string status, bool expectArrival = false)
    {
        var sent = await SendAsync(await Api.NewInboxAsync(), to, "s", "t");
        var message = await Api.WaitForStatusAsync((string)sent.Data["id"]!, status);
        Assert.Equal(expectArrival ? 1 : 0, Server.Sink.For(to).Count);
        return message;
    }
}

public sealed class SqliteDeliveryTests(SqliteEngine engine) : DeliveryTests(engine);

public sealed class PostgresDeliveryTests(PostgresEngine engine) : DeliveryTests(engine);
