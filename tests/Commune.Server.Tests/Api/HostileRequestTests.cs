using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api;

/// <summary>What a key holder may send to break the server, or to make it unusable for himself.</summary>
public abstract class HostileRequestTests(Engine engine) : ServerTests(engine)
{
    [Theory]
    [InlineData("POST", "/v1/inboxes", "{\"\\ud800\": 1}")]
    [InlineData("POST", "/v1/inboxes", "{\"local_part\": \"a\", \"agent\": {\"\\ud800\": 1}}")]
    [InlineData("POST", "/v1/messages/send", "{\"to\": \"a@b.test\", \"subject\": \"s\", \"text\": \"t\", \"headers\": {\"\\uDBFF\": \"x\"}}")]
    [InlineData("POST", "/v1/messages/send", "{\"to\": \"a@b.test\", \"subject\": \"s\", \"text\": \"t\", \"attachments\": [{\"filename\": \"\\ud800\", \"content\": \"YQ==\"}]}")]
    [InlineData("POST", "/v1/domains", "{\"\\udc00\": \"x\"}")]
    public async Task Half_a_surrogate_pair_anywhere_is_400(string method, string path, string body) =>
        (await Api.SendAsync(new HttpMethod(method), path, body)).ExpectError(400);

    [Theory]
    [InlineData("GET /v1/messages/a%00b HTTP/1.1\r\nHost: x\r\n\r\n", "400")]
    [InlineData("GET /health HTTP/9.9\r\nHost: x\r\n\r\n", "505")]
    [InlineData("GET /health HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", "400")]
    public async Task What_is_refused_before_it_is_a_request_has_an_error_body(string request, string status)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Api.BaseAddress.Host, Api.BaseAddress.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        Assert.Contains($"\r\nContent-Length: {body.Length}\r\n", answer, StringComparison.Ordinal);
        Assert.NotEmpty((string)JsonNode.Parse(body)!["error"]!);
    }

    [Fact]
    public async Task A_whole_surrogate_pair_is_text()
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.SendAsync(HttpMethod.Patch, $"/v1/inboxes/{inbox.Id}", "{\"name\": \"Kim \\ud83d\\ude00\"}")).Expect(200);
        Assert.Equal("Kim 😀", (string)(await Api.GetAsync($"/v1/inboxes/{inbox.Id}")).Data["name"]!);
    }

    [Fact]
    public async Task A_schema_that_is_too_deep_is_refused_and_one_of_the_deepest_kind_is_shown_again()
    {
        var inbox = await Api.NewInboxAsync();
        var path = $"/v1/inboxes/{inbox.Id}/extraction-schema";
        (await Api.SendAsync(HttpMethod.Put, path, Schema(31))).ExpectError(400);
        (await Api.SendAsync(HttpMethod.Put, path, Schema(58))).ExpectError(400);
        (await Api.SendAsync(HttpMethod.Put, path, Schema(30))).Expect(200);
        (await Api.GetAsync($"/v1/inboxes/{inbox.Id}")).Expect(200);
        (await Api.GetAsync("/v1/inboxes?limit=1000")).Expect(200);
        (await Api.GetAsync("/v1/domains")).Expect(200);
    }

    [Fact]
    public async Task A_schema_that_is_too_large_is_refused()
    {
        var inbox = await Api.NewInboxAsync();
        var body = "{\"name\": \"n\", \"schema\": {\"type\": \"object\", \"properties\": {\"" + new string('x', 70_000) + "\": {}}}}";
        (await Api.SendAsync(HttpMethod.Put, $"/v1/inboxes/{inbox.Id}/extraction-schema", body)).ExpectError(400);
    }

    [Fact]
    public async Task One_address_in_two_spellings_gets_one_copy()
    {
        var sender = await Api.NewInboxAsync();
        var answer = await Api.PostAsync("/v1/messages/send", new { to = new[] { "a@bücher.test", "A@xn--bcher-kva.test" }, subject = "s", text = "t", inbox_id = sender.Id });
        answer.Expect(202);
    }

    [Fact]
    public async Task A_list_of_very_large_messages_is_given_in_pages_of_bearable_size()
    {
        var inbox = await Api.NewInboxAsync();
        for (var i = 0; i < 4; i++)
        {
            var letter = Letter.Plain("kim@example.com", inbox.Address, "large", string.Concat(Enumerable.Repeat(new string('x', 998) + "\r\n", 3000)));
            (await SmtpTalk.MailAsync(Server.Program.Smtp, "kim@example.com", inbox.Address, letter)).Expect(250);
        }
        var ids = new List<string>();
        var pages = 0;
        for (string? cursor = ""; cursor is not null; pages++)
        {
            var page = await Api.GetAsync($"/v1/messages?inbox_id={inbox.Id}&limit=1000" + (cursor.Length > 0 ? "&cursor=" + cursor : ""));
            ids.AddRange(page.Expect(200).List.Select(static m => (string)m["id"]!));
            cursor = page.NextCursor;
        }
        Assert.Equal(4, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(4, ids.Count);
        Assert.Equal(2, pages);
    }

    /// <summary>An extraction object whose schema is an object with properties nested so many levels below it.</summary>
    private static string Schema(int levels)
    {
        var inner = string.Concat(Enumerable.Repeat("{\"a\":", levels - 1)) + "{}" + new string('}', levels - 1);
        return "{\"name\": \"n\", \"schema\": {\"type\": \"object\", \"properties\": {\"p\": " + inner + "}}}";
    }
}

public sealed class SqliteHostileRequestTests(SqliteEngine engine) : HostileRequestTests(engine);

public sealed class PostgresHostileRequestTests(PostgresEngine engine) : HostileRequestTests(engine);
