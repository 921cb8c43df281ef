using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Messages;

/// <summary>Contract section 10: listing messages.</summary>
public abstract class MessageTests(Engine engine) : ServerTests(engine)
{
    [Fact]
    public async Task A_message_has_its_names_and_their_aliases()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "s", "t", headers: "Cc: Lee <LEE@Example.com>\nReply-To: x@example.com\n"));
        var listed = await Api.OnlyMessageAsync(inbox);
        var message = (await Api.GetAsync($"/v1/messages/{listed["message_id"]}")).Expect(200).Data;
        // Markdown is worked out for a message that is read alone.
        Assert.True(message.Remove("content_markdown"));
        Assert.Equal(listed.ToJsonString(), message.ToJsonString());
        Assert.All((string[])["id", "_id"], member => Assert.Equal((string)message["message_id"]!, (string)message[member]!));
        Assert.Equal((string)message["thread_id"]!, (string)message["threadId"]!);
        Assert.All((string[])["createdAt", "date"], member => Assert.Equal((string)message["created_at"]!, (string)message[member]!));
        Assert.Equal((string)message["created_at"]!, (string)message["metadata"]!["created_at"]!);
        JsonAssert.Texts(["lee@example.com"], JsonAssert.Participants(message, "cc"));
        Assert.All(message["participants"]!.AsArray(), static p => Assert.True((string)p!["role"]! is "sender" or "to" or "cc"));
        Assert.Empty(message["attachments"]!.AsArray());
        Assert.Null(message["extracted_data"]);
    }

    [Fact]
    public async Task A_list_needs_a_filter()
    {
        (await Api.GetAsync("/v1/messages")).ExpectError(400);
        (await Api.GetAsync("/v1/messages?limit=5")).ExpectError(400);
        (await Api.GetAsync("/v1/messages?inbox_id=i_unknown")).ExpectError(404);
        (await Api.GetAsync("/v1/messages?domain_id=d_unknown")).ExpectError(404);
        (await Api.GetAsync("/v1/messages/msg_unknown")).ExpectError(404);
        (await Api.GetAsync("/v1/messages/msg_unknown/raw")).ExpectError(404);
    }

    [Fact]
    public async Task Filters_are_combined_and_the_sender_is_the_bare_address_in_any_case()
    {
        var (one, two) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        var kim = $"kim-{one.LocalPart}@example.com";
        foreach (var inbox in (InboxHandle[])[one, two])
        {
            await ReceiveAsync(kim, inbox.Address, Letter.Plain($"Kim <{kim}>", inbox.Address, "from kim", "t"));
            await ReceiveAsync("lee@example.com", inbox.Address, Letter.Plain("lee@example.com", inbox.Address, "from lee", "t"));
        }
        Assert.Equal(2, (await Api.GetAsync($"/v1/messages?sender={kim.ToUpperInvariant()}")).Expect(200).List.Count);
        Assert.Equal("from kim", (string)Assert.Single((await Api.GetAsync($"/v1/messages?sender={kim}&inbox_id={one.Id}")).Expect(200).List)["subject"]!);
        Assert.Empty((await Api.GetAsync($"/v1/messages?sender={kim}&inbox_id={one.Id}&domain_id={Server.OwnDomainId}")).List);
        Assert.Empty((await Api.GetAsync("/v1/messages?sender=nobody-at-all@example.com")).Expect(200).List);
    }

    [Fact]
    public async Task Messages_come_newest_first_and_before_and_after_are_exclusive()
    {
        var inbox = await Api.NewInboxAsync();
        for (var i = 0; i < 3; i++)
            await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, $"s{i}", "t"));
        var list = (await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}")).Expect(200).List;
        JsonAssert.Texts(["s2", "s1", "s0"], list.Select(static m => (string)m["subject"]!));
        var middle = (string)list[1]["created_at"]!;
        JsonAssert.Texts(["s0"], (await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&before={middle}")).List.Select(static m => (string)m["subject"]!));
        JsonAssert.Texts(["s2"], (await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&after={middle}")).List.Select(static m => (string)m["subject"]!));
    }

    [Fact]
    public async Task Messages_are_paged_while_mail_arrives_none_twice_none_missed()
    {
        var inbox = await Api.NewInboxAsync();
        for (var i = 0; i < 20; i++)
            await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, $"s{i}", "t"));
        foreach (var order in (string[])["asc", "desc"])
        {
            var seen = new List<string>();
            var steps = 0;
            for (string? cursor = ""; cursor is not null && steps < 100; steps++)
            {
                var page = (await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&limit=3&order={order}" + (cursor.Length > 0 ? "&cursor=" + cursor : ""))).Expect(200);
                seen.AddRange(page.List.Select(static m => (string)m["subject"]!));
                cursor = page.NextCursor;
                if (steps < 5)
                    await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, $"late {order} {steps}", "t"));
            }
            Assert.Equal(seen.Count, seen.Distinct(StringComparer.Ordinal).Count());
            Assert.Empty(Enumerable.Range(0, 20).Select(static i => $"s{i}").Except(seen, StringComparer.Ordinal));
        }
    }
}

public sealed class SqliteMessageTests(SqliteEngine engine) : MessageTests(engine);

public sealed class PostgresMessageTests(PostgresEngine engine) : MessageTests(engine);
