using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Outbound;

/// <summary>Contract section 10: a message that answers another, on the wire and back.</summary>
public abstract class ReplyTests(Engine engine) : ServerTests(engine)
{
    private const string Send = "/v1/messages/send";

    private string NewAddress() => "user@" + Server.NewRemoteDomain();

    [Fact]
    public async Task A_reply_carries_the_thread_on_the_wire()
    {
        var inbox = await Api.NewInboxAsync();
        var from = NewAddress();
        var (first, second) = (Letter.NewMessageId(), Letter.NewMessageId());
        await ReceiveAsync(from, inbox.Address, Letter.Plain(from, inbox.Address, "Your question", "one", first));
        await ReceiveAsync(from, inbox.Address, Letter.Plain(from, inbox.Address, "Re: Your question", "two", second, $"In-Reply-To: {first}\nReferences: {first}\n"));
        var thread = (string)Assert.Single(await Api.ThreadsAsync(inbox))["thread_id"]!;

        var sent = (await Api.PostAsync(Send, new { to = from, subject = "Your question", text = "We resolved it.", thread_id = thread, inbox_id = inbox.Id })).Expect(202);
        Assert.Equal(thread, (string)sent.Data["thread_id"]!);
        var arrived = await Server.Sink.WaitForAsync(from);
        Assert.Equal(second, Letter.HeaderOf(arrived.Text, "In-Reply-To"));
        Assert.Equal($"{first} {second}", Letter.HeaderOf(arrived.Text, "References"));
        Assert.Equal("Re: Your question", Letter.HeaderOf(arrived.Text, "Subject"));
        var listed = (await Api.GetAsync($"/v1/threads/{thread}/messages")).List;
        Assert.Equal(3, listed.Count);
        Assert.Equal("We resolved it.", ((string)listed[2]["content"]!).Trim());

        // The subject may be left out, and is not prefixed twice.
        (await Api.PostAsync(Send, new { to = from, text = "And more.", thread_id = thread })).Expect(202);
        var again = await Server.Sink.WaitForAsync(from, 2);
        Assert.Equal("Re: Your question", Letter.HeaderOf(again.Text, "Subject"));
        Assert.Equal((string)sent.Data["smtp_message_id"]!, Letter.HeaderOf(again.Text, "In-Reply-To"));
        Assert.Equal($"{first} {second} {sent.Data["smtp_message_id"]}", Letter.HeaderOf(again.Text, "References"));
        (await Api.PostAsync(Send, new { to = from, subject = "RE: your question", text = "x", thread_id = thread })).Expect(202);
        Assert.Equal("RE: your question", Letter.HeaderOf((await Server.Sink.WaitForAsync(from, 3)).Text, "Subject"));
    }

    [Fact]
    public async Task An_answer_to_the_Reply_To_token_joins_though_its_headers_are_stripped()
    {
        var inbox = await Api.NewInboxAsync();
        var to = NewAddress();
        var sent = await SendAsync(inbox, to, "Offer", "t");
        var token = AddressIn(Letter.HeaderOf((await Server.Sink.WaitForAsync(to)).Text, "Reply-To")!);
        await ReceiveAsync("someone-else@example.com", token.ToUpperInvariant(), Letter.Plain("someone-else@example.com", token, "quite another subject", "I take it."));
        var thread = Assert.Single(await Api.ThreadsAsync(inbox));
        Assert.Equal((string)sent.Data["thread_id"]!, (string)thread["thread_id"]!);
        Assert.Equal(2, (int)thread["message_count"]!);
        Assert.Equal("inbound", (string)thread["last_direction"]!);
    }

    [Fact]
    public async Task A_token_selects_no_thread_of_another_inbox()
    {
        var (inbox, other) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        var to = NewAddress();
        await SendAsync(inbox, to, "Offer", "t");
        var token = AddressIn(Letter.HeaderOf((await Server.Sink.WaitForAsync(to)).Text, "Reply-To")!);
        var wrong = other.LocalPart + token[token.IndexOf('+', StringComparison.Ordinal)..];
        await ReceiveAsync("x@example.com", wrong, Letter.Plain("x@example.com", wrong, "s", "t"));
        Assert.Equal(1, (int)Assert.Single(await Api.ThreadsAsync(inbox))["message_count"]!);
        Assert.Single(await Api.ThreadsAsync(other));
    }

    [Fact]
    public async Task A_given_reply_to_is_used_as_it_is()
    {
        var inbox = await Api.NewInboxAsync();
        var to = NewAddress();
        (await Api.PostAsync(Send, new { to, subject = "s", text = "t", inbox_id = inbox.Id, reply_to = "support@mycompany.example" })).Expect(202);
        Assert.Equal("support@mycompany.example", AddressIn(Letter.HeaderOf((await Server.Sink.WaitForAsync(to)).Text, "Reply-To")!));
    }

    private static string AddressIn(string header)
    {
        var open = header.IndexOf('<', StringComparison.Ordinal);
        return open < 0 ? header.Trim() : header[(open + 1)..header.IndexOf('>', StringComparison.Ordinal)];
    }
}

public sealed class SqliteReplyTests(SqliteEngine engine) : ReplyTests(engine);

public sealed class PostgresReplyTests(PostgresEngine engine) : ReplyTests(engine);
