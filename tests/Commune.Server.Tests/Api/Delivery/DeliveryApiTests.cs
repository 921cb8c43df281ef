using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Delivery;

/// <summary>Contract section 13: metrics, events and suppressions over the API.</summary>
public abstract class DeliveryApiTests(Engine engine) : ServerTests(engine)
{
    private async Task<string> SendToAsync(InboxHandle inbox, string to, string status)
    {
        var sent = await SendAsync(inbox, to, "s", "t");
        var id = (string)sent.Data["id"]!;
        await Api.WaitForStatusAsync(id, status);
        return id;
    }

    /// <summary>An inbox with one mail delivered, one refused, and one skipped.</summary>
    private async Task<(InboxHandle Inbox, string Good, string Bad)> HistoryAsync()
    {
        var inbox = await Api.NewInboxAsync();
        var domain = Server.NewRemoteDomain();
        var (good, bad) = ("good@" + domain, "bad@" + domain);
        Server.Sink.Answer(bad, "550 5.1.1 No such user here");
        await SendToAsync(inbox, good, "delivered");
        await SendToAsync(inbox, bad, "bounced");
        await SendToAsync(inbox, bad, "suppressed");
        return (inbox, good, bad);
    }

    private async Task<JsonObject> MetricsAsync(InboxHandle inbox, string query = "") =>
        (await Api.GetAsync($"/v1/delivery/metrics?inbox_id={inbox.Id}{query}")).Expect(200).Data;

    [Fact]
    public async Task Metrics_count_the_events()
    {
        var (inbox, _, _) = await HistoryAsync();
        var metrics = await MetricsAsync(inbox);
        Assert.Equal(
            "2 1 1 0 0 1",
            string.Join(' ', ((string[])["sent", "delivered", "bounced", "complained", "failed", "suppressed"]).Select(name => (long)metrics[name]!)));
        Assert.Equal(
            "50 50 0 0 50",
            string.Join(' ', ((string[])["delivery_rate", "bounce_rate", "complaint_rate", "failure_rate", "suppression_rate"]).Select(name => (double)metrics[name]!)));
        Assert.Equal(("7d", 7, inbox.Id, null), ((string)metrics["period"]!, (int)metrics["days"]!, (string)metrics["inbox_id"]!, (string?)metrics["domain_id"]));
        foreach (var type in (string[])["sent", "delivered", "bounced", "complained", "failed", "suppressed"])
        {
            var listed = (await Api.GetAsync($"/v1/delivery/events?inboxId={inbox.Id}&event_type={type}")).Expect(200).List;
            Assert.Equal((int)metrics[type]!, listed.Count);
        }
    }

    [Fact]
    public async Task An_inbox_without_mail_has_zeros()
    {
        var metrics = await MetricsAsync(await Api.NewInboxAsync());
        Assert.Equal((0, 0.0), ((int)metrics["sent"]!, (double)metrics["delivery_rate"]!));
    }

    [Theory]
    [InlineData("", "7d", 7)]
    [InlineData("&period=24h", "24h", 1)]
    [InlineData("&period=1d", "1d", 1)]
    [InlineData("&period=30d", "30d", 30)]
    [InlineData("&days=3", "3d", 3)]
    [InlineData("&period=2d&days=9", "2d", 2)]
    [InlineData("&days=0", "1d", 1)]
    [InlineData("&days=-4", "1d", 1)]
    [InlineData("&days=1000", "90d", 90)]
    [InlineData("&period=400d", "90d", 90)]
    [InlineData("&period=1h", "24h", 1)]
    public async Task The_window_is_asked_for_in_days_or_hours(string query, string period, int days)
    {
        var metrics = await MetricsAsync(await Api.NewInboxAsync(), query);
        Assert.Equal((period, days), ((string)metrics["period"]!, (int)metrics["days"]!));
        var (start, end) = (DateTimeOffset.Parse((string)metrics["period_start"]!), DateTimeOffset.Parse((string)metrics["period_end"]!));
        Assert.Equal(TimeSpan.FromDays(days), end - start);
    }

    [Fact]
    public async Task What_cannot_be_read_is_400_and_what_is_not_ours_404()
    {
        var inbox = await Api.NewInboxAsync();
        var foreign = await Server.Other.NewInboxAsync();
        foreach (var path in (string[])[
            "metrics", "events", "suppressions", $"metrics?inbox_id={inbox.Id}&period=week", $"metrics?inbox_id={inbox.Id}&days=1.5", $"metrics?inbox_id={inbox.Id}&period=1e3d",
            $"events?inbox_id={inbox.Id}&event_type=opened", $"events?inbox_id={inbox.Id}&cursor=%21", $"suppressions?inbox_id={inbox.Id}&cursor=%21"])
        {
            (await Api.GetAsync("/v1/delivery/" + path)).ExpectError(400);
        }
        foreach (var noun in (string[])["metrics", "events", "suppressions"])
        {
            (await Api.GetAsync($"/v1/delivery/{noun}?inbox_id={foreign.Id}")).ExpectError(404);
            (await Api.GetAsync($"/v1/delivery/{noun}?domain_id=d_unknown")).ExpectError(404);
        }
        (await Api.GetAsync("/v1/delivery/events?message_id=msg_unknown")).ExpectError(404);
        (await Api.GetAsync("/v1/delivery/events?message_id=%3Cunknown%40x.test%3E")).ExpectError(404);
    }

    [Fact]
    public async Task An_event_has_the_names_that_every_client_reads()
    {
        var (inbox, good, _) = await HistoryAsync();
        var delivered = Assert.Single((await Api.GetAsync($"/v1/delivery/events?inbox_id={inbox.Id}&event_type=delivered")).Expect(200).List);
        Assert.StartsWith("evt_", (string)delivered["event_id"]!, StringComparison.Ordinal);
        foreach (var (alias, name) in ((string, string)[])[
            ("_id", "event_id"), ("id", "event_id"), ("messageId", "message_id"), ("type", "event_type"), ("email", "recipient"), ("processed_at", "timestamp"), ("created_at", "timestamp")])
            Assert.Equal((string)delivered[name]!, (string)delivered[alias]!);
        Assert.Equal((good, inbox.Id, inbox.DomainId), ((string)delivered["recipient"]!, (string)delivered["inbox_id"]!, (string)delivered["domain_id"]!));
        Assert.Equal(250, (int)delivered["event_data"]!["smtp_code"]!);
        Assert.StartsWith("250", (string)delivered["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_events_of_a_message_are_found_by_either_of_its_ids()
    {
        var inbox = await Api.NewInboxAsync();
        var sent = await SendAsync(inbox, "user@" + Server.NewRemoteDomain(), "s", "t");
        var (id, smtpId) = ((string)sent.Data["id"]!, (string)sent.Data["smtp_message_id"]!);
        await Api.WaitForStatusAsync(id, "delivered");
        foreach (var name in (string[])[id, smtpId, smtpId.Trim('<', '>')])
        {
            var events = (await Api.GetAsync($"/v1/delivery/events?messageId={Uri.EscapeDataString(name)}")).Expect(200).List;
            Assert.Equal("delivered sent", string.Join(' ', events.Select(static e => (string)e["type"]!)));
        }
        (await Server.Other.GetAsync($"/v1/delivery/events?message_id={id}")).ExpectError(404);
    }

    [Fact]
    public async Task Events_are_walked_page_by_page()
    {
        var (inbox, _, _) = await HistoryAsync();
        List<string> walked = [];
        for (var cursor = ""; ;)
        {
            var page = (await Api.GetAsync($"/v1/delivery/events?inbox_id={inbox.Id}&limit=2{cursor}")).Expect(200);
            walked.AddRange(page.List.Select(static e => (string)e["type"]!));
            Assert.Equal(page.NextCursor is not null, (bool)page.Json["has_more"]!);
            if (page.NextCursor is null)
                break;
            cursor = "&cursor=" + page.NextCursor;
        }
        Assert.Equal("suppressed bounced sent delivered sent", string.Join(' ', walked));
    }

    [Fact]
    public async Task Mail_between_inboxes_of_this_server_is_sent_and_delivered_too()
    {
        var (inbox, other) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        var id = await SendToAsync(inbox, other.Address, "delivered");
        var events = (await Api.GetAsync($"/v1/delivery/events?message_id={id}")).Expect(200).List;
        Assert.Equal("delivered sent", string.Join(' ', events.Select(static e => (string)e["type"]!)));
    }

    [Fact]
    public async Task A_suppression_has_the_names_that_every_client_reads()
    {
        var (inbox, _, bad) = await HistoryAsync();
        var entry = Assert.Single((await Api.GetAsync($"/v1/delivery/suppressions?inbox_id={inbox.Id}")).Expect(200).List);
        Assert.StartsWith("sup_", (string)entry["id"]!, StringComparison.Ordinal);
        Assert.Equal((string)entry["id"]!, (string)entry["_id"]!);
        Assert.Equal((string)entry["suppressed_at"]!, (string)entry["suppressedAt"]!);
        Assert.Equal((string)entry["suppressed_at"]!, (string)entry["created_at"]!);
        Assert.Equal((bad, "hard_bounce", "hard", "inbox"), ((string)entry["email"]!, (string)entry["reason"]!, (string)entry["type"]!, (string)entry["source"]!));
        Assert.Equal((inbox.Id, inbox.DomainId, null), ((string)entry["inbox_id"]!, (string)entry["domain_id"]!, (string?)entry["expires_at"]));
        Assert.StartsWith("msg_", (string)entry["message_id"]!, StringComparison.Ordinal);
        Assert.Equal("550 5.1.1 No such user here", (string)entry["metadata"]!["bounce_reason"]!);
        Assert.Single((await Api.GetAsync($"/v1/delivery/suppressions?email={Uri.EscapeDataString(bad.ToUpperInvariant())}")).Expect(200).List);
        Assert.Empty((await Server.Other.GetAsync($"/v1/delivery/suppressions?email={Uri.EscapeDataString(bad)}")).Expect(200).List);
    }

    [Fact]
    public async Task Cc_and_bcc_are_skipped_as_to_is()
    {
        var inbox = await Api.NewInboxAsync();
        var domain = Server.NewRemoteDomain();
        string[] skipped = ["cc@" + domain, "bcc@" + domain];
        foreach (var email in skipped)
            (await Api.PostAsync("/v1/delivery/suppressions", new { email, inboxId = inbox.Id })).Expect(201);
        var sent = (await Api.PostAsync("/v1/messages/send", new
        {
            to = "to@" + domain, cc = skipped[0], bcc = skipped[1], subject = "s", text = "t", inbox_id = inbox.Id, idempotency_key = "k" + inbox.Id,
        })).Expect(202);
        Assert.Equal("queued", (string)sent.Data["status"]!);
        JsonAssert.Texts([.. skipped.Order(StringComparer.Ordinal)],
            sent.Json["validation"]!["suppressed"]!.AsArray().Select(static n => (string)n!["email"]!).Order(StringComparer.Ordinal));
        await Api.WaitForStatusAsync((string)sent.Data["id"]!, "delivered");
        JsonAssert.Texts(["to@" + domain], (await Server.Sink.WaitForAsync("to@" + domain)).Recipients);

        var again = (await Api.PostAsync("/v1/messages/send", new
        {
            to = "to@" + domain, cc = skipped[0], bcc = skipped[1], subject = "s", text = "t", inbox_id = inbox.Id, idempotency_key = "k" + inbox.Id,
        })).Expect(202);
        Assert.Equal(sent.Text, again.Text);
        Assert.Equal("true", again.Header("Idempotency-Replayed"));
    }

    [Fact]
    public async Task An_address_is_added_and_removed_by_hand()
    {
        var inbox = await Api.NewInboxAsync();
        var email = "kim@" + Server.NewRemoteDomain();
        var added = (await Api.PostAsync("/v1/delivery/suppressions", new { email = $"Kim <{email.ToUpperInvariant()}>", inbox_id = inbox.Id, reason = "unsubscribe" })).Expect(201).Data;
        Assert.Equal((email, "unsubscribe", "permanent", "inbox"), ((string)added["email"]!, (string)added["reason"]!, (string)added["type"]!, (string)added["source"]!));
        Assert.Equal("suppressed", (string)(await SendAsync(inbox, email, "s", "t")).Data["status"]!);

        (await Server.Other.DeleteAsync($"/v1/delivery/suppressions/{added["id"]}")).ExpectError(404);
        (await Api.DeleteAsync($"/v1/delivery/suppressions/{added["id"]}")).Expect(200);
        (await Api.DeleteAsync($"/v1/delivery/suppressions/{added["id"]}")).ExpectError(404);
        await SendToAsync(inbox, email, "delivered");
    }

    [Fact]
    public async Task Without_an_inbox_an_entry_holds_for_the_whole_organisation()
    {
        var (one, two) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        var email = "kim@" + Server.NewRemoteDomain();
        var added = (await Api.PostAsync("/v1/delivery/suppressions", new { email, expires_in = 3600 })).Expect(201).Data;
        Assert.Equal(("global", "manual"), ((string)added["source"]!, (string)added["reason"]!));
        Assert.NotNull((string?)added["expires_at"]);
        foreach (var inbox in (InboxHandle[])[one, two])
            Assert.Equal("suppressed", (string)(await SendAsync(inbox, email, "s", "t")).Data["status"]!);
        Assert.Equal("suppressed", (string)(await Api.GetAsync($"/v1/delivery/events?inbox_id={one.Id}")).Expect(200).List[0]["type"]!);
        Assert.Single((await Api.GetAsync($"/v1/delivery/suppressions?inbox_id={one.Id}&email={email}")).Expect(200).List);

        (await Api.DeleteAsync($"/v1/delivery/suppressions?email={email}&inbox_id={one.Id}")).ExpectError(404);
        (await Api.DeleteAsync($"/v1/delivery/suppressions?email={email}")).Expect(200);
        await SendToAsync(one, email, "delivered");
    }

    [Fact]
    public async Task What_cannot_be_suppressed_is_refused_with_the_field()
    {
        var inbox = await Server.Other.NewInboxAsync();
        foreach (var body in (object[])[
            new { }, new { email = "nobody" }, new { email = "a@b.test", reason = "hard_bounce" }, new { email = "a@b.test", expires_at = "2001-01-01T00:00:00Z" },
            new { email = "a@b.test", expires_in = 0 }, new { email = "a@b.test", expires_in = "soon" }])
            (await Api.PostAsync("/v1/delivery/suppressions", body)).ExpectError(400);
        (await Api.PostAsync("/v1/delivery/suppressions", new { email = "a@b.test", inbox_id = inbox.Id })).ExpectError(404);
        (await Api.DeleteAsync("/v1/delivery/suppressions")).ExpectError(400);
    }

    [Fact]
    public async Task Reading_needs_messages_read_and_changing_messages_write()
    {
        var inbox = await Api.NewInboxAsync();
        (await Server.Scoped("messages:read").GetAsync($"/v1/delivery/metrics?inbox_id={inbox.Id}")).Expect(200);
        (await Server.Scoped("messages:write").GetAsync($"/v1/delivery/events?inbox_id={inbox.Id}")).ExpectError(403);
        (await Server.Scoped("messages:write").GetAsync($"/v1/delivery/suppressions?inbox_id={inbox.Id}")).ExpectError(403);
        (await Server.Scoped("messages:read").PostAsync("/v1/delivery/suppressions", new { email = "a@b.test" })).ExpectError(403);
        (await Server.Scoped("messages:read").DeleteAsync("/v1/delivery/suppressions/sup_x")).ExpectError(403);
    }
}

public sealed class SqliteDeliveryApiTests(SqliteEngine engine) : DeliveryApiTests(engine);

public sealed class PostgresDeliveryApiTests(PostgresEngine engine) : DeliveryApiTests(engine);
