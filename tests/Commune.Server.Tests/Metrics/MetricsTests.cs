using System.Globalization;
using System.Net.Http.Headers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Extraction;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Metrics;

/// <summary>GET /metrics of the whole program.</summary>
public abstract class MetricsTests(Engine engine)
{
    private const string Token = "a-token-for-scraping";

    private async Task<ReadingProgram> StartAsync(params (string Name, string Value)[] more) =>
        await ReadingProgram.StartAsync((await engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", ApiKeySecret.New()), extractor: null, more);

    private static async Task<(int Status, string Text)> ReadAsync(ReadingProgram program, string? token = null, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(program.Http, "/metrics"));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The sum of all series with this beginning.</summary>
    private static double Figure(string text, string series) => text.Split('\n')
        .Where(line => line.StartsWith(series, StringComparison.Ordinal)).Sum(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    [Fact]
    public async Task Mail_requests_and_queues_are_told()
    {
        await using var program = await StartAsync();
        var inbox = await program.Api.NewInboxAsync();
        await program.ReceiveAsync(inbox, "Parcel", "It is here.");
        (await program.Api.PostAsync("/v1/messages/send", new { to = "delivered@sandbox.commune.test", subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
        (await program.Api.PostAsync("/v1/messages/send", new { to = "bounced@sandbox.commune.test", subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
        (await program.Api.GetAsync($"/v1/search/messages?inbox_id={inbox.Id}&q=parcel")).Expect(200);

        var text = await Eventually.GetAsync(
            async () => (await ReadAsync(program)).Text,
            static text => Figure(text, "commune_deliveries_total{outcome=\"delivered\",way=\"sandbox\"}") == 1 && Figure(text, "commune_deliveries_total{outcome=\"bounced\"") == 1);
        Assert.Equal(1, Figure(text, "commune_smtp_messages_total{outcome=\"accepted\"}"));
        Assert.Equal(1, Figure(text, "commune_smtp_recipients_total{outcome=\"accepted\"}"));
        Assert.Equal(1, Figure(text, "commune_smtp_sessions_total{outcome=\"served\"}"));
        Assert.Equal(2, Figure(text, "commune_messages_queued_total"));
        Assert.Equal(1, Figure(text, "commune_searches_total{degraded=\"\"}"));
        Assert.Equal(1, Figure(text, "commune_store_up"));
        Assert.Equal(2, Figure(text, "http_server_request_duration_seconds_count{http_request_method=\"POST\",http_route=\"/v1/messages/send\",http_response_status_code=\"202\"}"));
        Assert.True(Figure(text, "dotnet_process_memory_working_set_bytes") > 1_000_000);
        Assert.DoesNotContain(inbox.Id, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_only_this_machine_may_ask()
    {
        await using var program = await StartAsync();
        Assert.Equal(200, (await ReadAsync(program)).Status);
        var (status, text) = await ReadAsync(program, token: null, ("X-Forwarded-For", "192.0.2.7"));
        Assert.Equal(403, status);
        Assert.Contains("Commune__Metrics__Token", text, StringComparison.Ordinal);
        Assert.Equal(403, (await ReadAsync(program, token: null, ("Host", "mail.example.com"))).Status);
    }

    [Fact]
    public async Task With_a_token_whoever_shows_it_may_ask_and_nobody_else()
    {
        await using var program = await StartAsync(("Commune__Metrics__Token", Token));
        Assert.Equal(200, (await ReadAsync(program, Token, ("X-Forwarded-For", "192.0.2.7"))).Status);
        Assert.Equal(401, (await ReadAsync(program)).Status);
        Assert.Equal(401, (await ReadAsync(program, Token + "x")).Status);
        Assert.Equal(401, (await ReadAsync(program, program.Key)).Status);
    }

    [Fact]
    public async Task A_token_that_can_be_guessed_is_refused_at_start() =>
        Assert.Contains("Commune:Metrics:Token", (await Assert.ThrowsAsync<SettingException>(() => StartAsync(("Commune__Metrics__Token", "short")))).Message, StringComparison.Ordinal);
}

public sealed class SqliteMetricsTests(SqliteEngine engine) : MetricsTests(engine);

public sealed class PostgresMetricsTests(PostgresEngine engine) : MetricsTests(engine);
