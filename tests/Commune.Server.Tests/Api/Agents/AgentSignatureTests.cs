using System.Globalization;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Agents;

public abstract class AgentSignatureTests(Engine engine) : ServerTests(engine)
{
    private Task<AgentIdentity> NewAgentAsync() => new AgentIdentity(Server).JoinAsync();

    [Fact]
    public async Task The_exact_bytes_of_the_body_are_signed()
    {
        var agent = await NewAgentAsync();
        const string Body = "{ \"name\":  \"Grüße, with   spaces\" }";
        Assert.Equal("Grüße, with   spaces", (string)(await agent.SendAsync(HttpMethod.Patch, "/v1/agent/org", Body)).Expect(200).Json["name"]!);
        var client = Server.WithKey(null);
        var other = await client.SendAsync(HttpMethod.Patch, "/v1/agent/org", "{\"name\": \"other\"}", ("Authorization", $"Agent {agent.AgentId}:{agent.Sign(Body)}"));
        Assert.Equal("invalid_signature", Code(other.ExpectError(401)));
        (await agent.SendAsync(HttpMethod.Get, "/v1/inboxes")).Expect(200);
    }

    [Theory]
    [InlineData("X-Commune-Timestamp")]
    [InlineData("X-Agent-Timestamp")]
    public async Task A_timestamp_is_signed_and_accepted_once(string header)
    {
        var agent = await NewAgentAsync();
        var now = AgentIdentity.Now;
        var first = (await agent.SendStampedAsync(HttpMethod.Patch, "/v1/agent/org", now, "{\"name\": \"Stamped\"}", header)).Expect(200);
        Assert.InRange(long.Parse(first.Header("X-Commune-Server-Time")!, CultureInfo.InvariantCulture), now - 60_000, now + 60_000);
        Assert.Equal("invalid_signature", Code((await agent.SendStampedAsync(HttpMethod.Patch, "/v1/agent/org", now, "{\"name\": \"Replay\"}", header)).ExpectError(401)));
        (await agent.SendStampedAsync(HttpMethod.Get, "/v1/agent/org", now + 1, header: header)).Expect(200);
    }

    [Fact]
    public async Task A_timestamp_out_of_range_is_told_the_servers_time()
    {
        var agent = await NewAgentAsync();
        foreach (var offset in (long[])[-90_000, 90_000])
        {
            var answer = (await agent.SendStampedAsync(HttpMethod.Get, "/v1/agent/org", AgentIdentity.Now + offset)).ExpectError(401);
            Assert.Equal("timestamp_out_of_range", Code(answer));
            Assert.InRange((long)answer.Json["serverTime"]!, AgentIdentity.Now - 60_000, AgentIdentity.Now + 60_000);
            Assert.NotNull(answer.Header("X-Commune-Server-Time"));
        }
    }

    [Fact]
    public async Task What_is_not_a_signature_has_its_code()
    {
        var agent = await NewAgentAsync();
        foreach (var authorization in (string[])["Agent", "Agent x", $"Agent {agent.AgentId}", $"Agent {agent.AgentId}:", "Agent :c2ln"])
            Assert.Contains(Code((await agent.SendAsAsync(authorization)).ExpectError(401)), (string[])["invalid_authorization_format", "unauthorized"], StringComparer.Ordinal);
        Assert.Equal("invalid_authorization_format", Code((await agent.SendAsAsync($"Agent {agent.AgentId}:")).ExpectError(401)));
        Assert.Equal("invalid_signature", Code((await agent.SendAsAsync($"Agent {agent.AgentId}:c2ln")).ExpectError(401)));
        Assert.Equal("invalid_signature", Code((await agent.SendAsAsync($"Agent agt_unknown:{agent.Sign("")}")).ExpectError(401)));
        Assert.Equal("invalid_timestamp", Code((await agent.SendAsAsync($"Agent {agent.AgentId}:{agent.Sign("")}", ("X-Commune-Timestamp", "soon"))).ExpectError(400)));
        Assert.Equal("timestamp_out_of_range", Code((await agent.SendAsAsync($"Agent {agent.AgentId}:{agent.Sign("")}", ("X-Commune-Timestamp", "-9223372036854775808"))).ExpectError(401)));
    }

    [Fact]
    public async Task A_forged_signature_does_not_use_up_the_timestamp()
    {
        var agent = await NewAgentAsync();
        var now = AgentIdentity.Now;
        var forged = await agent.SendAsAsync($"Agent {agent.AgentId}:{agent.Sign("else")}", ("X-Commune-Timestamp", now.ToString(CultureInfo.InvariantCulture)));
        Assert.Equal("invalid_signature", Code(forged.ExpectError(401)));
        (await agent.SendStampedAsync(HttpMethod.Get, "/v1/agent/org", now)).Expect(200);
    }

    [Fact]
    public async Task An_agent_passes_every_scope_and_makes_keys()
    {
        var agent = await NewAgentAsync();
        (await agent.SendAsync(HttpMethod.Get, "/v1/agent/audit")).Expect(200);
        (await agent.SendAsync(HttpMethod.Post, "/v1/data/deletion-request", "{\"scope\": \"messages\"}")).Expect(201);
        var key = (await agent.SendAsync(HttpMethod.Post, "/v1/agent/api-keys", "{\"name\": \"all\", \"permissions\": [\"admin\"]}")).Expect(201).Json;
        (await Server.WithKey((string)key["apiKey"]!).GetAsync("/v1/inboxes")).Expect(200);
        Assert.NotNull((await agent.SendAsync(HttpMethod.Get, "/v1/inboxes")).Header("X-RateLimit-Limit"));
    }

    private static string Code(ApiAnswer answer) => (string)answer.Json["code"]!;
}

public sealed class SqliteAgentSignatureTests(SqliteEngine engine) : AgentSignatureTests(engine);

public sealed class PostgresAgentSignatureTests(PostgresEngine engine) : AgentSignatureTests(engine);
