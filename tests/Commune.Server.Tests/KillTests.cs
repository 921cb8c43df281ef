using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests;

/// <summary>Issue 2, "Must hold": what was answered 250 or 202 survives kill -9, whole and once.</summary>
public abstract class KillTests(Engine engine)
{
    private const int Clients = 64;

    [Fact]
    public async Task Every_message_that_got_its_250_is_listed_once_after_a_kill()
    {
        const int Rounds = 3;
        var settings = (await engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", ApiKeySecret.New());
        var random = NewRandom();
        var accepted = new ConcurrentDictionary<string, byte[]>(StringComparer.Ordinal);
        var offered = 0;
        InboxHandle[]? inboxes = null;
        for (var round = 0; round < Rounds; round++)
        {
            await using var program = await CommuneProcess.StartAsync(settings);
            inboxes ??= await MakeInboxesAsync(ClientOf(program, settings));
            var before = accepted.Count;
            // The moment is counted in messages, so that every machine is killed in the middle of the work.
            var killAt = before + random.Next(50, 600);
            var dead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(() => OfferAsync(program, inboxes[client % inboxes.Length], client))).ToArray();
            await Task.WhenAny(dead.Task, Task.WhenAll(clients));
            await program.KillAsync();
            await Task.WhenAll(clients);
            Assert.True(accepted.Count >= killAt, $"the clients gave up after {accepted.Count - before} messages\n{program.Output}\n{program.Errors}");

            async Task OfferAsync(CommuneProcess server, InboxHandle inbox, int client)
            {
                try
                {
                    await using var talk = await SmtpTalk.GreetAsync(server.Smtp);
                    while (true)
                    {
                        var number = Interlocked.Increment(ref offered);
                        var id = $"<kill-{number}@client.test>";
                        // A few are large enough to stand in the blob store instead of the database.
                        var text = new string((char)('a' + client % 26), number % 50 == 0 ? 300_000 : 200 + number % 4000);
                        var letter = Letter.Plain("kim@example.com", inbox.Address, $"mail {number}", Fold(text), id);
                        if ((await talk.MailAsync("kim@example.com", [inbox.Address], letter)).Code != 250)
                            break;
                        accepted[id] = letter;
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
        await AssertListedOnceAsync(ClientOf(last, settings), inboxes!, accepted);
    }

    [Fact]
    public async Task Every_send_that_got_its_202_leaves_after_a_kill()
    {
        await using var relay = new FakeMx();
        var settings = (await engine.NewSettingsAsync())
            .With("Commune__BootstrapApiKey", ApiKeySecret.New())
            .With("Commune__Outbound__Relay", $"smtp://127.0.0.1:{relay.Port}")
            .With("Commune__Outbound__RetrySchedule", "1s");
        var random = NewRandom();
        var accepted = new ConcurrentBag<(string SmtpId, string To)>();
        var number = 0;
        var open = 0;
        string? inboxId = null;
        for (var round = 0; round < Kills; round++)
        {
            await using var program = await CommuneProcess.StartAsync(settings);
            var api = ClientOf(program, settings);
            inboxId ??= (await api.NewInboxAsync("sender")).Id;
            var killAt = accepted.Count + random.Next(30, 200);
            var dead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var senders = Enumerable.Range(0, 8).Select(_ => Task.Run(SendAsync)).ToArray();
            await Task.WhenAny(dead.Task, Task.WhenAll(senders));
            var (openNow, ever) = (relay.OpenConnections, relay.Connections);
            await program.KillAsync();
            // One that was opened between the look and the kill was open at the kill too.
            open += openNow + relay.Connections - ever;
            await Task.WhenAll(senders);
            Assert.True(accepted.Count >= killAt, $"the senders gave up\n{program.Output}\n{program.Errors}");

            async Task SendAsync()
            {
                try
                {
                    while (true)
                    {
                        var to = $"user{Interlocked.Increment(ref number)}@far{number % 10}.example";
                        var answer = await api.PostAsync("/v1/messages/send", new { to, subject = "s", text = "t", inbox_id = inboxId });
                        if (answer.Status != 202)
                            break;
                        accepted.Add(((string)answer.Data["smtp_message_id"]!, to));
                        if (accepted.Count >= killAt)
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
        // A send whose 202 did not reach us may have been stored too: each that was answered is waited for by its id.
        await Eventually.GetAsync(
            () => Task.FromResult(accepted.Select(static a => a.SmtpId).Except(Arrived().Keys, StringComparer.Ordinal).ToList()),
            static missing => missing.Count == 0);
        // Whatever was stored, its 202 lost or not, has left and says so.
        var sender = new InboxHandle(inboxId!, "", "");
        var states = await Eventually.GetAsync(() => StatesAsync(ClientOf(last, settings), sender), static all => all.Keys.All(static s => s == "delivered"));
        var arrived = Arrived();
        Assert.Equal(states["delivered"], arrived.Count);
        Assert.All(accepted, one => Assert.Contains(one.To, arrived[one.SmtpId], StringComparer.Ordinal));
        // What was under way when the program died may have come twice: no more than one over each connection that was open.
        var doubles = arrived.Values.Sum(static times => times.Count - 1);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Kills} kills, {accepted.Count} sends accepted, {arrived.Count} messages arrived, {doubles} doubles, {open} connections open at the kills");
        Assert.InRange(doubles, 0, open);

        Dictionary<string, List<string>> Arrived() => relay.Messages
            .GroupBy(static m => Letter.HeaderOf(m.Text, "Message-ID")!, StringComparer.Ordinal)
            .ToDictionary(static g => g.Key, static g => g.SelectMany(static m => m.Recipients).ToList(), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Every_send_to_an_inbox_of_this_server_arrives_once_after_a_kill()
    {
        var settings = (await engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", ApiKeySecret.New());
        var random = NewRandom();
        var accepted = new ConcurrentBag<string>();
        InboxHandle from, to;
        await using (var program = await CommuneProcess.StartAsync(settings))
        {
            var api = ClientOf(program, settings);
            (from, to) = (await api.NewInboxAsync("from"), await api.NewInboxAsync("to"));
            var killAt = random.Next(30, 200);
            var dead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var senders = Enumerable.Range(0, 8).Select(_ => Task.Run(SendAsync)).ToArray();
            await Task.WhenAny(dead.Task, Task.WhenAll(senders));
            await program.KillAsync();
            await Task.WhenAll(senders);
            Assert.True(accepted.Count >= killAt, $"the senders gave up\n{program.Output}\n{program.Errors}");

            async Task SendAsync()
            {
                try
                {
                    while (true)
                    {
                        var answer = await api.PostAsync("/v1/messages/send", new { to = to.Address, subject = "s", text = "t", inbox_id = from.Id });
                        if (answer.Status != 202)
                            break;
                        accepted.Add((string)answer.Data["smtp_message_id"]!);
                        if (accepted.Count >= killAt)
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
        var after = ClientOf(last, settings);
        var arrived = await Eventually.GetAsync(
            async () => (await after.MessagesAsync(to)).Select(static m => (string)m["metadata"]!["message_id"]!).ToList(),
            ids => !accepted.Except(ids, StringComparer.Ordinal).Any());
        Assert.Equal(arrived.Count, arrived.Distinct(StringComparer.Ordinal).Count());
        // Each is delivered in the eyes of its sender too, and stays single when the leases of the killed program have run out.
        var sent = await Eventually.GetAsync(
            () => after.MessagesAsync(from), static all => all.All(static m => (string?)m["metadata"]!["delivery_status"] == "delivered"));
        var listed = await after.MessagesAsync(to);
        Assert.Equal(sent.Count, listed.Count);
    }

    [Fact]
    public async Task An_idempotency_key_is_remembered_over_a_kill()
    {
        var settings = (await engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", ApiKeySecret.New());
        byte[] first;
        object body;
        await using (var program = await CommuneProcess.StartAsync(settings))
        {
            var api = ClientOf(program, settings);
            var inbox = await api.NewInboxAsync("once");
            body = new { to = inbox.Address, subject = "s", text = "t", inbox_id = inbox.Id, idempotency_key = "job-1" };
            first = (await api.PostAsync("/v1/messages/send", body)).Expect(202).Bytes;
            await program.KillAsync();
        }
        await using var again = await CommuneProcess.StartAsync(settings);
        var second = (await ClientOf(again, settings).PostAsync("/v1/messages/send", body)).Expect(202);
        Assert.Equal(first, second.Bytes);
        Assert.Equal("true", second.Header("Idempotency-Replayed"));
    }

    /// <summary>How often a program that sends is killed: COMMUNE_TESTS_KILLS, where there is time for more.</summary>
    private static int Kills =>
        Environment.GetEnvironmentVariable("COMMUNE_TESTS_KILLS") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : 6;

    /// <summary>How many sent messages of the inbox there are in each delivery status.</summary>
    private static async Task<Dictionary<string, int>> StatesAsync(ApiClient api, InboxHandle inbox)
    {
        var states = new Dictionary<string, int>(StringComparer.Ordinal);
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&limit=1000&order=asc" + (cursor.Length > 0 ? "&cursor=" + cursor : ""))).Expect(200);
            foreach (var message in page.List)
            {
                var status = (string)message["metadata"]!["delivery_status"]!;
                states[status] = states.GetValueOrDefault(status) + 1;
            }
            cursor = page.NextCursor;
        }
        return states;
    }

    private static async Task<InboxHandle[]> MakeInboxesAsync(ApiClient api)
    {
        var made = new List<InboxHandle>();
        for (var i = 0; i < 4; i++)
            made.Add(await api.NewInboxAsync($"kill{i}"));
        return [.. made];
    }

    private static async Task AssertListedOnceAsync(ApiClient api, InboxHandle[] inboxes, ConcurrentDictionary<string, byte[]> accepted)
    {
        var listed = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var inbox in inboxes)
        {
            for (string? cursor = ""; cursor is not null;)
            {
                var page = (await api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&limit=500&order=asc" + (cursor.Length > 0 ? "&cursor=" + cursor : ""))).Expect(200);
                foreach (var message in page.List)
                    Assert.True(listed.TryAdd((string)message["metadata"]!["message_id"]!, message), $"{message["metadata"]!["message_id"]} is listed twice");
                cursor = page.NextCursor;
            }
        }
        var missing = accepted.Keys.Except(listed.Keys, StringComparer.Ordinal).ToList();
        Assert.True(missing.Count == 0, $"{missing.Count} of {accepted.Count} are missing: {string.Join(' ', missing.Take(5))}");
        await Parallel.ForEachAsync(accepted, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (one, _) =>
        {
            var raw = await api.RawAsync(listed[one.Key]);
            Assert.True(raw.AsSpan().EndsWith(one.Value), $"{one.Key}: the {raw.Length} stored bytes do not end with the {one.Value.Length} sent");
            Assert.StartsWith("Return-Path: ", Encoding.ASCII.GetString(raw.AsSpan(0, 20)), StringComparison.Ordinal);
        });
        // Whatever else is listed was offered too, and its 250 was lost with the kill.
        Assert.All(listed.Keys, static id => Assert.StartsWith("<kill-", id, StringComparison.Ordinal));
    }

    private static string Fold(string text) => string.Join('\n', text.Chunk(70).Select(static line => new string(line)));

    private static ApiClient ClientOf(CommuneProcess program, ProgramSettings settings) => new(program.Http, settings.Environment["Commune__BootstrapApiKey"]);

    /// <summary>The seed is printed, and can be given to see the same moments again.</summary>
    private static Random NewRandom()
    {
        var seed = Environment.GetEnvironmentVariable("COMMUNE_TESTS_SEED") is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"COMMUNE_TESTS_SEED={seed}");
        return new Random(seed);
    }
}

public sealed class SqliteKillTests(SqliteEngine engine) : KillTests(engine);

public sealed class PostgresKillTests(PostgresEngine engine) : KillTests(engine);
