using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Webhooks;

/// <summary>Webhooks of a running program: one that may call loopback, and the shared one that may not.</summary>
public abstract class WebhookTests(Engine engine) : ServerTests(engine)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly FakeHook hook = new();

    public override async ValueTask DisposeAsync()
    {
        await hook.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_mail_is_told_signed_and_its_delivery_is_listed()
    {
        await using var program = await StartAsync();
        var api = program.Api;
        var (inbox, secret) = await NewHookedInboxAsync(api, hook.Url);
        await ReceiveAsync(program, inbox, "hello");
        var call = (await hook.WaitAsync(static calls => calls.Count == 1, Patience))[0];
        var key = Encoding.UTF8.GetBytes(secret);
        var signed = HMACSHA256.HashData(key, (byte[])[.. Encoding.UTF8.GetBytes(call.Headers["x-commune-timestamp"] + "."), .. call.Body]);
        Assert.Equal("v1=" + Convert.ToHexStringLower(signed), call.Headers["x-commune-signature"]);

        var delivery = await WaitForStatusAsync(api, call.DeliveryId, "delivered");
        var message = await api.OnlyMessageAsync(inbox);
        Assert.Equal((string)message["message_id"]!, (string)delivery["message_id"]!);
        Assert.Equal((string)message["message_id"]!, (string)JsonNode.Parse(call.Body)!["message"]!["message_id"]!);
        Assert.Equal(message["metadata"]!["authentication"]!.ToJsonString(), JsonNode.Parse(call.Body)!["message"]!["metadata"]!["authentication"]!.ToJsonString());
        Assert.Equal((1, 8, 200), ((int)delivery["attempt_count"]!, (int)delivery["max_attempts"]!, (int)delivery["last_status_code"]!));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(call.Body)), (string)delivery["payload_hash"]!);
        var attempt = Assert.Single(delivery["attempts"]!.AsArray())!;
        Assert.Equal((1, 200), ((int)attempt["attempt"]!, (int)attempt["status_code"]!));

        var list = (await api.GetAsync($"/v1/webhooks/deliveries?inboxId={inbox.Id}")).Expect(200);
        Assert.Equal(1, (int)list.Json["total"]!);
        Assert.False((bool)list.Json["has_more"]!);
        Assert.Equal(list.Json["data"]!.ToJsonString(), list.Json["deliveries"]!.ToJsonString());
        var shown = Assert.Single(list.List);
        Assert.Equal(call.DeliveryId, (string)shown["id"]!);
        Assert.Equal((int)shown["attempt_count"]!, (int)shown["attemptCount"]!);
        Assert.Equal(200, (int)shown["httpStatus"]!);
        Assert.Equal((string)shown["created_at"]!, (string)shown["createdAt"]!);
        Assert.False(shown.ContainsKey("attempts"));

        (await api.PostAsync($"/v1/webhooks/deliveries/{call.DeliveryId}/retry")).ExpectError(400);

        var health = (await api.GetAsync("/v1/webhooks/health")).Expect(200);
        var endpoint = Assert.Single(health.Data["endpoints"]!.AsArray())!;
        Assert.Equal(hook.Url, (string)endpoint["endpoint"]!);
        Assert.Equal((1, 1, 0, 0), ((int)endpoint["total"]!, (int)endpoint["delivered"]!, (int)endpoint["failed"]!, (int)endpoint["dead"]!));
        Assert.Equal(1d, (double)endpoint["success_rate"]!);
        Assert.Equal(1d, (double)health.Json["success_rate"]!);
        Assert.True((double)health.Data["avg_latency_ms"]! >= 0);
        Assert.Equal(1, (int)health.Json["totals"]!["delivered"]!);
        Assert.Equal(health.Data["endpoints"]!.ToJsonString(), health.Json["endpoints"]!.ToJsonString());
    }

    [Fact]
    public async Task A_receiver_that_was_down_gets_its_mail_when_it_is_back()
    {
        await using var program = await StartAsync("Commune__Webhooks__RetrySchedule", "1s,1s,1s,1s,1s,1s,1s,1s,1s,1s");
        var api = program.Api;
        var (inbox, _) = await NewHookedInboxAsync(api, hook.Url);
        await hook.StopAsync();
        for (var i = 0; i < 3; i++)
            await ReceiveAsync(program, inbox, $"mail {i}");
        await Eventually.GetAsync(
            async () => (await api.GetAsync("/v1/webhooks/deliveries?status=retrying")).Expect(200).List,
            static list => list.Count == 3 && list.All(static d => (int)d["attempt_count"]! > 0));
        hook.Start();
        await Eventually.GetAsync(
            async () => (await api.GetAsync($"/v1/webhooks/deliveries?status=success&endpoint={Uri.EscapeDataString(hook.Url)}")).Expect(200).List,
            static list => list.Count == 3);
        Assert.Equal(3, hook.Calls.Select(static c => c.DeliveryId).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(1, hook.MostParallelOfOneDelivery);
    }

    [Fact]
    public async Task A_slow_endpoint_delays_nobody_else()
    {
        await using var program = await StartAsync("Commune__Webhooks__Concurrency", "16");
        await using var slow = new FakeHook();
        slow.On(new FakeHookAnswer.Hang());
        var (held, _) = await NewHookedInboxAsync(program.Api, slow.Url);
        var (quick, _) = await NewHookedInboxAsync(program.Api, hook.Url);
        for (var i = 0; i < 40; i++)
            await ReceiveAsync(program, held, $"slow {i}");
        await slow.WaitAsync(static calls => calls.Count == 8, Patience);
        for (var i = 0; i < 20; i++)
            await ReceiveAsync(program, quick, $"quick {i}");
        await hook.WaitAsync(static calls => calls.Count == 20, TimeSpan.FromSeconds(8));
        Assert.Equal(8, slow.Calls.Count);
    }

    [Fact]
    public async Task Pages_of_deliveries_follow_by_cursor_and_by_offset()
    {
        await using var program = await StartAsync();
        var api = program.Api;
        var (inbox, _) = await NewHookedInboxAsync(api, hook.Url);
        for (var i = 0; i < 5; i++)
            await ReceiveAsync(program, inbox, $"mail {i}");
        await hook.WaitAsync(static calls => calls.Count == 5, Patience);
        var all = (await api.GetAsync("/v1/webhooks/deliveries")).Expect(200).List.Select(static d => (string)d["id"]!).ToList();
        Assert.Equal(5, all.Count);
        Assert.Equal(all.OrderDescending(StringComparer.Ordinal), all, StringComparer.Ordinal);
        var first = (await api.GetAsync("/v1/webhooks/deliveries?limit=2")).Expect(200);
        Assert.Equal(5, (int)first.Json["total"]!);
        Assert.True((bool)first.Json["has_more"]!);
        var second = (await api.GetAsync($"/v1/webhooks/deliveries?limit=2&cursor={first.NextCursor}")).Expect(200);
        Assert.Equal(all[2..4], second.List.Select(static d => (string)d["id"]!), StringComparer.Ordinal);
        var last = (await api.GetAsync("/v1/webhooks/deliveries?limit=2&offset=4")).Expect(200);
        Assert.Equal(all[4..], last.List.Select(static d => (string)d["id"]!), StringComparer.Ordinal);
        Assert.Null(last.NextCursor);
    }

    [Fact]
    public async Task A_test_call_is_signed_and_tells_the_answer()
    {
        await using var program = await StartAsync();
        var api = program.Api;
        var (inbox, secret) = await NewHookedInboxAsync(api, hook.Url);
        hook.On(new FakeHookAnswer.Reply(418));
        var result = (await api.PostAsync("/v1/webhooks/test", new { inboxId = inbox.Id })).Expect(200).Data;
        Assert.False((bool)result["delivered"]!);
        Assert.Equal(418, (int)result["status_code"]!);
        Assert.Equal(hook.Url, (string)result["endpoint"]!);
        Assert.True((bool)result["test"]!);
        Assert.True((long)result["response_time_ms"]! >= 0);
        var call = Assert.Single(hook.Calls);
        var signed = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.UTF8.GetBytes(call.Headers["x-commune-timestamp"] + "."), .. call.Body]);
        Assert.Equal("v1=" + Convert.ToHexStringLower(signed), call.Headers["x-commune-signature"]);
        Assert.True((bool)JsonNode.Parse(call.Body)!["test"]!);
        Assert.Equal(0, (int)(await api.GetAsync("/v1/webhooks/deliveries")).Json["total"]!);

        var plain = await api.NewInboxAsync();
        (await api.PostAsync("/v1/webhooks/test", new { inbox_id = plain.Id })).ExpectError(400);
        (await api.PostAsync("/v1/webhooks/test", new { })).ExpectError(400);
        (await api.PostAsync("/v1/webhooks/test", new { inbox_id = "i_unknown" })).ExpectError(404);
    }

    [Fact]
    public async Task A_replay_sends_a_time_range_again()
    {
        await using var program = await StartAsync();
        var api = program.Api;
        var (inbox, _) = await NewHookedInboxAsync(api, hook.Url);
        await ReceiveAsync(program, inbox, "once more");
        var first = (await hook.WaitAsync(static calls => calls.Count == 1, Patience))[0];
        await WaitForStatusAsync(api, first.DeliveryId, "delivered");
        var range = new { from = "2020-01-01", to = "2100-01-01T00:00:00Z", inbox_id = inbox.Id, status = "success" };
        Assert.Equal(1, (int)(await api.PostAsync("/v1/webhooks/deliveries/replay", range)).Expect(200).Data["replayed"]!);
        var again = (await hook.WaitAsync(static calls => calls.Count == 2, Patience))[1];
        Assert.NotEqual(first.DeliveryId, again.DeliveryId, StringComparer.Ordinal);
        Assert.Equal(first.Text, again.Text);
        Assert.Equal(0, (int)(await api.PostAsync("/v1/webhooks/deliveries/replay", new { range.from, range.to })).Expect(200).Data["replayed"]!);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"from": "2026-01-01"}""")]
    [InlineData("""{"from": "2026-01-02", "to": "2026-01-01"}""")]
    [InlineData("""{"from": "yesterday", "to": "2026-01-01"}""")]
    [InlineData("""{"from": "2026-01-01", "to": "2026-01-02", "status": "lost"}""")]
    [InlineData("""{"from": "2026-01-01", "to": "2026-01-02", "status": "pending"}""")]
    public async Task A_bad_replay_is_400(string json) =>
        (await Api.SendAsync(HttpMethod.Post, "/v1/webhooks/deliveries/replay", json)).ExpectError(400);

    [Fact]
    public async Task Bad_filters_are_400_and_unknown_deliveries_404()
    {
        (await Api.GetAsync("/v1/webhooks/deliveries?status=lost")).ExpectError(400);
        (await Api.GetAsync("/v1/webhooks/deliveries?cursor=%21")).ExpectError(400);
        (await Api.GetAsync("/v1/webhooks/deliveries/wdel_unknown")).ExpectError(404);
        (await Api.PostAsync("/v1/webhooks/deliveries/wdel_unknown/retry")).ExpectError(404);
        (await Api.PostAsync("/v1/webhooks/deliveries/replay", new { from = "2026-01-01", to = "2026-01-02", inbox_id = "i_unknown" })).ExpectError(404);
    }

    [Theory]
    [InlineData("GET", "/v1/webhooks/deliveries", "messages:read")]
    [InlineData("GET", "/v1/webhooks/deliveries/wdel_1", "messages:read")]
    [InlineData("GET", "/v1/webhooks/health", "messages:read")]
    [InlineData("POST", "/v1/webhooks/deliveries/wdel_1/retry", "messages:write")]
    [InlineData("POST", "/v1/webhooks/deliveries/replay", "messages:write")]
    [InlineData("POST", "/v1/webhooks/test", "messages:write")]
    public async Task Every_route_asks_for_its_scope(string method, string path, string scope)
    {
        (await Server.WithKey(null).SendAsync(new HttpMethod(method), path)).ExpectError(401);
        var wrong = scope == "messages:read" ? "messages:write" : "messages:read";
        (await Server.Scoped(wrong).SendAsync(new HttpMethod(method), path)).ExpectError(403);
        Assert.NotEqual(403, (await Server.Scoped(scope).SendAsync(new HttpMethod(method), path)).Status);
    }

    [Fact]
    public async Task Deliveries_of_another_organisation_are_unknown()
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.PutAsync($"/v1/inboxes/{inbox.Id}", new { webhook = new { endpoint = "https://nowhere.test/hook" } })).Expect(200);
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "s", "t"));
        var id = (string)Assert.Single((await Api.GetAsync($"/v1/webhooks/deliveries?inbox_id={inbox.Id}&endpoint=https://nowhere.test/hook")).Expect(200).List)["id"]!;
        (await Server.Other.GetAsync($"/v1/webhooks/deliveries/{id}")).ExpectError(404);
        (await Server.Other.PostAsync($"/v1/webhooks/deliveries/{id}/retry")).ExpectError(404);
        Assert.Empty((await Server.Other.GetAsync($"/v1/webhooks/deliveries?inbox_id={inbox.Id}")).Expect(200).List);
        (await Server.Other.PostAsync("/v1/webhooks/test", new { inbox_id = inbox.Id })).ExpectError(404);
        (await Server.Other.PostAsync("/v1/webhooks/deliveries/replay", new { from = "2020-01-01", to = "2100-01-01", inbox_id = inbox.Id })).ExpectError(404);
        Assert.Null((double?)(await Server.Other.GetAsync("/v1/webhooks/health")).Expect(200).Data["success_rate"]);
    }

    [Theory]
    [InlineData("http://127.0.0.1/hook")]
    [InlineData("http://localhost:8080/hook")]
    [InlineData("https://[::1]/hook")]
    [InlineData("https://[::ffff:10.0.0.1]/hook")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://2130706433/hook")]
    [InlineData("http://0x7f.1/hook")]
    [InlineData("https://private.hooks.test/hook")]
    public async Task An_endpoint_in_a_private_network_is_refused(string endpoint)
    {
        Server.Dns.A("private.hooks.test", "10.0.0.5");
        var inbox = await Api.NewInboxAsync();
        (await Api.PutAsync($"/v1/inboxes/{inbox.Id}", new { webhook = new { endpoint } })).ExpectError(400);
        (await Api.PostAsync($"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}/webhook", new { endpoint })).ExpectError(400);
        (await Api.PostAsync("/v1/inboxes", new { local_part = ApiClient.NewLocalPart(), webhook = new { endpoint } })).ExpectError(400);
        Assert.Null((await Api.GetAsync($"/v1/inboxes/{inbox.Id}")).Data["webhook"]);
    }

    [Fact]
    public async Task Events_that_mean_no_inbound_mail_cause_no_call()
    {
        await using var program = await StartAsync();
        var (silent, _) = await NewHookedInboxAsync(program.Api, hook.Url, "message.sent");
        var (told, _) = await NewHookedInboxAsync(program.Api, hook.Url, "message.received");
        await ReceiveAsync(program, silent, "not told");
        await ReceiveAsync(program, told, "told");
        await hook.WaitAsync(static calls => calls.Count == 1, Patience);
        Assert.Equal(told.Id, (string)Assert.Single((await program.Api.GetAsync("/v1/webhooks/deliveries")).Expect(200).List)["inbox_id"]!);
    }

    private static async Task<(InboxHandle Inbox, string Secret)> NewHookedInboxAsync(ApiClient api, string endpoint, string type = "inbound")
    {
        var inbox = await api.NewInboxAsync();
        var webhook = (await api.PutAsync($"/v1/inboxes/{inbox.Id}", new { webhook = new { endpoint, events = new[] { type } } })).Expect(200).Data["webhook"]!;
        return (inbox, (string)webhook["secret"]!);
    }

    private static Task<JsonObject> WaitForStatusAsync(ApiClient api, string id, string status) => Eventually.GetAsync(
        async () => (await api.GetAsync($"/v1/webhooks/deliveries/{id}")).Expect(200).Data, delivery => (string?)delivery["status"] == status);

    private static async Task ReceiveAsync(HookedProgram program, InboxHandle inbox, string subject) =>
        (await SmtpTalk.MailAsync(program.Process.Smtp, "kim@example.com", inbox.Address, Letter.Plain("Kim <kim@example.com>", inbox.Address, subject, "text"))).Expect(250);

    private async Task<HookedProgram> StartAsync(string setting = "Commune__Webhooks__AllowPrivateNetworks", string value = "true")
    {
        var key = ApiKeySecret.New();
        var settings = (await Engine.NewSettingsAsync())
            .With("Commune__BootstrapApiKey", key)
            .With("Commune__Dns__Servers", Server.Dns.Address)
            .With("Commune__Webhooks__AllowPrivateNetworks", "true")
            .With(setting, value);
        var process = await CommuneProcess.StartAsync(settings);
        return new HookedProgram(process, new ApiClient(process.Http, key));
    }

    private sealed record HookedProgram(CommuneProcess Process, ApiClient Api) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}

public sealed class SqliteWebhookTests(SqliteEngine engine) : WebhookTests(engine);

public sealed class PostgresWebhookTests(PostgresEngine engine) : WebhookTests(engine);
