using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Organisations;

/// <summary>The organisation, its audit log and limits, and the small calls of contract section 18.</summary>
public abstract class OrganisationTests(Engine engine) : ServerTests(engine)
{
    [Fact]
    public async Task The_organisation_stands_at_all_three_places_for_any_key()
    {
        var body = (await Server.Scoped("attachments:read").GetAsync("/v1/agent/org")).Expect(200).Json;
        foreach (var place in (JsonObject[])[body, body["org"]!.AsObject(), body["data"]!.AsObject()])
        {
            Assert.StartsWith("org_", (string)place["id"]!, StringComparison.Ordinal);
            Assert.Equal(("operator", "enterprise", "active"), ((string)place["slug"]!, (string)place["tier"]!, (string)place["status"]!));
            Assert.NotNull(place["createdAt"]);
            Assert.NotNull(place["updatedAt"]);
        }
    }

    [Fact]
    public async Task The_name_can_change_and_the_slug_cannot()
    {
        var agent = await new AgentIdentity(Server).JoinAsync();
        var changed = (await agent.SendAsync(HttpMethod.Patch, "/v1/agent/org", "{\"name\": \" New name \", \"slug\": \"other\"}")).Expect(200).Json;
        Assert.Equal(("New name", agent.Slug), ((string)changed["name"]!, (string)changed["org"]!["slug"]!));
        foreach (var wrong in (string[])["{}", "{\"name\": \"\"}", "{\"name\": 3}", $"{{\"name\": \"{new string('x', 201)}\"}}"])
            (await agent.SendAsync(HttpMethod.Patch, "/v1/agent/org", wrong)).ExpectError(400);
    }

    [Fact]
    public async Task The_audit_log_tells_who_changed_what_and_needs_admin()
    {
        var agent = await new AgentIdentity(Server).JoinAsync();
        var inbox = (await agent.SendAsync(HttpMethod.Post, "/v1/inboxes", $$"""{"local_part": "{{ApiClient.NewLocalPart()}}"}""")).Expect(201).Data;
        var key = (await agent.SendAsync(HttpMethod.Post, "/v1/agent/api-keys", "{\"name\": \"k\", \"permissions\": [\"admin\"]}")).Expect(201).Json;
        var client = Server.WithKey((string)key["apiKey"]!);
        (await client.DeleteAsync($"/v1/inboxes/{(string)inbox["id"]!}")).Expect(200);

        var entries = (await client.GetAsync("/v1/agent/audit")).Expect(200).List;
        Assert.Equal("inbox.delete key.create inbox.create agent.register", string.Join(' ', entries.Select(static e => (string)e["action"]!)));
        Assert.Equal($"{(string)key["id"]!} {agent.AgentId} {agent.AgentId} {agent.AgentId}", string.Join(' ', entries.Select(static e => (string)e["actor"]!)));
        Assert.Equal((string)inbox["id"]!, (string)entries[0]["target"]!);
        var page = (await client.GetAsync("/v1/agent/audit?limit=3")).Expect(200);
        Assert.Single((await client.GetAsync($"/v1/agent/audit?limit=3&cursor={page.NextCursor}")).Expect(200).List);
        (await Server.Scoped("data:delete").GetAsync("/v1/agent/audit")).ExpectError(403);
    }

    [Fact]
    public async Task Limits_tell_the_tier_and_the_use()
    {
        var agent = await new AgentIdentity(Server).JoinAsync();
        var limits = (await agent.SendAsync(HttpMethod.Get, "/v1/me/limits")).Expect(200).Data;
        Assert.Equal(("free", 2, 0), ((string)limits["tier"]!, (int)limits["limits"]!["emails_per_hour"]!, (int)limits["usage"]!["emails_per_hour"]!));
        Assert.Null((await Api.GetAsync("/v1/me/limits")).Expect(200).Data["limits"]!["emails_per_hour"]);
    }

    [Fact]
    public async Task Feedback_is_received()
    {
        var answer = (await Server.Scoped("read").PostAsync("/v1/feedback", new { type = "signal", message = "works", context = new { sdk = "ts" } })).Expect(201).Data;
        Assert.Equal(("signal", "received"), ((string)answer["type"]!, (string)answer["status"]!));
        Assert.NotNull(answer["id"]);
        Assert.NotNull(answer["created_at"]);
        foreach (var wrong in (object[])[new { message = "x" }, new { type = "rant", message = "x" }, new { type = "error" }, new { type = "error", message = new string('x', 4001) }])
            (await Api.PostAsync("/v1/feedback", wrong)).ExpectError(400);
        (await Server.WithKey(null).PostAsync("/v1/feedback", new { type = "error", message = "x" })).ExpectError(401);
    }

    [Fact]
    public async Task Asking_for_an_index_does_nothing_and_works()
    {
        Assert.True((bool)(await Api.PostAsync("/v1/search/index", new { threadId = "conv_x" })).Expect(200).Data["success"]!);
        Assert.True((bool)(await Api.PostAsync("/v1/search/index/batch", new { conversations = Array.Empty<string>() })).Expect(200).Data["success"]!);
    }

    [Fact]
    public async Task The_guides_name_this_server()
    {
        var anyone = Server.WithKey(null);
        var host = Server.Program.Http.ToString().TrimEnd('/');
        foreach (var path in (string[])["/SKILL.md", "/agent-auth"])
        {
            var guide = (await anyone.GetAsync(path)).Expect(200);
            Assert.Contains(host, guide.Text, StringComparison.Ordinal);
            Assert.Contains(SharedServer.SharedDomain, guide.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("{{", guide.Text, StringComparison.Ordinal);
        }
        Assert.Equal(("ok", "open"), ((string)(await anyone.GetAsync("/status")).Expect(200).Json["status"]!, (string)(await anyone.GetAsync("/status")).Json["registration"]!));
    }
}

public sealed class SqliteOrganisationTests(SqliteEngine engine) : OrganisationTests(engine);

public sealed class PostgresOrganisationTests(PostgresEngine engine) : OrganisationTests(engine);
