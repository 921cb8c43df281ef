using System.Text.Json.Nodes;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Operator;

/// <summary>The operator's commands, run as he types them.</summary>
public abstract class OperatorCommandTests(Engine engine) : IAsyncLifetime
{
    private ProgramSettings settings = null!;

    public async ValueTask InitializeAsync()
    {
        await engine.RequireAsync();
        settings = (await engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", ApiKeySecret.New());
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private async Task<JsonNode> RunAsync(params string[] arguments)
    {
        var exit = await CommuneProcess.RunToExitAsync(settings, [.. arguments, "--json"]);
        Assert.True(exit.Code == 0, $"{exit.Code}: {exit.Output}\n{exit.Errors}");
        return JsonNode.Parse(exit.Output)!;
    }

    private async Task RefuseAsync(int code, string reason, params string[] arguments)
    {
        var exit = await CommuneProcess.RunToExitAsync(settings, arguments);
        Assert.Equal(code, exit.Code);
        Assert.Contains(reason, exit.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("", exit.Output.Trim());
    }

    [Fact]
    public async Task Everything_works_beside_the_running_server_and_takes_effect_at_once()
    {
        await using var program = await CommuneProcess.StartAsync(settings.With("Commune__Registration", "invite"));
        var organisation = await RunAsync("org", "create", "--name", "Acme", "--slug", "acme", "--tier", "pro");
        var key = await RunAsync("key", "create", "--org", "acme", "--name", "admin", "--permissions", "admin", "--expires-in", "1h");
        var client = new ApiClient(program.Http, (string)key["api_key"]!);
        var shown = (await client.GetAsync("/v1/agent/org")).Expect(200).Json;
        Assert.Equal(((string)organisation["id"]!, "acme", "pro"), ((string)shown["id"]!, (string)shown["slug"]!, (string)shown["tier"]!));

        var domain = await RunAsync("domain", "trust", "--name", "Agents.Corp.Internal", "--org", "acme");
        var inbox = (await client.PostAsync($"/v1/domains/{(string)domain["id"]!}/inboxes", new { local_part = "box" })).Expect(201).Data;
        (await SmtpTalk.MailAsync(program.Smtp, "kim@example.com", "box@agents.corp.internal",
            Letter.Plain("kim@example.com", "box@agents.corp.internal", "s", "hello"))).Expect(250);
        Assert.Single((await client.GetAsync($"/v1/messages?inbox_id={(string)inbox["id"]!}")).Expect(200).List);
        var audit = (await client.GetAsync("/v1/agent/audit")).Expect(200).List.Select(static e => $"{e["actor"]} {e["action"]}").ToList();
        Assert.Contains("operator domain.trust", audit, StringComparer.Ordinal);
        Assert.Contains("operator key.create", audit, StringComparer.Ordinal);

        Assert.Equal(8, ((string)(await RunAsync("links", "rotate"))["key_id"]!).Length);
        Assert.True((bool)(await RunAsync("links", "rotate", "--revoke"))["revoked"]!);
        var code = (string)(await RunAsync("agent", "invite", "--expires-in", "1d"))["invite"]!;
        var nobody = new ApiClient(program.Http, null);
        Dictionary<string, string> body = new(StringComparer.Ordinal)
        {
            ["agentName"] = "A", ["orgName"] = "O", ["orgSlug"] = "invited", ["publicKey"] = Convert.ToBase64String(new byte[32]),
        };
        Assert.Equal("invite_required", (string)(await nobody.PostAsync("/v1/auth/agent-register", body)).ExpectError(403).Json["code"]!);
        body["invite"] = "invite_wrong";
        Assert.Equal("invalid_invite", (string)(await nobody.PostAsync("/v1/auth/agent-register", body)).ExpectError(403).Json["code"]!);
        body["invite"] = code;
        (await nobody.PostAsync("/v1/auth/agent-register", body)).Expect(201);

        var status = await RunAsync("status");
        Assert.Equal((2, 1), ((int)status["organizations"]!, (int)status["messages"]!));
        Assert.Equal(engine.Name == "sqlite" ? true : null, (bool?)status["server_running"]);
        (await client.GetAsync("/health/ready")).Expect(200);
    }

    [Fact]
    public async Task What_cannot_be_done_is_refused_with_a_reason_and_an_exit_code()
    {
        if (engine.Name == "sqlite")
            await RefuseAsync(1, "start the server", "org", "create", "--name", "X", "--slug", "x");
        await using (await CommuneProcess.StartAsync(settings))
        {
            await RunAsync("org", "create", "--name", "Acme", "--slug", "acme");
        }
        await RefuseAsync(1, "taken", "org", "create", "--name", "Acme", "--slug", "ACME");
        await RefuseAsync(1, "no organisation", "key", "create", "--org", "nobody", "--name", "k");
        await RefuseAsync(1, "no scope fly", "key", "create", "--name", "k", "--permissions", "fly");
        await RefuseAsync(1, "host name", "domain", "trust", "--name", "nodot");
        await RunAsync("domain", "trust", "--name", "one.example", "--org", "acme");
        await RunAsync("domain", "trust", "--name", "one.example", "--org", "acme");
        await RefuseAsync(1, "another organisation", "domain", "trust", "--name", "one.example");
        await RefuseAsync(2, "--name", "org", "create", "--slug", "x");
        await RefuseAsync(2, "--help", "orgs");
        Assert.Equal(engine.Name == "sqlite" ? false : null, (bool?)(await RunAsync("status"))["server_running"]);
    }

    [Fact]
    public async Task Help_tells_what_there_is()
    {
        foreach (var arguments in (string[][])[["--help"], ["org", "create", "--help"], ["key", "create", "--help"], ["domain", "trust", "--help"], ["agent", "invite", "--help"], ["status", "--help"]])
        {
            var exit = await CommuneProcess.RunToExitAsync(settings, arguments);
            Assert.Equal(0, exit.Code);
            Assert.Contains("--json", exit.Output, StringComparison.Ordinal);
        }
    }
}

public sealed class SqliteOperatorCommandTests(SqliteEngine engine) : OperatorCommandTests(engine);

public sealed class PostgresOperatorCommandTests(PostgresEngine engine) : OperatorCommandTests(engine);
