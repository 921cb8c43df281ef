using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api;

/// <summary>Whatever JSON a client sends to any of these endpoints, the answer is never a 500.</summary>
public abstract class AnyJsonTests(Engine engine) : ServerTests(engine)
{
    private const int Rounds = 60;

    private static readonly string[] Names =
    [
        "name", "permissions", "expiresIn", "expires_in", "grace_period", "gracePeriod", "agentName", "orgName", "orgSlug", "publicKey", "agentPurpose",
        "agentSignupToken", "signature", "challengeResponse", "capabilities", "avatarUrl", "invite", "scope", "inbox_id", "inboxId", "before",
        "confirmation_token", "type", "message", "context",
    ];

    private static readonly string[] Texts =
    [
        "", " ", "x", "read", "messages", "inbox", "error", "\0", "😀", "a\nb", "2026-01-01", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", new string('é', 5000), "ag 'quoted' \"words\" of purpose", "i_unknown", "null",
    ];

    private static readonly (string Method, string Path)[] Endpoints =
    [
        ("PATCH", "/v1/agent/org"), ("POST", "/v1/agent/api-keys"), ("POST", "/v1/agent/api-keys/key_x/rotate"), ("DELETE", "/v1/agent/api-keys/key_x"),
        ("POST", "/v1/auth/agent-register"), ("POST", "/v1/auth/agent-verify"), ("DELETE", "/v1/agent/agents/agt_x"),
        ("POST", "/v1/data/deletion-request"), ("POST", "/v1/data/deletion-request/req_x/confirm"), ("POST", "/v1/feedback"),
        ("POST", "/v1/search/index"), ("POST", "/v1/search/index/batch"),
    ];

    [Fact]
    public async Task No_json_makes_the_server_fail()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        // An organisation of its own: what gets through may be renamed, or asked to be deleted.
        var client = await NewAdminAsync();
        foreach (var (method, path) in Endpoints)
        {
            for (var i = 0; i < Rounds; i++)
            {
                var body = Any(random, 3)?.ToJsonString() ?? "null";
                var answer = await client.SendAsync(new HttpMethod(method), path, body, ("X-Forwarded-For", $"198.51.100.{random.Next(1, 250)}"));
                Assert.True(answer.Status < 500, $"seed {seed}: {method} {path} with {body} gave {answer.Status} {answer.Text}");
                if (answer.Status >= 400)
                    answer.ExpectError(answer.Status);
            }
        }
    }

    [Fact]
    public async Task Ids_of_any_kind_are_404_and_cursors_400()
    {
        foreach (var id in (string[])["%00", "%F0%9F%98%80", "..", "a%2Fb", new string('x', 3000), "'--"])
        {
            Assert.InRange((await Api.DeleteAsync($"/v1/agent/api-keys/{id}")).Status, 400, 405);
            Assert.InRange((await Api.DeleteAsync($"/v1/agent/agents/{id}")).Status, 400, 405);
            Assert.InRange((await Api.GetAsync($"/v1/data/deletion-request/{id}")).Status, 400, 405);
        }
        foreach (var list in (string[])["/v1/agent/api-keys", "/v1/agent/agents", "/v1/agent/audit"])
            (await Api.GetAsync($"{list}?cursor=%25")).ExpectError(400);
    }

    private async Task<ApiClient> NewAdminAsync()
    {
        var agent = await new AgentIdentity(Server).JoinAsync();
        var key = (await agent.SendAsync(HttpMethod.Post, "/v1/agent/api-keys", "{\"name\": \"k\", \"permissions\": [\"admin\"]}")).Expect(201).Json;
        return Server.WithKey((string)key["apiKey"]!);
    }

    private static JsonNode? Any(Random random, int depth) => random.Next(depth > 0 ? 9 : 6) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.NextInt64(long.MinValue, long.MaxValue),
        3 => random.NextDouble() * 1e300,
        4 or 5 => Texts[random.Next(Texts.Length)],
        6 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Any(random, depth - 1))]),
        _ => AnyObject(random, depth),
    };

    private static JsonObject AnyObject(Random random, int depth)
    {
        var result = new JsonObject();
        for (var i = random.Next(8); i > 0; i--)
            result[Names[random.Next(Names.Length)]] = Any(random, depth - 1);
        return result;
    }
}

public sealed class SqliteAnyJsonTests(SqliteEngine engine) : AnyJsonTests(engine);

public sealed class PostgresAnyJsonTests(PostgresEngine engine) : AnyJsonTests(engine);
