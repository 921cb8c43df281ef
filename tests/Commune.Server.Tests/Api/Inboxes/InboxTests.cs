using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Inboxes;

/// <summary>Contract section 8.</summary>
public abstract class InboxTests(Engine engine) : ServerTests(engine)
{
    private static readonly object Schema = new
    {
        name = "ticket",
        description = "What is asked",
        schema = new { type = "object", properties = new { order_id = new { type = "string" } } },
        enabled = true,
    };

    [Fact]
    public async Task An_address_that_speaks_for_the_shared_domain_is_the_operators()
    {
        (await Server.Other.PostAsync("/v1/inboxes", new { local_part = "HostMaster" })).ExpectError(409);
        var inbox = await Server.Other.NewInboxAsync();
        (await Server.Other.PatchAsync($"/v1/inboxes/{inbox.Id}", new { local_part = "admin" })).ExpectError(409);
        var own = await Api.NewInboxAsync("hostmaster");
        (await Api.DeleteAsync($"/v1/inboxes/{own.Id}")).Expect(200);
    }

    [Fact]
    public async Task An_inbox_is_made_on_the_shared_domain_with_one_call()
    {
        var local = ApiClient.NewLocalPart();
        var answer = (await Api.PostAsync("/v1/inboxes", new { local_part = local, name = "Support Inbox" })).Expect(201);
        AssertInbox(answer.Data, local, SharedServer.SharedDomain, "Support Inbox");
        Assert.Equal((string)answer.Data["id"]!, (string)answer.Json["id"]!);
        Assert.Equal($"{local}@{SharedServer.SharedDomain}", (string)answer.Json["address"]!);
        Assert.Equal($"{local}@{SharedServer.SharedDomain}", (string)answer.Json["email"]!);
    }

    [Fact]
    public async Task Without_a_domain_id_it_goes_to_the_shared_domain_though_there_are_others() =>
        Assert.EndsWith("@" + SharedServer.SharedDomain, (await Api.NewInboxAsync()).Address, StringComparison.Ordinal);

    [Fact]
    public async Task An_inbox_is_made_under_a_domain_by_either_path()
    {
        var (nested, flat) = (ApiClient.NewLocalPart(), ApiClient.NewLocalPart());
        AssertInbox((await Api.PostAsync($"/v1/domains/{Server.OwnDomainId}/inboxes", new { local_part = nested, name = "N" })).Expect(201).Data, nested, SharedServer.OwnDomain, "N");
        AssertInbox((await Api.PostAsync("/v1/inboxes", new { local_part = flat, domain_id = Server.OwnDomainId, name = "F" })).Expect(201).Data, flat, SharedServer.OwnDomain, "F");
    }

    [Fact]
    public async Task An_unknown_domain_is_404()
    {
        (await Api.PostAsync("/v1/inboxes", new { local_part = "x", domain_id = "d_unknown" })).ExpectError(404);
        (await Api.PostAsync("/v1/domains/d_unknown/inboxes", new { local_part = "x" })).ExpectError(404);
        (await Api.GetAsync("/v1/domains/d_unknown/inboxes")).ExpectError(404);
        (await Api.GetAsync("/v1/inboxes?domain_id=d_unknown")).Expect(404);
    }

    [Fact]
    public async Task Every_endpoint_that_returns_an_inbox_returns_the_same_object()
    {
        var inbox = await Api.NewInboxAsync(name: "Same");
        var nested = $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}";
        JsonObject[] forms =
        [
            (await Api.GetAsync($"/v1/inboxes/{inbox.Id}")).Expect(200).Data,
            (await Api.GetAsync(nested)).Expect(200).Data,
            (await Api.PutAsync(nested, new { })).Expect(200).Data,
            (await Api.PutAsync($"/v1/inboxes/{inbox.Id}", new { })).Expect(200).Data,
            (await Api.PatchAsync($"/v1/inboxes/{inbox.Id}", new { })).Expect(200).Data,
            (await FindInListAsync("/v1/inboxes?", inbox.Id))!,
            (await FindInListAsync($"/v1/inboxes?domain_id={inbox.DomainId}&", inbox.Id))!,
            (await FindInListAsync($"/v1/domains/{inbox.DomainId}/inboxes?", inbox.Id))!,
        ];
        foreach (var form in forms)
        {
            AssertInbox(form, inbox.LocalPart, SharedServer.SharedDomain, "Same");
            Assert.Equal(forms[0].ToJsonString(), form.ToJsonString());
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("a.b_c-d")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_local_part_of_the_rules_is_taken(string pattern)
    {
        // The address space is one: the length is kept, the middle made unique where there is room.
        var domain = (await Api.PostAsync("/v1/domains", new { name = $"x{Guid.NewGuid():N}"[..20] + ".example" })).Expect(201).Data;
        Assert.Equal(pattern, (string)(await Api.PostAsync($"/v1/domains/{domain["id"]}/inboxes", new { local_part = pattern })).Expect(201).Data["localPart"]!);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("_a")]
    [InlineData("a+b")]
    [InlineData("a b")]
    [InlineData("a@b")]
    [InlineData("ä")]
    [InlineData("a\r\nb")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_local_part_against_the_rules_is_400(string local)
    {
        (await Api.PostAsync("/v1/inboxes", new { local_part = local })).ExpectError(400);
        var inbox = await Api.NewInboxAsync();
        (await Api.PatchAsync($"/v1/inboxes/{inbox.Id}", new { local_part = local })).ExpectError(400);
    }

    [Fact]
    public async Task A_missing_local_part_is_400_and_names_it()
    {
        var answer = (await Api.PostAsync("/v1/inboxes", new { name = "x" })).ExpectError(400);
        Assert.Contains("local_part", answer.Error, StringComparison.Ordinal);
        (await Api.PostAsync($"/v1/domains/{Server.OwnDomainId}/inboxes", new { name = "x" })).ExpectError(400);
    }

    [Fact]
    public async Task A_local_part_is_folded_to_lower_case()
    {
        var local = ApiClient.NewLocalPart();
        Assert.Equal(local, (string)(await Api.PostAsync("/v1/inboxes", new { local_part = local.ToUpperInvariant() })).Expect(201).Data["localPart"]!);
        (await Api.PostAsync("/v1/inboxes", new { local_part = local })).ExpectError(409);
    }

    [Fact]
    public async Task An_address_that_exists_is_409_whoever_owns_it()
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.PostAsync("/v1/inboxes", new { local_part = inbox.LocalPart })).ExpectError(409);
        (await Server.Other.PostAsync("/v1/inboxes", new { local_part = inbox.LocalPart })).ExpectError(409);
        var second = await Api.NewInboxAsync();
        (await Api.PatchAsync($"/v1/inboxes/{second.Id}", new { local_part = inbox.LocalPart })).ExpectError(409);
        Assert.Equal(second.Address, (string)(await Api.GetAsync($"/v1/inboxes/{second.Id}")).Data["address"]!);
    }

    [Fact]
    public async Task Of_sixteen_at_once_one_gets_the_address()
    {
        var local = ApiClient.NewLocalPart();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Api.PostAsync("/v1/inboxes", new { local_part = local })));
        Assert.Single(answers, static a => a.Status == 201);
        Assert.Equal(15, answers.Count(static a => a.Status == 409));
    }

    [Theory]
    [InlineData("""{"display_name": "One", "displayName": "Two", "name": "Three"}""", "One")]
    [InlineData("""{"displayName": "Two", "name": "Three"}""", "Two")]
    [InlineData("""{"name": "Three"}""", "Three")]
    [InlineData("""{"agent": {"name": "Four"}}""", "Four")]
    [InlineData("""{"name": "Łódź 株式会社 😀"}""", "Łódź 株式会社 😀")]
    public async Task The_display_name_is_the_first_one_given(string json, string expected)
    {
        var body = JsonNode.Parse(json)!.AsObject();
        body["local_part"] = ApiClient.NewLocalPart();
        Assert.Equal(expected, (string)(await Api.SendAsync(HttpMethod.Post, "/v1/inboxes", body.ToJsonString())).Expect(201).Data["displayName"]!);
        var inbox = await Api.NewInboxAsync();
        Assert.Equal(expected, (string)(await Api.SendAsync(HttpMethod.Patch, $"/v1/inboxes/{inbox.Id}", json)).Expect(200).Data["display_name"]!);
    }

    [Fact]
    public async Task An_update_changes_what_is_sent_and_nothing_else()
    {
        var inbox = await Api.NewInboxAsync(name: "Before");
        var path = $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}";
        await Api.PutAsync(path, new { webhook = new { endpoint = "https://hooks.example/a" }, extraction_schema = Schema });
        var before = (await Api.GetAsync(path)).Expect(200).Data;
        Assert.Equal("ticket", (string)before["extractionSchema"]!["name"]!);

        Assert.Equal(before.ToJsonString(), (await Api.PutAsync(path, new { })).Expect(200).Data.ToJsonString());
        Assert.Equal(before.ToJsonString(), (await Api.SendAsync(HttpMethod.Put, path)).Expect(200).Data.ToJsonString());

        var local = ApiClient.NewLocalPart();
        var after = (await Api.PutAsync(path, new { local_part = local, name = "After" })).Expect(200).Data;
        AssertInbox(after, local, SharedServer.SharedDomain, "After");
        Assert.Equal(before["webhook"]!.ToJsonString(), after["webhook"]!.ToJsonString());
        Assert.Equal(before["extractionSchema"]!.ToJsonString(), after["extractionSchema"]!.ToJsonString());
        Assert.Equal((string)before["createdAt"]!, (string)after["createdAt"]!);

        // The former address is free again, and receives no more.
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        (await talk.CommandAsync("MAIL FROM:<a@b.example>")).Expect(250);
        (await talk.CommandAsync($"RCPT TO:<{inbox.Address}>")).Expect(550);
        (await talk.CommandAsync($"RCPT TO:<{after["address"]}>")).Expect(250);
        (await Api.PostAsync("/v1/inboxes", new { local_part = inbox.LocalPart })).Expect(201);
    }

    [Fact]
    public async Task A_status_is_active_or_inactive()
    {
        var inbox = await Api.NewInboxAsync();
        Assert.Equal("inactive", (string)(await Api.PatchAsync($"/v1/inboxes/{inbox.Id}", new { status = "inactive" })).Expect(200).Data["status"]!);
        Assert.Equal("active", (string)(await Api.PatchAsync($"/v1/inboxes/{inbox.Id}", new { status = "active" })).Expect(200).Data["status"]!);
        (await Api.PatchAsync($"/v1/inboxes/{inbox.Id}", new { status = "asleep" })).ExpectError(400);
        (await Api.PatchAsync($"/v1/inboxes/{inbox.Id}", new { status = 1 })).ExpectError(400);
        Assert.Equal("inactive", (string)(await Api.PostAsync("/v1/inboxes", new { local_part = ApiClient.NewLocalPart(), status = "inactive" })).Expect(201).Data["status"]!);
    }

    [Fact]
    public async Task An_inbox_deleted_is_gone_and_its_address_free()
    {
        var inbox = await Api.NewInboxAsync();
        var path = $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}";
        Assert.True((bool)(await Api.DeleteAsync(path)).Expect(200).Data["ok"]!);
        (await Api.DeleteAsync(path)).ExpectError(404);
        (await Api.GetAsync(path)).ExpectError(404);
        (await Api.GetAsync($"/v1/inboxes/{inbox.Id}")).ExpectError(404);
        (await Api.PatchAsync($"/v1/inboxes/{inbox.Id}", new { })).ExpectError(404);
        (await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}")).ExpectError(404);
        Assert.Null(await FindInListAsync("/v1/inboxes?", inbox.Id));
        await using (var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp))
        {
            (await talk.CommandAsync("MAIL FROM:<a@b.example>")).Expect(250);
            (await talk.CommandAsync($"RCPT TO:<{inbox.Address}>")).Expect(550);
        }
        var again = await Api.NewInboxAsync(inbox.LocalPart);
        JsonAssert.Differ(inbox.Id, again.Id);
        Assert.Empty(await Api.ThreadsAsync(again));
        (await Api.DeleteAsync($"/v1/inboxes/{again.Id}")).Expect(200);
        (await Api.DeleteAsync($"/v1/inboxes/{again.Id}")).ExpectError(404);
    }

    [Fact]
    public async Task Nested_paths_are_404_for_an_inbox_of_another_domain()
    {
        var inbox = await Api.NewInboxAsync();
        var wrong = $"/v1/domains/{Server.OwnDomainId}/inboxes/{inbox.Id}";
        (await Api.GetAsync(wrong)).ExpectError(404);
        (await Api.PutAsync(wrong, new { name = "x" })).ExpectError(404);
        (await Api.PutAsync(wrong + "/extraction-schema", Schema)).ExpectError(404);
        (await Api.DeleteAsync(wrong + "/extraction-schema")).ExpectError(404);
        (await Api.PostAsync(wrong + "/webhook", new { endpoint = "https://hooks.example/" })).ExpectError(404);
        (await Api.PostAsync(wrong + "/schema", new { schema = new { type = "object", properties = new { } } })).ExpectError(404);
        (await Api.DeleteAsync(wrong)).ExpectError(404);
        (await Api.GetAsync($"/v1/inboxes/{inbox.Id}")).Expect(200);
    }

    [Fact]
    public async Task Inboxes_are_paged_none_twice_none_missed()
    {
        var domain = (string)(await Api.PostAsync("/v1/domains", new { name = $"p{Guid.NewGuid():N}"[..20] + ".example" })).Expect(201).Data["id"]!;
        var made = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 7; i++)
            made.Add((string)(await Api.PostAsync($"/v1/domains/{domain}/inboxes", new { local_part = $"box{i}" })).Expect(201).Data["id"]!);
        foreach (var list in (string[])[$"/v1/domains/{domain}/inboxes?limit=3", $"/v1/inboxes?domain_id={domain}&limit=3"])
        {
            var seen = new List<string>();
            for (string? cursor = ""; cursor is not null;)
            {
                var page = (await Api.GetAsync(list + (cursor.Length > 0 ? "&cursor=" + cursor : ""))).Expect(200);
                Assert.InRange(page.List.Count, 1, 3);
                seen.AddRange(page.List.Select(static i => (string)i["id"]!));
                cursor = page.NextCursor;
            }
            Assert.Equal(7, seen.Count);
            Assert.Equal(made, seen.ToHashSet(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Nothing_is_accepted_for_an_inbox_of_an_unverified_domain()
    {
        var name = $"u{Guid.NewGuid():N}"[..20] + ".example";
        var domain = (await Api.PostAsync("/v1/domains", new { name })).Expect(201).Data;
        var inbox = (await Api.PostAsync($"/v1/domains/{domain["id"]}/inboxes", new { local_part = "info" })).Expect(201).Data;
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        (await talk.CommandAsync("MAIL FROM:<a@b.example>")).Expect(250);
        (await talk.CommandAsync($"RCPT TO:<info@{name}>")).Expect(550);
        (await Api.PostAsync("/v1/messages/send", new { to = "a@b.example", subject = "s", text = "t", inbox_id = (string)inbox["id"]! })).ExpectError(403);
    }

    private async Task<JsonObject?> FindInListAsync(string list, string id)
    {
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await Api.GetAsync($"{list}limit=1000" + (cursor.Length > 0 ? "&cursor=" + cursor : ""))).Expect(200);
            if (page.List.FirstOrDefault(i => (string)i["id"]! == id) is { } found)
                return found;
            cursor = page.NextCursor;
        }
        return null;
    }

    private static void AssertInbox(JsonObject inbox, string local, string domain, string name)
    {
        Assert.StartsWith("i_", (string)inbox["id"]!, StringComparison.Ordinal);
        Assert.StartsWith("d_", (string)inbox["domain_id"]!, StringComparison.Ordinal);
        Assert.Equal((string)inbox["domain_id"]!, (string)inbox["domainId"]!);
        Assert.Equal(domain, (string)inbox["domain_name"]!);
        Assert.All((string[])["localPart", "local_part"], member => Assert.Equal(local, (string)inbox[member]!));
        Assert.All((string[])["address", "email"], member => Assert.Equal($"{local}@{domain}", (string)inbox[member]!));
        Assert.All((string[])["displayName", "display_name", "name"], member => Assert.Equal(name, (string)inbox[member]!));
        Assert.Equal(name, (string)inbox["agent"]!["name"]!);
        Assert.Equal("active", (string)inbox["status"]!);
        Assert.Equal((string)inbox["createdAt"]!, (string)inbox["created_at"]!);
    }
}

public sealed class SqliteInboxTests(SqliteEngine engine) : InboxTests(engine);

public sealed class PostgresInboxTests(PostgresEngine engine) : InboxTests(engine);
