using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Hosting;

/// <summary>Contract sections 1 to 4 and 6: what holds for every call.</summary>
public abstract class ConventionTests(Engine engine) : ServerTests(engine)
{
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
