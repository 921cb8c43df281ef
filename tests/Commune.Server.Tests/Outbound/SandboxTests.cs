using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Outbound;

/// <summary>Addresses that do what they are called, through everything but the network.</summary>
public abstract class SandboxTests(Engine engine) : ServerTests(engine)
{
    private const string Domain = "sandbox." + SharedServer.SharedDomain;

    private static string Tagged(string name) => $"{name}+{Guid.NewGuid().ToString("N")[..8]}@{Domain}";

    private async Task<List<string>> EventsAsync(string messageId) =>
        [.. (await Api.GetAsync($"/v1/delivery/events?message_id={messageId}")).Expect(200).List.Select(static e => (string)e["event_type"]!).Reverse()];

    [Theory]
    [InlineData("delivered", "delivered", "sent,delivered")]
    [InlineData("bounced", "bounced", "sent,bounced")]
    [InlineData("soft-bounce", "bounced", "sent,bounced")]
    [InlineData("complained", "complained", "sent,delivered,complained")]
    [InlineData("slow", "delivered", "sent,delivered")]
    [InlineData("greylist", "delivered", "sent,delivery_delayed,delivered")]
    [InlineData("nobody", "bounced", "sent,bounced")]
    public async Task Each_address_does_what_it_is_called(string name, string status, string events)
    {
        var inbox = await Api.NewInboxAsync();
        var sent = await SendAsync(inbox, Tagged(name), "s", "t");
        var id = (string)sent.Data["id"]!;
        await Api.WaitForStatusAsync(id, status);
        Assert.Equal(events, string.Join(',', await EventsAsync(id)));
        var attempts = (await Api.GetAsync($"/v1/messages/{id}/attempts")).Expect(200).List;
        Assert.Equal(name == "greylist" ? 2 : 1, attempts.Count);
        Assert.All(attempts, static attempt => Assert.Equal(Domain, (string)attempt["host"]!));
    }

    [Fact]
    public async Task All_at_once_each_has_its_own_fate()
    {
        var inbox = await Api.NewInboxAsync();
        string[] to = [Tagged("delivered"), Tagged("slow"), Tagged("greylist"), Tagged("bounced"), Tagged("complained")];
        var sent = (await Api.PostAsync("/v1/messages/send", new { to, subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
        await Eventually.GetAsync(() => EventsAsync((string)sent.Data["id"]!), static events => events.Count == 12);
        var events = await EventsAsync((string)sent.Data["id"]!);
        Assert.Equal(5, events.Count(static e => e == "sent"));
        Assert.Equal(4, events.Count(static e => e == "delivered"));
        Assert.Single(events, "bounced");
        Assert.Single(events, "delivery_delayed");
        Assert.Single(events, "complained");
        await Api.WaitForStatusAsync((string)sent.Data["id"]!, "complained");
    }

    [Fact]
    public async Task A_bounce_suppresses_and_the_next_send_skips_it()
    {
        var inbox = await Api.NewInboxAsync();
        var to = Tagged("bounced");
        var first = await SendAsync(inbox, to, "s", "t");
        await Api.WaitForStatusAsync((string)first.Data["id"]!, "bounced");
        var entry = Assert.Single((await Api.GetAsync($"/v1/delivery/suppressions?inbox_id={inbox.Id}")).Expect(200).List);
        Assert.Equal((to, "hard_bounce"), ((string)entry["email"]!, (string)entry["reason"]!));
        var second = await SendAsync(inbox, to, "s", "t");
        Assert.Equal("suppressed", (string)second.Data["status"]!);
        Assert.Equal(to, (string)Assert.Single(second.Json["validation"]!["suppressed"]!.AsArray())!["email"]!);
        var metrics = (await Api.GetAsync($"/v1/delivery/metrics?inbox_id={inbox.Id}")).Expect(200).Data;
        Assert.Equal((1, 1, 1), ((int)metrics["sent"]!, (int)metrics["bounced"]!, (int)metrics["suppressed"]!));
    }

    [Fact]
    public async Task A_slow_delivery_takes_its_time_and_holds_nobody()
    {
        var inbox = await Api.NewInboxAsync();
        var slow = await SendAsync(inbox, Tagged("slow"), "s", "t");
        var quick = await SendAsync(inbox, Tagged("delivered"), "s", "t");
        await Api.WaitForStatusAsync((string)quick.Data["id"]!, "delivered");
        Assert.Equal("queued", (string)(await Api.GetAsync($"/v1/messages/{slow.Data["id"]}")).Data["metadata"]!["delivery_status"]!);
        await Api.WaitForStatusAsync((string)slow.Data["id"]!, "delivered");
    }
}

public sealed class SqliteSandboxTests(SqliteEngine engine) : SandboxTests(engine);

public sealed class PostgresSandboxTests(PostgresEngine engine) : SandboxTests(engine);
