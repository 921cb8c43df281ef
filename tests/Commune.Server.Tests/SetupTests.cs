using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests;

/// <summary>The skill document's "60-Second Setup", by its own curl commands with only host, key and ids changed.</summary>
public abstract class SetupTests(Engine engine) : ServerTests(engine)
{
    [Fact]
    public async Task The_three_steps_of_the_60_second_setup_work()
    {
        var local = ApiClient.NewLocalPart();
        var to = "someone@" + Server.NewRemoteDomain();
        (string, string)[] variables = [("KEY", Server.AdminKey), ("HOST", Server.Program.Http.ToString().TrimEnd('/'))];
        var inbox = await CurlAsync($$"""
            curl -s -X POST $HOST/v1/inboxes \
              -H "Authorization: Bearer $KEY" \
              -H "Content-Type: application/json" \
              -d '{"local_part": "{{local}}", "name": "My Agent"}'
            """);
        Assert.Equal($"{local}@{SharedServer.SharedDomain}", (string)inbox["data"]!["address"]!);
        var id = (string)inbox["data"]!["id"]!;

        var sent = await CurlAsync($$"""
            curl -s -X POST $HOST/v1/messages/send \
              -H "Authorization: Bearer $KEY" \
              -H "Content-Type: application/json" \
              -d '{
                "to": "{{to}}",
                "subject": "Hello from my agent",
                "text": "I am an AI agent with my own email address.",
                "inbox_id": "{{id}}"
              }'
            """);
        Assert.Equal("queued", (string)sent["data"]!["status"]!);

        var threads = await CurlAsync($$"""
            curl -s "$HOST/v1/threads?inbox_id={{id}}&limit=20" \
              -H "Authorization: Bearer $KEY"
            """);
        var thread = Assert.Single(threads["data"]!.AsArray())!;
        Assert.Equal((string)sent["data"]!["thread_id"]!, (string)thread["thread_id"]!);
        Assert.Equal("Hello from my agent", (string)thread["subject"]!);
        Assert.Contains("I am an AI agent", (await Server.Sink.WaitForAsync(to)).Text, StringComparison.Ordinal);

        async Task<JsonObject> CurlAsync(string command)
        {
            var (code, output) = await Shell.RunAsync(command.ReplaceLineEndings("\n"), variables);
            Assert.True(code == 0, output);
            return JsonNode.Parse(output)!.AsObject();
        }
    }
}

public sealed class SqliteSetupTests(SqliteEngine engine) : SetupTests(engine);

public sealed class PostgresSetupTests(PostgresEngine engine) : SetupTests(engine);
