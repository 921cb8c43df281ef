using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.ApiKeys;

public abstract class ApiKeyTests(Engine engine) : ServerTests(engine)
{
    private const string Path = "/v1/agent/api-keys";

    private static readonly string[] Scopes =
    [
        "domains:read", "domains:write", "inboxes:read", "inboxes:write", "threads:read", "threads:write",
        "messages:read", "messages:write", "attachments:read", "attachments:write", "data:delete",
    ];

    private async Task<(string Id, ApiClient Client, JsonObject Body)> NewKeyAsync(params string[] permissions)
    {
        var body = (await Api.PostAsync(Path, new { name = "test", permissions })).Expect(201).Json;
        return ((string)body["id"]!, Server.WithKey((string)body["apiKey"]!), body);
    }

    [Fact]
    public async Task A_key_is_shown_once_at_both_places_and_listed_without_its_secret()
    {
        var (id, client, body) = await NewKeyAsync("messages:write", "inboxes:read", "threads:read");
        Assert.Matches("^key_[0-9a-z]+$", id);
        var secret = (string)body["apiKey"]!;
        Assert.Matches("^comm_[0-9a-f]{64}$", secret);
        Assert.Equal(secret, (string)body["key"]!);
        Assert.Equal(secret[..12], (string)body["keyPrefix"]!);
        Assert.Equal(secret, (string)body["data"]!["apiKey"]!);
        Assert.Equal(("test", "active", null, null), ((string)body["name"]!, (string)body["status"]!, (string?)body["expiresAt"], (string?)body["lastUsedAt"]));
        (await client.GetAsync("/v1/inboxes")).Expect(200);
        (await client.GetAsync("/v1/domains")).ExpectError(403);

        var list = (await Api.GetAsync(Path)).Expect(200);
        Assert.DoesNotContain(secret, list.Text, StringComparison.Ordinal);
        Assert.Equal(list.List.Count, list.Json["apiKeys"]!.AsArray().Count);
        Assert.Null(list.NextCursor);
        Assert.False((bool)list.Json["has_more"]!);
        var listed = list.List.Single(key => (string)key["id"]! == id);
        Assert.NotNull((string?)listed["lastUsedAt"]);
    }

    [Fact]
    public async Task Without_permissions_a_key_gets_what_the_caller_has_of_read_and_write()
    {
        Assert.Equal(["read", "write"], Permissions((await Api.PostAsync(Path, new { name = "k" })).Expect(201)));
        Assert.Equal(["threads:read"], Permissions((await Server.Scoped("threads:read").PostAsync(Path, new { name = "k" })).Expect(201)));
        Assert.Equal(["read"], Permissions((await Server.Scoped("read").PostAsync(Path, new { name = "k" })).Expect(201)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"name\": \" \"}")]
    [InlineData("{\"name\": 7}")]
    [InlineData("{\"name\": \"k\", \"permissions\": \"read\"}")]
    [InlineData("{\"name\": \"k\", \"permissions\": [\"fly\"]}")]
    [InlineData("{\"name\": \"k\", \"permissions\": [1]}")]
    [InlineData("{\"name\": \"k\", \"permissions\": {}}")]
    [InlineData("{\"name\": \"k\", \"expiresIn\": 0}")]
    [InlineData("{\"name\": \"k\", \"expiresIn\": -5}")]
    [InlineData("{\"name\": \"k\", \"expires_in\": \"60\"}")]
    [InlineData("{\"name\": \"k\", \"expiresIn\": 1e300}")]
    public async Task What_a_key_cannot_be_made_of_is_400(string body) => (await Api.PostAsync(Path, body)).ExpectError(400);

    [Fact]
    public async Task Each_scope_grants_itself_and_no_other()
    {
        foreach (var scope in Scopes)
        {
            var holder = Server.Scoped(scope);
            (await holder.PostAsync(Path, new { name = "same", permissions = new[] { scope } })).Expect(201);
            foreach (var other in Scopes.Append("admin").Append("read").Append("write").Where(other => other != scope))
                Assert.NotNull((await holder.PostAsync(Path, new { name = "more", permissions = new[] { scope, other } })).ExpectError(403).Json["required"]);
        }
    }

    [Fact]
    public async Task A_lesser_key_neither_rotates_nor_revokes_a_stronger_one_but_itself()
    {
        var (strong, _, _) = await NewKeyAsync("admin");
        var (weak, client, _) = await NewKeyAsync("read");
        (await client.PostAsync($"{Path}/{strong}/rotate")).ExpectError(403);
        (await client.DeleteAsync($"{Path}/{strong}")).ExpectError(403);
        var rotated = (await client.PostAsync($"{Path}/{weak}/rotate")).Expect(200).Json;
        (await client.GetAsync("/v1/inboxes")).ExpectError(401);
        var again = Server.WithKey((string)rotated["apiKey"]!);
        (await again.DeleteAsync($"{Path}/{weak}")).Expect(200);
        (await again.GetAsync("/v1/inboxes")).ExpectError(401);
        (await Api.DeleteAsync($"{Path}/{strong}")).Expect(200);
    }

    [Fact]
    public async Task Rotation_keeps_everything_but_the_secret_and_kills_the_old_one_at_once()
    {
        var (id, old, body) = await NewKeyAsync("inboxes:read");
        var rotated = (await Api.PostAsync($"{Path}/{id}/rotate")).Expect(200).Json;
        Assert.Equal((id, "test"), ((string)rotated["id"]!, (string)rotated["name"]!));
        Assert.Equal(body["permissions"]!.ToJsonString(), rotated["permissions"]!.ToJsonString());
        Assert.False((string)body["apiKey"]! == (string)rotated["apiKey"]!, "the secret is the same");
        (await old.GetAsync("/v1/inboxes")).ExpectError(401);
        (await Server.WithKey((string)rotated["data"]!["key"]!).GetAsync("/v1/inboxes")).Expect(200);
    }

    [Fact]
    public async Task With_a_grace_period_the_old_secret_works_on_but_manages_no_keys()
    {
        var (id, old, _) = await NewKeyAsync("inboxes:read");
        (await Api.PostAsync($"{Path}/{id}/rotate", new { grace_period = -1 })).ExpectError(400);
        (await Api.PostAsync($"{Path}/{id}/rotate", new { grace_period = "1h" })).ExpectError(400);
        var rotated = (await Api.PostAsync($"{Path}/{id}/rotate", new { grace_period = 3600 })).Expect(200).Json;
        (await old.GetAsync("/v1/inboxes")).Expect(200);
        (await old.PostAsync($"{Path}/{id}/rotate")).ExpectError(403);
        (await old.PostAsync(Path, new { name = "k", permissions = new[] { "inboxes:read" } })).ExpectError(403);
        (await Server.WithKey((string)rotated["apiKey"]!).PostAsync($"{Path}/{id}/rotate")).Expect(200);
        (await old.GetAsync("/v1/inboxes")).ExpectError(401);
    }

    [Fact]
    public async Task A_key_with_an_expiry_dies_of_it_and_makes_none_that_live_longer()
    {
        var body = (await Api.PostAsync(Path, new { name = "short", permissions = new[] { "read" }, expiresIn = 8 })).Expect(201).Json;
        var client = Server.WithKey((string)body["apiKey"]!);
        var child = (await client.PostAsync(Path, new { name = "child", permissions = new[] { "read" } })).Expect(201).Json;
        Assert.Equal((string)body["expiresAt"]!, (string)child["expiresAt"]!);
        (await client.PostAsync(Path, new { name = "child", permissions = new[] { "read" }, expiresIn = 3600 })).ExpectError(403);
        await Eventually.GetAsync(() => client.GetAsync("/v1/inboxes"), static answer => answer.Status == 401);
        Assert.Equal("expired", (string)(await Api.GetAsync(Path)).List.Single(key => (string)key["id"]! == (string)body["id"]!)["status"]!);
    }

    [Fact]
    public async Task Unknown_foreign_and_revoked_keys_are_404()
    {
        var (id, _, _) = await NewKeyAsync("read");
        (await Server.Other.PostAsync($"{Path}/{id}/rotate")).ExpectError(404);
        (await Server.Other.DeleteAsync($"{Path}/{id}")).ExpectError(404);
        (await Api.PostAsync($"{Path}/key_unknown/rotate")).ExpectError(404);
        var revoked = (await Api.DeleteAsync($"{Path}/{id}")).Expect(200);
        Assert.Equal((true, id, "API key revoked"), ((bool)revoked.Data["ok"]!, (string)revoked.Data["id"]!, (string)revoked.Json["message"]!));
        (await Api.DeleteAsync($"{Path}/{id}")).ExpectError(404);
        (await Api.PostAsync($"{Path}/{id}/rotate")).ExpectError(404);
    }

    private static string[] Permissions(ApiAnswer answer) => [.. answer.Json["permissions"]!.AsArray().Select(static p => (string)p!)];
}

public sealed class SqliteApiKeyTests(SqliteEngine engine) : ApiKeyTests(engine);

public sealed class PostgresApiKeyTests(PostgresEngine engine) : ApiKeyTests(engine);
