using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Inboxes;

/// <summary>Contract section 8: the webhook and the extraction schema of an inbox.</summary>
public abstract class InboxSettingsTests(Engine engine) : ServerTests(engine)
{
    private static readonly object Schema = new
    {
        name = "ticket",
        description = "What is asked",
        schema = new { type = "object", properties = new { order_id = new { type = "string" } } },
        enabled = true,
    };

    [Fact]
    public async Task A_webhook_without_a_secret_gets_one()
    {
        var answer = (await Api.PostAsync("/v1/inboxes", new { local_part = ApiClient.NewLocalPart(), webhook = new { endpoint = "https://hooks.example/a" } })).Expect(201);
        var webhook = answer.Data["webhook"]!;
        Assert.Equal("https://hooks.example/a", (string)webhook["endpoint"]!);
        JsonAssert.Texts(["inbound"], webhook["events"]!);
        Assert.Matches("^whsec_.{32,}$", (string)webhook["secret"]!);
    }

    [Fact]
    public async Task Changing_the_endpoint_keeps_the_secret_unless_a_new_one_is_given()
    {
        var inbox = await Api.NewInboxAsync();
        var path = $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}";
        var secret = (string)(await Api.PutAsync(path, new { webhook = new { endpoint = "https://hooks.example/a", events = new[] { "inbound", "else" } } })).Expect(200).Data["webhook"]!["secret"]!;
        Assert.Equal(secret, (string)(await Api.PutAsync(path, new { webhook = new { endpoint = "https://hooks.example/b" } })).Expect(200).Data["webhook"]!["secret"]!);
        Assert.Equal(secret, (string)(await Api.PostAsync(path + "/webhook", new { endpoint = "https://hooks.example/c" })).Expect(200).Data["webhook"]!["secret"]!);
        var chosen = (await Api.PostAsync(path + "/webhook", new { endpoint = "https://hooks.example/c", secret = "my own secret", events = new[] { "email.received" } })).Expect(200).Data["webhook"]!;
        Assert.Equal("my own secret", (string)chosen["secret"]!);
        JsonAssert.Texts(["email.received"], chosen["events"]!);
        Assert.Null((await Api.PutAsync(path, new { webhook = (object?)null })).Expect(200).Data["webhook"]);
        Assert.Null((await Api.GetAsync(path)).Data["webhook"]);
    }

    [Theory]
    [InlineData("""{"webhook": {}}""")]
    [InlineData("""{"webhook": {"endpoint": ""}}""")]
    [InlineData("""{"webhook": {"endpoint": "not a url"}}""")]
    [InlineData("""{"webhook": {"endpoint": "ftp://hooks.example/"}}""")]
    [InlineData("""{"webhook": {"endpoint": "/relative"}}""")]
    [InlineData("""{"webhook": "https://hooks.example/"}""")]
    [InlineData("""{"webhook": {"endpoint": "https://hooks.example/", "events": "x y"}, "status": "asleep"}""")]
    [InlineData("""{"webhook": {"endpoint": "https://hooks.example/", "events": [1]}}""")]
    [InlineData("""{"webhook": {"endpoint": "https://hooks.example/", "secret": 1}}""")]
    public async Task A_bad_webhook_is_400(string json)
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.SendAsync(HttpMethod.Put, $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}", json)).ExpectError(400);
        Assert.Null((await Api.GetAsync($"/v1/inboxes/{inbox.Id}")).Data["webhook"]);
    }

    [Fact]
    public async Task The_webhook_path_needs_an_endpoint()
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.PostAsync($"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}/webhook", new { events = new[] { "inbound" } })).ExpectError(400);
    }

    [Fact]
    public async Task An_extraction_schema_is_set_and_removed()
    {
        var inbox = await Api.NewInboxAsync();
        var path = $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}/extraction-schema";
        var set = (await Api.PutAsync(path, Schema)).Expect(200).Data;
        Assert.Equal("ticket", (string)set["extractionSchema"]!["name"]!);
        Assert.Equal("What is asked", (string)set["extractionSchema"]!["description"]!);
        Assert.True((bool)set["extractionSchema"]!["enabled"]!);
        Assert.Equal("string", (string)set["extractionSchema"]!["schema"]!["properties"]!["order_id"]!["type"]!);
        Assert.Equal(set["extractionSchema"]!.ToJsonString(), set["extraction_schema"]!.ToJsonString());
        var removed = (await Api.DeleteAsync(path)).Expect(200).Data;
        Assert.Null(removed["extractionSchema"]);
        Assert.Null(removed["extraction_schema"]);
    }

    [Fact]
    public async Task An_extraction_schema_is_enabled_unless_it_says_otherwise()
    {
        var inbox = await Api.NewInboxAsync();
        var path = $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}/extraction-schema";
        var schema = new { type = "object", properties = new { } };
        Assert.True((bool)(await Api.PutAsync(path, new { name = "n", schema })).Expect(200).Data["extractionSchema"]!["enabled"]!);
        Assert.False((bool)(await Api.PutAsync(path, new { name = "n", schema, enabled = false })).Expect(200).Data["extractionSchema"]!["enabled"]!);
    }

    [Theory]
    [InlineData("""{"schema": {"type": "object", "properties": {}}}""")]
    [InlineData("""{"name": "", "schema": {"type": "object", "properties": {}}}""")]
    [InlineData("""{"name": "n"}""")]
    [InlineData("""{"name": "n", "schema": "object"}""")]
    [InlineData("""{"name": "n", "schema": {"type": "array", "properties": {}}}""")]
    [InlineData("""{"name": "n", "schema": {"type": "object"}}""")]
    [InlineData("""{"name": "n", "schema": {"type": "object", "properties": []}}""")]
    public async Task A_bad_extraction_schema_is_400(string json)
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.SendAsync(HttpMethod.Put, $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}/extraction-schema", json)).ExpectError(400);
        Assert.Null((await Api.GetAsync($"/v1/inboxes/{inbox.Id}")).Data["extractionSchema"]);
    }

    [Fact]
    public async Task The_CLI_sets_a_schema_bare_or_whole_and_removes_it()
    {
        var inbox = await Api.NewInboxAsync();
        var path = $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}/schema";
        var bare = (await Api.PostAsync(path, new { schema = new { type = "object", properties = new { a = new { type = "string" } } } })).Expect(200).Data["extractionSchema"]!;
        Assert.Equal("default", (string)bare["name"]!);
        Assert.Equal("object", (string)bare["schema"]!["type"]!);
        var whole = (await Api.PostAsync(path, new { schema = Schema })).Expect(200).Data["extractionSchema"]!;
        Assert.Equal("ticket", (string)whole["name"]!);
        Assert.Equal("object", (string)whole["schema"]!["type"]!);
        (await Api.PostAsync(path, new { })).ExpectError(400);
        (await Api.PostAsync(path, new { schema = "x" })).ExpectError(400);
        Assert.Null((await Api.DeleteAsync(path)).Expect(200).Data["extractionSchema"]);
    }
}

public sealed class SqliteInboxSettingsTests(SqliteEngine engine) : InboxSettingsTests(engine);

public sealed class PostgresInboxSettingsTests(PostgresEngine engine) : InboxSettingsTests(engine);
