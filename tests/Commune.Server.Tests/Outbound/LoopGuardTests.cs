using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Outbound;

/// <summary>RFC 3834: programs do not answer programs.</summary>
public abstract class LoopGuardTests(Engine engine) : ServerTests(engine)
{
    private const string Send = "/v1/messages/send";

    private async Task<string> ReceivedThreadAsync(InboxHandle inbox, string envelopeSender, string headers, string from = "kim@example.com")
    {
        await ReceiveAsync(envelopeSender, inbox.Address, Letter.Plain(from, inbox.Address, "Hello", "Hi", headers: headers));
        return (string)(await Api.WaitForMessagesAsync(inbox, 1))[^1]["thread_id"]!;
    }

    [Theory]
    [InlineData("kim@example.com", "Auto-Submitted: auto-replied\n")]
    [InlineData("kim@example.com", "List-Id: <news.example.com>\n")]
    [InlineData("kim@example.com", "Precedence: bulk\n")]
    [InlineData("", "")]
    public async Task A_program_may_not_answer_what_must_not_be_answered(string envelopeSender, string headers)
    {
        var inbox = await Api.NewInboxAsync();
        var thread = await ReceivedThreadAsync(inbox, envelopeSender, headers);
        var to = "kim@" + Server.NewRemoteDomain();
        var refused = (await Api.PostAsync(Send, new { to, text = "t", thread_id = thread, auto_submitted = true })).ExpectError(409);
        Assert.Equal("automatic_reply_refused", (string)refused.Json["code"]!);
        (await Api.PostAsync(Send, new { to, text = "t", thread_id = thread, headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["auto-submitted"] = "auto-replied" } })).ExpectError(409);
        // What a person asked for is sent.
        (await Api.PostAsync(Send, new { to, text = "t", thread_id = thread })).Expect(202);
    }

    [Fact]
    public async Task A_program_may_answer_a_person_and_says_that_it_is_one()
    {
        var inbox = await Api.NewInboxAsync();
        var thread = await ReceivedThreadAsync(inbox, "kim@example.com", "Auto-Submitted: no\n");
        var to = "kim@" + Server.NewRemoteDomain();
        (await Api.PostAsync(Send, new { to, text = "t", thread_id = thread, auto_submitted = true })).Expect(202);
        Assert.Equal("auto-replied", Letter.HeaderOf((await Server.Sink.WaitForAsync(to)).Text, "Auto-Submitted"));
        var fresh = "kim@" + Server.NewRemoteDomain();
        (await Api.PostAsync(Send, new { to = fresh, subject = "s", text = "t", inbox_id = inbox.Id, autoSubmitted = true })).Expect(202);
        Assert.Equal("auto-generated", Letter.HeaderOf((await Server.Sink.WaitForAsync(fresh)).Text, "Auto-Submitted"));
    }

    [Fact]
    public async Task Mail_to_oneself_is_told_of_and_not_answered_by_a_program()
    {
        var inbox = await Api.NewInboxAsync();
        var plus = inbox.Address.Replace("@", "+me@", StringComparison.Ordinal);
        var sent = (await Api.PostAsync(Send, new { to = plus, subject = "Note", text = "t", inbox_id = inbox.Id })).Expect(202);
        Assert.Equal(plus, (string)Assert.Single(sent.Json["validation"]!["warnings"]!.AsArray())!["email"]!);
        var messages = await Api.WaitForMessagesAsync(inbox, 2);
        var received = messages.Single(static m => (string)m["direction"]! == "inbound");
        (await Api.PostAsync(Send, new { to = inbox.Address, text = "t", thread_id = (string)received["thread_id"]!, auto_submitted = true })).ExpectError(409);
    }

    [Fact]
    public async Task Two_agents_that_answer_each_other_are_stopped_by_the_cap_of_the_thread()
    {
        var (ann, bob) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        await SendAsync(ann, bob.Address, "Ping", "t");
        var (mine, theirs) = (ann, bob);
        for (var round = 0; ; round++)
        {
            Assert.True(round < 100, "nothing stopped them");
            var messages = await Api.WaitForMessagesAsync(theirs, round + 1);
            var answer = await Api.PostAsync(Send, new { to = mine.Address, text = "t", thread_id = (string)messages[^1]["thread_id"]! });
            (mine, theirs) = (theirs, mine);
            if (answer.Status == 202)
                continue;
            answer.ExpectError(429);
            Assert.Equal(("thread_reply_limit", "thread_replies_hour"), ((string)answer.Json["code"]!, (string)answer.Json["limit"]!));
            Assert.InRange(int.Parse(answer.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 3600);
            Assert.InRange(round, 30, 62);
            break;
        }
    }
}

public sealed class SqliteLoopGuardTests(SqliteEngine engine) : LoopGuardTests(engine);

public sealed class PostgresLoopGuardTests(PostgresEngine engine) : LoopGuardTests(engine);
