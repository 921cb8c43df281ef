using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Webhooks;

/// <summary>Every mail that was stored is told, whenever the program dies, and by one delivery only.</summary>
public abstract class WebhookKillTests(Engine engine)
{
    private const int Clients = 8;

    /// <summary>How often the program is killed: COMMUNE_TESTS_KILLS, where there is time for more.</summary>
    private static int Rounds =>
        Environment.GetEnvironmentVariable("COMMUNE_TESTS_KILLS") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : 5;

    [Fact]
    public async Task Every_received_message_is_told_after_kills_and_delivery_ids_count_the_messages()
    {
        await using var hook = new FakeHook();
        var taken = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var random = NewRandom();
        // One call in five fails; what is answered 200 has been taken.
        hook.On(call =>
        {
            int dice;
            lock (random)
                dice = random.Next(5);
            if (dice == 0)
                return new FakeHookAnswer.Reply(500);
            taken[call.DeliveryId] = (string)JsonNode.Parse(call.Body)!["message"]!["metadata"]!["message_id"]!;
            return FakeHookAnswer.Ok;
        });
        var settings = (await engine.NewSettingsAsync())
            .With("Commune__BootstrapApiKey", ApiKeySecret.New())
            .With("Commune__Webhooks__AllowPrivateNetworks", "true")
            .With("Commune__Webhooks__BreakerFailures", "1000")
            .With("Commune__Webhooks__RetrySchedule", "1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s");
        var accepted = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var offered = 0;
        InboxHandle? inbox = null;
        for (var round = 0; round < Rounds; round++)
        {
            await using var program = await CommuneProcess.StartAsync(settings);
            inbox ??= await MakeInboxAsync(ClientOf(program, settings), hook.Url);
            int killAt;
            lock (random)
                killAt = accepted.Count + random.Next(20, 150);
            var dead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(() => OfferAsync(program, inbox))).ToArray();
            await Task.WhenAny(dead.Task, Task.WhenAll(clients));
            await program.KillAsync();
            await Task.WhenAll(clients);
            Assert.True(accepted.Count >= killAt, $"the clients gave up\n{program.Output}\n{program.Errors}");

            async Task OfferAsync(CommuneProcess server, InboxHandle to)
            {
                try
                {
                    await using var talk = await SmtpTalk.GreetAsync(server.Smtp);
                    while (true)
                    {
                        var id = $"<hook-{Interlocked.Increment(ref offered)}@client.test>";
                        var letter = Letter.Plain("kim@example.com", to.Address, "mail", "text", id);
                        if ((await talk.MailAsync("kim@example.com", [to.Address], letter)).Code != 250)
                            break;
                        accepted[id] = true;
                        if (accepted.Count >= killAt)
                            dead.TrySetResult();
                    }
                }
                catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or Xunit.Sdk.XunitException)
                {
                    // The server was killed under us.
                }
            }
        }

        await using var last = await CommuneProcess.StartAsync(settings);
        var api = ClientOf(last, settings);
        await Eventually.GetAsync(
            async () => (await api.GetAsync("/v1/webhooks/health")).Expect(200).Json["totals"]!,
            static totals => (int)totals["pending"]! == 0 && (int)totals["failed"]! == 0);
        var stored = await StoredAsync(api, inbox!);
        Assert.Empty(accepted.Keys.Except(stored, StringComparer.Ordinal));
        Assert.Equal(stored.Order(StringComparer.Ordinal), taken.Values.Order(StringComparer.Ordinal));
        Assert.Equal(stored.Count, (int)(await api.GetAsync("/v1/webhooks/deliveries")).Json["total"]!);
        Assert.Equal(stored.Count, (int)(await api.GetAsync("/v1/webhooks/health")).Json["totals"]!["delivered"]!);
        Assert.Single(hook.Calls.GroupBy(static c => c.DeliveryId, StringComparer.Ordinal).Select(static g => g.Select(static c => c.Text).Distinct(StringComparer.Ordinal).Count()).Distinct());
        TestContext.Current.TestOutputHelper?.WriteLine($"{Rounds} kills, {stored.Count} messages, {hook.Calls.Count} calls");
    }

    private static async Task<InboxHandle> MakeInboxAsync(ApiClient api, string endpoint)
    {
        var inbox = await api.NewInboxAsync("told");
        (await api.PutAsync($"/v1/inboxes/{inbox.Id}", new { webhook = new { endpoint } })).Expect(200);
        return inbox;
    }

    private static async Task<List<string>> StoredAsync(ApiClient api, InboxHandle inbox)
    {
        var ids = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&limit=500" + (cursor.Length > 0 ? "&cursor=" + cursor : ""))).Expect(200);
            ids.AddRange(page.List.Select(static m => (string)m["metadata"]!["message_id"]!));
            cursor = page.NextCursor;
        }
        return ids;
    }

    private static ApiClient ClientOf(CommuneProcess program, ProgramSettings settings) => new(program.Http, settings.Environment["Commune__BootstrapApiKey"]);

    private static Random NewRandom()
    {
        var seed = Environment.GetEnvironmentVariable("COMMUNE_TESTS_SEED") is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"COMMUNE_TESTS_SEED={seed}");
        return new Random(seed);
    }
}

public sealed class SqliteWebhookKillTests(SqliteEngine engine) : WebhookKillTests(engine);

public sealed class PostgresWebhookKillTests(PostgresEngine engine) : WebhookKillTests(engine);
