using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Inbound;

/// <summary>A message with two Message-ID fields, as `swaks --header "Message-ID: …"` writes it (against RFC 5322 §3.6).</summary>
public abstract class TwoMessageIdsTests(Engine engine) : ServerTests(engine)
{
    [Fact]
    public async Task An_answer_to_either_of_two_Message_IDs_finds_the_thread()
    {
        var inbox = await Api.NewInboxAsync();
        string[] ids = [Letter.NewMessageId(), Letter.NewMessageId()];
        await ReceiveAsync("kim@example.com", inbox.Address,
            Letter.Plain("kim@example.com", inbox.Address, "begin", "t", ids[0], $"Message-Id: {ids[1]}\nIn-Reply-To: <before@client.test>\n"));
        foreach (var id in ids)
        {
            await ReceiveAsync($"{id[1..9]}@example.com", inbox.Address,
                Letter.Plain($"{id[1..9]}@example.com", inbox.Address, "another subject", "t", headers: $"In-Reply-To: {id}\n"));
        }
        var thread = Assert.Single(await Api.ThreadsAsync(inbox));
        Assert.Equal(3, (int)thread["message_count"]!);
        Assert.Equal(ids[0], (string)(await Api.MessagesAsync(inbox))[0]["metadata"]!["message_id"]!);

        // The answer names both, and what came before.
        var to = "user@" + Server.NewRemoteDomain();
        await ReceiveAsync("kim@example.com", inbox.Address,
            Letter.Plain("kim@example.com", inbox.Address, "last", "t", "<last" + ids[0][1..], $"Message-ID: <other{ids[0][1..]}\nIn-Reply-To: {ids[1]}\n"));
        (await Api.PostAsync("/v1/messages/send", new { to, text = "t", thread_id = (string)thread["thread_id"]! })).Expect(202);
        Assert.Equal($"{ids[1]} <other{ids[0][1..]} <last{ids[0][1..]}", Letter.HeaderOf((await Server.Sink.WaitForAsync(to)).Text, "References"));
    }
}

public sealed class SqliteTwoMessageIdsTests(SqliteEngine engine) : TwoMessageIdsTests(engine);

public sealed class PostgresTwoMessageIdsTests(PostgresEngine engine) : TwoMessageIdsTests(engine);
