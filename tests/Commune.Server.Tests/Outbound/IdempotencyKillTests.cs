using System.Collections.Concurrent;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Outbound;

/// <summary>Contract section 5 where it matters: the answer was lost with the program, and the agent asks again.</summary>
public abstract class IdempotencyKillTests(Engine engine)
{
    private const string Send = "/v1/messages/send";

    [Fact]
    public async Task Whatever_a_kill_left_unanswered_is_sent_once_when_it_is_asked_for_again()
    {
        const int Keys = 240;
        await using var relay = new FakeMx();
        var adminKey = ApiKeySecret.New();
        var settings = (await engine.NewSettingsAsync())
            .With("Commune__BootstrapApiKey", adminKey)
            .With("Commune__Outbound__Relay", $"smtp://127.0.0.1:{relay.Port}")
            .With("Commune__Outbound__RetrySchedule", "1s");
        var answers = new ConcurrentDictionary<int, byte[]>();
        InboxHandle? inbox = null;
        for (var round = 1; answers.Count < Keys; round++)
        {
            Assert.True(round < 10, "the program does not get on");
            await using var program = await CommuneProcess.StartAsync(settings);
            var api = new ApiClient(program.Http, adminKey);
            inbox ??= await api.NewInboxAsync("once");
            var killAt = answers.Count + (Keys / 4);
            var dead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            // Every key is asked for by two callers at once, those that were answered before too.
            var callers = Enumerable.Range(0, 8).Select(caller => Task.Run(() => CallAsync(api, inbox, caller))).ToArray();
            await Task.WhenAny(dead.Task, Task.WhenAll(callers));
            if (round < 4)
                await program.KillAsync();
            await Task.WhenAll(callers);

            async Task CallAsync(ApiClient client, InboxHandle from, int caller)
            {
                try
                {
                    for (var key = caller / 2; key < Keys; key += 4)
                    {
                        var answer = (await client.PostAsync(Send, new { to = $"user{key}@far.example", subject = $"s{key}", text = "t", inbox_id = from.Id, idempotency_key = $"job-{key}" })).Expect(202);
                        Assert.Equal(answers.GetOrAdd(key, answer.Bytes), answer.Bytes);
                        if (answers.Count >= killAt)
                            dead.TrySetResult();
                    }
                }
                catch (HttpRequestException)
                {
                    // The server was killed under us.
                }
            }
        }

        await using var last = await CommuneProcess.StartAsync(settings);
        var after = new ApiClient(last.Http, adminKey);
        var messages = await Eventually.GetAsync(() => after.MessagesAsync(inbox!), static all => all.All(static m => (string?)m["metadata"]!["delivery_status"] == "delivered"));
        Assert.Equal(Keys, messages.Count);
        Assert.Equal(Keys, messages.Select(static m => (string)m["subject"]!).Distinct(StringComparer.Ordinal).Count());
        // A delivery that was under way at a kill may be repeated, but never as another message.
        Assert.Equal(Keys, relay.Messages.Select(static m => Letter.HeaderOf(m.Text, "Message-ID")).Distinct(StringComparer.Ordinal).Count());
    }
}

public sealed class SqliteIdempotencyKillTests(SqliteEngine engine) : IdempotencyKillTests(engine);

public sealed class PostgresIdempotencyKillTests(PostgresEngine engine) : IdempotencyKillTests(engine);
