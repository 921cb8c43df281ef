using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api;

/// <summary>Whatever JSON or query a client sends to any endpoint, the answer is never a 500.</summary>
public abstract class AnyJsonTests(Engine engine) : ServerTests(engine)
{
    private const int Rounds = 30;

    private static readonly string[] Texts =
    [
        "", " ", "x", "read", "messages", "inbox", "error", "\0", "😀", "a\nb", "2026-01-01", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", new string('é', 5000), "ag 'quoted' \"words\" of purpose", "i_unknown", "null",
    ];

    [Fact]
    public async Task No_json_makes_the_server_fail()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        foreach (var operation in ApiTable.Operations.Where(static operation => operation.BodySchema is not null))
        {
            // An organisation of its own: what gets through may be renamed, or asked to be deleted.
            var own = await Belongings.OfNewOrganisationAsync(Server);
            var path = await own.FillAsync(operation.Path());
            var example = JsonNode.Parse(await own.FillAsync(operation.Example!.ToJsonString()))!.AsObject();
            var names = operation.BodySchema!["properties"]!.AsObject().Select(static member => member.Key).ToArray();
            for (var i = 0; i < Rounds; i++)
            {
                var body = i % 2 == 0 ? Any(random, names, 3)?.ToJsonString() ?? "null" : Changed(random, names, example).ToJsonString();
                var answer = await own.Client.SendAsync(operation.Method, path, body, ("X-Forwarded-For", $"198.51.100.{random.Next(1, 250)}"));
                Assert.True(answer.Status < 500, $"seed {seed}: {operation} with {body} gave {answer.Status} {answer.Text}");
                if (answer.Status >= 400)
                    answer.ExpectError(answer.Status);
            }
        }
    }

    [Fact]
    public async Task No_query_makes_the_server_fail()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var own = new Belongings(Server, Api);
        foreach (var operation in ApiTable.Operations.Where(static operation => operation.QueryFields.Count > 0 && operation.Id is not ("events.stream" or "sending.resume")))
        {
            for (var i = 0; i < Rounds; i++)
            {
                var query = string.Join('&', operation.QueryFields.Where(field => (string)field["name"]! is "wait" or "timeout" || random.Next(3) > 0).Select(field => $"{field["name"]}={Uri.EscapeDataString(QueryText(random, field))}"));
                var path = await own.FillAsync(operation.Path(static _ => false));
                var answer = await own.Client.SendAsync(operation.Method, path + "?" + await own.FillAsync(query));
                Assert.True(answer.Status < 500, $"seed {seed}: {operation} with {query} gave {answer.Status} {answer.Text}");
            }
        }
    }

    /// <summary>A call that waits does not wait long.</summary>
    private static string QueryText(Random random, JsonObject field) => (string)field["name"]! switch
    {
        "wait" or "timeout" => "0.01",
        _ when random.Next(3) == 0 => field["example"]?.ToString() ?? "1",
        _ => random.Next(4) switch
        {
            0 => random.NextInt64(long.MinValue, long.MaxValue).ToString(),
            1 => (random.NextDouble() * 1e300).ToString("R"),
            _ => Texts[random.Next(Texts.Length)] is { Length: < 1000 } text ? text : "x",
        },
    };

    /// <summary>What works, with something else in one or two places.</summary>
    private static JsonObject Changed(Random random, string[] names, JsonObject example)
    {
        var body = example.DeepClone().AsObject();
        for (var i = random.Next(1, 3); i > 0; i--)
            body[names[random.Next(names.Length)]] = Any(random, names, 2);
        return body;
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

    private static JsonNode? Any(Random random, string[] names, int depth) => random.Next(depth > 0 ? 9 : 6) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.NextInt64(long.MinValue, long.MaxValue),
        3 => random.NextDouble() * 1e300,
        4 or 5 => Texts[random.Next(Texts.Length)],
        6 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Any(random, names, depth - 1))]),
        _ => AnyObject(random, names, depth),
    };

    private static JsonObject AnyObject(Random random, string[] names, int depth)
    {
        var result = new JsonObject();
        for (var i = random.Next(8); i > 0; i--)
            result[names[random.Next(names.Length)]] = Any(random, names, depth - 1);
        return result;
    }
}

public sealed class SqliteAnyJsonTests(SqliteEngine engine) : AnyJsonTests(engine);

public sealed class PostgresAnyJsonTests(PostgresEngine engine) : AnyJsonTests(engine);
