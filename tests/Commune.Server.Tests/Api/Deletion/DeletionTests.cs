using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Deletion;

public abstract class DeletionTests(Engine engine) : ServerTests(engine)
{
    private const string Path = "/v1/data/deletion-request";

    private static Task<ApiAnswer> ConfirmAsync(ApiClient client, JsonObject request) =>
        client.PostAsync($"{Path}/{(string)request["id"]!}/confirm", new { confirmation_token = (string)request["confirmation_token"]! });

    [Fact]
    public async Task Messages_of_one_inbox_go_as_previewed_and_those_of_others_stay()
    {
        var (inbox, other) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        foreach (var to in (InboxHandle[])[inbox, inbox, other])
            await ReceiveAsync("kim@example.com", to.Address, Letter.Plain("kim@example.com", to.Address, $"s {Guid.NewGuid()}", "hello"));
        var message = (await Api.MessagesAsync(inbox))[0];

        var request = (await Api.PostAsync(Path, new { scope = "messages", inbox_id = inbox.Id, before = "2100-01-01T00:00:00Z" })).Expect(201).Json;
        Assert.Equal(("pending", "messages", inbox.Id, "2100-01-01T00:00:00.000Z"),
            ((string)request["status"]!, (string)request["scope"]!, (string)request["inbox_id"]!, (string)request["before"]!));
        Assert.Equal((2, 2, 0), ((int)request["preview"]!["messages"]!, (int)request["preview"]!["threads"]!, (int)request["preview"]!["inboxes"]!));
        Assert.Matches("^[0-9a-f]{64}$", (string)request["confirmation_token"]!);
        Assert.Equal((string)request["id"]!, (string)request["data"]!["id"]!);
        Assert.NotNull(request["warning"]);
        Assert.Equal(2, (await Api.MessagesAsync(inbox)).Count);

        var done = (await ConfirmAsync(Api, request)).Expect(200).Json;
        Assert.Equal("completed", (string)done["status"]!);
        Assert.Equal(request["preview"]!.ToJsonString(), done["deleted_counts"]!.ToJsonString());
        Assert.Null(done["confirmation_token"]);
        Assert.Empty(await Api.MessagesAsync(inbox));
        Assert.Empty(await Api.ThreadsAsync(inbox));
        (await Api.GetAsync($"/v1/messages/{(string)message["message_id"]!}")).ExpectError(404);
        Assert.Single(await Api.MessagesAsync(other));
        var receipt = (await Api.GetAsync($"{Path}/{(string)request["id"]!}")).Expect(200).Data;
        Assert.Equal((string)request["request_hash"]!, (string)receipt["request_hash"]!);
        Assert.NotNull((string?)receipt["completed_at"]);
        (await ConfirmAsync(Api, request)).ExpectError(400);
    }

    [Fact]
    public async Task An_inbox_named_as_the_CLI_does_goes_with_its_mail_and_frees_its_address()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "s", "hello"));
        var request = (await Api.PostAsync(Path, new { inboxId = inbox.Id })).Expect(201).Json;
        Assert.Equal(("inbox", 1, 1), ((string)request["scope"]!, (int)request["preview"]!["messages"]!, (int)request["preview"]!["inboxes"]!));
        (await ConfirmAsync(Api, request)).Expect(200);
        (await Api.GetAsync($"/v1/inboxes/{inbox.Id}")).ExpectError(404);
        await Api.NewInboxAsync(inbox.LocalPart);
    }

    [Fact]
    public async Task An_organisation_goes_with_its_keys_and_its_slug_can_be_used_again()
    {
        var agent = await new AgentIdentity(Server).JoinAsync();
        var key = (await agent.SendAsync(HttpMethod.Post, "/v1/agent/api-keys", "{\"name\": \"k\", \"permissions\": [\"data:delete\"]}")).Expect(201).Json;
        var client = Server.WithKey((string)key["apiKey"]!);
        var request = (await client.PostAsync(Path, new { scope = "organization" })).Expect(201).Json;
        Assert.Equal((1, 1), ((int)request["preview"]!["inboxes"]!, (int)request["preview"]!["api_keys"]!));
        var done = (await ConfirmAsync(client, request)).Expect(200).Json;
        Assert.Equal("completed", (string)done["status"]!);
        Assert.Equal(request["preview"]!.ToJsonString(), done["deleted_counts"]!.ToJsonString());
        (await client.GetAsync($"{Path}/{(string)request["id"]!}")).ExpectError(401);
        (await agent.SendAsync(HttpMethod.Get, "/v1/agent/org")).ExpectError(401);
        await new AgentIdentity(Server) { Slug = agent.Slug }.JoinAsync();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"domainId\": \"d_x\"}")]
    [InlineData("{\"email\": \"a@b.test\"}")]
    [InlineData("{\"scope\": \"everything\"}")]
    [InlineData("{\"scope\": 1}")]
    [InlineData("{\"scope\": \"inbox\"}")]
    [InlineData("{\"scope\": \"messages\", \"before\": \"yesterday\"}")]
    [InlineData("{\"scope\": \"organization\", \"inbox_id\": \"i_x\"}")]
    [InlineData("{\"scope\": \"inbox\", \"inbox_id\": \"i_x\", \"before\": \"2026-01-01\"}")]
    public async Task What_cannot_be_asked_for_is_400(string body) => (await Api.PostAsync(Path, body)).ExpectError(400);

    [Fact]
    public async Task Tokens_scopes_and_tenants_are_checked()
    {
        var inbox = await Api.NewInboxAsync();
        (await Server.Other.PostAsync(Path, new { scope = "inbox", inbox_id = inbox.Id })).ExpectError(404);
        var request = (await Api.PostAsync(Path, new { scope = "messages", inbox_id = inbox.Id })).Expect(201).Json;
        var id = (string)request["id"]!;
        (await Api.PostAsync($"{Path}/{id}/confirm")).ExpectError(400);
        (await Api.PostAsync($"{Path}/{id}/confirm", new { confirmation_token = "wrong" })).ExpectError(403);
        (await Api.PostAsync($"{Path}/req_unknown/confirm", new { confirmation_token = "x" })).ExpectError(404);
        (await Server.Other.GetAsync($"{Path}/{id}")).ExpectError(404);
        (await ConfirmAsync(Server.Other, request)).ExpectError(404);
        foreach (var scope in (string[])["read", "write", "messages:write", "domains:write", "inboxes:write", "threads:write", "attachments:write"])
        {
            (await Server.Scoped(scope).PostAsync(Path, new { scope = "messages" })).ExpectError(403);
            (await ConfirmAsync(Server.Scoped(scope), request)).ExpectError(403);
            (await Server.Scoped(scope).GetAsync($"{Path}/{id}")).ExpectError(403);
        }
        (await Server.Scoped("data:delete").GetAsync($"{Path}/{id}")).Expect(200);
        var next = (await Server.Scoped("data:delete").PostAsync(Path, new { scope = "messages", inbox_id = inbox.Id })).Expect(201).Json;
        Assert.Equal("expired", (string)(await Api.GetAsync($"{Path}/{id}")).Expect(200).Json["status"]!);
        (await ConfirmAsync(Api, request)).ExpectError(400);
        (await ConfirmAsync(Server.Scoped("data:delete"), next)).Expect(200);
    }
}

public sealed class SqliteDeletionTests(SqliteEngine engine) : DeletionTests(engine);

public sealed class PostgresDeletionTests(PostgresEngine engine) : DeletionTests(engine);
