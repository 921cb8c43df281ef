using System.Globalization;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Outbound;

/// <summary><c>send_at</c>, <c>cancel_on_reply</c> and <c>DELETE /v1/messages/:id/schedule</c>.</summary>
public abstract class ScheduleTests(Engine engine) : ServerTests(engine)
{
    private const string Send = "/v1/messages/send";

    private string NewAddress() => "user@" + Server.NewRemoteDomain();

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static string At(TimeSpan ahead) => (Now + ahead).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private async Task<ApiAnswer> ScheduleAsync(InboxHandle inbox, string to, TimeSpan ahead, bool cancelOnReply = false) => (await Api.PostAsync(
        Send, new { to, subject = "Later", text = "t", inbox_id = inbox.Id, send_at = At(ahead), cancel_on_reply = cancelOnReply })).Expect(202);

    private async Task<string> StatusAsync(ApiAnswer sent) =>
        (string)(await Api.GetAsync($"/v1/messages/{sent.Data["id"]}")).Expect(200).Data["metadata"]!["delivery_status"]!;

    [Fact]
    public async Task A_message_leaves_when_its_time_has_come_with_that_time_as_its_date()
    {
        var (inbox, to) = (await Api.NewInboxAsync(), NewAddress());
        var due = Now + TimeSpan.FromSeconds(3);
        var sent = await ScheduleAsync(inbox, to, TimeSpan.FromSeconds(3));
        Assert.Equal("scheduled", (string)sent.Data["status"]!);
        var listed = await Api.OnlyMessageAsync(inbox);
        Assert.Equal("scheduled", (string)listed["metadata"]!["delivery_status"]!);
        Assert.NotNull((string?)listed["metadata"]!["delivery_data"]!["scheduled_for"]);
        var arrived = await Server.Sink.WaitForAsync(to);
        Assert.True(Now >= due, "it left before its time");
        var date = DateTimeOffset.Parse(Letter.HeaderOf(arrived.Text, "Date")!, CultureInfo.InvariantCulture);
        Assert.InRange(date, due.AddSeconds(-2), due.AddSeconds(2));
        await Api.WaitForStatusAsync((string)sent.Data["id"]!, "delivered");
    }

    [Fact]
    public async Task A_time_in_the_past_sends_at_once()
    {
        var (inbox, to) = (await Api.NewInboxAsync(), NewAddress());
        var sent = await ScheduleAsync(inbox, to, TimeSpan.FromHours(-1));
        Assert.Equal("queued", (string)sent.Data["status"]!);
        await Server.Sink.WaitForAsync(to);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tomorrow")]
    [InlineData("2030-01-01T00:00:00")]
    [InlineData("2999-01-01T00:00:00Z")]
    public async Task A_time_that_is_none_or_has_no_zone_or_is_too_far_ahead_is_400(string sendAt)
    {
        var inbox = await Api.NewInboxAsync();
        var answer = await Api.PostAsync(Send, new { to = "a@x.test", subject = "s", text = "t", inbox_id = inbox.Id, sendAt });
        Assert.Contains("send_at", answer.ExpectError(400).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_of_an_inbox_that_was_deleted_meanwhile_is_withdrawn()
    {
        var (inbox, to) = (await Api.NewInboxAsync(), NewAddress());
        var sent = await ScheduleAsync(inbox, to, TimeSpan.FromSeconds(2));
        (await Api.DeleteAsync($"/v1/inboxes/{inbox.Id}")).Expect(200);
        // The address is another organisation's before the message's time comes.
        (await Server.Other.PostAsync("/v1/inboxes", new { local_part = inbox.LocalPart })).Expect(201);
        await Api.WaitForStatusAsync((string)sent.Data["id"]!, "cancelled");
        Assert.Empty(Server.Sink.For(to));
    }

    [Fact]
    public async Task To_be_cancelled_by_a_reply_a_message_must_wait()
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.PostAsync(Send, new { to = "a@x.test", subject = "s", text = "t", inbox_id = inbox.Id, cancel_on_reply = true })).ExpectError(400);
    }

    [Fact]
    public async Task A_cancelled_message_never_leaves_and_cancelling_twice_is_the_same()
    {
        var (inbox, to) = (await Api.NewInboxAsync(), NewAddress());
        var sent = await ScheduleAsync(inbox, to, TimeSpan.FromSeconds(2));
        var path = $"/v1/messages/{sent.Data["id"]}/schedule";
        (await Server.Other.DeleteAsync(path)).ExpectError(404);
        (await Server.Scoped("messages:read").DeleteAsync(path)).ExpectError(403);
        var cancelled = (await Api.DeleteAsync(path)).Expect(200);
        Assert.Equal("cancelled", (string)cancelled.Data["metadata"]!["delivery_status"]!);
        (await Api.DeleteAsync(path)).Expect(200);
        // What is due later is sent: by then the cancelled one's time has passed too.
        var marker = NewAddress();
        await ScheduleAsync(inbox, marker, TimeSpan.FromSeconds(3));
        await Server.Sink.WaitForAsync(marker);
        Assert.Empty(Server.Sink.For(to));
        Assert.Equal("cancelled", await StatusAsync(sent));
    }

    [Fact]
    public async Task What_is_on_its_way_or_was_never_scheduled_cannot_be_cancelled()
    {
        var (inbox, to) = (await Api.NewInboxAsync(), NewAddress());
        var sent = await SendAsync(inbox, to, "s", "t");
        var answer = (await Api.DeleteAsync($"/v1/messages/{sent.Data["id"]}/schedule")).ExpectError(409);
        Assert.Equal("not_scheduled", (string)answer.Json["code"]!);
        (await Api.DeleteAsync("/v1/messages/msg_unknown/schedule")).ExpectError(404);
        var later = await ScheduleAsync(inbox, to, TimeSpan.FromSeconds(1));
        await Api.WaitForStatusAsync((string)later.Data["id"]!, "delivered");
        (await Api.DeleteAsync($"/v1/messages/{later.Data["id"]}/schedule")).ExpectError(409);
    }

    [Fact]
    public async Task A_reply_withdraws_what_asks_for_it_and_nothing_else()
    {
        var (inbox, to) = (await Api.NewInboxAsync(), NewAddress());
        var first = await SendAsync(inbox, to, "Offer", "t");
        var thread = (string)first.Data["thread_id"]!;
        object Followup(bool cancel) => new { to, text = "Did you see it?", thread_id = thread, send_at = At(TimeSpan.FromHours(2)), cancel_on_reply = cancel };
        var withdrawn = (await Api.PostAsync(Send, Followup(true))).Expect(202);
        var kept = (await Api.PostAsync(Send, Followup(false))).Expect(202);

        // An answering machine is nobody's answer.
        var answerTo = (string)first.Data["smtp_message_id"]!;
        await ReceiveAsync(to, inbox.Address, Letter.Plain(to, inbox.Address, "Re: Offer", "Away", headers: $"In-Reply-To: {answerTo}\nAuto-Submitted: auto-replied\n"));
        Assert.Equal("scheduled", await StatusAsync(withdrawn));
        await ReceiveAsync(to, inbox.Address, Letter.Plain(to, inbox.Address, "Re: Offer", "Yes!", headers: $"In-Reply-To: {answerTo}\n"));
        Assert.Equal("cancelled", await StatusAsync(withdrawn));
        Assert.Equal("scheduled", await StatusAsync(kept));
        (await Api.DeleteAsync($"/v1/messages/{kept.Data["id"]}/schedule")).Expect(200);
    }

    [Fact]
    public async Task Who_is_suppressed_meanwhile_gets_nothing()
    {
        var (inbox, to) = (await Api.NewInboxAsync(), NewAddress());
        var sent = await ScheduleAsync(inbox, to, TimeSpan.FromSeconds(2));
        (await Api.PostAsync("/v1/delivery/suppressions", new { email = to, inbox_id = inbox.Id, reason = "manual" })).Expect(201);
        await Api.WaitForStatusAsync((string)sent.Data["id"]!, "suppressed");
        Assert.Equal(0, Server.Sink.AttemptsFor(to));
        var events = (await Api.GetAsync($"/v1/delivery/events?message_id={sent.Data["id"]}")).Expect(200).List;
        Assert.Equal("suppressed", (string)Assert.Single(events)["event_type"]!);
    }

    [Fact]
    public async Task Scheduled_mail_survives_a_kill_and_leaves_once()
    {
        await using var relay = new FakeMx();
        var key = ApiKeySecret.New();
        var settings = (await Engine.NewSettingsAsync())
            .With("Commune__BootstrapApiKey", key)
            .With("Commune__Outbound__Relay", $"smtp://127.0.0.1:{relay.Port}");
        string kept, dropped;
        await using (var program = await CommuneProcess.StartAsync(settings))
        {
            var api = new ApiClient(program.Http, key);
            var inbox = await api.NewInboxAsync("later");
            async Task<string> LaterAsync(string to) => (string)(await api.PostAsync(
                Send, new { to, subject = "s", text = "t", inbox_id = inbox.Id, send_at = At(TimeSpan.FromSeconds(2)) })).Expect(202).Data["id"]!;
            (kept, dropped) = (await LaterAsync("kept@far.example"), await LaterAsync("dropped@far.example"));
            (await api.DeleteAsync($"/v1/messages/{dropped}/schedule")).Expect(200);
            await program.KillAsync();
        }

        await using var again = await CommuneProcess.StartAsync(settings);
        var after = new ApiClient(again.Http, key);
        await after.WaitForStatusAsync(kept, "delivered");
        Assert.Equal("kept@far.example", Assert.Single(relay.Messages.SelectMany(static m => m.Recipients)));
        await after.WaitForStatusAsync(dropped, "cancelled");
    }
}

public sealed class SqliteScheduleTests(SqliteEngine engine) : ScheduleTests(engine);

public sealed class PostgresScheduleTests(PostgresEngine engine) : ScheduleTests(engine);
