using System.Text.Json.Nodes;
using Commune.Server.Api.Description;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Hosting;

/// <summary>Contract sections 1, 3 and 6 for every endpoint that the program routes, one that was added yesterday too.</summary>
public abstract class EveryRouteTests(Engine engine) : ServerTests(engine)
{
    private static readonly string[] Public = ["GET /v1/attachments/download/{token}", "POST /v1/auth/agent-register", "POST /v1/auth/agent-verify"];

    private static readonly string[] Permissions =
    [
        "domains:read", "domains:write", "inboxes:read", "inboxes:write", "threads:read", "threads:write",
        "messages:read", "messages:write", "attachments:read", "attachments:write", "data:delete", "read", "write",
    ];

    /// <summary>Calls whose answers do not end, or are no HTTP answers; StreamTests makes them.</summary>
    private static readonly string[] Streams = ["events.stream", "events.socket"];

    /// <summary>Calls that change the caller's organisation or its agents, or would have it told of what other tests do.</summary>
    private static readonly string[] OfOwnOrganisation = ["organisation.rename", "agents.revoke", "webhooks.create", "webhooks.update", "webhooks.update.patch"];

    /// <summary>Members that are read only when another is absent or null.</summary>
    private static readonly string[] Aliases = ["domains.create domain", "inboxes.create agent", "inboxes.update agent", "inboxes.create name", "inboxes.update name", "deletions.create scope", "webhooks.create url", "agents.register invite", "inboxes.create.domain domain_id"];

    /// <summary>A path with ids that nobody has; a stream refuses to begin there.</summary>
    private static string PathOf(ApiOperation operation) => operation.Path(static _ => false) + (Streams.Contains(operation.Id, StringComparer.Ordinal) ? "?after=nowhere" : "");

    private static (string Name, string Value) Elsewhere() => ("X-Forwarded-For", $"2001:db8:{Random.Shared.Next(1, 65536):x}:{Random.Shared.Next(1, 65536):x}::1");

    [Fact]
    public void Only_these_calls_need_no_credentials() =>
        JsonAssert.Texts(Public, ApiTable.Routes.Where(static route => route.Scope is null).Select(static route => $"{route.Method} {route.Path}"));

    [Fact]
    public async Task Without_credentials_every_other_call_is_401()
    {
        foreach (var operation in ApiTable.Operations.Where(static operation => operation.Route.Scope is not null))
        {
            var answer = await Server.WithKey(null).SendAsync(operation.Method, PathOf(operation), "{not json");
            Assert.True(answer.Status == 401, $"{operation}: {answer.Status} {answer.Text}");
            answer.ExpectError(401);
        }
    }

    [Fact]
    public async Task A_scope_opens_the_calls_that_name_it_and_no_other()
    {
        foreach (var operation in ApiTable.Operations.Where(static operation => operation.Route.Scope is not null))
        {
            foreach (var permission in Permissions)
            {
                var answer = await Server.Scoped(permission).SendAsync(operation.Method, PathOf(operation));
                var scope = operation.Route.Scope!;
                if (scope.Length == 0 || Scopes.Allows([permission], scope))
                {
                    Assert.True(answer.Status is not (401 or 403), $"{operation} with {permission}: {answer.Status} {answer.Text}");
                    continue;
                }
                Assert.True(answer.Status == 403, $"{operation} with {permission}: {answer.Status} {answer.Text}");
                Assert.Equal("insufficient_permissions", (string)answer.ExpectError(403).Json["code"]!);
                JsonAssert.Texts([scope], answer.Json["required"]!);
            }
        }
    }

    [Fact]
    public async Task Every_example_of_the_description_works_and_answers_as_described()
    {
        foreach (var operation in ApiTable.Operations.Where(static operation => !Streams.Contains(operation.Id, StringComparer.Ordinal)))
        {
            var answer = await CallAsync(operation, operation.Example);
            var (status, schema) = operation.Success;
            Assert.True(answer.Status == status, $"{operation}: {answer.Status} {answer.Text}");
            if (schema is not null)
                AssertNothing(SchemaCheck.Problems(answer.Json, schema, ApiTable.Schemas), $"{operation}: {answer.Text}");
        }
    }

    [Fact]
    public async Task Unknown_members_are_ignored_and_members_may_be_camelCase()
    {
        foreach (var operation in ApiTable.Operations.Where(static operation => operation.Example is not null))
        {
            var more = operation.Example!;
            more["something_else"] = new JsonObject { ["of"] = new JsonArray(1, "two") };
            var answer = await CallAsync(operation, more);
            Assert.True(answer.Status == operation.Success.Status, $"{operation} with an unknown member: {answer.Status} {answer.Text}");
            var camel = new JsonObject(operation.Example!.Select(static member => KeyValuePair.Create(Camel(member.Key), member.Value?.DeepClone())));
            answer = await CallAsync(operation, camel);
            Assert.True(answer.Status == operation.Success.Status, $"{operation} with {camel.ToJsonString()}: {answer.Status} {answer.Text}");
        }
    }

    [Fact]
    public async Task A_missing_member_or_one_of_the_wrong_kind_is_400_before_any_look_up()
    {
        foreach (var operation in ApiTable.Operations.Where(static operation => operation.BodySchema is not null))
        {
            Assert.NotNull(operation.Example);
            foreach (var (member, body) in WrongBodies(operation).Where(wrong => !IsUnread(operation, wrong.Member)))
            {
                // The ids are nobody's: were they looked up first, this would be a 404.
                var answer = await Api.SendAsync(operation.Method, operation.Path(), body.ToJsonString(), Elsewhere());
                Assert.True(answer.Status == 400, $"{operation} with {body.ToJsonString()}: {answer.Status} {answer.Text}");
                answer.ExpectError(400);
                Assert.NotNull(answer.Json["code"]);
            }
            var text = await Api.SendAsync(operation.Method, operation.Path(), "{not json", Elsewhere());
            Assert.True(text.Status == 400, $"{operation} with no JSON: {text.Status} {text.Text}");
        }
    }

    [Fact]
    public async Task A_missing_or_wrong_query_parameter_is_400_before_any_look_up()
    {
        foreach (var operation in ApiTable.Operations.Where(static operation => operation.Id != "events.socket"))
        {
            foreach (var (what, path) in WrongQueries(operation))
            {
                var answer = await Api.SendAsync(operation.Method, path);
                Assert.True(answer.Status == 400, $"{operation}, {what}: {path} {answer.Status} {answer.Text}");
                answer.ExpectError(400);
            }
        }
    }

    private async Task<ApiAnswer> CallAsync(ApiOperation operation, JsonObject? example)
    {
        var own = OfOwnOrganisation.Contains(operation.Id, StringComparer.Ordinal) ? await Belongings.OfNewOrganisationAsync(Server) : new Belongings(Server, Api);
        var path = operation.Path();
        if (operation.Id == "messages.cancel")
            path = path.Replace(ExampleIds.Message, await own.ScheduledAsync(), StringComparison.Ordinal);
        if (operation.Id == "messages.release")
            await own.HeldAsync();
        if ((operation.Route.Twin ?? operation.Id) == "inboxes.backfill")
            await own.BackfillAsync();
        if (operation.Id == "suppressions.removeAddress")
            await own.SuppressAsync();
        // Both at once: a body may name what the path names.
        var filled = (await own.FillAsync(path + "\n" + example?.ToJsonString())).Split('\n', 2);
        object? body = operation.Id == "dmarc.submit" ? Commune.Server.Tests.Api.Dmarc.DmarcTests.Xml($"d{Guid.NewGuid():N}.example", "r") : example is null ? null : filled[1];
        return await own.Client.SendAsync(operation.Method, filled[0], body, Elsewhere());
    }

    /// <summary>Bodies with one member missing that is needed, or one of a kind that it cannot be.</summary>
    private static IEnumerable<(string Member, JsonObject Body)> WrongBodies(ApiOperation operation)
    {
        var schema = operation.BodySchema!;
        foreach (var name in ((schema["required"] as JsonArray) ?? []).Select(static name => (string)name!))
        {
            var body = operation.Example!;
            body.Remove(name);
            yield return (name, body);
        }
        foreach (var (name, member) in schema["properties"]!.AsObject())
        {
            foreach (var wrong in WrongValues(SchemaCheck.Resolve(member!.AsObject(), ApiTable.Schemas)))
            {
                var body = operation.Example!;
                body[name] = wrong;
                yield return (name, body);
            }
        }
    }

    private static IEnumerable<JsonNode> WrongValues(JsonObject schema)
    {
        if (schema["anyOf"] is JsonArray choices)
            schema = SchemaCheck.Resolve(choices[0]!.AsObject(), ApiTable.Schemas);
        if (schema["enum"] is not null)
            yield return "zzz";
        if ((string?)schema["format"] == "date-time")
            yield return "some day";
        switch (schema["type"] is JsonArray types ? (string)types[0]! : (string?)schema["type"])
        {
            case "string" or "object" or "array":
                yield return 5;
                yield return true;
                break;
            case "integer" or "number" or "boolean":
                yield return "zzz";
                yield return new JsonArray();
                break;
        }
    }

    private static IEnumerable<(string What, string Path)> WrongQueries(ApiOperation operation)
    {
        var bare = operation.Path(static _ => false);
        if (operation.Description["x-one-of"] is not null)
            yield return ("none of those of which one is needed", bare);
        foreach (var field in operation.QueryFields)
        {
            var name = (string)field["name"]!;
            if ((bool?)field["required"] == true)
                yield return ($"no {name}", operation.Path(other => (string)other["name"]! != name));
            var schema = field["schema"]!.AsObject();
            var wrong = schema["enum"] is not null || (string?)schema["format"] == "date-time" || (string?)schema["type"] == "number" || name is "after" ? "zzz!"
                : name == "cursor" ? "%25" : null;
            if (wrong is null)
                continue;
            var path = operation.Path(other => (string)other["name"]! != name && (string)other["name"]! != "after");
            yield return ($"a wrong {name}", $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={wrong}");
        }
    }

    private static bool IsUnread(ApiOperation operation, string member) =>
        Aliases.Contains($"{operation.Id} {member}", StringComparer.Ordinal) || Aliases.Contains($"{operation.Route.Twin} {member}", StringComparer.Ordinal);

    private static string Camel(string snake)
    {
        var words = snake.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));
    }

    private static void AssertNothing(IReadOnlyList<string> problems, string where) => Assert.True(problems.Count == 0, $"{string.Join("\n", problems)}\n{where}");
}

public sealed class SqliteEveryRouteTests(SqliteEngine engine) : EveryRouteTests(engine);

public sealed class PostgresEveryRouteTests(PostgresEngine engine) : EveryRouteTests(engine);
