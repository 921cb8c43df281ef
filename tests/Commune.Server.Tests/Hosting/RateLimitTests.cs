using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Hosting;

/// <summary>Contract section 4.</summary>
public abstract class RateLimitTests(Engine engine) : ServerTests(engine)
{
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
}

public sealed class SqliteRateLimitTests(SqliteEngine engine) : RateLimitTests(engine);

public sealed class PostgresRateLimitTests(PostgresEngine engine) : RateLimitTests(engine);
