using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Outbound;

/// <summary>Contract section 5.</summary>
public abstract class IdempotencyTests(Engine engine) : ServerTests(engine)
{
    private const string Send = "/v1/messages/send";

    public static TheoryData<string> Places => new("header", "idempotency_key", "idempotencyKey", "headers");

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_repeat_gets_the_stored_answer_and_sends_nothing(string place)
    {
        var inbox = await Api.NewInboxAsync();
        var to = "user@" + Server.NewRemoteDomain();
        var key = Guid.NewGuid().ToString();
        var first = (await SendWithKeyAsync(place, key, inbox, to, "body")).Expect(202);
        Assert.Null(first.Header("Idempotency-Replayed"));
        var second = (await SendWithKeyAsync(place, key, inbox, to, "body")).Expect(202);
        Assert.Equal("true", second.Header("Idempotency-Replayed"));
        Assert.Equal(first.Bytes, second.Bytes);
        Assert.Single(await Api.MessagesAsync(inbox));
        Assert.DoesNotContain(key, (await Server.Sink.WaitForAsync(to)).Text, StringComparison.Ordinal);

        (await SendWithKeyAsync(place, Guid.NewGuid().ToString(), inbox, to, "the next")).Expect(202);
        await Server.Sink.WaitForAsync(to, 2);
        Assert.Equal(2, Server.Sink.For(to).Count);
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_409()
    {
        var inbox = await Api.NewInboxAsync();
        var to = "user@" + Server.NewRemoteDomain();
        var key = Guid.NewGuid().ToString();
        (await SendWithKeyAsync("header", key, inbox, to, "one")).Expect(202);
        var answer = (await SendWithKeyAsync("idempotency_key", key, inbox, to, "two")).ExpectError(409);
        Assert.Equal("idempotency_key_reused", (string)answer.Json["code"]!);
        Assert.Single(await Api.MessagesAsync(inbox));
    }

    [Fact]
    public async Task The_place_of_the_key_is_no_difference_in_the_body()
    {
        var inbox = await Api.NewInboxAsync();
        var to = "user@" + Server.NewRemoteDomain();
        var key = Guid.NewGuid().ToString();
        var first = (await SendWithKeyAsync("header", key, inbox, to, "one")).Expect(202);
        Assert.Equal(first.Bytes, (await SendWithKeyAsync("idempotency_key", key, inbox, to, "one")).Expect(202).Bytes);
    }

    [Fact]
    public async Task Of_sixteen_concurrent_duplicates_one_is_sent()
    {
        var inbox = await Api.NewInboxAsync();
        var to = "user@" + Server.NewRemoteDomain();
        var key = Guid.NewGuid().ToString();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => SendWithKeyAsync("header", key, inbox, to, "body")));
        Assert.All(answers, answer => Assert.Equal(answers[0].Expect(202).Bytes, answer.Expect(202).Bytes));
        Assert.Equal(15, answers.Count(static a => a.Header("Idempotency-Replayed") == "true"));
        var message = await Api.OnlyMessageAsync(inbox);
        await Api.WaitForStatusAsync((string)message["message_id"]!, "delivered");
        Assert.Single(Server.Sink.For(to));
    }

    [Fact]
    public async Task A_key_belongs_to_its_organisation()
    {
        var (mine, theirs) = (await Api.NewInboxAsync(), await Server.Other.NewInboxAsync());
        var to = "user@" + Server.NewRemoteDomain();
        var key = Guid.NewGuid().ToString();
        (await SendWithKeyAsync("header", key, mine, to, "mine")).Expect(202);
        (await Server.Other.SendAsync(HttpMethod.Post, Send, new { to, subject = "s", text = "theirs", inbox_id = theirs.Id }, ("Idempotency-Key", key))).Expect(202);
        Assert.Single(await Server.Other.MessagesAsync(theirs));
    }

    [Fact]
    public async Task A_request_that_failed_does_not_use_the_key_up()
    {
        var inbox = await Api.NewInboxAsync();
        var to = "user@" + Server.NewRemoteDomain();
        var key = Guid.NewGuid().ToString();
        (await Api.SendAsync(HttpMethod.Post, Send, new { to, subject = "s", text = "t", inbox_id = "i_unknown" }, ("Idempotency-Key", key))).ExpectError(404);
        (await SendWithKeyAsync("header", key, inbox, to, "t")).Expect(202);
    }

    [Fact]
    public async Task A_key_of_255_characters_is_taken_and_one_of_256_is_not()
    {
        var inbox = await Api.NewInboxAsync();
        var to = "user@" + Server.NewRemoteDomain();
        (await SendWithKeyAsync("idempotency_key", Guid.NewGuid().ToString("N") + new string('k', 255 - 32), inbox, to, "t")).Expect(202);
        (await SendWithKeyAsync("idempotency_key", new string('k', 256), inbox, to, "t")).ExpectError(400);
    }

    private Task<ApiAnswer> SendWithKeyAsync(string place, string key, InboxHandle inbox, string to, string text) => place switch
    {
        "header" => Api.SendAsync(HttpMethod.Post, Send, new { to, subject = "s", text, inbox_id = inbox.Id }, ("Idempotency-Key", key)),
        "idempotency_key" => Api.PostAsync(Send, new { to, subject = "s", text, inbox_id = inbox.Id, idempotency_key = key }),
        "idempotencyKey" => Api.PostAsync(Send, new { to, subject = "s", text, inbox_id = inbox.Id, idempotencyKey = key }),
        _ => Api.PostAsync(Send, new { to, subject = "s", text, inbox_id = inbox.Id, headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["idempotency-KEY"] = key } }),
    };
}

public sealed class SqliteIdempotencyTests(SqliteEngine engine) : IdempotencyTests(engine);

public sealed class PostgresIdempotencyTests(PostgresEngine engine) : IdempotencyTests(engine);
