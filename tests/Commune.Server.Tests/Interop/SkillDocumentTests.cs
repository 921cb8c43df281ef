using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Interop;

/// <summary>What the skill document tells agents to type, typed in its order against a program that has just been started: only host and key are others.</summary>
public abstract class SkillDocumentTests(Engine engine)
{
    /// <summary>What the document promises of the answers.</summary>
    private static readonly (string Call, string[] Members)[] Promises =
    [
        ("POST /v1/inboxes", ["data.id", "data.address"]),
        ("GET /v1/inboxes", ["data.0.id", "data.0.address"]),
        ("POST /v1/domains/*/inboxes", ["data.id", "data.address"]),
        ("GET /v1/domains/*/inboxes", ["data.0.id"]),
        ("GET /v1/domains/*/inboxes/*", ["data.id", "data.address"]),
        ("PUT /v1/domains/*/inboxes/*", ["data.id", "data.webhook.endpoint"]),
        ("DELETE /v1/domains/*/inboxes/*", ["data"]),
        ("PUT /v1/domains/*/inboxes/*/extraction-schema", ["data.extraction_schema.name"]),
        ("DELETE /v1/domains/*/inboxes/*/extraction-schema", ["data.id"]),
        ("GET /v1/domains", ["data.0.id", "data.0.name"]),
        ("POST /v1/domains", ["data.domain_id", "data.id"]),
        ("GET /v1/domains/*", ["data.id", "data.status"]),
        ("GET /v1/domains/*/records", ["data.0.type", "data.0.name", "data.0.value"]),
        ("POST /v1/domains/*/verify", ["data.status"]),
        ("GET /v1/threads", ["next_cursor", "has_more", "data.0.thread_id", "data.0.subject", "data.0.message_count", "data.0.last_message_at", "data.0.snippet", "data.0.last_direction", "data.0.has_attachments"]),
        ("GET /v1/threads/*/messages", ["data.0.message_id", "data.0.thread_id", "data.0.direction", "data.0.participants.0.role", "data.0.participants.0.identity", "data.0.content", "data.0.content_html", "data.0.attachments", "data.0.created_at", "data.0.metadata.subject"]),
        ("GET /v1/threads/*/metadata", ["data.thread_id", "data.tags", "data.status", "data.assigned_to"]),
        ("PUT /v1/threads/*/status", ["data.status"]),
        ("POST /v1/threads/*/tags", ["data.tags.0"]),
        ("DELETE /v1/threads/*/tags", ["data.tags"]),
        ("PUT /v1/threads/*/assign", ["data.assigned_to"]),
        ("POST /v1/messages/send", ["data.message_id", "data.thread_id"]),
        ("GET /v1/messages", ["data", "has_more"]),
        ("GET /v1/search/threads", ["search_type", "data"]),
        ("POST /v1/attachments/upload", ["data.attachment_id", "data.size"]),
        ("GET /v1/attachments/*", ["data.attachment_id", "data.filename"]),
        ("GET /v1/attachments/*/url", ["data.url", "data.expires_in", "data.filename"]),
        ("GET /v1/delivery/metrics", ["data.sent", "data.delivered", "data.bounced", "data.complained", "data.failed", "data.suppressed", "data.delivery_rate", "data.bounce_rate", "data.complaint_rate"]),
        ("GET /v1/delivery/events", ["data"]),
        ("GET /v1/delivery/suppressions", ["data"]),
        ("GET /v1/webhooks/deliveries", ["data"]),
        ("GET /v1/webhooks/deliveries/*", ["data.attempt_count", "data.last_error", "data.last_status_code", "data.delivery_latency_ms", "data.next_retry_at", "data.attempts"]),
        ("POST /v1/webhooks/deliveries/*/retry", ["data.status"]),
        ("GET /v1/webhooks/health", ["data.success_rate", "data.avg_latency_ms"]),
        ("POST /v1/dmarc/reports", ["data.id"]),
        ("GET /v1/dmarc/reports", ["data.0.report_id"]),
        ("GET /v1/dmarc/summary", ["data.pass_count", "data.fail_count"]),
        ("GET /v1/agent/org", ["data.id", "data.name"]),
        ("PATCH /v1/agent/org", ["data.name"]),
        ("GET /v1/agent/api-keys", ["data.0.id"]),
        ("POST /v1/agent/api-keys", ["data.apiKey", "data.id"]),
        ("POST /v1/agent/api-keys/*/rotate", ["data.apiKey"]),
        ("DELETE /v1/agent/api-keys/*", ["data"]),
        ("POST /v1/auth/agent-register", ["agentSignupToken", "challenge", "expiresIn"]),
        ("POST /v1/data/deletion-request", ["preview", "confirmation_token", "data.id"]),
        ("POST /v1/data/deletion-request/*/confirm", ["data.status"]),
        ("GET /v1/data/deletion-request/*", ["data.status"]),
    ];

    [Fact]
    public async Task Every_command_works_and_answers_what_is_promised()
    {
        var skill = SkillDocument.Read();
        var python = Python();
        await engine.RequireAsync();
        await using var dns = new FakeDns();
        using var folder = new WorkFolder();
        var key = ApiKeySecret.New();
        await using var program = await CommuneProcess.StartAsync((await engine.NewSettingsAsync())
            .With("Commune__BootstrapApiKey", key).With("Commune__SharedDomain", "commune.ai").With("Commune__Dns__Servers", dns.Address));
        var api = new ApiClient(program.Http, key);
        var host = program.Http.ToString().TrimEnd('/');
        var names = new Dictionary<string, string>(StringComparer.Ordinal) { [SkillDocument.Host] = host };
        folder.Write("dmarc-report.xml", System.Text.Encoding.UTF8.GetString(Commune.Server.Tests.Api.Dmarc.DmarcTests.Xml("mycompany.com", "r1")));
        folder.Write("invoice.pdf", "%PDF-1.4 an invoice");
        names["/path/to/invoice.pdf"] = Path.Combine(folder.Path, "invoice.pdf");
        var keys = await RunPythonAsync(python, folder, skill.PythonSnippets()[0]);
        names["YOUR_BASE64_PUBLIC_KEY=="] = Printed(keys, "PUBLIC :");
        names["YOUR_PRIVATE_KEY"] = Printed(keys, "PRIVATE:");

        foreach (var call in skill.Calls())
        {
            await PrepareAsync(api, program, call, names);
            var (status, answer) = await RunAsync(folder, Named(call.Command, names), key);
            Assert.True(status is >= 200 and < 300, $"{call.Command}\n{status} {answer}");
            var promise = Array.Find(Promises, promise => Matches(promise.Call, call));
            Assert.True(promise.Members is not null, $"What does the document promise of {call.Method} {call.Path}?");
            foreach (var member in promise.Members!)
                Assert.True(Has(answer, member), $"{call.Command}\nanswers without {member}: {answer}");
            Learn(call, answer!, names);
        }

        // Python's own way to print what it read.
        var verified = await RunPythonAsync(python, folder, Named(skill.PythonSnippets()[1], names));
        Assert.All((string[])["'inboxEmail': 'myorg@commune.ai'", "'agentId': 'agt_", "'orgId': 'org_"], member => Assert.Contains(member, verified, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_row_of_its_reference_is_routed_with_that_scope()
    {
        var rows = SkillDocument.Read().Reference();
        Assert.True(rows.Count >= 45, $"only {rows.Count} rows were read");
        foreach (var (method, path, scope) in rows)
        {
            var wanted = Segment().Replace(path, "*");
            var route = ApiTable.Routes.FirstOrDefault(route => route.Method == method && PathParameter().Replace(route.Path, "*") == wanted);
            Assert.True(route is not null, $"{method} {path} is not routed");
            var expected = scope switch { "public" => null, "admin/data:delete" => "data:delete", _ when scope.Contains(':', StringComparison.Ordinal) => scope, _ => "" };
            Assert.True(route!.Scope == expected, $"{method} {path} has the scope {route.Scope ?? "none"}, the document says {scope}");
        }
    }

    /// <summary>The document speaks of things that its reader has: what no command of it has made is made here.</summary>
    private static async Task PrepareAsync(ApiClient api, CommuneProcess program, SkillCall call, Dictionary<string, string> names)
    {
        // Mail has come to the first inbox, in two threads, and a file has been received.
        if (call is { Method: "GET", Path: "/v1/threads" } && !names.ContainsKey("conv_abc123"))
        {
            foreach (var subject in (string[])["Shipping", "Your question"])
            {
                (await SmtpTalk.MailAsync(program.Smtp, "john@corp.com", "myagent@commune.ai",
                    Letter.WithAttachment("john@corp.com", "myagent@commune.ai", subject, "Where is it?", "a.txt", "text/plain", "file"u8.ToArray()))).Expect(250);
            }
            var inbox = (await api.GetAsync("/v1/inboxes")).List.First(static one => (string)one["local_part"]! == "myagent");
            names["i_your_inbox_id"] = (string)inbox["id"]!;
            var threads = await api.GetAsync($"/v1/threads?inbox_id={inbox["id"]}&limit=1");
            names["conv_abc123"] = (string)threads.List[0]["thread_id"]!;
            names["eyJsYXN0S2V5Ijo..."] = threads.NextCursor!;
            names["att_abc123"] = (string)(await api.GetAsync($"/v1/messages?inbox_id={inbox["id"]}")).List[0]["attachments"]![0]!;
        }
        // "Delete inbox" comes before the commands about its extraction schema: the agent has another by then.
        if (call.Command.Contains("/inboxes/i_abc123", StringComparison.Ordinal))
        {
            var inboxes = (await api.GetAsync($"/v1/domains/{names["d_abc123"]}/inboxes")).Expect(200).List;
            var inbox = inboxes.Count > 0 ? inboxes[0] : (await api.PostAsync($"/v1/domains/{names["d_abc123"]}/inboxes", new { local_part = "support" })).Expect(201).Data;
            names["i_abc123"] = (string)inbox["id"]!;
        }
        else if (names.TryGetValue("i_your_inbox_id", out var first))
        {
            names["i_abc123"] = first;
        }
        if (call.Path.StartsWith("/v1/webhooks/deliveries/", StringComparison.Ordinal) && !names.ContainsKey("wdel_abc123"))
        {
            (await SmtpTalk.MailAsync(program.Smtp, "john@corp.com", "sales-agent@commune.ai", Letter.Plain("john@corp.com", "sales-agent@commune.ai", "s", "t"))).Expect(250);
            names["wdel_abc123"] = (string)(await api.GetAsync("/v1/webhooks/deliveries")).List[0]["id"]!;
        }
    }

    /// <summary>Keeps what later commands name.</summary>
    private static void Learn(SkillCall call, JsonNode answer, Dictionary<string, string> names)
    {
        switch (call.Method, call.Path)
        {
            case ("POST", "/v1/inboxes") when !names.ContainsKey("i_your_inbox_id"):
                names["i_your_inbox_id"] = (string)answer["data"]!["id"]!;
                Assert.Equal("myagent@commune.ai", (string)answer["data"]!["address"]!);
                break;
            case ("POST", "/v1/domains"):
                names["d_abc123"] = (string)answer["data"]!["domain_id"]!;
                break;
            case ("POST", "/v1/messages/send"):
                names["msg_abc123"] = (string)answer["data"]!["message_id"]!;
                break;
            case ("POST", "/v1/attachments/upload"):
                names["att_abc123"] = (string)answer["data"]!["attachment_id"]!;
                break;
            case ("POST", "/v1/agent/api-keys"):
                names["key_abc123"] = (string)answer["data"]!["id"]!;
                break;
            case ("POST", "/v1/auth/agent-register"):
                names["CHALLENGE_FROM_STEP_1"] = (string)answer["challenge"]!;
                names["TOKEN_FROM_STEP_1"] = (string)answer["agentSignupToken"]!;
                break;
            case ("POST", "/v1/data/deletion-request"):
                names["req_abc123"] = (string)answer["data"]!["id"]!;
                names["TOKEN_FROM_REQUEST"] = (string)answer["confirmation_token"]!;
                break;
        }
    }

    private static string Named(string text, Dictionary<string, string> names) =>
        names.OrderByDescending(static name => name.Key.Length).Aggregate(text, static (text, name) => text.Replace(name.Key, name.Value, StringComparison.Ordinal));

    private static async Task<(int Status, JsonNode? Answer)> RunAsync(WorkFolder folder, string command, string key)
    {
        var script = $"cd {folder.Path}\nB64=$(base64 -w0 invoice.pdf)\n{command} -w '\\n%{{http_code}}'";
        var (code, output) = await Shell.RunAsync(script, [("KEY", key)]);
        Assert.True(code == 0, $"{command}\nended with {code}: {output}");
        var end = output.LastIndexOf('\n');
        return (int.Parse(output[(end + 1)..]), end > 0 ? JsonNode.Parse(output[..end]) : null);
    }

    private static bool Matches(string pattern, SkillCall call) => Placeholder().Replace($"{call.Method} {call.Path}", "/*") == pattern;

    private static bool Has(JsonNode? node, string path)
    {
        foreach (var name in path.Split('.'))
        {
            switch (node)
            {
                case JsonObject members when members.ContainsKey(name):
                    node = members[name];
                    break;
                case JsonArray items when int.TryParse(name, out var i) && i < items.Count:
                    node = items[i];
                    break;
                default:
                    return false;
            }
        }
        return true;
    }

    // Python runs a sitecustomize that it finds on its path before anything else. Debian 12 has cryptography 38; what the snippets call came with 40.
    private const string OlderCryptography = """
        from cryptography.hazmat.primitives import serialization as s
        from cryptography.hazmat.primitives.asymmetric import ed25519
        if not hasattr(ed25519.Ed25519PublicKey, 'public_bytes_raw'):
            ed25519.Ed25519PublicKey.public_bytes_raw = lambda key: key.public_bytes(s.Encoding.Raw, s.PublicFormat.Raw)
            ed25519.Ed25519PrivateKey.private_bytes_raw = lambda key: key.private_bytes(s.Encoding.Raw, s.PrivateFormat.Raw, s.NoEncryption())
        """;

    /// <summary>A Python that has what the snippets import.</summary>
    private static string Python()
    {
        Machine.Python("cryptography");
        return Machine.Python("requests");
    }

    private static async Task<string> RunPythonAsync(string python, WorkFolder folder, string snippet)
    {
        folder.Write("snippet.py", snippet);
        folder.Write("sitecustomize.py", OlderCryptography);
        var (code, output) = await Shell.RunAsync($"{python} {Path.Combine(folder.Path, "snippet.py")}", [("NO_PROXY", "*"), ("PYTHONPATH", folder.Path)]);
        Assert.True(code == 0, $"{snippet}\nended with {code}: {output}");
        return output;
    }

    private static string Printed(string output, string label) => output.Split('\n').First(line => line.StartsWith(label, StringComparison.Ordinal))[label.Length..].Trim();

    private static Regex Segment() => new(":[a-z]+");

    private static Regex PathParameter() => new(@"\{[A-Za-z]+\}");

    private static Regex Placeholder() => new("/(d|i|conv|msg|att|wdel|key|req)_[A-Za-z0-9]+");
}

public sealed class SqliteSkillDocumentTests(SqliteEngine engine) : SkillDocumentTests(engine);

public sealed class PostgresSkillDocumentTests(PostgresEngine engine) : SkillDocumentTests(engine);
