using System.Text;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Inbound;

/// <summary>How many SMTP connections are held at once, in all and for one client.</summary>
public abstract class ConnectionLimitTests(Engine engine)
{
    [Fact]
    public async Task A_client_beyond_its_own_limit_is_sent_off_and_others_are_not()
    {
        await using var program = await StartAsync(inAll: 10, perAddress: 2);
        await using var first = await SmtpTalk.ConnectAsync(program.Smtp);
        var second = await SmtpTalk.ConnectAsync(program.Smtp);
        await AssertSentOffAsync(program, "127.0.0.1");
        await using (var other = await EnterAsync(program, "127.0.0.2"))
            (await other.CommandAsync("NOOP")).Expect(250);

        await second.DisposeAsync();
        await using var next = await EnterAsync(program, "127.0.0.1");
        (await next.CommandAsync("NOOP")).Expect(250);
        await AssertSentOffAsync(program, "127.0.0.1");
        (await first.CommandAsync("NOOP")).Expect(250);
    }

    [Fact]
    public async Task Beyond_the_limit_in_all_every_client_is_sent_off_until_one_leaves()
    {
        await using var program = await StartAsync(inAll: 3, perAddress: 2);
        await using var first = await EnterAsync(program, "127.0.0.1");
        await using var second = await EnterAsync(program, "127.0.0.2");
        var third = await EnterAsync(program, "127.0.0.3");
        await AssertSentOffAsync(program, "127.0.0.4");
        await AssertSentOffAsync(program, "127.0.0.1");

        (await third.CommandAsync("QUIT")).Expect(221);
        await using var next = await EnterAsync(program, "127.0.0.4");
        await AssertSentOffAsync(program, "127.0.0.5");
        await third.DisposeAsync();
    }

    [Fact]
    public async Task Behind_a_proxy_each_client_has_its_own_limit()
    {
        await using var program = await StartAsync(inAll: 10, perAddress: 1, proxies: "127.0.0.1");
        await using var first = await SmtpTalk.ConnectAsync(program.Smtp, Proxied("192.0.2.1"));
        var (refused, greeting) = await SmtpTalk.KnockAsync(program.Smtp, Proxied("192.0.2.1"));
        await refused.DisposeAsync();
        greeting.Expect(421);
        await using var other = await SmtpTalk.ConnectAsync(program.Smtp, Proxied("192.0.2.2"));
    }

    private static byte[] Proxied(string client) => Encoding.ASCII.GetBytes($"PROXY TCP4 {client} 192.0.2.25 40000 25\r\n");

    private async Task<CommuneProcess> StartAsync(int inAll, int perAddress, string proxies = "") => await CommuneProcess.StartAsync((await engine.NewSettingsAsync())
        .With("Commune__Smtp__MaxConnections", inAll.ToString()).With("Commune__Smtp__MaxConnectionsPerAddress", perAddress.ToString())
        .With("Commune__Smtp__ProxyProtocolFrom", proxies));

    /// <summary>The place of a connection that has just ended is free soon, not at once.</summary>
    private static async Task<SmtpTalk> EnterAsync(CommuneProcess program, string from) => (await Eventually.GetAsync(
        async () =>
        {
            var (talk, greeting) = await SmtpTalk.KnockAsync(program.Smtp, from: from);
            if (greeting.Code != 220)
                await talk.DisposeAsync();
            return (Talk: talk, Greeting: greeting);
        },
        static attempt => attempt.Greeting.Code == 220)).Talk;

    private static async Task AssertSentOffAsync(CommuneProcess program, string from)
    {
        var (talk, greeting) = await SmtpTalk.KnockAsync(program.Smtp, from: from);
        await using (talk)
        {
            Assert.Equal("421 4.7.0 Too many connections, try again later", greeting.Text);
            Assert.Equal(0, (await talk.ReadAsync()).Code);
        }
    }
}

public sealed class SqliteConnectionLimitTests(SqliteEngine engine) : ConnectionLimitTests(engine);
