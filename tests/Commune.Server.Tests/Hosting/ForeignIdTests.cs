using System.Text.Json.Nodes;
using Commune.Server.Api.Description;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Hosting;

/// <summary>Contract section 1, Tenancy: an organisation that holds every right, and knows every id of another, gets at nothing of it.</summary>
public abstract class ForeignIdTests(Engine engine) : ServerTests(engine)
{
    /// <summary>A link is good for whoever has it.</summary>
    private static readonly string[] Capabilities = ["attachments.download"];

    /// <summary>Filters that find nothing instead, and the socket, which answers nobody but WebSockets.</summary>
    private static readonly string[] OtherFilters = ["webhooks.deliveries", "events.socket"];

    private static readonly Dictionary<string, string> NamesOfIds = new(StringComparer.Ordinal)
    {
        ["inbox_id"] = ExampleIds.Inbox,
        ["domain_id"] = ExampleIds.Domain,
        ["thread_id"] = ExampleIds.Thread,
        ["message_id"] = ExampleIds.Message,
        ["webhook_id"] = ExampleIds.Webhook,
        ["inbox_ids"] = ExampleIds.Inbox,
        ["attachments"] = ExampleIds.Attachment,
    };

    [Fact]
    public async Task What_another_organisation_has_is_not_found_by_any_call()
    {
        var own = new Belongings(Server, Api);
        // It can send, so that only the foreign id can be at fault.
        await Server.Other.NewInboxAsync();
        await own.OfAsync(ExampleIds.Request);
        await own.OfAsync(ExampleIds.Message);
        await own.OfAsync(ExampleIds.Key);
        await own.OfAsync(ExampleIds.Suppression);
        await own.OfAsync(ExampleIds.Webhook);
        await own.BackfillAsync();
        var agent = await Belongings.OfNewOrganisationAsync(Server);
        var domain = await new Belongings(Server, Api).OfAsync(ExampleIds.Domain);
        var before = await StateAsync(own, domain);
        foreach (var (operation, path, body) in ApiTable.Operations.SelectMany(Calls))
        {
            var text = path + "\n" + body?.ToJsonString();
            // An inbox's domain is the shared one, which is everybody's: alone, the id is that of a domain of its own.
            if (!text.Contains(ExampleIds.Inbox, StringComparison.Ordinal))
                text = text.Replace(ExampleIds.Domain, domain, StringComparison.Ordinal);
            var filled = (await own.FillAsync(text.Replace(ExampleIds.Agent, await agent.OfAsync(ExampleIds.Agent), StringComparison.Ordinal))).Split('\n', 2);
            object? sent = operation.Id == "dmarc.submit" ? Commune.Server.Tests.Api.Dmarc.DmarcTests.Xml($"d{Guid.NewGuid():N}.example", "r") : body is null ? null : filled[1];
            var answer = await Server.Other.SendAsync(operation.Method, filled[0], sent);
            Assert.True(answer.Status == 404, $"{operation}: {filled[0]} {sent} {answer.Status} {answer.Text}");
            Assert.DoesNotContain("private", answer.Text, StringComparison.Ordinal);
        }
        Assert.Equal(before, await StateAsync(own, domain));
        (await agent.Client.GetAsync("/v1/agent/org")).Expect(200);
    }

    /// <summary>The call with foreign ids in its path, or with one foreign id in its query or its body.</summary>
    private static IEnumerable<(ApiOperation Operation, string Path, JsonObject? Body)> Calls(ApiOperation operation)
    {
        if (Capabilities.Contains(operation.Id, StringComparer.Ordinal))
            yield break;
        if (operation.Route.Parameters.Count > 0)
        {
            yield return (operation, operation.Path(), operation.Example);
            yield break;
        }
        foreach (var name in operation.QueryFields.Select(static field => (string)field["name"]!).Where(NamesOfIds.ContainsKey))
        {
            if (OtherFilters.Contains(operation.Id, StringComparer.Ordinal))
                continue;
            var path = operation.Path(static field => !NamesOfIds.ContainsKey((string)field["name"]!));
            yield return (operation, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={NamesOfIds[name]}", operation.Example);
        }
        foreach (var name in (operation.BodySchema?["properties"]?.AsObject() ?? []).Select(static member => member.Key).Where(NamesOfIds.ContainsKey))
        {
            var body = operation.Example!;
            foreach (var id in NamesOfIds.Keys)
                body.Remove(id);
            body[name] = name is "attachments" or "inbox_ids" ? new JsonArray(NamesOfIds[name]) : NamesOfIds[name];
            yield return (operation, operation.Path(), body);
        }
    }

    [Fact]
    public async Task A_message_that_waits_cannot_be_withdrawn_by_another_organisation()
    {
        var scheduled = await new Belongings(Server, Api).ScheduledAsync();
        (await Server.Other.DeleteAsync($"/v1/messages/{scheduled}/schedule")).ExpectError(404);
        Assert.Equal("scheduled", (string)(await Api.GetAsync($"/v1/messages/{scheduled}")).Data["metadata"]!["delivery_status"]!);
    }

    [Fact]
    public async Task A_message_that_is_held_back_cannot_be_released_by_another_organisation()
    {
        var held = await new Belongings(Server, Api).HeldAsync();
        (await Server.Other.PostAsync($"/v1/messages/{held}/release")).ExpectError(404);
        Assert.True((bool)(await Api.GetAsync($"/v1/messages/{held}")).Data["metadata"]!["quarantined"]!);
    }

    [Fact]
    public async Task Its_lists_hold_nothing_of_another_organisation()
    {
        var own = new Belongings(Server, Api);
        var ids = new List<string> { await new Belongings(Server, Api).OfAsync(ExampleIds.Domain), "hook.invalid" };
        foreach (var example in (string[])[ExampleIds.Inbox, ExampleIds.Thread, ExampleIds.Message, ExampleIds.Delivery, ExampleIds.Key, ExampleIds.Suppression, ExampleIds.Request, ExampleIds.Webhook])
            ids.Add(await own.OfAsync(example));
        foreach (var path in (string[])["/v1/inboxes?limit=1000", "/v1/domains?limit=1000", "/v1/webhooks?limit=100", "/v1/webhooks/deliveries?limit=100", "/v1/webhooks/health", "/v1/messages?sender=kim@example.com&limit=1000",
            "/v1/agent/api-keys", "/v1/agent/audit?limit=200", "/v1/agent/agents", "/v1/events?after=earliest&limit=1000", "/v1/delivery/suppressions?email=gone@example.com",
            $"/v1/webhooks/deliveries?inbox_id={ids[2]}", $"/v1/webhooks/deliveries?webhook_id={ids[^1]}"])
        {
            var text = (await Server.Other.GetAsync(path)).Expect(200).Text;
            Assert.All(ids, id => Assert.False(text.Contains(id, StringComparison.Ordinal), $"{path} shows {id}"));
        }
    }

    /// <summary>What the calls would have changed.</summary>
    private async Task<string> StateAsync(Belongings own, string domain)
    {
        var state = new JsonArray();
        foreach (var path in (string[])[$"/v1/inboxes/{ExampleIds.Inbox}", $"/v1/inboxes/{ExampleIds.Inbox}/lists", $"/v1/webhooks/{ExampleIds.Webhook}", $"/v1/threads/{ExampleIds.Thread}", $"/v1/attachments/{ExampleIds.Attachment}",
            $"/v1/delivery/suppressions?inbox_id={ExampleIds.Inbox}", $"/v1/data/deletion-request/{ExampleIds.Request}"])
            state.Add((await Api.GetAsync(await own.FillAsync(path))).Expect(200).Json["data"]!.DeepClone());
        var key = await own.OfAsync(ExampleIds.Key);
        state.Add((await Api.GetAsync("/v1/agent/api-keys?limit=1000")).Expect(200).List.Any(one => (string)one["id"]! == key && (string)one["status"]! == "active"));
        var shown = (await Api.GetAsync($"/v1/domains/{domain}")).Expect(200).Data;
        state.Add($"{shown["tls"]} {shown["status"]} {shown["inboxes"]!.AsArray().Count}");
        return state.ToJsonString();
    }
}

public sealed class SqliteForeignIdTests(SqliteEngine engine) : ForeignIdTests(engine);

public sealed class PostgresForeignIdTests(PostgresEngine engine) : ForeignIdTests(engine);
