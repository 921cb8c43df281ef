using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Events;

/// <summary>The log as it is pulled: docs/events.md.</summary>
public abstract class EventTests(Engine engine) : ServerTests(engine)
{
    /// <summary>The organisation with the short log: one call looks at no more than 10 000 events, and other tests give the first one more than that.</summary>
    private new ApiClient Api => Server.Other;

    [Fact]
    public async Task A_mail_is_told_in_the_one_shape_of_events()
    {
        var inbox = await Api.NewInboxAsync();
        await MailAsync(inbox, "Your order", "It has left our house.");
        var message = await Api.OnlyMessageAsync(inbox);
        var told = Assert.Single((await Api.GetAsync($"/v1/events?inbox_id={inbox.Id}")).Expect(200).List);
        Assert.Equal(["id", "sequence", "type", "version", "created_at", "inbox_id", "thread_id", "message_id", "data"], told.Select(member => member.Key), StringComparer.Ordinal);
        Assert.Equal(("message.received", 1, inbox.Id), ((string)told["type"]!, (int)told["version"]!, (string)told["inbox_id"]!));
        Assert.Equal(((string)message["message_id"]!, (string)message["thread_id"]!, (string)message["created_at"]!), ((string)told["message_id"]!, (string)told["thread_id"]!, (string)told["created_at"]!));
        var data = told["data"]!.AsObject();
        Assert.Equal(("kim@example.com", "Your order", "It has left our house.", true), ((string)data["from"]!, (string)data["subject"]!, (string)data["snippet"]!, (bool)data["new_thread"]!));
    }

    [Fact]
    public async Task Pages_go_on_by_cursor_id_or_number_and_end()
    {
        var inbox = await Api.NewInboxAsync();
        for (var i = 0; i < 5; i++)
            await MailAsync(inbox, $"mail {i}", "t");
        var all = (await Api.GetAsync($"/v1/events?inbox_id={inbox.Id}")).Expect(200);
        Assert.Equal(5, all.List.Count);
        Assert.Null(all.NextCursor);
        Assert.False((bool)all.Json["has_more"]!);

        var first = (await Api.GetAsync($"/v1/events?inbox_id={inbox.Id}&limit=2")).Expect(200);
        Assert.True((bool)first.Json["has_more"]!);
        foreach (var after in (string[])[first.NextCursor!, (string)first.List[1]["id"]!, first.List[1]["sequence"]!.ToString()])
            Assert.Equal(Ids(all.List.Skip(2).Take(2)), Ids((await Api.GetAsync($"/v1/events?inbox_id={inbox.Id}&limit=2&after={after}")).Expect(200).List), StringComparer.Ordinal);
        Assert.Empty((await Api.GetAsync($"/v1/events?inbox_id={inbox.Id}&after={all.Json["cursor"]}")).Expect(200).List);
        Assert.Empty((await Api.GetAsync($"/v1/events?inbox_id={inbox.Id}&after=latest")).Expect(200).List);
    }

    [Theory]
    [InlineData("types=message.received", "message.received")]
    [InlineData("types=thread.updated,message.queued", "thread.updated")]
    [InlineData("types=message.*", "message.received")]
    [InlineData("types=thread.*", "thread.updated")]
    [InlineData("types=*", "message.received,thread.updated")]
    [InlineData("events=email.received", "message.received")]
    [InlineData("types=inbound", "message.received")]
    [InlineData("types=domain.*", "")]
    public async Task Only_the_types_that_are_asked_for_come(string query, string expected)
    {
        var inbox = await Api.NewInboxAsync();
        await MailAsync(inbox, "s", "t");
        var thread = (string)Assert.Single(await Api.ThreadsAsync(inbox))["thread_id"]!;
        (await Api.PutAsync($"/v1/threads/{thread}/status", new { status = "closed" })).Expect(200);
        var found = (await Api.GetAsync($"/v1/events?inboxId={inbox.Id}&{query}")).Expect(200).List;
        Assert.Equal(expected, string.Join(',', found.Select(e => (string)e["type"]!)));
    }

    [Fact]
    public async Task The_cursor_moves_on_over_what_the_filter_leaves_out()
    {
        var (quiet, busy) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        await MailAsync(busy, "s", "t");
        var none = (await Api.GetAsync($"/v1/events?inbox_id={quiet.Id}&limit=1")).Expect(200);
        Assert.Empty(none.List);
        var newest = (await Api.GetAsync("/v1/events?after=latest")).Expect(200);
        Assert.True(string.CompareOrdinal((string)none.Json["cursor"]!, (string)newest.Json["cursor"]!) <= 0);
        Assert.True(string.CompareOrdinal((string)(await Api.GetAsync("/v1/events?limit=1")).Expect(200).Json["cursor"]!, (string)none.Json["cursor"]!) < 0);
    }

    [Fact]
    public async Task A_waiting_call_answers_when_the_mail_comes()
    {
        var inbox = await Api.NewInboxAsync();
        var waiting = Api.GetAsync($"/v1/events?inbox_id={inbox.Id}&after=latest&wait=60");
        var other = await Api.NewInboxAsync();
        await MailAsync(other, "not this one", "t");
        Assert.False(waiting.IsCompleted);
        await MailAsync(inbox, "this one", "t");
        var answer = (await waiting).Expect(200);
        Assert.Equal("this one", (string)Assert.Single(answer.List)["data"]!["subject"]!);
        Assert.Empty((await Api.GetAsync($"/v1/events?inbox_id={inbox.Id}&after={answer.Json["cursor"]}&wait=0.2")).Expect(200).List);
    }

    [Theory]
    [InlineData("after=yesterday")]
    [InlineData("after=evt_00000000070000000000000000")]
    [InlineData("after=999999999")]
    [InlineData("after=-1")]
    [InlineData("types=message")]
    [InlineData("types=Message.Received")]
    [InlineData("types=message.received.now")]
    [InlineData("wait=soon")]
    [InlineData("wait=-1")]
    public async Task What_cannot_be_read_is_400(string query)
    {
        (await Api.GetAsync("/v1/events?" + query)).ExpectError(400);
        if (!query.StartsWith("wait", StringComparison.Ordinal))
            (await Api.GetAsync("/v1/events/stream?" + query)).ExpectError(400);
    }

    [Fact]
    public async Task The_log_of_another_organisation_is_out_of_reach()
    {
        var inbox = await Api.NewInboxAsync();
        await MailAsync(inbox, "s", "t");
        var mine = Assert.Single((await Api.GetAsync($"/v1/events?inbox_id={inbox.Id}")).Expect(200).List);
        (await Server.Api.GetAsync($"/v1/events?inbox_id={inbox.Id}")).ExpectError(404);
        (await Server.Api.GetAsync($"/v1/events?after={mine["id"]}")).ExpectError(400);
        Assert.DoesNotContain((string)mine["id"]!, Ids((await Server.Api.GetAsync("/v1/events?limit=1000")).Expect(200).List), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("/v1/events")]
    [InlineData("/v1/events/stream")]
    [InlineData("/v1/events/socket")]
    [InlineData("/v1/inboxes/i_x/wait")]
    public async Task Reading_needs_a_key_with_the_scope(string path)
    {
        (await Server.WithKey(null).GetAsync(path)).ExpectError(401);
        (await Server.Scoped("messages:write").GetAsync(path)).ExpectError(403);
        if (path.EndsWith("socket", StringComparison.Ordinal))
            (await Server.Scoped("messages:read").GetAsync(path)).ExpectError(426);
    }

    private Task MailAsync(InboxHandle inbox, string subject, string text) =>
        ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, subject, text));

    private static List<string> Ids(IEnumerable<JsonObject> events) => [.. events.Select(e => (string)e["id"]!)];
}

public sealed class SqliteEventTests(SqliteEngine engine) : EventTests(engine);

public sealed class PostgresEventTests(PostgresEngine engine) : EventTests(engine);
