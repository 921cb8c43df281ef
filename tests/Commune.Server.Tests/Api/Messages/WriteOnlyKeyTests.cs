using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Messages;

/// <summary>A key that may write and not read learns nothing of a message from calls that answer with it.</summary>
public abstract class WriteOnlyKeyTests(Engine engine) : ServerTests(engine)
{
    [Theory]
    [InlineData("extract", """{"dry_run": true, "schema": {"type": "object", "properties": {"subject": {"type": "string"}}}}""")]
    [InlineData("release", "{}")]
    public async Task It_is_refused_what_shows_the_message(string call, string body)
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "Subject: secret", "secret"));
        var id = (string)(await Api.OnlyMessageAsync(inbox))["message_id"]!;
        var refused = (await Server.Scoped("messages:write").SendAsync(HttpMethod.Post, $"/v1/messages/{id}/{call}", body)).ExpectError(403);
        JsonAssert.Texts(["messages:read"], refused.Json["required"]!);
        Assert.DoesNotContain("secret", refused.Text, StringComparison.Ordinal);
    }
}

public sealed class SqliteWriteOnlyKeyTests(SqliteEngine engine) : WriteOnlyKeyTests(engine);

public sealed class PostgresWriteOnlyKeyTests(PostgresEngine engine) : WriteOnlyKeyTests(engine);
