using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Outbound;

/// <summary>Two programs over one PostgreSQL keep the promises of one.</summary>
public sealed class TwoNodeTests(PostgresEngine engine)
{
    private const string Send = "/v1/messages/send";

    [Fact]
    public async Task Of_duplicates_at_two_nodes_at_once_one_is_sent_and_all_get_its_answer()
    {
        await using var relay = new FakeMx();
        var (settings, key, _) = await PrepareAsync();
        settings = settings.With("Commune__Outbound__Relay", $"smtp://127.0.0.1:{relay.Port}");
        await using var one = await CommuneProcess.StartAsync(settings);
        await using var two = await CommuneProcess.StartAsync(settings);
        ApiClient[] nodes = [new(one.Http, key), new(two.Http, key)];
        var inbox = await nodes[0].NewInboxAsync();
        for (var round = 0; round < 5; round++)
        {
            var to = $"user{round}@far.example";
            var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => nodes[i % 2].PostAsync(
                Send, new { to, subject = "s", text = "t", inbox_id = inbox.Id, idempotency_key = $"k{round}" })));
            Assert.All(answers, answer => Assert.Equal(answers[0].Expect(202).Bytes, answer.Expect(202).Bytes));
            Assert.Equal(31, answers.Count(static answer => answer.Header("Idempotency-Replayed") == "true"));
            Assert.Equal("idempotency_key_reused", (string)(await nodes[round % 2].PostAsync(
                Send, new { to, subject = "other", text = "t", inbox_id = inbox.Id, idempotency_key = $"k{round}" })).ExpectError(409).Json["code"]!);
        }
        await Eventually.GetAsync(() => nodes[1].MessagesAsync(inbox), static all => all.All(static m => (string?)m["metadata"]!["delivery_status"] == "delivered"));
        Assert.Equal(5, (await nodes[1].MessagesAsync(inbox)).Count);
        Assert.Equal(5, relay.Messages.Count);
    }

    [Fact]
    public async Task The_hour_of_an_organisation_is_one_over_both_nodes()
    {
        var (settings, _, limited) = await PrepareAsync();
        settings = settings.With("Commune__Limits__FreePerHour", "10");
        await using var one = await CommuneProcess.StartAsync(settings);
        await using var two = await CommuneProcess.StartAsync(settings);
        ApiClient[] nodes = [new(one.Http, limited), new(two.Http, limited)];
        var inbox = await nodes[0].NewInboxAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => nodes[i % 2].PostAsync(
            Send, new { to = "delivered@sandbox.commune.localhost", subject = "s", text = "t", inbox_id = inbox.Id })));
        Assert.Equal(10, answers.Count(static answer => answer.Status == 202));
        Assert.Equal(10, (await nodes[1].MessagesAsync(inbox)).Count);
        foreach (var refused in answers.Where(static answer => answer.Status != 202))
        {
            refused.ExpectError(429);
            Assert.Equal(("rate_limit_exceeded", "organisation_hour"), ((string)refused.Json["code"]!, (string)refused.Json["limit"]!));
            Assert.Equal("0", refused.Header("X-RateLimit-Remaining"));
            Assert.Equal("0", refused.Header("X-RateLimit-Remaining-Hour"));
            Assert.Equal("990", refused.Header("X-RateLimit-Remaining-Day"));
            Assert.NotNull(refused.Header("Retry-After"));
        }
        // Errors of an identified caller carry the headers as well.
        foreach (var path in (string[])["/v1/messages/msg_unknown", "/v1/messages", "/v1/nothing"])
            Assert.Equal("10", (await nodes[0].GetAsync(path)).Header("X-RateLimit-Limit"));
    }

    private async Task<(ProgramSettings Settings, string OperatorKey, string FreeKey)> PrepareAsync()
    {
        var key = ApiKeySecret.New();
        var settings = (await engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", key);
        await using var store = engine.OpenStore(settings);
        await FirstStart.RunAsync(store, new CommuneOptions { BootstrapApiKey = key, DataDirectory = settings.DataDirectory }, TimeProvider.System, CancellationToken.None);
        return (settings, key, (await Tenant.CreateAsync(store, "free", "free")).AdminKey);
    }
}
