using System.Net;
using System.Text;
using Commune.Client;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Client;

/// <summary>What the client does whatever server it talks to.</summary>
public sealed class ClientAloneTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void Every_operation_of_the_API_has_a_method() => Assert.All(
        ApiTable.Routes.Where(static route => route.Twin is null && route.Call is not { IsDeprecated: true }), static route =>
        {
            var parts = route.Id.Split('.');
            var noun = typeof(CommuneClient).GetProperty(Pascal(parts[0]));
            Assert.True(noun?.PropertyType.GetMethod(Pascal(parts[^1]) + "Async") is not null, $"CommuneClient has no {Pascal(parts[0])}.{Pascal(parts[^1])}Async for {route.Method} {route.Path}");
        });

    [Fact]
    public async Task Pages_are_read_one_after_the_other()
    {
        using var server = new Scripted(
            (200, """{"data": [{"id": "key_1"}], "next_cursor": "a b", "has_more": true}"""), (200, """{"data": [{"id": "key_2"}], "next_cursor": null, "has_more": false}"""));
        using var client = NewClient(server);
        Assert.Equal("key_1 key_2", string.Join(' ', await client.Keys.ListAsync().Select(static key => key.Id).ToListAsync()));
        JsonAssert.Texts(["/v1/agent/api-keys", "/v1/agent/api-keys?cursor=a%20b"], server.Paths);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task What_may_be_repeated_is_tried_three_times_more_and_no_more(int status)
    {
        using var server = new Scripted([.. Enumerable.Repeat((status, "{\"error\": \"later\"}"), 10)]);
        using var client = NewClient(server);
        var error = await Assert.ThrowsAsync<CommuneException>(() => client.Organisation.GetAsync());
        Assert.Equal((status, "later", 4), (error.Status, error.Message, server.Paths.Count));
    }

    [Fact]
    public async Task What_must_not_be_done_twice_is_not_repeated_after_a_500()
    {
        using var server = new Scripted((500, "{}"), (201, "{\"data\": {\"id\": \"d_1\"}}"));
        using var client = NewClient(server);
        await Assert.ThrowsAsync<CommuneException>(() => client.Domains.CreateAsync("a.example"));
        Assert.Single(server.Paths);
    }

    [Fact]
    public async Task A_send_carries_one_key_over_all_attempts_and_the_next_send_another()
    {
        using var server = new Scripted((500, "{}"), (202, Sent), (202, Sent));
        using var client = NewClient(server);
        var message = new NewMessage { To = ["a@b.example"], Subject = "s", Text = "t" };
        await client.Messages.SendAsync(message);
        await client.Messages.SendAsync(message);
        Assert.Equal((3, true, false), (server.Keys.Count, server.Keys[0] == server.Keys[1], server.Keys[1] == server.Keys[2]));
    }

    [Fact]
    public async Task A_server_that_asks_to_wait_for_long_gets_no_further_attempt()
    {
        using var server = new Scripted((429, "{\"error\": \"Too many emails this hour\"}")) { RetryAfter = 1800 };
        using var client = NewClient(server);
        var error = await Assert.ThrowsAsync<CommuneException>(() => client.Organisation.GetAsync());
        Assert.Equal((TimeSpan.FromMinutes(30), 1), (error.RetryAfter, server.Paths.Count));
    }

    [Fact]
    public async Task An_answer_that_is_not_the_servers_is_an_exception_too()
    {
        using var server = new Scripted((404, "<html>"));
        using var client = NewClient(server);
        Assert.Equal(404, (await Assert.ThrowsAsync<CommuneException>(() => client.Organisation.GetAsync())).Status);
    }

    [Theory]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_not base64")]
    [InlineData("plain")]
    public void A_call_that_the_server_signed_is_believed_by_both_signatures(string secret)
    {
        var body = "{\"a\": \"ü\"}"u8.ToArray();
        var milliseconds = Now.ToUnixTimeMilliseconds().ToString();
        var seconds = Now.ToUnixTimeSeconds();
        var own = Commune.Server.Webhooks.WebhookSignature.Commune(secret, milliseconds, body);
        var standard = Commune.Server.Webhooks.WebhookSignature.Standard(["another", secret], "wdel_1", seconds, body);
        Assert.True(WebhookSignature.IsValid(secret, own, milliseconds, body, Now.AddMinutes(4)));
        Assert.True(WebhookSignature.IsValidStandard(secret, "wdel_1", seconds.ToString(), standard, body, Now.AddMinutes(-4)));

        Assert.False(WebhookSignature.IsValid(secret, own, milliseconds, body, Now.AddMinutes(6)));
        Assert.False(WebhookSignature.IsValid(secret + "x", own, milliseconds, body, Now));
        Assert.False(WebhookSignature.IsValid(secret, own, milliseconds, [.. body, 1], Now));
        Assert.False(WebhookSignature.IsValid(secret, null, milliseconds, body, Now));
        Assert.False(WebhookSignature.IsValidStandard(secret, "wdel_2", seconds.ToString(), standard, body, Now));
        Assert.False(WebhookSignature.IsValidStandard(secret, "wdel_1", long.MaxValue.ToString(), standard, body, Now));
        Assert.False(WebhookSignature.IsValidStandard(secret, "wdel_1", seconds.ToString(), "v1,", body, Now));
    }

    private const string Sent = """{"data": {"id": "msg_1", "thread_id": "conv_1", "smtp_message_id": "<a@b>", "status": "queued", "to": [], "subject": "s"}}""";

    private static CommuneClient NewClient(Scripted server) => new(new CommuneClientOptions
    {
        Address = new Uri("http://commune.test"),
        ApiKey = "comm_x",
        Handler = server,
        FirstDelay = TimeSpan.FromMilliseconds(1),
    });

    private static string Pascal(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    /// <summary>Answers with these, one after the other.</summary>
    private sealed class Scripted(params (int Status, string Body)[] answers) : HttpMessageHandler
    {
        public List<string> Paths { get; } = [];

        public List<string> Keys { get; } = [];

        public int? RetryAfter { get; init; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (status, body) = answers[Paths.Count];
            Paths.Add(request.RequestUri!.PathAndQuery);
            if (request.Headers.TryGetValues("Idempotency-Key", out var keys))
                Keys.Add(keys.Single());
            var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            if (RetryAfter is { } seconds)
                response.Headers.TryAddWithoutValidation("Retry-After", seconds.ToString());
            return Task.FromResult(response);
        }
    }
}
