using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Webhooks;

/// <summary>Endpoints of a whole organisation, told of any event.</summary>
public abstract class OrganisationWebhookTests(Engine engine) : ServerTests(engine)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly FakeHook hook = new();

    public override async ValueTask DisposeAsync()
    {
        await hook.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Events_of_all_inboxes_are_told_signed_in_one_envelope()
    {
        await using var program = await StartAsync();
        var api = program.Api;
        var made = (await api.PostAsync("/v1/webhooks", new { endpoint = hook.Url, events = (string[])["*"], headers = new JsonObject { ["X-Api-Key"] = "open sesame" } })).Expect(201).Data;
        var (id, secret) = ((string)made["id"]!, (string)made["secret"]!);
        Assert.StartsWith("wh_", id, StringComparison.Ordinal);
        var inbox = await api.NewInboxAsync();
        await program.ReceiveAsync(inbox, "hello");
        var message = await api.OnlyMessageAsync(inbox);
        (await api.PatchAsync($"/v1/threads/{message["thread_id"]}", new { status = "closed" })).Expect(200);

        var calls = await hook.WaitAsync(static calls => calls.Count == 2, Patience);
        Assert.All(calls, call =>
        {
            var signed = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.UTF8.GetBytes(call.Headers["x-commune-timestamp"] + "."), .. call.Body]);
            Assert.Equal("v1=" + Convert.ToHexStringLower(signed), call.Headers["x-commune-signature"]);
            Assert.Equal("open sesame", call.Headers["x-api-key"]);
        });
        var events = (await api.GetAsync("/v1/events")).Expect(200).List;
        var bodies = calls.Select(static call => JsonNode.Parse(call.Body)!).OrderBy(static body => (long)body["event"]!["sequence"]!).ToList();
        Assert.Equal("email.received", (string)bodies[0]["event"]!["type"]!);
        Assert.Equal((string)events[0]["id"]!, (string)bodies[0]["event"]!["id"]!);
        Assert.Equal((string)message["message_id"]!, (string)bodies[0]["message"]!["message_id"]!);
        Assert.Equal(events[1].ToJsonString(), bodies[1]["event"]!.ToJsonString());
        Assert.Equal("thread.updated", (string)bodies[1]["event"]!["type"]!);
        Assert.All(bodies, body => Assert.Equal((id, inbox.Id), ((string)body["webhook_id"]!, (string)body["inbox_id"]!)));

        var listed = await Eventually.GetAsync(
            async () => (await api.GetAsync($"/v1/webhooks/deliveries?webhook_id={id}&status=delivered")).Expect(200).List, static list => list.Count == 2);
        Assert.Equal(["thread.updated", "message.received"], listed.Select(static delivery => (string)delivery["event_type"]!), StringComparer.Ordinal);
        Assert.Null(listed[0]["message_id"]);
        Assert.Equal(2, (int)(await api.GetAsync("/v1/webhooks/health")).Data["endpoints"]![0]!["delivered"]!);
        var replay = new { from = "2020-01-01", to = "2100-01-01", webhook_id = id, status = "delivered" };
        Assert.Equal(2, (int)(await api.PostAsync("/v1/webhooks/deliveries/replay", replay)).Expect(200).Data["replayed"]!);
        Assert.Equal(2, (await hook.WaitAsync(static calls => calls.Count == 4, Patience)).Select(static call => call.Text).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Only_the_types_and_inboxes_asked_for_are_told()
    {
        await using var program = await StartAsync();
        var api = program.Api;
        var (told, silent) = (await api.NewInboxAsync(), await api.NewInboxAsync());
        (await api.PostAsync("/v1/webhooks", new { endpoint = hook.Url, inboxIds = (string[])[told.Id] })).Expect(201);
        await program.ReceiveAsync(silent, "not told");
        await program.ReceiveAsync(told, "told");
        await hook.WaitAsync(static calls => calls.Count == 1, Patience);
        Assert.Equal(told.Id, (string)Assert.Single((await api.GetAsync("/v1/webhooks/deliveries")).Expect(200).List)["inbox_id"]!);
    }

    [Fact]
    public async Task A_test_call_is_told_what_it_is_and_a_removed_endpoint_is_called_no_more()
    {
        await using var program = await StartAsync();
        var api = program.Api;
        var id = (string)(await api.PostAsync("/v1/webhooks", new { endpoint = hook.Url, events = "*" })).Expect(201).Data["id"]!;
        Assert.True((bool)(await api.PostAsync("/v1/webhooks/test", new { webhook_id = id })).Expect(200).Data["delivered"]!);
        var body = JsonNode.Parse(Assert.Single(hook.Calls).Body)!;
        Assert.True((bool)body["test"]!);
        Assert.Equal("webhook.test", (string)body["event"]!["type"]!);
        (await api.DeleteAsync($"/v1/webhooks/{id}")).Expect(200);
        (await api.PostAsync("/v1/webhooks/test", new { webhook_id = id })).ExpectError(404);
        await program.ReceiveAsync(await api.NewInboxAsync(), "nobody is told");
        Assert.Equal(0, (int)(await api.GetAsync("/v1/webhooks/deliveries")).Expect(200).Json["total"]!);
    }

    [Fact]
    public async Task A_webhook_that_calls_this_server_is_refused()
    {
        await using var program = await StartAsync();
        var headers = new JsonObject { ["Authorization"] = "Bearer " + program.Key };
        var id = (string)(await program.Api.PostAsync("/v1/webhooks", new { endpoint = new Uri(program.Process.Http, "/V1/webhooks/test"), events = "*", headers })).Expect(201).Data["id"]!;
        var tested = (await program.Api.PostAsync("/v1/webhooks/test", new { webhook_id = id })).Expect(200).Data;
        Assert.Equal((false, 508), ((bool)tested["delivered"]!, (int)tested["status_code"]!));
    }

    [Fact]
    public async Task A_call_that_says_it_is_a_webhooks_is_refused_before_its_key_is_looked_at()
    {
        var refused = (await Server.WithKey(null).SendAsync(HttpMethod.Post, "/v1/webhooks/test", "{}", ("X-Commune-Delivery-Id", "wdel_1"))).ExpectError(508);
        Assert.Equal("webhook_loop", (string)refused.Json["code"]!);
    }

    [Fact]
    public async Task Settings_are_changed_one_by_one_and_secrets_are_shown_once()
    {
        var made = (await Api.PostAsync("/v1/webhooks", new
        {
            endpoint = "https://hook.invalid/x", events = (string[])["message.received", "thread.*"], description = "ours", secret = "our own",
            headers = new JsonObject { ["X-Api-Key"] = "sesame" },
        })).Expect(201);
        var path = $"/v1/webhooks/{made.Data["id"]}";
        Assert.Equal("our own", (string)made.Data["secret"]!);
        Assert.DoesNotContain("sesame", made.Text, StringComparison.Ordinal);
        var shown = (await Api.GetAsync(path)).Expect(200);
        Assert.DoesNotContain("our own", shown.Text, StringComparison.Ordinal);
        JsonAssert.Texts(["X-Api-Key"], shown.Data["header_names"]!);
        var off = (await Api.PatchAsync(path, new { enabled = false })).Expect(200).Data;
        Assert.Equal((false, "disabled", "ours"), ((bool)off["enabled"]!, (string)off["status"]!, (string)off["description"]!));
        JsonAssert.Texts(["message.received", "thread.*"], off["events"]!);
        var changed = (await Api.PutAsync(path, new { enabled = true, events = (string[])["*"], headers = new { }, description = (string?)null })).Expect(200).Data;
        Assert.Equal("active", (string)changed["status"]!);
        Assert.Empty(changed["header_names"]!.AsArray());
        Assert.Null(changed["description"]);
        var rotated = (await Api.PostAsync($"{path}/rotate-secret")).Expect(200).Data;
        Assert.StartsWith("whsec_", (string)rotated["secret"]!, StringComparison.Ordinal);
        Assert.NotNull(rotated["former_secret_until"]);
        Assert.Contains((await Api.GetAsync("/v1/webhooks?limit=100")).Expect(200).List, webhook => (string)webhook["id"]! == (string)made.Data["id"]!);
        (await Api.DeleteAsync(path)).Expect(200);
        (await Api.DeleteAsync(path)).ExpectError(404);
        (await Api.GetAsync(path)).ExpectError(404);
        var audit = (await Api.GetAsync("/v1/agent/audit?limit=50")).Expect(200).List.Where(entry => (string)entry["target"]! == (string)made.Data["id"]!);
        Assert.Equal(["webhook.delete", "webhook.rotate_secret", "webhook.update", "webhook.update", "webhook.create"], audit.Select(static entry => (string)entry["action"]!), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"endpoint": "ftp://x.test"}""")]
    [InlineData("""{"endpoint": "http://127.0.0.1/hook"}""")]
    [InlineData("""{"endpoint": "https://kim:secret@hook.invalid/"}""")]
    [InlineData("""{"endpoint": "https://hook.invalid:0/"}""")]
    [InlineData("""{"endpoint": " https://hook.invalid/"}""")]
    [InlineData("""{"endpoint": "https://hook.invalid/a b"}""")]
    [InlineData("""{"endpoint": "https://hook.invalid/a\r\nb"}""")]
    [InlineData("""{"endpoint": "https://hook.invalid/\u0000"}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "events": []}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "events": ["Message.Received"]}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "events": ["everything"]}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "events": ["mesage.received"]}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "headers": {"Host": "x"}}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "headers": {"content-type": "x"}}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "headers": {"Transfer-Encoding": "chunked"}}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "headers": {"X-Commune-Signature": "v1=0"}}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "headers": {"webhook-id": "x"}}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "headers": {"a b": "x"}}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "headers": {"x": "a\r\nb: c"}}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "headers": {"x": 1}}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "headers": {"x": "1", "X": "2"}}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "headers": []}""")]
    [InlineData("""{"endpoint": "https://hook.invalid", "enabled": "yes"}""")]
    public async Task What_cannot_be_an_endpoint_is_400(string json) => (await Api.SendAsync(HttpMethod.Post, "/v1/webhooks", json)).ExpectError(400);

    [Fact]
    public async Task Headers_stay_with_the_host_that_they_were_given_for()
    {
        var headers = new JsonObject { ["X-Api-Key"] = "sesame" };
        var path = $"/v1/webhooks/{(await Api.PostAsync("/v1/webhooks", new { endpoint = "https://hook.invalid/x", headers, enabled = false })).Expect(201).Data["id"]}";
        JsonAssert.Texts(["X-Api-Key"], (await Api.PatchAsync(path, new { endpoint = "https://HOOK.invalid:443/y" })).Expect(200).Data["header_names"]!);
        foreach (var elsewhere in (string[])["https://hook.invalid:444/y", "https://other.invalid/y"])
        {
            (await Api.PatchAsync(path, new { endpoint = "https://hook.invalid/x", headers })).Expect(200);
            Assert.Empty((await Api.PatchAsync(path, new { endpoint = elsewhere })).Expect(200).Data["header_names"]!.AsArray());
        }
        JsonAssert.Texts(["X-Api-Key"], (await Api.PatchAsync(path, new { endpoint = "https://third.invalid/", headers })).Expect(200).Data["header_names"]!);
    }

    [Fact]
    public async Task Who_may_not_read_messages_cannot_have_them_told()
    {
        var path = $"/v1/webhooks/{(await Api.PostAsync("/v1/webhooks", new { endpoint = "https://hook.invalid/x", enabled = false })).Expect(201).Data["id"]}";
        var writer = Server.Scoped("inboxes:write");
        JsonAssert.Texts(["messages:read"], (await writer.PostAsync("/v1/webhooks", new { endpoint = "https://hook.invalid/x" })).ExpectError(403).Json["required"]!);
        JsonAssert.Texts(["messages:read"], (await writer.PatchAsync(path, new { endpoint = "https://other.invalid/x" })).ExpectError(403).Json["required"]!);
    }

    [Fact]
    public async Task An_endpoint_is_stored_in_one_form()
    {
        var made = (await Api.PostAsync("/v1/webhooks", new { endpoint = "HTTPS://Hook.Invalid:443/a/../b", enabled = false })).Expect(201).Data;
        Assert.Equal("https://hook.invalid/b", (string)made["endpoint"]!);
    }

    [Fact]
    public async Task An_inbox_that_is_unknown_or_anothers_is_404()
    {
        var inbox = await Api.NewInboxAsync();
        (await Server.Other.PostAsync("/v1/webhooks", new { endpoint = "https://hook.invalid", inbox_ids = (string[])[inbox.Id] })).ExpectError(404);
    }

    [Fact]
    public async Task One_more_than_the_limit_is_403()
    {
        for (var i = 0; i < 50; i++)
            (await Server.Limited.PostAsync("/v1/webhooks", new { endpoint = "https://hook.invalid/" + i, enabled = false })).Expect(201);
        Assert.Contains("50", (await Server.Limited.PostAsync("/v1/webhooks", new { endpoint = "https://hook.invalid" })).ExpectError(403).Error, StringComparison.Ordinal);
        var first = (await Server.Limited.GetAsync("/v1/webhooks?limit=30")).Expect(200);
        Assert.Equal(20, (await Server.Limited.GetAsync($"/v1/webhooks?limit=30&cursor={first.NextCursor}")).Expect(200).List.Count);
    }

    [Theory]
    [InlineData("GET", "/v1/webhooks", "inboxes:read")]
    [InlineData("GET", "/v1/webhooks/wh_1", "inboxes:read")]
    [InlineData("POST", "/v1/webhooks", "inboxes:write")]
    [InlineData("PUT", "/v1/webhooks/wh_1", "inboxes:write")]
    [InlineData("PATCH", "/v1/webhooks/wh_1", "inboxes:write")]
    [InlineData("DELETE", "/v1/webhooks/wh_1", "inboxes:write")]
    [InlineData("POST", "/v1/webhooks/wh_1/rotate-secret", "inboxes:write")]
    public async Task Every_route_asks_for_its_scope(string method, string path, string scope)
    {
        (await Server.WithKey(null).SendAsync(new HttpMethod(method), path)).ExpectError(401);
        (await Server.Scoped("messages:write").SendAsync(new HttpMethod(method), path)).ExpectError(403);
        Assert.NotEqual(403, (await Server.Scoped(scope).SendAsync(new HttpMethod(method), path)).Status);
    }

    private async Task<HookedProgram> StartAsync()
    {
        var key = ApiKeySecret.New();
        var settings = (await Engine.NewSettingsAsync())
            .With("Commune__BootstrapApiKey", key)
            .With("Commune__Dns__Servers", Server.Dns.Address)
            .With("Commune__Webhooks__AllowPrivateNetworks", "true");
        var process = await CommuneProcess.StartAsync(settings);
        return new HookedProgram(process, new ApiClient(process.Http, key), key);
    }

    private sealed record HookedProgram(CommuneProcess Process, ApiClient Api, string Key) : IAsyncDisposable
    {
        public async Task ReceiveAsync(InboxHandle inbox, string subject) => (await SmtpTalk.MailAsync(
            Process.Smtp, "kim@example.com", inbox.Address, Letter.Plain("Kim <kim@example.com>", inbox.Address, subject, "text"))).Expect(250);

        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}

public sealed class SqliteOrganisationWebhookTests(SqliteEngine engine) : OrganisationWebhookTests(engine);

public sealed class PostgresOrganisationWebhookTests(PostgresEngine engine) : OrganisationWebhookTests(engine);
