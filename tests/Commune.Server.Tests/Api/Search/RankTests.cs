using System.Globalization;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;
using Commune.Storage;
using Commune.Storage.Sqlite;

namespace Commune.Server.Tests.Api.Search;

/// <summary>Ranks depend on the mail of the organisation, and on nothing else.</summary>
public sealed class RankTests(SqliteEngine sqlite, PostgresEngine postgres)
{
    /// <summary>So many that some are merged into a segment.</summary>
    private const int Others = 2300;

    private static readonly string[] Queries =
    [
        "missing parcel", "refund for a broken lamp", "invoice 1007", "password", "when does the meeting begin", "lamp from:kim@example.com", "\"broken lamp\"", "lmap", "заказ", "wo ist die Rechnung", "返金のお願い",
    ];

    private static readonly string[] Texts =
    [
        "My parcel is missing since Monday", "The lamp is broken, I want a refund", "A broken lamp again, and a broken table", "I forgot my password",
        "The meeting begins at ten", "Invoice 1007 is paid", "Where is the refund for order 17?", "Ваш заказ приедет", "The table lamp shines brightly",
        "Die Rechnungen sind da, eine fehlt noch", "返金をお願いします",
    ];

    [Fact]
    public async Task They_are_the_same_on_both_engines_while_terms_wait_when_they_are_merged_and_after_a_restart()
    {
        var onSqlite = await RunAsync(sqlite, settings => new SqliteStore(new SqliteStoreSettings(settings.DataDirectory, BesideServer: true), TimeProvider.System));
        var onPostgres = await RunAsync(postgres, postgres.OpenStore);
        Assert.Equal(onSqlite, onPostgres);
    }

    [Fact]
    public async Task Two_nodes_rank_alike_as_mail_comes_and_goes()
    {
        var (settings, key) = await PrepareAsync(postgres);
        await using var one = await CommuneProcess.StartAsync(settings);
        await using var two = await CommuneProcess.StartAsync(settings);
        ApiClient[] nodes = [new(one.Http, key), new(two.Http, key)];
        var (inbox, other) = (await nodes[0].NewInboxAsync(), await nodes[0].NewInboxAsync());
        for (var i = 0; i < 3 * Texts.Length; i++)
        {
            await ReceiveAsync(i % 2 == 0 ? one : two, i % 3 == 0 ? other : inbox, i);
            Assert.Equal(await RanksAsync(nodes[0], inbox, "lamp"), await RanksAsync(nodes[1], inbox, "lamp"));
        }
        var before = await RanksAsync(nodes[1], other, "refund parcel");
        Assert.NotEmpty(before);
        var request = (await nodes[0].PostAsync("/v1/data/deletion-request", new { scope = "messages", inbox_id = inbox.Id, before = "2100-01-01T00:00:00Z" })).Expect(201).Json;
        (await nodes[0].PostAsync($"/v1/data/deletion-request/{(string)request["id"]!}/confirm", new { confirmation_token = (string)request["confirmation_token"]! })).Expect(200);
        Assert.Empty(await RanksAsync(nodes[1], inbox, "refund parcel"));
        Assert.Empty(await RanksAsync(nodes[0], inbox, "refund parcel"));
        var after = await RanksAsync(nodes[1], other, "refund parcel");
        // What is gone no longer counts.
        Assert.NotEqual(before, after);
        Assert.Equal(after, await RanksAsync(nodes[0], other, "refund parcel"));
    }

    private static async Task<List<string>> RunAsync(Engine engine, Func<ProgramSettings, IStore> open)
    {
        var (settings, key) = await PrepareAsync(engine);
        InboxHandle inbox;
        List<string> waiting;
        List<string> merged;
        await using (var program = await CommuneProcess.StartAsync(settings))
        {
            var api = new ApiClient(program.Http, key);
            (inbox, var others) = (await api.NewInboxAsync(), await api.NewInboxAsync());
            for (var i = 0; i < 2 * Texts.Length; i++)
                await ReceiveAsync(program, inbox, i);
            await Task.WhenAll(Enumerable.Range(0, 8).Select(part => FillAsync(program, others, part)));
            waiting = await AllRanksAsync(api, inbox);
            await using var store = open(settings);
            await store.MigrateAsync(CancellationToken.None);
            var orgId = (await store.Domains.GetSharedAsync(CancellationToken.None)).OrgId;
            var plan = await Eventually.GetAsync(
                () => store.SearchIndex.PlanAsync(orgId, CancellationToken.None), static plan => !plan.NeedsWork && plan.Segments.Count > 0);
            Assert.True(plan.MergedTo > 2 * Texts.Length);
            merged = await AllRanksAsync(api, inbox);
        }
        await using var again = await CommuneProcess.StartAsync(settings);
        var restarted = await AllRanksAsync(new ApiClient(again.Http, key), inbox);
        Assert.Equal(waiting, merged);
        Assert.Equal(merged, restarted);
        Assert.True(merged.Count > Queries.Length);
        return merged;
    }

    private static async Task<List<string>> AllRanksAsync(ApiClient api, InboxHandle inbox)
    {
        var ranks = new List<string>();
        foreach (var query in Queries)
            ranks.AddRange((await RanksAsync(api, inbox, query)).Prepend(query));
        return ranks;
    }

    private static async Task<List<string>> RanksAsync(ApiClient api, InboxHandle inbox, string query) =>
    [
        .. (await api.GetAsync($"/v1/search/messages?inbox_id={inbox.Id}&q={Uri.EscapeDataString(query)}&limit=100")).Expect(200).List
            .Select(static row => string.Create(CultureInfo.InvariantCulture, $"{row["subject"]} {(double)row["score"]!:R}")),
    ];

    private static async Task ReceiveAsync(CommuneProcess program, InboxHandle inbox, int number) =>
        (await SmtpTalk.MailAsync(program.Smtp, "kim@example.com", inbox.Address, Letter.Plain(
            number % 2 == 0 ? "kim@example.com" : "lee@example.com", inbox.Address, $"s{number}", $"{Texts[number % Texts.Length]} {number * 31}"))).Expect(250);

    private static async Task FillAsync(CommuneProcess program, InboxHandle inbox, int part)
    {
        await using var talk = await SmtpTalk.GreetAsync(program.Smtp);
        for (var i = part * Others / 8; i < (part + 1) * Others / 8; i++)
        {
            (await talk.MailAsync("bo@example.com", [inbox.Address], Letter.Plain(
                "bo@example.com", inbox.Address, $"other {i}", $"{(i % 10 == 0 ? "a lamp and " : "")}nothing of note number {i}"))).Expect(250);
        }
    }

    private static async Task<(ProgramSettings Settings, string Key)> PrepareAsync(Engine engine)
    {
        var key = ApiKeySecret.New();
        return ((await engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", key).With("Commune__SharedDomain", SharedServer.SharedDomain), key);
    }
}
