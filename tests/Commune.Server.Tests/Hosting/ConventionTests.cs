using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Hosting;

/// <summary>Contract sections 1 to 4 and 6: what holds for every call.</summary>
public abstract class ConventionTests(Engine engine) : ServerTests(engine)
{
    public static TheoryData<string, string> Routes => new()
    {
        { "GET", "/v1/domains" },
        { "POST", "/v1/domains" },
        { "GET", "/v1/domains/d_x" },
        { "GET", "/v1/domains/d_x/records" },
        { "GET", "/v1/domains/d_x/status" },
        { "POST", "/v1/domains/d_x/verify" },
        { "GET", "/v1/inboxes" },
        { "POST", "/v1/inboxes" },
        { "GET", "/v1/inboxes/i_x" },
        { "PUT", "/v1/inboxes/i_x" },
        { "PATCH", "/v1/inboxes/i_x" },
        { "DELETE", "/v1/inboxes/i_x" },
        { "GET", "/v1/domains/d_x/inboxes" },
        { "POST", "/v1/domains/d_x/inboxes" },
        { "GET", "/v1/domains/d_x/inboxes/i_x" },
        { "PUT", "/v1/domains/d_x/inboxes/i_x" },
        { "DELETE", "/v1/domains/d_x/inboxes/i_x" },
        { "PUT", "/v1/domains/d_x/inboxes/i_x/extraction-schema" },
        { "DELETE", "/v1/domains/d_x/inboxes/i_x/extraction-schema" },
        { "POST", "/v1/domains/d_x/inboxes/i_x/webhook" },
        { "POST", "/v1/domains/d_x/inboxes/i_x/schema" },
        { "DELETE", "/v1/domains/d_x/inboxes/i_x/schema" },
        { "GET", "/v1/threads" },
        { "GET", "/v1/threads/conv_x" },
        { "PATCH", "/v1/threads/conv_x" },
        { "GET", "/v1/threads/conv_x/messages" },
        { "GET", "/v1/threads/conv_x/metadata" },
        { "PUT", "/v1/threads/conv_x/status" },
        { "PATCH", "/v1/threads/conv_x/status" },
        { "POST", "/v1/threads/conv_x/tags" },
        { "DELETE", "/v1/threads/conv_x/tags" },
        { "POST", "/v1/threads/conv_x/tags/remove" },
        { "PUT", "/v1/threads/conv_x/assign" },
        { "PATCH", "/v1/threads/conv_x/assign" },
        { "GET", "/v1/messages" },
        { "POST", "/v1/messages/send" },
        { "GET", "/v1/messages/msg_x" },
        { "GET", "/v1/messages/msg_x/raw" },
        { "GET", "/v1/attachments/att_x" },
        { "GET", "/v1/attachments/att_x/url" },
    };

    /// <summary>Method, path, scope; ids are unknown, so that what comes after the scope check is no success.</summary>
    public static TheoryData<string, string, string> ScopedRoutes => new()
    {
        { "GET", "/v1/domains", "domains:read" },
        { "POST", "/v1/domains", "domains:write" },
        { "POST", "/v1/domains/d_x/verify", "domains:write" },
        { "GET", "/v1/inboxes", "inboxes:read" },
        { "POST", "/v1/inboxes", "inboxes:write" },
        { "DELETE", "/v1/inboxes/i_x", "inboxes:write" },
        { "PUT", "/v1/domains/d_x/inboxes/i_x/extraction-schema", "inboxes:write" },
        { "POST", "/v1/inboxes/i_x/extraction-schema/test", "inboxes:write" },
        { "POST", "/v1/domains/d_x/inboxes/i_x/extraction-schema/backfill", "inboxes:write" },
        { "GET", "/v1/inboxes/i_x/extraction-schema/backfill", "inboxes:read" },
        { "POST", "/v1/messages/msg_x/extract", "messages:write" },
        { "GET", "/v1/threads", "threads:read" },
        { "GET", "/v1/threads/conv_x/messages", "threads:read" },
        { "GET", "/v1/threads/conv_x/metadata", "threads:read" },
        { "PUT", "/v1/threads/conv_x/status", "threads:write" },
        { "POST", "/v1/threads/conv_x/tags", "threads:write" },
        { "PUT", "/v1/threads/conv_x/assign", "threads:write" },
        { "GET", "/v1/messages", "messages:read" },
        { "GET", "/v1/messages/msg_x", "messages:read" },
        { "GET", "/v1/messages/msg_x/raw", "messages:read" },
        { "POST", "/v1/messages/send", "messages:write" },
        { "GET", "/v1/attachments/att_x", "attachments:read" },
        { "GET", "/v1/attachments/att_x/url", "attachments:read" },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Without_a_key_every_call_is_401(string method, string path) =>
        (await Server.WithKey(null).SendAsync(new HttpMethod(method), path, "{not json")).ExpectError(401);

    [Theory]
    [MemberData(nameof(ScopedRoutes))]
    public async Task Without_the_scope_a_call_is_403_before_anything_else(string method, string path, string scope)
    {
        // The opposite half of the scopes, and a body and ids that would be refused too.
        var answer = (await Server.Scoped(scope.EndsWith(":read", StringComparison.Ordinal) ? "write" : "read")
            .SendAsync(new HttpMethod(method), path, "{not json")).ExpectError(403);
        Assert.Equal("insufficient_permissions", (string)answer.Json["code"]!);
        JsonAssert.Texts([scope], answer.Json["required"]!);
    }

    [Theory]
    [MemberData(nameof(ScopedRoutes))]
    public async Task The_scope_alone_is_enough(string method, string path, string scope) =>
        Assert.NotInRange((await Server.Scoped(scope).SendAsync(new HttpMethod(method), path)).Status, 401, 403);

    [Fact]
    public async Task Data_delete_lets_nobody_read() =>
        (await Server.Scoped("data:delete").GetAsync("/v1/inboxes")).ExpectError(403);

    [Theory]
    [InlineData("")]
    [InlineData("Basic Y29tbXVuZTpjb21tdW5l")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer comm_0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("comm_0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task A_wrong_authorization_header_is_401(string header) =>
        (await Server.WithKey(null).SendAsync(HttpMethod.Get, "/v1/inboxes", null, ("Authorization", header))).ExpectError(401);

    [Fact]
    public async Task A_revoked_or_expired_key_is_401()
    {
        (await Server.WithKey(Server.RevokedKey).GetAsync("/v1/inboxes")).ExpectError(401);
        (await Server.WithKey(Server.ExpiredKey).GetAsync("/v1/inboxes")).ExpectError(401);
    }

    [Fact]
    public async Task The_scheme_is_case_insensitive() =>
        (await Server.WithKey(null).SendAsync(HttpMethod.Get, "/v1/inboxes", null, ("Authorization", "bearer " + Server.AdminKey))).Expect(200);

    [Fact]
    public async Task Validation_comes_before_lookups()
    {
        (await Api.PutAsync("/v1/threads/conv_x/status", new { status = "lost" })).ExpectError(400);
        (await Api.PostAsync("/v1/threads/conv_x/tags", new { tags = Array.Empty<string>() })).ExpectError(400);
        (await Api.PutAsync("/v1/threads/conv_x/assign", new { })).ExpectError(400);
        (await Api.GetAsync("/v1/threads?inbox_id=i_x&order=sideways")).ExpectError(400);
        (await Api.GetAsync("/v1/messages?inbox_id=i_x&before=yesterday")).ExpectError(400);
        (await Api.PostAsync("/v1/inboxes", new { local_part = "no spaces", domain_id = "d_x" })).ExpectError(400);
        (await Api.PostAsync("/v1/messages/send", new { to = "nobody", subject = "s", text = "t", inbox_id = "i_x" })).ExpectError(400);
        (await Api.PutAsync("/v1/domains/d_x/inboxes/i_x/extraction-schema", new { name = "x" })).ExpectError(400);
        (await Api.PutAsync("/v1/domains/d_x/inboxes/i_x", new { status = "asleep" })).ExpectError(400);
    }

    [Theory]
    [InlineData("GET", "/v1/nothing")]
    [InlineData("GET", "/v1")]
    [InlineData("GET", "/")]
    [InlineData("POST", "/v1/threads/conv_x/nothing")]
    [InlineData("GET", "/v1/credits")]
    public async Task An_unknown_route_is_404_with_an_error_body(string method, string path)
    {
        (await Api.SendAsync(new HttpMethod(method), path)).ExpectError(404);
        (await Server.WithKey(null).SendAsync(new HttpMethod(method), path)).ExpectError(404);
    }

    [Theory]
    [InlineData("DELETE", "/v1/inboxes")]
    [InlineData("PUT", "/v1/messages/send")]
    [InlineData("POST", "/v1/threads")]
    public async Task A_wrong_method_is_405_with_an_error_body(string method, string path) =>
        (await Api.SendAsync(new HttpMethod(method), path)).ExpectError(405);

    [Theory]
    [InlineData("{")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("{\"local_part\": \"\\ud800\"}")]
    [InlineData("{\"local_part\": 7}")]
    [InlineData("{\"local_part\": [\"a\"]}")]
    [InlineData("")]
    public async Task A_body_that_cannot_be_read_is_400(string body) =>
        (await Api.SendAsync(HttpMethod.Post, "/v1/inboxes", body)).ExpectError(400);

    [Fact]
    public async Task Json_nested_beyond_measure_is_400() =>
        (await Api.SendAsync(HttpMethod.Post, "/v1/inboxes", new string('[', 100_000))).ExpectError(400);

    [Fact]
    public async Task A_body_of_15_MB_is_taken_and_one_of_100_MB_is_413()
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.PatchAsync($"/v1/inboxes/{inbox.Id}", new { unknown = new string('x', 15_000_000) })).Expect(200);
        var big = "{\"unknown\": \"" + new string('x', 100_000_000) + "\"}";
        (await Api.SendAsync(HttpMethod.Patch, $"/v1/inboxes/{inbox.Id}", big, ("Expect", "100-continue"))).ExpectError(413);
    }

    [Fact]
    public async Task Unknown_members_are_ignored() =>
        (await Api.PostAsync("/v1/inboxes", new { local_part = ApiClient.NewLocalPart(), colour = "blue", nested = new { deep = 1 } })).Expect(201);

    [Fact]
    public async Task Members_may_be_camelCase_and_snake_case_wins()
    {
        var (snake, camel) = (ApiClient.NewLocalPart(), ApiClient.NewLocalPart());
        Assert.Equal(camel, (string)(await Api.PostAsync("/v1/inboxes", new { localPart = camel })).Expect(201).Data["localPart"]!);
        Assert.Equal(snake, (string)(await Api.PostAsync("/v1/inboxes", new { localPart = camel, local_part = snake })).Expect(201).Data["localPart"]!);
    }

    [Fact]
    public async Task Query_parameters_may_be_camelCase()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "s", "t"));
        Assert.Single((await Api.GetAsync($"/v1/threads?inboxId={inbox.Id}")).Expect(200).List);
        Assert.Single((await Api.GetAsync($"/v1/messages?inboxId={inbox.Id}")).Expect(200).List);
    }

    [Fact]
    public async Task Every_answer_to_a_caller_carries_the_rate_limit_headers()
    {
        ApiAnswer[] answers =
        [
            (await Api.GetAsync("/v1/inboxes")).Expect(200),
            (await Api.GetAsync("/v1/inboxes/i_x")).Expect(404),
            (await Api.PostAsync("/v1/inboxes", "{")).Expect(400),
            (await Server.Scoped("threads:read").GetAsync("/v1/inboxes")).Expect(403),
            (await Api.SendAsync(HttpMethod.Delete, "/v1/inboxes")).Expect(405),
            (await Api.GetAsync("/v1/nothing")).Expect(404),
        ];
        Assert.All(answers, static answer =>
        {
            foreach (var name in (string[])["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Limit-Hour", "X-RateLimit-Remaining-Day"])
                Assert.True(long.TryParse(answer.Header(name), out var value) && value >= 0, $"{name} is missing from {answer.Status} {answer.Text}");
        });
        Assert.All(answers, static answer => Assert.Null(answer.Header("Retry-After")));
    }

    [Fact]
    public async Task The_window_frees_up_within_the_hour()
    {
        var answer = await Server.Other.GetAsync("/v1/inboxes");
        Assert.Equal("10000", answer.Header("X-RateLimit-Limit"));
        Assert.Equal("100000", answer.Header("X-RateLimit-Limit-Day"));
        var reset = DateTimeOffset.FromUnixTimeSeconds(long.Parse(answer.Header("X-RateLimit-Reset")!));
        Assert.InRange(reset, TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1), TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(61));
    }

    [Fact]
    public async Task Over_the_limit_a_send_is_429_with_the_time_to_wait()
    {
        var inbox = await Server.Limited.NewInboxAsync();
        var to = "x@" + Server.NewRemoteDomain();
        var first = await Server.Limited.PostAsync("/v1/messages/send", new { to, subject = "1", text = "t", inbox_id = inbox.Id });
        Assert.Equal("2", first.Expect(202).Header("X-RateLimit-Limit"));
        Assert.Equal("1", first.Header("X-RateLimit-Remaining"));
        var second = await Server.Limited.PostAsync("/v1/messages/send", new { to, subject = "2", text = "t", inbox_id = inbox.Id });
        Assert.Equal("0", second.Expect(202).Header("X-RateLimit-Remaining"));

        var third = (await Server.Limited.PostAsync("/v1/messages/send", new { to, subject = "3", text = "t", inbox_id = inbox.Id })).ExpectError(429);
        Assert.Equal("rate_limit_exceeded", (string)third.Json["code"]!);
        Assert.InRange(int.Parse(third.Header("Retry-After")!), 1, 3600);
        Assert.Equal(int.Parse(third.Header("Retry-After")!), (int)third.Json["retryAfter"]!);
        Assert.Equal("0", third.Header("X-RateLimit-Remaining"));
        Assert.Equal(2, (await Server.Limited.MessagesAsync(inbox)).Count);
    }

    [Theory]
    [InlineData("limit=0", 1)]
    [InlineData("limit=-5", 1)]
    [InlineData("limit=2", 2)]
    [InlineData("limit=100000", 3)]
    [InlineData("limit=99999999999999999999", 3)]
    [InlineData("limit=many", 3)]
    [InlineData("limit=", 3)]
    public async Task A_limit_out_of_range_is_clamped_and_no_number_is_the_default(string query, int expected)
    {
        var inbox = await Api.NewInboxAsync();
        for (var i = 0; i < 3; i++)
            await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, $"s{i}", "t"));
        Assert.Equal(expected, (await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}&{query}")).Expect(200).List.Count);
        Assert.Equal(expected, (await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&{query}")).Expect(200).List.Count);
    }

    [Theory]
    [InlineData("cursor=%21%21")]
    [InlineData("cursor=abc")]
    [InlineData("cursor=eyJsYXN0S2V5Ijo")]
    [InlineData("order=ascending")]
    [InlineData("order=ASC,desc")]
    public async Task A_bad_cursor_or_order_is_400(string query)
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}&{query}")).ExpectError(400);
        (await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&{query}")).ExpectError(400);
    }

    [Fact]
    public async Task A_cursor_that_cannot_be_decoded_says_so()
    {
        var inbox = await Api.NewInboxAsync();
        Assert.Equal("Invalid cursor", (await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}&cursor=%21")).ExpectError(400).Error);
    }

    [Theory]
    [InlineData("before=yesterday")]
    [InlineData("after=2026-13-01T00:00:00Z")]
    [InlineData("after=2026-01-01T00:00:00")]
    [InlineData("before=1767225600")]
    public async Task A_bad_date_is_400(string query)
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&{query}")).ExpectError(400);
    }

    [Theory]
    [InlineData("2020-01-01")]
    [InlineData("2020-01-01T00:00:00Z")]
    [InlineData("2020-01-01T00:00:00.123456Z")]
    [InlineData("2020-01-01T00:00Z")]
    [InlineData("2020-01-01T00:00:00%2B02:00")]
    [InlineData("2020-01-01T00:00:00-0500")]
    public async Task Dates_are_any_ISO_8601_with_a_zone_or_a_day_alone(string date)
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "s", "t"));
        Assert.Single((await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&after={date}")).Expect(200).List);
        Assert.Empty((await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&before={date}")).Expect(200).List);
    }

    [Fact]
    public async Task The_cursor_is_null_exactly_when_there_is_no_more()
    {
        var inbox = await Api.NewInboxAsync();
        for (var i = 0; i < 2; i++)
            await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, $"s{i}", "t"));
        foreach (var list in (string[])[$"/v1/threads?inbox_id={inbox.Id}", $"/v1/messages?inbox_id={inbox.Id}", "/v1/inboxes?"])
        {
            var first = (await Api.GetAsync(list + "&limit=1")).Expect(200);
            Assert.True((bool)first.Json["has_more"]!);
            Assert.NotNull(first.NextCursor);
        }
        foreach (var list in (string[])[$"/v1/threads?inbox_id={inbox.Id}", $"/v1/messages?inbox_id={inbox.Id}", "/v1/domains?"])
        {
            var all = (await Api.GetAsync(list + "&limit=1000")).Expect(200).Json;
            Assert.False((bool)all["has_more"]!);
            Assert.True(all.ContainsKey("next_cursor"));
            Assert.Null(all["next_cursor"]);
        }
        // The page that ends exactly with the last row is the last page.
        Assert.Null((await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}&limit=2")).Expect(200).NextCursor);
    }

    [Fact]
    public async Task Times_are_UTC_with_milliseconds_and_Z()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "s", "t"));
        var thread = Assert.Single(await Api.ThreadsAsync(inbox));
        var message = await Api.OnlyMessageAsync(inbox);
        JsonNode?[] times =
        [
            thread["last_message_at"], thread["first_message_at"], thread["lastActivityAt"],
            message["created_at"], message["createdAt"], message["date"], message["metadata"]!["created_at"],
            (await Api.GetAsync($"/v1/inboxes/{inbox.Id}")).Data["created_at"],
        ];
        Assert.All(times, static time => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", (string)time!));
    }

    [Fact]
    public async Task Ids_have_the_forms_of_the_contract()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.WithAttachment("kim@example.com", inbox.Address, "s", "t", "a.bin", "application/octet-stream", [1]));
        var message = await Api.OnlyMessageAsync(inbox);
        Assert.Matches("^i_[A-Za-z0-9_-]{20,}$", inbox.Id);
        Assert.Matches("^d_[A-Za-z0-9_-]{20,}$", inbox.DomainId);
        Assert.Matches("^msg_[A-Za-z0-9_-]{20,}$", (string)message["message_id"]!);
        Assert.Matches("^conv_[A-Za-z0-9_-]{20,}$", (string)message["thread_id"]!);
        Assert.Matches("^att_[A-Za-z0-9_-]{20,}$", (string)Assert.Single(message["attachments"]!.AsArray())!);
    }

    [Fact]
    public async Task Another_organisations_ids_are_unknown()
    {
        var inbox = await Api.NewInboxAsync();
        var sender = $"kim-{inbox.LocalPart}@example.com";
        await ReceiveAsync(sender, inbox.Address, Letter.WithAttachment(sender, inbox.Address, "s", "t", "a.bin", "application/octet-stream", [1]));
        var message = await Api.OnlyMessageAsync(inbox);
        var (id, thread, attachment) = (message["message_id"], message["thread_id"], Assert.Single(message["attachments"]!.AsArray()));
        (string Method, string Path, object? Body)[] calls =
        [
            ("GET", $"/v1/inboxes/{inbox.Id}", null),
            ("PATCH", $"/v1/inboxes/{inbox.Id}", new { name = "mine" }),
            ("DELETE", $"/v1/inboxes/{inbox.Id}", null),
            ("GET", $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}", null),
            ("DELETE", $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}", null),
            ("POST", $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}/webhook", new { endpoint = "https://hooks.example/x" }),
            ("GET", $"/v1/domains/{Server.OwnDomainId}", null),
            ("GET", $"/v1/domains/{Server.OwnDomainId}/records", null),
            ("GET", $"/v1/domains/{Server.OwnDomainId}/inboxes", null),
            ("POST", $"/v1/domains/{Server.OwnDomainId}/inboxes", new { local_part = "thief" }),
            ("POST", "/v1/inboxes", new { local_part = "thief", domain_id = Server.OwnDomainId }),
            ("GET", $"/v1/threads?inbox_id={inbox.Id}", null),
            ("GET", $"/v1/threads?domain_id={Server.OwnDomainId}", null),
            ("GET", $"/v1/threads/{thread}", null),
            ("GET", $"/v1/threads/{thread}/messages", null),
            ("GET", $"/v1/threads/{thread}/metadata", null),
            ("PATCH", $"/v1/threads/{thread}", new { status = "closed" }),
            ("PUT", $"/v1/threads/{thread}/status", new { status = "closed" }),
            ("POST", $"/v1/threads/{thread}/tags", new { tags = new[] { "x" } }),
            ("DELETE", $"/v1/threads/{thread}/tags", new { tags = new[] { "x" } }),
            ("PUT", $"/v1/threads/{thread}/assign", new { assigned_to = "me" }),
            ("GET", $"/v1/messages?inbox_id={inbox.Id}", null),
            ("GET", $"/v1/messages/{id}", null),
            ("GET", $"/v1/messages/{id}/raw", null),
            ("GET", $"/v1/attachments/{attachment}", null),
            ("GET", $"/v1/attachments/{attachment}/url", null),
            ("POST", "/v1/messages/send", new { to = "a@b.example", subject = "s", text = "t", inbox_id = inbox.Id }),
            ("POST", "/v1/messages/send", new { to = "a@b.example", subject = "s", text = "t", thread_id = (string)thread! }),
            ("POST", "/v1/messages/send", new { to = "a@b.example", subject = "s", text = "t", domain_id = Server.OwnDomainId }),
        ];
        foreach (var (method, path, body) in calls)
        {
            var foreign = await Server.Other.SendAsync(new HttpMethod(method), path, body);
            Assert.True(foreign.Status == 404, $"{method} {path} gave {foreign.Status}: {foreign.Text}");
        }
        Assert.Empty((await Server.Other.GetAsync($"/v1/messages?sender={sender}")).Expect(200).List);
        Assert.DoesNotContain(inbox.Id, (await Server.Other.GetAsync("/v1/inboxes?limit=1000")).Text, StringComparison.Ordinal);
        Assert.Equal("open", (string)(await Api.GetAsync($"/v1/threads/{thread}/metadata")).Data["status"]!);
    }

    [Fact]
    public async Task The_shared_domain_shows_only_ones_own_inboxes()
    {
        var mine = await Api.NewInboxAsync();
        var theirs = await Server.Other.NewInboxAsync();
        Assert.Equal(mine.DomainId, theirs.DomainId);
        var listed = (await Server.Other.GetAsync($"/v1/domains/{mine.DomainId}/inboxes?limit=1000")).Expect(200);
        Assert.Contains(theirs.Id, listed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(mine.Id, listed.Text, StringComparison.Ordinal);
        await ReceiveAsync("kim@example.com", mine.Address, Letter.Plain("kim@example.com", mine.Address, "secret of mine", "t"));
        Assert.DoesNotContain("secret of mine", (await Server.Other.GetAsync($"/v1/threads?domain_id={mine.DomainId}&limit=100")).Expect(200).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret of mine", (await Server.Other.GetAsync($"/v1/messages?domain_id={mine.DomainId}&limit=1000")).Expect(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_needs_no_key()
    {
        (await Server.WithKey(null).GetAsync("/health")).Expect(200);
        (await Server.WithKey(null).GetAsync("/health/ready")).Expect(200);
    }

    [Fact]
    public async Task Errors_keep_characters_readable()
    {
        var answer = (await Api.GetAsync("/v1/nothing")).ExpectError(404);
        Assert.Equal(JsonValueKind.String, answer.Json["error"]!.GetValueKind());
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trailing_slash_is_no_redirect() =>
        Assert.NotInRange((await Api.GetAsync("/v1/inboxes/")).Status, 300, 399);
}

public sealed class SqliteConventionTests(SqliteEngine engine) : ConventionTests(engine);

public sealed class PostgresConventionTests(PostgresEngine engine) : ConventionTests(engine);
