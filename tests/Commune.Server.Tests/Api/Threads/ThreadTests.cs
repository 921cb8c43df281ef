using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Threads;

/// <summary>Contract section 9.</summary>
public abstract class ThreadTests(Engine engine) : ServerTests(engine)
{
    private const string Kim = "kim@example.com";

    private async Task<(InboxHandle Inbox, string Thread)> NewThreadAsync()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync(Kim, inbox.Address, Letter.Plain($"Kim <{Kim}>", inbox.Address, "Question", "How much?"));
        return (inbox, (string)Assert.Single(await Api.ThreadsAsync(inbox))["thread_id"]!);
    }

    [Fact]
    public async Task A_thread_has_the_members_of_the_contract()
    {
        var (inbox, id) = await NewThreadAsync();
        foreach (var thread in (JsonObject[])[Assert.Single(await Api.ThreadsAsync(inbox)), (await Api.GetAsync($"/v1/threads/{id}")).Expect(200).Data])
        {
            Assert.Equal(id, (string)thread["thread_id"]!);
            Assert.Equal(id, (string)thread["id"]!);
            Assert.Equal("Question", (string)thread["subject"]!);
            Assert.Equal(1, (int)thread["message_count"]!);
            Assert.Equal("How much?", (string)thread["snippet"]!);
            Assert.Equal("inbound", (string)thread["last_direction"]!);
            Assert.False((bool)thread["has_attachments"]!);
            Assert.Equal(inbox.Id, (string)thread["inbox_id"]!);
            Assert.Equal(inbox.DomainId, (string)thread["domain_id"]!);
            Assert.Equal("open", (string)thread["status"]!);
            Assert.Empty(thread["tags"]!.AsArray());
            Assert.Null(thread["assigned_to"]);
            Assert.Equal((string)thread["last_message_at"]!, (string)thread["lastActivityAt"]!);
            Assert.Contains(Kim, JsonAssert.TextsOf(thread["participants"]), StringComparer.Ordinal);
            Assert.Equal(thread["participants"]!.AsArray().Count, (int)thread["participantCount"]!);
        }
    }

    [Fact]
    public async Task The_snippet_is_of_the_latest_message_and_at_most_200_characters()
    {
        var (inbox, id) = await NewThreadAsync();
        await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "Re: Question", string.Join(' ', Enumerable.Repeat("Wörter", 100))));
        var snippet = (string)(await Api.GetAsync($"/v1/threads/{id}")).Data["snippet"]!;
        Assert.StartsWith("Wörter Wörter", snippet, StringComparison.Ordinal);
        Assert.InRange(snippet.Length, 100, 200);
    }

    [Fact]
    public async Task Triage_starts_open_and_empty_with_a_copy_at_the_top()
    {
        var (_, id) = await NewThreadAsync();
        var answer = (await Api.GetAsync($"/v1/threads/{id}/metadata")).Expect(200);
        foreach (var triage in (JsonObject[])[answer.Data, answer.Json])
        {
            Assert.Equal(id, (string)triage["thread_id"]!);
            Assert.Equal("open", (string)triage["status"]!);
            Assert.Empty(triage["tags"]!.AsArray());
            Assert.Null(triage["assigned_to"]);
            Assert.True(triage.ContainsKey("updated_at"));
        }
    }

    [Theory]
    [InlineData("open")]
    [InlineData("needs_reply")]
    [InlineData("waiting")]
    [InlineData("closed")]
    public async Task A_status_is_set_by_PUT_and_PATCH(string status)
    {
        var (_, id) = await NewThreadAsync();
        Assert.Equal(status, (string)(await Api.PutAsync($"/v1/threads/{id}/status", new { status })).Expect(200).Data["status"]!);
        Assert.Equal(status, (string)(await Api.PatchAsync($"/v1/threads/{id}/status", new { status })).Expect(200).Data["status"]!);
        Assert.Equal(status, (string)(await Api.GetAsync($"/v1/threads/{id}/metadata")).Data["status"]!);
    }

    [Theory]
    [InlineData("""{"status": "Closed"}""")]
    [InlineData("""{"status": ""}""")]
    [InlineData("""{"status": null}""")]
    [InlineData("""{"status": 1}""")]
    [InlineData("""{}""")]
    public async Task A_status_that_is_none_of_the_four_is_400(string json)
    {
        var (_, id) = await NewThreadAsync();
        (await Api.SendAsync(HttpMethod.Put, $"/v1/threads/{id}/status", json)).ExpectError(400);
    }

    [Fact]
    public async Task A_status_is_never_changed_by_mail()
    {
        var (inbox, id) = await NewThreadAsync();
        await Api.PutAsync($"/v1/threads/{id}/status", new { status = "closed" });
        await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "Re: Question", "Hello?"));
        Assert.Equal("closed", (string)Assert.Single(await Api.ThreadsAsync(inbox))["status"]!);
    }

    [Fact]
    public async Task Tags_are_a_set_in_the_order_they_came()
    {
        var (_, id) = await NewThreadAsync();
        var path = $"/v1/threads/{id}/tags";
        JsonAssert.Texts(["vip", "urgent"], (await Api.PostAsync(path, new { tags = new[] { "vip", " urgent " } })).Expect(200).Data["tags"]);
        JsonAssert.Texts(["vip", "urgent", "VIP"], (await Api.PostAsync(path, new { tags = new[] { "urgent", "VIP" } })).Expect(200).Data["tags"]);
        JsonAssert.Texts(["vip", "urgent", "VIP", "a", "b"], (await Api.PostAsync(path, new { tags = "a, b" })).Expect(200).Data["tags"]);
        JsonAssert.Texts(["vip", "VIP", "a", "b"], (await Api.DeleteAsync(path, new { tags = new[] { "urgent", "absent" } })).Expect(200).Data["tags"]);
        JsonAssert.Texts(["vip", "VIP", "b"], (await Api.PostAsync(path + "/remove", new { tags = new[] { "a" } })).Expect(200).Data["tags"]);
        JsonAssert.Texts(["vip", "VIP", "b"], (await Api.GetAsync($"/v1/threads/{id}/metadata")).Data["tags"]);
    }

    [Theory]
    [InlineData("""{"tags": []}""")]
    [InlineData("""{"tags": [""]}""")]
    [InlineData("""{"tags": ["  "]}""")]
    [InlineData("""{"tags": [1]}""")]
    [InlineData("""{"tags": null}""")]
    [InlineData("""{"tags": ""}""")]
    [InlineData("""{}""")]
    [InlineData("""{"tags": ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}""")]
    public async Task Tags_that_are_none_are_400(string json)
    {
        var (_, id) = await NewThreadAsync();
        (await Api.SendAsync(HttpMethod.Post, $"/v1/threads/{id}/tags", json)).ExpectError(400);
    }

    [Fact]
    public async Task Of_tags_added_at_once_none_is_lost()
    {
        var (_, id) = await NewThreadAsync();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async i => (await Api.PostAsync($"/v1/threads/{id}/tags", new { tags = new[] { $"t{i}" } })).Expect(200)));
        Assert.Equal(16, (await Api.GetAsync($"/v1/threads/{id}/metadata")).Data["tags"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_thread_is_assigned_and_unassigned()
    {
        var (_, id) = await NewThreadAsync();
        var path = $"/v1/threads/{id}/assign";
        Assert.Equal("agent-007", (string)(await Api.PutAsync(path, new { assigned_to = "agent-007" })).Expect(200).Data["assigned_to"]!);
        Assert.Equal("agent-008", (string)(await Api.PatchAsync(path, new { assignedTo = "agent-008" })).Expect(200).Data["assigned_to"]!);
        Assert.Null((await Api.PutAsync(path, new { assigned_to = (string?)null })).Expect(200).Data["assigned_to"]);
        (await Api.PutAsync(path, new { })).ExpectError(400);
        (await Api.PutAsync(path, new { assigned_to = 7 })).ExpectError(400);
    }

    [Fact]
    public async Task PATCH_changes_what_it_names()
    {
        var (_, id) = await NewThreadAsync();
        var path = $"/v1/threads/{id}";
        await Api.PostAsync(path + "/tags", new { tags = new[] { "old" } });
        var triage = (await Api.PatchAsync(path, new { status = "waiting", tags = new[] { "new" }, assignedTo = "x" })).Expect(200).Data;
        Assert.Equal("waiting", (string)triage["status"]!);
        JsonAssert.Texts(["new"], triage["tags"]);
        Assert.Equal("x", (string)triage["assigned_to"]!);
        var cleared = (await Api.PatchAsync(path, new { assigned_to = (string?)null })).Expect(200).Data;
        Assert.Null(cleared["assigned_to"]);
        Assert.Equal("waiting", (string)cleared["status"]!);
        (await Api.PatchAsync(path, new { status = "lost" })).ExpectError(400);
    }

    [Fact]
    public async Task An_unknown_thread_is_404_everywhere()
    {
        const string Path = "/v1/threads/conv_unknown";
        (await Api.GetAsync(Path)).ExpectError(404);
        (await Api.GetAsync(Path + "/messages")).ExpectError(404);
        (await Api.GetAsync(Path + "/metadata")).ExpectError(404);
        (await Api.PatchAsync(Path, new { status = "open" })).ExpectError(404);
        (await Api.PutAsync(Path + "/status", new { status = "open" })).ExpectError(404);
        (await Api.PostAsync(Path + "/tags", new { tags = new[] { "a" } })).ExpectError(404);
        (await Api.DeleteAsync(Path + "/tags", new { tags = new[] { "a" } })).ExpectError(404);
        (await Api.PutAsync(Path + "/assign", new { assigned_to = "a" })).ExpectError(404);
    }

    [Fact]
    public async Task A_list_of_threads_needs_a_filter_and_both_must_match()
    {
        var (inbox, id) = await NewThreadAsync();
        (await Api.GetAsync("/v1/threads")).ExpectError(400);
        (await Api.GetAsync("/v1/threads?inbox_id=i_unknown")).ExpectError(404);
        (await Api.GetAsync("/v1/threads?domain_id=d_unknown")).ExpectError(404);
        Assert.Single((await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}&domain_id={inbox.DomainId}")).Expect(200).List);
        Assert.Equal(id, (string)(await Api.GetAsync($"/v1/threads?domain_id={inbox.DomainId}&limit=100")).Expect(200).List.First(t => (string)t["inbox_id"]! == inbox.Id)["thread_id"]!);
        var mismatch = await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}&domain_id={Server.OwnDomainId}");
        Assert.True(mismatch.Status == 404 || mismatch.Expect(200).List.Count == 0, mismatch.Text);
    }

    [Fact]
    public async Task Threads_are_filtered_by_triage_and_ordered_by_their_latest_message()
    {
        var inbox = await Api.NewInboxAsync();
        foreach (var name in (string[])["a", "b", "c"])
            await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, name, "t"));
        await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "Re: a", "again"));
        async Task<string> SubjectsAsync(string query) =>
            string.Join(' ', (await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}{query}")).Expect(200).List.Select(static t => (string)t["subject"]!));
        Assert.Equal("a c b", await SubjectsAsync(""));
        Assert.Equal("b c a", await SubjectsAsync("&order=asc"));

        var b = (await Api.ThreadsAsync(inbox)).First(static t => (string)t["subject"]! == "b")["thread_id"];
        await Api.PatchAsync($"/v1/threads/{b}", new { status = "needs_reply", tags = new[] { "vip" }, assigned_to = "me" });
        Assert.Equal("b", await SubjectsAsync("&status=needs_reply"));
        Assert.Equal("b", await SubjectsAsync("&tag=vip"));
        Assert.Equal("b", await SubjectsAsync("&assigned_to=me"));
        Assert.Equal("b", await SubjectsAsync("&assignedTo=me"));
        Assert.Equal("a c", await SubjectsAsync("&status=open"));
        Assert.Equal("", await SubjectsAsync("&tag=vi"));
        (await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}&status=lost")).ExpectError(400);
    }

    [Fact]
    public async Task The_messages_of_a_thread_come_oldest_first_and_are_paged()
    {
        var (inbox, id) = await NewThreadAsync();
        for (var i = 0; i < 4; i++)
            await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "Re: Question", $"m{i}"));
        var all = (await Api.GetAsync($"/v1/threads/{id}/messages")).Expect(200).List.Select(static m => (string)m["message_id"]!).ToList();
        Assert.Equal(5, all.Count);
        var backwards = (await Api.GetAsync($"/v1/threads/{id}/messages?order=desc")).Expect(200).List.Select(static m => (string)m["message_id"]!);
        JsonAssert.Texts(all, backwards.Reverse());
        var first = (await Api.GetAsync($"/v1/threads/{id}/messages?limit=3")).Expect(200);
        var second = (await Api.GetAsync($"/v1/threads/{id}/messages?limit=3&cursor={first.NextCursor}")).Expect(200);
        JsonAssert.Texts(all, first.List.Concat(second.List).Select(static m => (string)m["message_id"]!));
        Assert.Null(second.NextCursor);
    }
}

public sealed class SqliteThreadTests(SqliteEngine engine) : ThreadTests(engine);

public sealed class PostgresThreadTests(PostgresEngine engine) : ThreadTests(engine);
