using System.Globalization;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;
using Commune.Storage;

namespace Commune.Server.Tests.Outbound;

/// <summary>Caps, the breaker and the warm-up: each with a program of its own, set up for it.</summary>
public abstract class SendPolicyTests(Engine engine)
{
    private const string Send = "/v1/messages/send";
    private const string OwnDomain = "own.example";
    private const string Sandbox = "sandbox.commune.localhost";

    private async Task<(CommuneProcess Program, ApiClient Api, ApiClient Other, string OtherId)> StartAsync(params (string Name, string Value)[] settings)
    {
        var key = ApiKeySecret.New();
        var all = settings.Aggregate((await engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", key), static (one, next) => one.With(next.Name, next.Value));
        Tenant other;
        await using (var store = engine.OpenStore(all))
        {
            await FirstStart.RunAsync(store, new CommuneOptions { BootstrapApiKey = key, DataDirectory = all.DataDirectory }, TimeProvider.System, CancellationToken.None);
            other = await Tenant.CreateAsync(store, "other", "pro");
            var at = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            var domain = new Domain(other.OrgId, EntityId.New("d_"), OwnDomain, "pending", null, false, at, null);
            await store.Domains.CreateAsync(domain, Server.Api.Domains.CreateDomain.NewKey(domain), CancellationToken.None);
            Assert.True(await store.Domains.SetStatusAsync(other.OrgId, domain.Id, "verified", at, CancellationToken.None));
        }
        var program = await CommuneProcess.StartAsync(all);
        return (program, new ApiClient(program.Http, key), new ApiClient(program.Http, other.AdminKey), other.OrgId);
    }

    private static void AssertTooMany(ApiAnswer answer, string code, string limit, int longest)
    {
        answer.ExpectError(429);
        Assert.Equal((code, limit), ((string)answer.Json["code"]!, (string)answer.Json["limit"]!));
        var seconds = int.Parse(answer.Header("Retry-After")!, CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 1, longest);
        Assert.Equal(seconds, (int)answer.Json["retryAfter"]!);
        Assert.NotNull(answer.Header("X-RateLimit-Remaining"));
    }

    [Fact]
    public async Task Caps_by_recipient_and_thread_are_told_apart_in_the_429()
    {
        var (program, api, _, _) = await StartAsync(
            ("Commune__Limits__PerRecipientPerHour", "2"), ("Commune__Limits__PerRecipientPerDay", "10"), ("Commune__Limits__PerThreadPerHour", "3"));
        await using var running = program;
        var inbox = await api.NewInboxAsync();
        Task<ApiAnswer> ToAsync(object to, string? thread = null) => api.PostAsync(Send, new { to, subject = "s", text = "t", inbox_id = inbox.Id, thread_id = thread });

        var first = (await ToAsync("delivered+a@" + Sandbox)).Expect(202);
        (await ToAsync(new[] { "Delivered+A@" + Sandbox, "delivered+b@" + Sandbox })).Expect(202);
        AssertTooMany(await ToAsync(new[] { "delivered+c@" + Sandbox, "delivered+a@" + Sandbox }), "recipient_limit", "recipient_hour", 3600);
        (await ToAsync("delivered+c@" + Sandbox)).Expect(202);

        var thread = (string)first.Data["thread_id"]!;
        for (var i = 0; i < 3; i++)
            (await ToAsync($"delivered+t{i}@" + Sandbox, thread)).Expect(202);
        AssertTooMany(await ToAsync("delivered+t9@" + Sandbox, thread), "thread_limit", "thread_hour", 3600);
    }

    [Fact]
    public async Task Too_many_hard_bounces_pause_the_organisation_until_the_operator_lifts_it()
    {
        var (program, api, other, otherId) = await StartAsync(
            ("Commune__Reputation__MinimumVolume", "20"), ("Commune__Reputation__CheckEvery", "00:00:00.2"));
        await using var running = program;
        var (mine, theirs) = (await api.NewInboxAsync(), await other.NewInboxAsync());
        Task<ApiAnswer> SendAsync(string to) => other.PostAsync(Send, new { to = to + "@" + Sandbox, subject = "s", text = "t", inbox_id = theirs.Id });
        for (var i = 0; i < 19; i++)
            (await SendAsync(i < 17 ? $"delivered+{i}" : $"bounced+{i}")).Expect(202);
        await Eventually.GetAsync(() => other.MessagesAsync(theirs), static all => all.All(static m => (string?)m["metadata"]!["delivery_status"] is "delivered" or "bounced"));
        Assert.False((bool)(await other.GetAsync("/v1/agent/sending-pause")).Expect(200).Data["paused"]!);
        (await SendAsync("delivered+last")).Expect(202);
        await Eventually.GetAsync(async () => (await other.GetAsync("/v1/agent/sending-pause")).Expect(200).Data, static pause => (bool)pause["paused"]!);

        var refused = (await SendAsync("delivered+no")).ExpectError(403);
        Assert.Equal("sending_paused", (string)refused.Json["code"]!);
        Assert.Contains("2 bounced", refused.Error, StringComparison.Ordinal);
        Assert.True(DateTimeOffset.Parse((string)refused.Json["paused_until"]!, CultureInfo.InvariantCulture) > TimeProvider.System.GetUtcNow().AddHours(23));
        (await api.PostAsync(Send, new { to = "delivered@" + Sandbox, subject = "s", text = "t", inbox_id = mine.Id })).Expect(202);

        // A pause that one could lift oneself would hold nobody.
        Assert.Equal("operator_only", (string)(await other.DeleteAsync("/v1/agent/sending-pause")).ExpectError(403).Json["code"]!);
        (await api.DeleteAsync("/v1/agent/sending-pause?org_id=org_unknown")).ExpectError(404);
        (await api.DeleteAsync("/v1/agent/sending-pause?org_id=" + otherId)).Expect(200);
        (await SendAsync("delivered+again")).Expect(202);
    }

    [Fact]
    public async Task Complaints_pause_as_well()
    {
        var (program, api, _, _) = await StartAsync(
            ("Commune__Reputation__MinimumVolume", "5"), ("Commune__Reputation__CheckEvery", "00:00:00.2"), ("Commune__Sandbox__ComplaintDelay", "00:00:00"));
        await using var running = program;
        var inbox = await api.NewInboxAsync();
        for (var i = 0; i < 5; i++)
            (await api.PostAsync(Send, new { to = $"{(i < 2 ? "delivered" : "complained")}+{i}@{Sandbox}", subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
        var pause = await Eventually.GetAsync(async () => (await api.GetAsync("/v1/agent/sending-pause")).Expect(200).Data, static p => (bool)p["paused"]!);
        Assert.Equal((3, 0), ((int)pause["complaints"]!, (int)pause["hard_bounces"]!));
        // The operator lifts the own pause.
        Assert.False((bool)(await api.DeleteAsync("/v1/agent/sending-pause")).Expect(200).Data["paused"]!);
    }

    [Fact]
    public async Task A_domain_that_is_warmed_up_has_a_cap_a_day()
    {
        var (program, _, other, _) = await StartAsync(("Commune__Limits__WarmUp", "2,50"));
        await using var running = program;
        var domains = (await other.GetAsync("/v1/domains")).Expect(200).List;
        var (shared, own) = (domains[0], domains[1]);
        var path = $"/v1/domains/{own["id"]}";
        Assert.False((bool)own["warm_up"]!);
        (await other.PatchAsync(path, new { warm_up = "yes" })).ExpectError(400);
        (await other.PatchAsync($"/v1/domains/{shared["id"]}", new { warm_up = true })).ExpectError(403);
        Assert.True((bool)(await other.PatchAsync(path, new { warmUp = true })).Expect(200).Data["warm_up"]!);

        Task<ApiAnswer> FromOwnAsync() => other.PostAsync(Send, new { to = "delivered@" + Sandbox, subject = "s", text = "t", domain_id = (string)own["id"]! });
        (await FromOwnAsync()).Expect(202);
        (await FromOwnAsync()).Expect(202);
        AssertTooMany(await FromOwnAsync(), "domain_warm_up_limit", "domain_warm_up_day", 86_400);
        var inbox = await other.NewInboxAsync();
        (await other.PostAsync(Send, new { to = "delivered@" + Sandbox, subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
        (await other.PatchAsync(path, new { warm_up = false })).Expect(200);
        (await FromOwnAsync()).Expect(202);
    }
}

public sealed class SqliteSendPolicyTests(SqliteEngine engine) : SendPolicyTests(engine);

public sealed class PostgresSendPolicyTests(PostgresEngine engine) : SendPolicyTests(engine);
