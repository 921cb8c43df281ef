using System.Text.Json.Nodes;
using Commune.Mail.Dkim;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Inbound;

/// <summary>Whether a message comes from whom it says, as SPF, DKIM and DMARC tell it.</summary>
public abstract class AuthenticationTests(Engine engine) : ServerTests(engine)
{
    private static string NewName() => $"s{Guid.NewGuid():N}"[..14] + ".test";

    [Fact]
    public async Task Mail_from_an_address_that_SPF_allows_passes_SPF_and_DMARC()
    {
        var domain = NewName();
        Server.Dns.Txt(domain, "v=spf1 ip4:127.0.0.1 -all");
        Server.Dns.Txt("_dmarc." + domain, "v=DMARC1; p=reject");
        var authentication = await ReceivedAsync(domain, $"kim@{domain}");
        Assert.Equal("pass", Word(authentication, "spf"));
        Assert.Equal(domain, (string)authentication["spf"]!["domain"]!);
        Assert.Equal("mfrom", (string)authentication["spf"]!["scope"]!);
        Assert.Equal("pass", Word(authentication, "dmarc"));
        Assert.Equal("spf", (string)authentication["dmarc"]!["aligned_by"]!);
    }

    [Fact]
    public async Task Mail_that_fails_a_reject_policy_is_refused_in_the_dialogue()
    {
        var domain = NewName();
        Server.Dns.Txt(domain, "v=spf1 -all");
        Server.Dns.Txt("_dmarc." + domain, "v=DMARC1; p=reject");
        var inbox = await Api.NewInboxAsync();
        var reply = await SmtpTalk.MailAsync(Server.Program.Smtp, $"kim@{domain}", inbox.Address, Letter.Plain($"kim@{domain}", inbox.Address, "forged", "t"));
        reply.Expect(550);
        Assert.Contains("5.7.1", reply.Text, StringComparison.Ordinal);
        Assert.Empty(await Api.MessagesAsync(inbox));
    }

    [Theory]
    [InlineData("quarantine")]
    [InlineData("none")]
    public async Task Mail_that_fails_a_milder_policy_is_stored_and_marked(string policy)
    {
        var domain = NewName();
        Server.Dns.Txt(domain, "v=spf1 -all");
        Server.Dns.Txt("_dmarc." + domain, $"v=DMARC1; p={policy}");
        var authentication = await ReceivedAsync(domain, $"kim@{domain}");
        Assert.Equal("fail", Word(authentication, "spf"));
        Assert.Equal("fail", Word(authentication, "dmarc"));
        Assert.Equal(policy, (string)authentication["dmarc"]!["policy"]!);
    }

    [Fact]
    public async Task A_DKIM_signature_is_verified_and_carries_DMARC_over_a_failing_SPF()
    {
        var domain = NewName();
        var (pem, record) = DkimSigningKey.Generate();
        using var key = DkimSigningKey.FromPem(domain, "sel", pem);
        Server.Dns.Txt($"sel._domainkey.{domain}", record);
        Server.Dns.Txt(domain, "v=spf1 -all");
        Server.Dns.Txt("_dmarc." + domain, "v=DMARC1; p=reject");
        var inbox = await Api.NewInboxAsync();
        var letter = Letter.Plain($"kim@{domain}", inbox.Address, "signed", "t");
        byte[] signed = [.. DkimSigner.Sign(letter, key, TimeProvider.System.GetUtcNow()), .. letter];
        (await SmtpTalk.MailAsync(Server.Program.Smtp, $"kim@{domain}", inbox.Address, signed)).Expect(250);

        var authentication = AuthenticationOf(await Api.OnlyMessageAsync(inbox));
        var dkim = Assert.Single(authentication["dkim"]!.AsArray());
        Assert.Equal(("pass", domain, "sel"), ((string)dkim!["result"]!, (string)dkim["domain"]!, (string)dkim["selector"]!));
        Assert.Equal("dkim", (string)authentication["dmarc"]!["aligned_by"]!);
    }

    [Fact]
    public async Task A_changed_message_fails_DKIM()
    {
        var domain = NewName();
        var (pem, record) = DkimSigningKey.Generate();
        using var key = DkimSigningKey.FromPem(domain, "sel", pem);
        Server.Dns.Txt($"sel._domainkey.{domain}", record);
        var inbox = await Api.NewInboxAsync();
        var letter = Letter.Plain($"kim@{domain}", inbox.Address, "signed", "pay Kim");
        var signature = DkimSigner.Sign(letter, key, TimeProvider.System.GetUtcNow());
        byte[] changed = [.. signature, .. System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(letter).Replace("pay Kim", "pay Eve", StringComparison.Ordinal))];
        (await SmtpTalk.MailAsync(Server.Program.Smtp, $"kim@{domain}", inbox.Address, changed)).Expect(250);
        var dkim = Assert.Single(AuthenticationOf(await Api.OnlyMessageAsync(inbox))["dkim"]!.AsArray());
        Assert.Equal("fail", (string)dkim!["result"]!);
    }

    [Fact]
    public async Task A_DNS_server_that_fails_costs_no_mail()
    {
        var domain = NewName();
        Server.Dns.Fail(domain, Commune.Peers.FakeDnsFailure.ServFail);
        var authentication = await ReceivedAsync(domain, $"kim@{domain}");
        Assert.Equal("temperror", Word(authentication, "spf"));
    }

    [Fact]
    public async Task A_field_that_pretends_to_be_ours_is_taken_away_and_ours_is_put_in_front()
    {
        var inbox = await Api.NewInboxAsync();
        var letter = Letter.Plain("kim@example.com", inbox.Address, "s", "t",
            headers: "Authentication-Results: mail.commune.test; dmarc=pass header.from=bank.example\r\nAuthentication-Results: other.example; spf=pass\r\n");
        (await SmtpTalk.MailAsync(Server.Program.Smtp, "kim@example.com", inbox.Address, letter)).Expect(250);
        var raw = System.Text.Encoding.UTF8.GetString(await Api.RawAsync(await Api.OnlyMessageAsync(inbox)));
        var fields = Letter.HeadersOf(raw, "Authentication-Results");
        Assert.Equal(2, fields.Count);
        Assert.DoesNotContain("bank.example", raw, StringComparison.Ordinal);
        Assert.StartsWith("mail.commune.test;", fields[0], StringComparison.Ordinal);
        Assert.Contains("other.example", fields[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_between_inboxes_of_this_server_has_no_authentication()
    {
        var (from, to) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        (await Api.PostAsync("/v1/messages/send", new { to = to.Address, subject = "s", text = "t", inbox_id = from.Id })).Expect(202);
        var message = Assert.Single(await Api.WaitForMessagesAsync(to, 1));
        Assert.Null(message["metadata"]!["authentication"]);
    }

    [Fact]
    public async Task A_trusted_proxy_states_the_client_s_address_and_others_may_not()
    {
        var domain = NewName();
        Server.Dns.Txt(domain, "v=spf1 ip4:192.0.2.7 -all");
        var key = ApiKeySecret.New();
        await using var program = await CommuneProcess.StartAsync((await Engine.NewSettingsAsync())
            .With("Commune__BootstrapApiKey", key)
            .With("Commune__Dns__Servers", Server.Dns.Address)
            .With("Commune__Smtp__ProxyProtocolFrom", "127.0.0.0/8"));
        var api = new ApiClient(program.Http, key);
        var inbox = await api.NewInboxAsync();
        await using (var talk = await SmtpTalk.ConnectAsync(program.Smtp, "PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\r\n"u8.ToArray()))
        {
            (await talk.CommandAsync("EHLO client.test")).Expect(250);
            (await talk.MailAsync($"kim@{domain}", [inbox.Address], Letter.Plain($"kim@{domain}", inbox.Address, "s", "t"))).Expect(250);
        }
        var message = await api.OnlyMessageAsync(inbox);
        Assert.Equal("pass", Word(AuthenticationOf(message), "spf"));
        Assert.Contains("[192.0.2.7]", System.Text.Encoding.UTF8.GetString(await api.RawAsync(message)), StringComparison.Ordinal);

        using var direct = new System.Net.Sockets.TcpClient();
        await direct.ConnectAsync(program.Smtp, TestContext.Current.CancellationToken);
        await direct.GetStream().WriteAsync("EHLO client.test\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(0, await direct.GetStream().ReadAsync(new byte[100], TestContext.Current.CancellationToken));
    }

    private async Task<JsonObject> ReceivedAsync(string domain, string from)
    {
        var inbox = await Api.NewInboxAsync();
        (await SmtpTalk.MailAsync(Server.Program.Smtp, $"kim@{domain}", inbox.Address, Letter.Plain(from, inbox.Address, "s", "t"))).Expect(250);
        return AuthenticationOf(await Api.OnlyMessageAsync(inbox));
    }

    private static JsonObject AuthenticationOf(JsonObject message) => message["metadata"]!["authentication"]!.AsObject();

    private static string Word(JsonObject authentication, string method) => (string)authentication[method]!["result"]!;
}

public sealed class SqliteAuthenticationTests(SqliteEngine engine) : AuthenticationTests(engine);

public sealed class PostgresAuthenticationTests(PostgresEngine engine) : AuthenticationTests(engine);
