using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Inbound.Reports;

/// <summary>Mail that was taken and comes back: bounces, delays and complaints, by whatever way they come.</summary>
public abstract class ReturnTests(Engine engine) : ServerTests(engine)
{
    /// <summary>A mail that the far side has taken.</summary>
    private sealed record Taken(InboxHandle Inbox, IReadOnlyList<string> To, string Id, string ThreadId, string SmtpId, string ReturnPath);

    private async Task<Taken> SendAndTakeAsync(params string[] to)
    {
        var inbox = await Api.NewInboxAsync();
        var sent = (await Api.PostAsync("/v1/messages/send", new { to, subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
        var arrived = await Server.Sink.WaitForAsync(to[0]);
        var id = (string)sent.Data["id"]!;
        await Api.WaitForStatusAsync(id, "delivered");
        return new Taken(inbox, to, id, (string)sent.Data["thread_id"]!, (string)sent.Data["smtp_message_id"]!, arrived.ReversePath);
    }

    private Task<Taken> SendAndTakeAsync() => SendAndTakeAsync("user@" + Server.NewRemoteDomain());

    private Task ReturnAsync(Taken mail, byte[] report) => ReceiveAsync("", mail.ReturnPath, report);

    private async Task<string> StatusAsync(Taken mail) => (string)(await Api.GetAsync($"/v1/messages/{mail.Id}")).Expect(200).Data["metadata"]!["delivery_status"]!;

    private async Task<IReadOnlyList<JsonObject>> EventsAsync(Taken mail) => (await Api.GetAsync($"/v1/delivery/events?message_id={mail.Id}")).Expect(200).List;

    private async Task<string> TypesAsync(Taken mail) => string.Join(' ', (await EventsAsync(mail)).Reverse().Select(static e => (string)e["event_type"]!));

    private async Task AssertUntouchedAsync(Taken mail)
    {
        Assert.Equal("delivered", await StatusAsync(mail));
        Assert.DoesNotContain("bounced", await TypesAsync(mail), StringComparison.Ordinal);
        Assert.Empty((await Api.GetAsync($"/v1/delivery/suppressions?inbox_id={mail.Inbox.Id}")).Expect(200).List);
    }

    [Fact]
    public async Task Every_mail_has_a_return_path_of_its_own_at_the_senders_domain()
    {
        var (one, two) = (await SendAndTakeAsync(), await SendAndTakeAsync());
        Assert.False(one.ReturnPath == two.ReturnPath);
        Assert.All([one, two], static mail =>
        {
            Assert.StartsWith("bounces+", mail.ReturnPath, StringComparison.Ordinal);
            Assert.EndsWith("@" + SharedServer.SharedDomain, mail.ReturnPath, StringComparison.Ordinal);
            Assert.InRange(mail.ReturnPath.IndexOf('@', StringComparison.Ordinal), 1, 64);
        });
    }

    [Fact]
    public async Task A_status_notification_turns_delivered_into_bounced_and_stands_in_the_thread()
    {
        var mail = await SendAndTakeAsync();
        await ReturnAsync(mail, ReturnedMail.StatusNotification(mail.ReturnPath, null, ReturnedMail.Failed(mail.To[0])));

        var message = (await Api.GetAsync($"/v1/messages/{mail.Id}")).Expect(200).Data;
        Assert.Equal("bounced", (string)message["metadata"]!["delivery_status"]!);
        var data = message["metadata"]!["delivery_data"]!;
        Assert.Equal("hard", (string)data["bounce_type"]!);
        Assert.Equal("550 5.1.1 No such user here", (string)data["bounce_reason"]!);
        Assert.NotNull((string?)data["delivered_at"]);

        Assert.Equal("sent delivered bounced", await TypesAsync(mail));
        var bounced = (await EventsAsync(mail))[0];
        Assert.Equal(mail.To[0], (string)bounced["recipient"]!);
        Assert.Equal("550 5.1.1 No such user here", (string)bounced["detail"]!);
        Assert.Equal(550, (int)bounced["event_data"]!["smtp_code"]!);
        Assert.Equal("hard", (string)bounced["event_data"]!["bounce_type"]!);
        Assert.Equal("hard", (string)bounced["event_data"]!["bounce_class"]!);

        var filed = Assert.Single(await Api.MessagesAsync(mail.Inbox), static m => (string)m["direction"]! == "inbound");
        Assert.Equal(mail.ThreadId, (string)filed["thread_id"]!);
        Assert.Equal("Undelivered Mail Returned to Sender", (string)filed["subject"]!);
    }

    [Fact]
    public async Task The_next_mail_to_an_address_that_bounced_is_not_sent()
    {
        var mail = await SendAndTakeAsync();
        await ReturnAsync(mail, ReturnedMail.StatusNotification(mail.ReturnPath, null, ReturnedMail.Failed(mail.To[0])));
        var next = await SendAsync(mail.Inbox, mail.To[0].ToUpperInvariant(), "s", "t");
        Assert.Equal("suppressed", (string)next.Data["status"]!);
        var skipped = Assert.Single(next.Json["validation"]!["suppressed"]!.AsArray())!;
        Assert.Equal((mail.To[0], "hard_bounce"), ((string)skipped["email"]!, (string)skipped["reason"]!));
        await Api.WaitForStatusAsync((string)next.Data["id"]!, "suppressed");
        Assert.Equal(1, Server.Sink.AttemptsFor(mail.To[0]));
        // Another inbox's list is its own.
        Assert.Equal("queued", (string)(await SendAsync(await Api.NewInboxAsync(), mail.To[0], "s", "t")).Data["status"]!);
    }

    [Fact]
    public async Task The_same_notification_twice_is_one_event()
    {
        var mail = await SendAndTakeAsync();
        var report = ReturnedMail.StatusNotification(mail.ReturnPath, null, ReturnedMail.Failed(mail.To[0]));
        await ReturnAsync(mail, report);
        await ReturnAsync(mail, report);
        Assert.Equal("sent delivered bounced", await TypesAsync(mail));
        Assert.Equal(2, (await Api.MessagesAsync(mail.Inbox)).Count);
    }

    [Fact]
    public async Task A_bounce_in_words_alone_is_understood()
    {
        var mail = await SendAndTakeAsync();
        await ReturnAsync(mail, ReturnedMail.Qmail(mail.ReturnPath, mail.To[0], null));
        Assert.Equal("bounced", await StatusAsync(mail));
    }

    [Fact]
    public async Task A_bounce_that_names_only_where_the_mail_was_forwarded_is_the_recipients()
    {
        var mail = await SendAndTakeAsync();
        await ReturnAsync(mail, ReturnedMail.StatusNotification(mail.ReturnPath, null, ReturnedMail.Failed("somebody@elsewhere.test")));
        Assert.Equal(mail.To[0], (string)(await EventsAsync(mail))[0]["recipient"]!);
    }

    [Fact]
    public async Task Of_several_recipients_the_one_that_is_named_has_bounced()
    {
        var domain = Server.NewRemoteDomain();
        var mail = await SendAndTakeAsync("one@" + domain, "two@" + domain);
        await ReturnAsync(mail, ReturnedMail.StatusNotification(mail.ReturnPath, null, ReturnedMail.Failed("somebody@elsewhere.test")));
        await AssertUntouchedAsync(mail);
        await ReturnAsync(mail, ReturnedMail.StatusNotification(mail.ReturnPath, null,
            "Original-Recipient: rfc822;two@" + domain + "\n" + ReturnedMail.Failed("somebody@elsewhere.test")));
        Assert.Equal("two@" + domain, (string)Assert.Single(await EventsAsync(mail), static e => (string)e["type"]! == "bounced")["recipient"]!);
    }

    [Fact]
    public async Task A_notice_of_delay_is_an_event_and_changes_nothing_else()
    {
        var mail = await SendAndTakeAsync();
        var report = ReturnedMail.StatusNotification(mail.ReturnPath, null, ReturnedMail.Delayed(mail.To[0]));
        await ReturnAsync(mail, report);
        await ReturnAsync(mail, report);
        Assert.Equal("sent delivered delivery_delayed", await TypesAsync(mail));
        await AssertUntouchedAsync(mail);
    }

    [Theory]
    [InlineData("delivered", "2.0.0")]
    [InlineData("relayed", "2.0.0")]
    [InlineData("expanded", "2.0.0")]
    public async Task Good_news_changes_nothing(string action, string status)
    {
        var mail = await SendAndTakeAsync();
        await ReturnAsync(mail, ReturnedMail.StatusNotification(mail.ReturnPath, null, $"Final-Recipient: rfc822; {mail.To[0]}\nAction: {action}\nStatus: {status}\n"));
        Assert.Equal("sent delivered", await TypesAsync(mail));
        await AssertUntouchedAsync(mail);
    }

    [Fact]
    public async Task A_full_mailbox_is_a_soft_bounce_that_suppresses_nobody_yet()
    {
        var mail = await SendAndTakeAsync();
        await ReturnAsync(mail, ReturnedMail.StatusNotification(mail.ReturnPath, null, ReturnedMail.Failed(mail.To[0], "5.2.2", "552 5.2.2 Mailbox full")));
        Assert.Equal("bounced", await StatusAsync(mail));
        var bounced = (await EventsAsync(mail))[0];
        Assert.Equal(("soft", "full"), ((string)bounced["event_data"]!["bounce_type"]!, (string)bounced["event_data"]!["bounce_class"]!));
        Assert.Empty((await Api.GetAsync($"/v1/delivery/suppressions?inbox_id={mail.Inbox.Id}")).Expect(200).List);
    }

    [Fact]
    public async Task An_answering_machine_at_the_return_path_stands_in_the_thread_and_bounces_nothing()
    {
        var mail = await SendAndTakeAsync();
        await ReturnAsync(mail, Letter.Plain(mail.To[0], mail.ReturnPath, "Out of office", "I am back on Monday.", headers: "Auto-Submitted: auto-replied\n"));
        await AssertUntouchedAsync(mail);
        Assert.Single(await Api.MessagesAsync(mail.Inbox), m => (string)m["direction"]! == "inbound" && (string)m["thread_id"]! == mail.ThreadId);
    }

    [Fact]
    public async Task A_return_path_takes_null_senders_and_true_tokens_only()
    {
        var mail = await SendAndTakeAsync();
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        (await talk.CommandAsync("MAIL FROM:<person@far.test>")).Expect(250);
        (await talk.CommandAsync($"RCPT TO:<{mail.ReturnPath}>")).Expect(550);
        (await talk.CommandAsync("RSET")).Expect(250);
        (await talk.CommandAsync("MAIL FROM:<>")).Expect(250);
        var at = mail.ReturnPath.IndexOf('@', StringComparison.Ordinal);
        var last = mail.ReturnPath[at - 1] == 'x' ? 'y' : 'x';
        (await talk.CommandAsync($"RCPT TO:<{mail.ReturnPath[..(at - 1)]}{last}{mail.ReturnPath[at..]}>")).Expect(550);
        (await talk.CommandAsync($"RCPT TO:<{mail.ReturnPath[..at]}@{SharedServer.OwnDomain}>")).Expect(550);
        (await talk.CommandAsync($"RCPT TO:<bounces@{SharedServer.SharedDomain}>")).Expect(550);
        (await talk.CommandAsync($"RCPT TO:<bounces+@{SharedServer.SharedDomain}>")).Expect(550);
        (await talk.CommandAsync($"RCPT TO:<{mail.ReturnPath.ToUpperInvariant()}>")).Expect(250);
    }

    [Fact]
    public async Task A_bounce_that_comes_to_the_inbox_from_the_recipients_domain_is_matched_by_the_Message_ID()
    {
        var mail = await SendAndTakeAsync();
        var domain = mail.To[0].Split('@')[1];
        Server.Dns.Txt(domain, "v=spf1 ip4:127.0.0.1 -all");
        await ReceiveAsync(
            "mailer-daemon@" + domain, mail.Inbox.Address, ReturnedMail.StatusNotification(mail.Inbox.Address, mail.SmtpId, ReturnedMail.Failed(mail.To[0])));
        Assert.Equal("bounced", await StatusAsync(mail));
    }

    [Fact]
    public async Task A_bounce_that_comes_to_the_inbox_is_matched_by_the_return_path_it_quotes()
    {
        var mail = await SendAndTakeAsync();
        await ReceiveAsync("", mail.Inbox.Address, ReturnedMail.StatusNotification(
            mail.Inbox.Address, null, ReturnedMail.Failed("somebody@elsewhere.test"), returnPath: mail.ReturnPath));
        Assert.Equal("bounced", await StatusAsync(mail));
    }

    [Fact]
    public async Task A_forged_bounce_changes_nothing()
    {
        var mail = await SendAndTakeAsync();
        var (own, failed) = (mail.Inbox.Address, ReturnedMail.Failed(mail.To[0]));
        // A Message-ID that we never sent.
        await ReceiveAsync("", own, ReturnedMail.StatusNotification(own, Letter.NewMessageId(), failed));
        // A recipient it did not go to, and none at all.
        await ReceiveAsync("", own, ReturnedMail.StatusNotification(own, mail.SmtpId, ReturnedMail.Failed("else@" + mail.To[0].Split('@')[1])));
        // Nobody vouches for it, or somebody else does.
        await ReceiveAsync("", own, ReturnedMail.StatusNotification(own, mail.SmtpId, failed));
        var elsewhere = Server.NewRemoteDomain();
        Server.Dns.Txt(elsewhere, "v=spf1 ip4:127.0.0.1 -all");
        await ReceiveAsync("mailer-daemon@" + elsewhere, own, ReturnedMail.StatusNotification(own, mail.SmtpId, failed));
        // A person who writes like a mail system.
        await ReceiveAsync("person@far.test", own, ReturnedMail.Qmail(own, mail.To[0], mail.SmtpId));
        await ReceiveAsync("person@far.test", own, ReturnedMail.StatusNotification(own, mail.SmtpId, failed));
        // A mailbox of somebody else.
        var stranger = await Server.Other.NewInboxAsync();
        await ReceiveAsync("", stranger.Address, ReturnedMail.StatusNotification(stranger.Address, mail.SmtpId, failed));
        await ReceiveAsync("", stranger.Address, ReturnedMail.Complaint(stranger.Address, mail.To[0], mail.SmtpId));
        await AssertUntouchedAsync(mail);
    }

    [Fact]
    public async Task A_complaint_is_matched_to_message_and_recipient()
    {
        var mail = await SendAndTakeAsync();
        await ReceiveAsync("feedback@provider.test", mail.Inbox.Address, ReturnedMail.Complaint(mail.Inbox.Address, mail.To[0], mail.SmtpId));
        Assert.Equal("complained", await StatusAsync(mail));
        Assert.Equal("sent delivered complained", await TypesAsync(mail));
        var entry = Assert.Single((await Api.GetAsync($"/v1/delivery/suppressions?inbox_id={mail.Inbox.Id}")).Expect(200).List);
        Assert.Equal(("complaint", "spam"), ((string)entry["reason"]!, (string)entry["type"]!));
    }

    [Fact]
    public async Task A_complaint_that_hides_the_recipient_is_matched_by_the_return_path_it_quotes()
    {
        var mail = await SendAndTakeAsync();
        await ReceiveAsync("feedback@provider.test", mail.Inbox.Address, ReturnedMail.Complaint(mail.Inbox.Address, null, null, mail.ReturnPath));
        Assert.Equal("complained", await StatusAsync(mail));
    }

    [Fact]
    public async Task A_report_that_the_mail_was_no_spam_is_no_complaint()
    {
        var mail = await SendAndTakeAsync();
        await ReceiveAsync("feedback@provider.test", mail.Inbox.Address, ReturnedMail.Complaint(mail.Inbox.Address, mail.To[0], mail.SmtpId, type: "not-spam"));
        await AssertUntouchedAsync(mail);
    }

    [Fact]
    public async Task What_comes_back_to_a_deleted_inbox_is_told_all_the_same()
    {
        var mail = await SendAndTakeAsync();
        (await Api.DeleteAsync($"/v1/inboxes/{mail.Inbox.Id}")).Expect(200);
        await ReturnAsync(mail, ReturnedMail.StatusNotification(mail.ReturnPath, null, ReturnedMail.Failed(mail.To[0])));
        Assert.Equal("bounced", await StatusAsync(mail));
    }
}

public sealed class SqliteReturnTests(SqliteEngine engine) : ReturnTests(engine);

public sealed class PostgresReturnTests(PostgresEngine engine) : ReturnTests(engine);
