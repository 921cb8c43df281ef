using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Agents;

public abstract partial class RegistrationTests(Engine engine) : ServerTests(engine)
{
    private const string Purpose = "I sort the invoices of a small bakery, and answer questions about them.";

    private AgentIdentity NewAgent() => new(Server);

    private static Dictionary<string, object?> Body(AgentIdentity agent) => new(StringComparer.Ordinal)
    {
        ["agentName"] = "My Agent",
        ["orgName"] = "My Org",
        ["orgSlug"] = agent.Slug,
        ["publicKey"] = agent.PublicKey,
    };

    [Fact]
    public async Task A_string_challenge_that_is_signed_makes_an_agent_that_can_send_at_once()
    {
        var agent = NewAgent();
        var challenge = (await agent.RegisterAsync()).Expect(201).Json;
        Assert.Matches("^agt_signup_[0-9a-f]{48}$", (string)challenge["agentSignupToken"]!);
        Assert.Matches("^chal_[0-9a-f]{64}$", (string)challenge["challenge"]!);
        Assert.Equal(900, (int)challenge["expiresIn"]!);
        Assert.NotNull(challenge["message"]);

        var proof = new { agentSignupToken = (string)challenge["agentSignupToken"]!, signature = agent.Sign((string)challenge["challenge"]!) };
        var verified = (await agent.VerifyAsync(proof)).Expect(200).Json;
        Assert.Matches("^agt_[0-9a-f]{32}$", (string)verified["agentId"]!);
        Assert.Equal($"{agent.Slug}@{SharedServer.SharedDomain}", (string)verified["inboxEmail"]!);
        Assert.Equal("invalid_token", Code((await agent.VerifyAsync(proof)).ExpectError(401)));
    }

    [Fact]
    public async Task The_organisation_of_an_agent_is_free_and_has_its_inbox()
    {
        var agent = await NewAgent().JoinAsync();
        var organisation = (await agent.SendAsync(HttpMethod.Get, "/v1/agent/org")).Expect(200).Json;
        Assert.Equal((agent.OrgId, "My Org", agent.Slug, "free"), ((string)organisation["id"]!, (string)organisation["name"]!, (string)organisation["slug"]!, (string)organisation["tier"]!));
        var inbox = Assert.Single((await agent.SendAsync(HttpMethod.Get, "/v1/inboxes")).Expect(200).List);
        Assert.Equal("My Agent", (string)inbox["display_name"]!);
        var sent = await agent.SendAsync(HttpMethod.Post, "/v1/messages/send",
            $$"""{"to": "x@{{Server.NewRemoteDomain()}}", "subject": "s", "text": "t", "inbox_id": "{{(string)inbox["id"]!}}"}""");
        sent.Expect(202);
        var audit = (await agent.SendAsync(HttpMethod.Get, "/v1/agent/audit")).Expect(200).List;
        Assert.Equal(("agent.register", agent.AgentId), ((string)audit[^1]["action"]!, (string)audit[^1]["actor"]!));
        Assert.StartsWith("2001:db8:", (string)audit[^1]["address"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_challenge_wants_the_count_of_long_words_and_the_marker()
    {
        var agent = NewAgent();
        var body = Body(agent);
        body["agentPurpose"] = Purpose;
        var challenge = (await agent.RegisterAsync(body)).Expect(201).Json;
        Assert.Equal("<primary_verb>:<word_count>:<epoch_marker>", (string)challenge["challenge"]!["format"]!);
        Assert.NotEmpty(challenge["instructions"]!.AsArray());
        var marker = Marker().Match((string)challenge["challenge"]!["text"]!).Groups["marker"].Value;
        Assert.Equal(16, marker.Length);
        var token = (string)challenge["agentSignupToken"]!;

        // invoices, small, bakery,, answer, questions, about
        foreach (var wrong in (string[])[$"sort:5:{marker}", $"Sort:6:{marker}", $"sort:6:{new string('0', 16)}", "sort:6", $"s:6:{marker}", $"sort:6:{marker}:x"])
            Assert.Equal("invalid_challenge_response", Code((await agent.VerifyAsync(Proof(wrong, agent.Sign(wrong)))).ExpectError(400)));
        var right = $"sort:6:{marker}";
        Assert.Equal("missing_fields", Code((await agent.VerifyAsync(new { agentSignupToken = token, signature = agent.Sign(right) })).ExpectError(400)));
        Assert.Equal("invalid_signature", Code((await agent.VerifyAsync(Proof(right, NewAgent().Sign(right)))).ExpectError(401)));
        (await agent.VerifyAsync(Proof(right, agent.Sign(right)))).Expect(200);

        object Proof(string response, string signature) => new { agentSignupToken = token, challengeResponse = response, signature };
    }

    [Fact]
    public async Task Missing_members_are_named()
    {
        var agent = NewAgent();
        foreach (var member in (string[])["agentName", "orgName", "orgSlug", "publicKey"])
        {
            var body = Body(agent);
            body.Remove(member);
            var answer = (await agent.RegisterAsync(body)).ExpectError(400);
            Assert.Equal("missing_fields", Code(answer));
            Assert.Contains(member, answer.Error, StringComparison.Ordinal);
        }
        Assert.Equal("missing_fields", Code((await agent.VerifyAsync(new { signature = "x" })).ExpectError(400)));
        Assert.Equal("missing_fields", Code((await agent.VerifyAsync(new { agentSignupToken = "x" })).ExpectError(400)));
    }

    [Theory]
    [InlineData("publicKey", "short", "invalid_public_key")]
    [InlineData("publicKey", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "invalid_public_key")]
    [InlineData("publicKey", "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!=", "invalid_public_key")]
    [InlineData("orgSlug", "no spaces", "invalid_org_slug")]
    [InlineData("orgSlug", "dot.ted", "invalid_org_slug")]
    [InlineData("orgSlug", "-edge", "invalid_org_slug")]
    [InlineData("orgSlug", "grüße", "invalid_org_slug")]
    [InlineData("agentPurpose", "too short", "invalid_agent_purpose")]
    [InlineData("agentPurpose", "twowordsbutlongenough indeedtheyare", "invalid_agent_purpose")]
    public async Task What_cannot_be_registered_has_its_code(string member, string value, string code)
    {
        var agent = NewAgent();
        var body = Body(agent);
        body[member] = value;
        Assert.Equal(code, Code((await agent.RegisterAsync(body)).ExpectError(400)));
    }

    [Fact]
    public async Task A_slug_is_folded_and_given_once_even_while_it_waits()
    {
        var agent = NewAgent();
        (await agent.RegisterAsync()).Expect(201);
        var other = new AgentIdentity(Server) { Slug = agent.Slug.ToUpperInvariant() };
        Assert.Equal("slug_exists", Code((await other.RegisterAsync()).ExpectError(409)));
        (await Api.PostAsync("/v1/inboxes", new { local_part = agent.Slug })).ExpectError(409);
        var inbox = await Api.NewInboxAsync();
        Assert.Equal("slug_exists", Code((await new AgentIdentity(Server) { Slug = inbox.LocalPart }.RegisterAsync()).ExpectError(409)));
        Assert.Equal("slug_exists", Code((await new AgentIdentity(Server) { Slug = "postmaster" }.RegisterAsync()).ExpectError(409)));
    }

    [Fact]
    public async Task Names_that_speak_for_the_shared_domain_are_the_operators()
    {
        var agent = await NewAgent().JoinAsync();
        (await agent.SendAsync(HttpMethod.Post, "/v1/inboxes", "{\"local_part\": \"Postmaster\"}")).ExpectError(409);
        var inbox = Assert.Single((await agent.SendAsync(HttpMethod.Get, "/v1/inboxes")).Expect(200).List);
        (await agent.SendAsync(HttpMethod.Patch, $"/v1/inboxes/{(string)inbox["id"]!}", "{\"local_part\": \"webmaster\"}")).ExpectError(409);
    }

    [Fact]
    public async Task Registrations_and_verifications_are_limited_per_address()
    {
        var agent = NewAgent();
        for (var i = 0; i < 5; i++)
        {
            var body = Body(agent);
            body["orgSlug"] = ApiClient.NewLocalPart();
            (await agent.RegisterAsync(body)).Expect(201);
        }
        var refused = (await agent.RegisterAsync()).ExpectError(429);
        Assert.InRange(int.Parse(refused.Header("Retry-After")!, CultureInfo.InvariantCulture), 1, 86_400);
        for (var i = 0; i < 10; i++)
            (await agent.VerifyAsync(new { agentSignupToken = "unknown", signature = "x" })).ExpectError(401);
        (await agent.VerifyAsync(new { agentSignupToken = "unknown", signature = "x" })).ExpectError(429);
    }

    [Fact]
    public async Task Agents_are_listed_and_revoked_by_their_organisation()
    {
        var agent = await NewAgent().JoinAsync();
        var listed = Assert.Single((await agent.SendAsync(HttpMethod.Get, "/v1/agent/agents")).Expect(200).List);
        Assert.Equal((agent.AgentId, "active", agent.PublicKey), ((string)listed["id"]!, (string)listed["status"]!, (string)listed["publicKey"]!));
        (await Api.DeleteAsync($"/v1/agent/agents/{agent.AgentId}")).ExpectError(404);
        (await agent.SendAsync(HttpMethod.Delete, $"/v1/agent/agents/{agent.AgentId}")).Expect(200);
        Assert.Equal("invalid_signature", Code((await agent.SendAsync(HttpMethod.Get, "/v1/agent/org")).ExpectError(401)));
    }

    [Fact]
    public async Task The_snippet_of_the_skill_document_registers_an_agent()
    {
        Machine.Python("cryptography");
        var slug = ApiClient.NewLocalPart();
        var (code, output) = await Shell.RunAsync(
            """
            /usr/bin/python3 - <<'PY'
            import base64, json, os, urllib.request
            from cryptography.hazmat.primitives import serialization
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
            def post(path, body):
                request = urllib.request.Request(os.environ["HOST"] + path, json.dumps(body).encode(),
                    {"Content-Type": "application/json", "X-Forwarded-For": "198.51.100.%d" % (os.getpid() % 250)})
                return json.load(urllib.request.urlopen(request))
            private_key = Ed25519PrivateKey.generate()
            raw = serialization.Encoding.Raw
            pub = base64.b64encode(private_key.public_key().public_bytes(raw, serialization.PublicFormat.Raw)).decode()
            priv = base64.b64encode(private_key.private_bytes(raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())).decode()
            step1 = post("/v1/auth/agent-register", {"agentName": "My Agent", "orgName": "My Org", "orgSlug": os.environ["SLUG"], "publicKey": pub})
            private_key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(priv))
            sig = base64.b64encode(private_key.sign(step1["challenge"].encode())).decode()
            print(json.dumps(post("/v1/auth/agent-verify", {"agentSignupToken": step1["agentSignupToken"], "signature": sig})))
            PY
            """.ReplaceLineEndings("\n"),
            [("HOST", Server.Program.Http.ToString().TrimEnd('/')), ("SLUG", slug)]);
        Assert.True(code == 0, output);
        Assert.Equal($"{slug}@{SharedServer.SharedDomain}", (string)JsonNode.Parse(output)!["inboxEmail"]!);
    }

    private static string Code(ApiAnswer answer) => (string)answer.Json["code"]!;

    [GeneratedRegex("Include this exact string: (?<marker>[0-9a-f]{16})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Marker();
}

public sealed class SqliteRegistrationTests(SqliteEngine engine) : RegistrationTests(engine);

public sealed class PostgresRegistrationTests(PostgresEngine engine) : RegistrationTests(engine);
