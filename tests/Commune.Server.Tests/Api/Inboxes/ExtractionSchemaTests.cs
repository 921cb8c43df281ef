using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Inboxes;

/// <summary>What is said of a schema when it is set.</summary>
public abstract class ExtractionSchemaTests(Engine engine) : ServerTests(engine)
{
    [Theory]
    [InlineData("""{"a":{"type":"text"}}""", "schema/properties/a/type", "must be string, number")]
    [InlineData("""{"a":{"$ref":"https://example.com/a.json"}}""", "schema/properties/a/$ref", "Nothing is fetched")]
    [InlineData("""{"a":{"pattern":"(x"}}""", "schema/properties/a/pattern", "not closed")]
    [InlineData("""{"a":{"allOf":[{"$ref":"#/properties/a"}]}}""", "schema/properties/a/allOf/0", "back to itself")]
    public async Task A_mistake_in_a_schema_is_pointed_to(string properties, string path, string says)
    {
        var inbox = await Api.NewInboxAsync();
        var answer = (await Api.SendAsync(HttpMethod.Put, $"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}/extraction-schema",
            "{\"name\":\"n\",\"schema\":{\"type\":\"object\",\"properties\":" + properties + "}}")).ExpectError(400);
        Assert.Equal(path, (string)answer.Json["details"]![0]!["path"]!);
        Assert.Contains(says, answer.Error, StringComparison.Ordinal);
        Assert.StartsWith(path, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_may_only_set_up_inboxes_tries_no_schema_on_their_mail()
    {
        var inbox = await Api.NewInboxAsync();
        var path = $"/v1/inboxes/{inbox.Id}/extraction-schema/test";
        var schema = new { type = "object", properties = new { } };
        var answer = (await Server.Scoped("inboxes:write").PostAsync(path, new { message_id = "msg_x", schema })).ExpectError(403);
        Assert.Equal("messages:read", (string)answer.Json["required"]![0]!);
        (await Server.Scoped("inboxes:write").PostAsync(path, new { text = "x", schema })).Expect(200);
    }
}

public sealed class SqliteExtractionSchemaTests(SqliteEngine engine) : ExtractionSchemaTests(engine);

public sealed class PostgresExtractionSchemaTests(PostgresEngine engine) : ExtractionSchemaTests(engine);
