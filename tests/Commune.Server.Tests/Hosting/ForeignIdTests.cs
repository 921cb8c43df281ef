using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Hosting;

/// <summary>Contract section 1, Tenancy: an organisation that holds every right, and knows every id of another, gets at nothing of it.</summary>
public abstract class ForeignIdTests(Engine engine) : ServerTests(engine)
{
    private sealed record Belongings(
        string Inbox, string Domain, string OwnDomain, string Thread, string Message, string Scheduled, string Attachment, string Upload, string Suppression,
        string Webhook, string Endpoint, string Key, string Deletion);

    private async Task<Belongings> MakeAsync()
    {
        var inbox = await Api.NewInboxAsync();
        // A name that no resolver knows: the call fails, and its delivery stays.
        (await Api.PostAsync($"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}/webhook", new { endpoint = "https://hook.invalid/x" })).Expect(200);
        await ReceiveAsync("kim@example.com", inbox.Address,
            Letter.WithAttachment("kim@example.com", inbox.Address, "private", "private text", "a.txt", "text/plain", "private file"u8.ToArray()));
        var message = await Api.OnlyMessageAsync(inbox);
        var upload = (await Api.PostAsync("/v1/attachments/upload", new { filename = "b.txt", content = "AA==" })).Expect(201);
        var scheduled = (await Api.PostAsync("/v1/messages/send", new { to = "a@far.test", subject = "s", text = "t", inbox_id = inbox.Id, send_at = "2026-12-01T00:00:00Z" }));
        var sent = scheduled.Status == 202 ? scheduled : (await SendAsync(inbox, "a@far.test", "s", "t"));
        var suppression = (await Api.PostAsync("/v1/delivery/suppressions", new { email = "gone@far.test", inbox_id = inbox.Id })).Expect(201);
        var delivery = (await Api.GetAsync($"/v1/webhooks/deliveries?inbox_id={inbox.Id}")).Expect(200).List[0];
        var endpoint = (await Api.PostAsync("/v1/webhooks", new { endpoint = "https://hook.invalid/org", enabled = false })).Expect(201);
        var key = (await Api.PostAsync("/v1/agent/api-keys", new { name = "k", permissions = (string[])["read"] })).Expect(201);
        var deletion = (await Api.PostAsync("/v1/data/deletion-request", new { scope = "inbox", inbox_id = inbox.Id })).Expect(201);
        return new Belongings(inbox.Id, inbox.DomainId, Server.OwnDomainId, (string)message["thread_id"]!, (string)message["message_id"]!, (string)sent.Data["id"]!,
            Assert.Single(JsonAssert.TextsOf(message["attachments"])), (string)upload.Json["id"]!, (string)suppression.Data["id"]!,
            (string)delivery["delivery_id"]!, (string)endpoint.Data["id"]!, (string)key.Data["id"]!, (string)deletion.Json["id"]!);
    }

    /// <summary>Every call that names something by its id.</summary>
    private static IEnumerable<(string Method, string Path, object? Body)> Calls(Belongings own)
    {
        foreach (var domain in (string[])["", "/records", "/status", "/zone", "/inboxes"])
            yield return ("GET", $"/v1/domains/{own.OwnDomain}{domain}", null);
        yield return ("POST", $"/v1/domains/{own.OwnDomain}/verify", null);
        yield return ("POST", $"/v1/domains/{own.OwnDomain}/dkim/rotate", null);
        yield return ("PATCH", $"/v1/domains/{own.OwnDomain}", new { tls = "require" });
        yield return ("DELETE", $"/v1/domains/{own.OwnDomain}", null);
        yield return ("POST", $"/v1/domains/{own.OwnDomain}/inboxes", new { local_part = "taken" });
        yield return ("POST", "/v1/inboxes", new { local_part = "taken", domain_id = own.OwnDomain });
        foreach (var inbox in (string[])[$"/v1/inboxes/{own.Inbox}", $"/v1/domains/{own.Domain}/inboxes/{own.Inbox}"])
        {
            yield return ("GET", inbox, null);
            yield return ("PUT", inbox, new { name = "taken" });
            yield return ("DELETE", inbox, null);
            yield return ("GET", inbox + "/lists", null);
            yield return ("PUT", inbox + "/lists", new { block = (string[])["@everybody.test"] });
            yield return ("GET", inbox + "/wait?timeout=1&after=3600s", null);
        }
        yield return ("PATCH", $"/v1/inboxes/{own.Inbox}", new { name = "taken" });
        yield return ("POST", $"/v1/domains/{own.Domain}/inboxes/{own.Inbox}/webhook", new { endpoint = "https://hook.invalid/taken" });
        yield return ("PUT", $"/v1/domains/{own.Domain}/inboxes/{own.Inbox}/extraction-schema", new { name = "n", schema = new { type = "object", properties = new { } } });
        yield return ("DELETE", $"/v1/domains/{own.Domain}/inboxes/{own.Inbox}/extraction-schema", null);
        yield return ("POST", $"/v1/messages/{own.Message}/extract", new { dry_run = true, schema = new { type = "object", properties = new { } } });
        foreach (var schema in (string[])[$"/v1/inboxes/{own.Inbox}/extraction-schema", $"/v1/domains/{own.Domain}/inboxes/{own.Inbox}/extraction-schema"])
        {
            yield return ("POST", schema + "/test", new { text = "x", schema = new { type = "object", properties = new { } } });
            yield return ("POST", schema + "/backfill", null);
            yield return ("GET", schema + "/backfill", null);
        }
        foreach (var list in (string[])["threads", "messages", "delivery/metrics", "delivery/events", "delivery/suppressions", "events"])
            yield return ("GET", $"/v1/{list}?inbox_id={own.Inbox}", null);
        foreach (var thread in (string[])["", "/messages", "/metadata"])
            yield return ("GET", $"/v1/threads/{own.Thread}{thread}", null);
        yield return ("PATCH", $"/v1/threads/{own.Thread}", new { status = "closed" });
        yield return ("PUT", $"/v1/threads/{own.Thread}/status", new { status = "closed" });
        yield return ("POST", $"/v1/threads/{own.Thread}/tags", new { tags = (string[])["taken"] });
        yield return ("DELETE", $"/v1/threads/{own.Thread}/tags", new { tags = (string[])["taken"] });
        yield return ("PUT", $"/v1/threads/{own.Thread}/assign", new { assigned_to = "me" });
        foreach (var message in (string[])["", "/raw", "/attempts"])
            yield return ("GET", $"/v1/messages/{own.Message}{message}", null);
        yield return ("DELETE", $"/v1/messages/{own.Scheduled}/schedule", null);
        yield return ("GET", $"/v1/delivery/events?message_id={own.Message}", null);
        foreach (var file in (string[])[own.Attachment, own.Upload])
        {
            yield return ("GET", $"/v1/attachments/{file}", null);
            yield return ("GET", $"/v1/attachments/{file}/url", null);
            yield return ("POST", "/v1/messages/send", new { to = "a@far.test", subject = "s", text = "t", attachments = (string[])[file] });
        }
        yield return ("POST", "/v1/messages/send", new { to = "a@far.test", subject = "s", text = "t", inbox_id = own.Inbox });
        yield return ("POST", "/v1/messages/send", new { to = "a@far.test", subject = "s", text = "t", thread_id = own.Thread });
        yield return ("DELETE", $"/v1/delivery/suppressions/{own.Suppression}", null);
        yield return ("POST", "/v1/delivery/suppressions", new { email = "a@far.test", inbox_id = own.Inbox });
        yield return ("GET", $"/v1/webhooks/deliveries/{own.Webhook}", null);
        yield return ("POST", $"/v1/webhooks/deliveries/{own.Webhook}/retry", null);
        yield return ("POST", "/v1/webhooks/test", new { inbox_id = own.Inbox });
        yield return ("GET", $"/v1/webhooks/{own.Endpoint}", null);
        yield return ("PATCH", $"/v1/webhooks/{own.Endpoint}", new { enabled = true });
        yield return ("DELETE", $"/v1/webhooks/{own.Endpoint}", null);
        yield return ("POST", $"/v1/webhooks/{own.Endpoint}/rotate-secret", null);
        yield return ("POST", "/v1/webhooks/test", new { webhook_id = own.Endpoint });
        yield return ("POST", "/v1/webhooks", new { endpoint = "https://hook.invalid/y", inbox_ids = (string[])[own.Inbox] });
        yield return ("POST", $"/v1/agent/api-keys/{own.Key}/rotate", null);
        yield return ("DELETE", $"/v1/agent/api-keys/{own.Key}", null);
        yield return ("GET", $"/v1/data/deletion-request/{own.Deletion}", null);
        yield return ("POST", $"/v1/data/deletion-request/{own.Deletion}/confirm", new { confirmation_token = new string('0', 64) });
        yield return ("POST", "/v1/data/deletion-request", new { scope = "inbox", inbox_id = own.Inbox });
    }

    [Fact]
    public async Task What_another_organisation_has_is_not_found_by_any_call()
    {
        var own = await MakeAsync();
        // It can send, so that only the foreign id can be at fault.
        await Server.Other.NewInboxAsync();
        var before = await StateAsync(own);
        foreach (var (method, path, body) in Calls(own))
        {
            var answer = await Server.Other.SendAsync(new HttpMethod(method), path, body);
            Assert.True(answer.Status == 404, $"{method} {path}: {answer.Status} {answer.Text}");
            Assert.DoesNotContain("private", answer.Text, StringComparison.Ordinal);
        }
        Assert.Equal(before, await StateAsync(own));
    }

    [Fact]
    public async Task Its_lists_hold_nothing_of_another_organisation()
    {
        var own = await MakeAsync();
        foreach (var path in (string[])["/v1/inboxes?limit=1000", "/v1/domains?limit=1000", "/v1/webhooks?limit=100", "/v1/webhooks/deliveries?limit=100", "/v1/webhooks/health", "/v1/messages?sender=kim@example.com&limit=1000",
            "/v1/agent/api-keys", "/v1/agent/audit?limit=200", "/v1/events?after=earliest&limit=1000", "/v1/delivery/suppressions?email=gone@far.test"])
        {
            var text = (await Server.Other.GetAsync(path)).Expect(200).Text;
            Assert.All((string[])[own.Inbox, own.Thread, own.Message, own.OwnDomain, own.Webhook, own.Endpoint, own.Key, own.Suppression, "hook.invalid"],
                id => Assert.False(text.Contains(id, StringComparison.Ordinal), $"{path} shows {id}"));
        }
    }

    /// <summary>What the calls would have changed.</summary>
    private async Task<string> StateAsync(Belongings own)
    {
        var state = new JsonArray();
        foreach (var path in (string[])[$"/v1/inboxes/{own.Inbox}", $"/v1/threads/{own.Thread}", $"/v1/messages/{own.Scheduled}", $"/v1/attachments/{own.Upload}",
            $"/v1/webhooks/{own.Endpoint}", $"/v1/delivery/suppressions?inbox_id={own.Inbox}", $"/v1/data/deletion-request/{own.Deletion}"])
            state.Add((await Api.GetAsync(path)).Expect(200).Json["data"]!.DeepClone());
        state.Add((string)(await Api.GetAsync($"/v1/domains/{own.OwnDomain}")).Expect(200).Data["tls"]!);
        state.Add((await Api.GetAsync("/v1/agent/api-keys?limit=100")).Expect(200).List.Any(key => (string)key["id"]! == own.Key && (string)key["status"]! == "active"));
        return state.ToJsonString();
    }
}

public sealed class SqliteForeignIdTests(SqliteEngine engine) : ForeignIdTests(engine);

public sealed class PostgresForeignIdTests(PostgresEngine engine) : ForeignIdTests(engine);
