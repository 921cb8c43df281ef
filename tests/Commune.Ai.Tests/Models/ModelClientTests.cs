using Commune.Ai.Models;
using Commune.Peers;

namespace Commune.Ai.Tests.Models;

public sealed class ModelClientTests : ModelFixture
{
    private static readonly ChatRequest Request = new("Be brief.", "The secret word is heliotrope", null, 10);

    private Task<ChatResult> AskAsync(Func<ModelSettings, ModelSettings>? change = null, CancellationToken ct = default) =>
        Chat(ModelProvider.OpenAi, change).CompleteAsync("org", Request, ct);

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(429)]
    public async Task What_may_pass_is_tried_again_after_a_pause_that_doubles(int status)
    {
        Server.Next(FakeModelAnswer.Error(status, "busy"), FakeModelAnswer.Error(status, "busy"));
        Assert.IsType<ChatResult.Ok>(await ThroughPausesAsync(AskAsync(), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)));
        Assert.Equal(3, Server.Requests.Count);
    }

    [Fact]
    public async Task Attempts_are_bounded()
    {
        Server.On(FakeModelAnswer.Error(500, "broken"));
        var failed = Assert.IsType<ChatResult.Failed>(await ThroughPausesAsync(AskAsync(), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)));
        Assert.Equal("The model's endpoint answered with 500 (broken).", failed.Reason);
        Assert.Equal(4, Server.Requests.Count);
    }

    [Fact]
    public async Task Retry_after_is_waited_for()
    {
        Server.Next(FakeModelAnswer.TooManyRequests(7));
        Assert.IsType<ChatResult.Ok>(await ThroughPausesAsync(AskAsync(), TimeSpan.FromSeconds(7)));
    }

    [Fact]
    public async Task A_long_retry_after_ends_the_call()
    {
        Server.Next(FakeModelAnswer.TooManyRequests(3600));
        Assert.Contains("3600 s", Assert.IsType<ChatResult.Failed>(await AskAsync()).Reason, StringComparison.Ordinal);
        Assert.Single(Server.Requests);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(302)]
    public async Task What_will_not_pass_is_refused_at_once(int status)
    {
        Server.On(FakeModelAnswer.Error(status, "no"));
        Assert.IsType<ChatResult.Refused>(await AskAsync());
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task A_used_up_quota_is_refused_at_once()
    {
        Server.On(FakeModelAnswer.Error(429, "insufficient_quota"));
        Assert.IsType<ChatResult.Refused>(await AskAsync());
        Assert.Single(Server.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Silence_and_a_trickle_end_at_the_time_limit(bool silent)
    {
        Server.On(silent ? new FakeModelAnswer.Hang() : new FakeModelAnswer.Drip());
        var call = AskAsync(static settings => settings with { Attempts = 1, Timeout = TimeSpan.FromSeconds(45) });
        Assert.Equal("No answer within 45 s.", Assert.IsType<ChatResult.Failed>(await ThroughPausesAsync(call, TimeSpan.FromSeconds(45))).Reason);
    }

    [Fact]
    public async Task A_lost_connection_is_tried_again()
    {
        Server.Next(new FakeModelAnswer.Reset());
        Assert.IsType<ChatResult.Ok>(await ThroughPausesAsync(AskAsync(), TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Nobody_there_is_a_failure()
    {
        var failed = await AskAsync(static settings => settings with { Attempts = 1, Endpoint = new Uri("http://127.0.0.1:1/v1") });
        Assert.Contains("ConnectionRefused", Assert.IsType<ChatResult.Failed>(failed).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_end_is_cut()
    {
        Server.On(new FakeModelAnswer.Huge());
        Assert.Contains("more than 100000 bytes", Assert.IsType<ChatResult.Failed>(await AskAsync(static settings => settings with { MaxAnswerBytes = 100_000 })).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_json_is_tried_again()
    {
        Server.Next(new FakeModelAnswer.Raw(200, "<html>Welcome to nginx</html>"));
        Assert.IsType<ChatResult.Ok>(await ThroughPausesAsync(AskAsync(), TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Cancellation_is_the_callers_and_is_thrown()
    {
        Server.On(new FakeModelAnswer.Hang());
        using var cancel = new CancellationTokenSource();
        var call = AskAsync(ct: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(Budget.Taken.Count, Budget.Told.Count);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(500)]
    public async Task Neither_the_key_nor_the_question_is_in_a_reason(int status)
    {
        Server.On(FakeModelAnswer.Error(status, "bad key " + Key, "You said heliotrope with " + Key));
        var result = (await AskAsync(static settings => settings with { Attempts = 1 })).ToString();
        Assert.DoesNotContain(Key, result, StringComparison.Ordinal);
        Assert.DoesNotContain("heliotrope", result, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, Settings(ModelProvider.OpenAi).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_attempt_is_asked_for_and_accounted_for()
    {
        Server.Next(FakeModelAnswer.Error(500, "broken"));
        await ThroughPausesAsync(AskAsync(), TimeSpan.FromSeconds(1));
        Assert.Equal(2, Budget.Taken.Count);
        Assert.Equal([default, new ModelUsage(20, 5)], Budget.Told.Select(static told => told.Usage));
    }

    [Fact]
    public async Task A_budget_that_closes_between_attempts_ends_the_call()
    {
        Server.On(_ =>
        {
            Budget.IsOpen = false;
            return FakeModelAnswer.Error(500, "broken");
        });
        Assert.IsType<ChatResult.Refused>(await ThroughPausesAsync(AskAsync(), TimeSpan.FromSeconds(1)));
        Assert.Single(Server.Requests);
    }
}
