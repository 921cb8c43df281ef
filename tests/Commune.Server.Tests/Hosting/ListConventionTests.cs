using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Hosting;

/// <summary>Contract section 1: limits, cursors, orders and dates, for every list.</summary>
public abstract class ListConventionTests(Engine engine) : ServerTests(engine)
{
    [Theory]
    [InlineData("limit=0", 1)]
    [InlineData("limit=-5", 1)]
    [InlineData("limit=2", 2)]
    [InlineData("limit=100000", 3)]
    [InlineData("limit=99999999999999999999", 3)]
    [InlineData("limit=many", 3)]
    [InlineData("limit=", 3)]
    public async Task A_limit_out_of_range_is_clamped_and_no_number_is_the_default(string query, int expected)
    {
        var inbox = await Api.NewInboxAsync();
        for (var i = 0; i < 3; i++)
            await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, $"s{i}", "t"));
        Assert.Equal(expected, (await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}&{query}")).Expect(200).List.Count);
        Assert.Equal(expected, (await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&{query}")).Expect(200).List.Count);
    }

    [Theory]
    [InlineData("cursor=%21%21")]
    [InlineData("cursor=abc")]
    [InlineData("cursor=eyJsYXN0S2V5Ijo")]
    [InlineData("order=ascending")]
    [InlineData("order=ASC,desc")]
    public async Task A_bad_cursor_or_order_is_400(string query)
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}&{query}")).ExpectError(400);
        (await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&{query}")).ExpectError(400);
    }

    [Fact]
    public async Task A_cursor_that_cannot_be_decoded_says_so()
    {
        var inbox = await Api.NewInboxAsync();
        Assert.Equal("Invalid cursor", (await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}&cursor=%21")).ExpectError(400).Error);
    }

    [Theory]
    [InlineData("before=yesterday")]
    [InlineData("after=2026-13-01T00:00:00Z")]
    [InlineData("after=2026-01-01T00:00:00")]
    [InlineData("before=1767225600")]
    public async Task A_bad_date_is_400(string query)
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&{query}")).ExpectError(400);
    }

    [Theory]
    [InlineData("2020-01-01")]
    [InlineData("2020-01-01T00:00:00Z")]
    [InlineData("2020-01-01T00:00:00.123456Z")]
    [InlineData("2020-01-01T00:00Z")]
    [InlineData("2020-01-01T00:00:00%2B02:00")]
    [InlineData("2020-01-01T00:00:00-0500")]
    public async Task Dates_are_any_ISO_8601_with_a_zone_or_a_day_alone(string date)
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "s", "t"));
        Assert.Single((await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&after={date}")).Expect(200).List);
        Assert.Empty((await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&before={date}")).Expect(200).List);
    }

    [Fact]
    public async Task The_cursor_is_null_exactly_when_there_is_no_more()
    {
        var inbox = await Api.NewInboxAsync();
        for (var i = 0; i < 2; i++)
            await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, $"s{i}", "t"));
        foreach (var list in (string[])[$"/v1/threads?inbox_id={inbox.Id}", $"/v1/messages?inbox_id={inbox.Id}", "/v1/inboxes?"])
        {
            var first = (await Api.GetAsync(list + "&limit=1")).Expect(200);
            Assert.True((bool)first.Json["has_more"]!);
            Assert.NotNull(first.NextCursor);
        }
        foreach (var list in (string[])[$"/v1/threads?inbox_id={inbox.Id}", $"/v1/messages?inbox_id={inbox.Id}", "/v1/domains?"])
        {
            var all = (await Api.GetAsync(list + "&limit=1000")).Expect(200).Json;
            Assert.False((bool)all["has_more"]!);
            Assert.True(all.ContainsKey("next_cursor"));
            Assert.Null(all["next_cursor"]);
        }
        // The page that ends exactly with the last row is the last page.
        Assert.Null((await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}&limit=2")).Expect(200).NextCursor);
    }
}

public sealed class SqliteListConventionTests(SqliteEngine engine) : ListConventionTests(engine);

public sealed class PostgresListConventionTests(PostgresEngine engine) : ListConventionTests(engine);
