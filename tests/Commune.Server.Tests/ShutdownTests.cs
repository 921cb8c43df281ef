using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests;

/// <summary>Issue 2: "A drain on shutdown that finishes what was accepted."</summary>
public abstract class ShutdownTests(Engine engine)
{
    [Fact]
    public async Task SIGTERM_finishes_a_message_on_its_way_and_sends_idle_sessions_off()
    {
        var settings = (await engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", ApiKeySecret.New());
        var key = settings.Environment["Commune__BootstrapApiKey"];
        InboxHandle inbox;
        await using (var program = await CommuneProcess.StartAsync(settings))
        {
            inbox = await new ApiClient(program.Http, key).NewInboxAsync("drain");
            await using var idle = await SmtpTalk.GreetAsync(program.Smtp);
            await using var busy = await SmtpTalk.GreetAsync(program.Smtp);
            (await busy.CommandAsync("MAIL FROM:<kim@example.com>")).Expect(250);
            (await busy.CommandAsync($"RCPT TO:<{inbox.Address}>")).Expect(250);
            (await busy.CommandAsync("DATA")).Expect(354);
            await busy.WriteAsync("Subject: half\r\n\r\nfirst half\r\n"u8.ToArray());

            program.Terminate();
            // The idle session's farewell tells that the drain has begun.
            (await idle.ReadAsync()).Expect(421);
            await busy.WriteAsync("second half\r\n"u8.ToArray());
            (await busy.CommandAsync(".")).Expect(250);
            Assert.Equal(0, await program.ExitAsync());
        }
        await using var again = await CommuneProcess.StartAsync(settings);
        var message = await new ApiClient(again.Http, key).OnlyMessageAsync(inbox);
        Assert.Equal("first half\nsecond half", ((string)message["content"]!).ReplaceLineEndings("\n").Trim());
    }
}

public sealed class SqliteShutdownTests(SqliteEngine engine) : ShutdownTests(engine);

public sealed class PostgresShutdownTests(PostgresEngine engine) : ShutdownTests(engine);
