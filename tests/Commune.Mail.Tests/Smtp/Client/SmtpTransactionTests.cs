using System.Text;
using Commune.Mail.Smtp.Client;
using Commune.Peers;

namespace Commune.Mail.Tests.Smtp.Client;

public sealed class SmtpTransactionTests : SmtpClientFixture
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_arrives_as_it_was_sent(bool pipelining)
    {
        Mx.OffersPipelining = pipelining;
        await using var connection = await ConnectAsync();
        var result = await SendAsync(connection, "a@example.net", "b@example.net");
        Assert.Equal("Accepted Accepted", Outcomes(result));
        Assert.Equal((250, "2.0.0", "Queued"), (result.Recipients[0].Code!.Value, result.Recipients[0].EnhancedCode, result.Recipients[0].Text));
        var message = Assert.Single(Mx.Messages);
        Assert.Equal(Content, message.Text);
        Assert.Contains("\r\n..dot\r\n", Encoding.UTF8.GetString(message.Wire), StringComparison.Ordinal);
        Assert.Equal("sender@example.org", message.ReversePath);
        Assert.Equal(["a@example.net", "b@example.net"], message.Recipients);
        Assert.Equal($"SIZE={Content.Length}", message.MailParameters);
        Assert.Equal("MAIL RCPT RCPT DATA CONTENT", Verbs);
    }

    [Fact]
    public async Task A_large_message_arrives_whole()
    {
        var content = new StringBuilder("Subject: big\r\n\r\n");
        for (var i = 0; i < 40_000; i++)
            content.Append(i % 3 == 0 ? "." : "").Append("line ").Append(i).Append("\r\n");
        await using var connection = await ConnectAsync();
        await connection.SendAsync(To("a@example.net"), Octets(content.ToString()), CancellationToken.None);
        Assert.Equal(content.ToString(), Mx.Messages[0].Text);
    }

    [Fact]
    public async Task A_missing_last_CRLF_is_added_and_counted()
    {
        await using var connection = await ConnectAsync();
        await connection.SendAsync(To("a@example.net"), Octets("Subject: x\r\n\r\nend"), CancellationToken.None);
        Assert.Equal("Subject: x\r\n\r\nend\r\n", Mx.Messages[0].Text);
        Assert.Equal("SIZE=19", Mx.Messages[0].MailParameters);
    }

    [Fact]
    public async Task Several_messages_go_over_one_connection()
    {
        await using var connection = await ConnectAsync();
        for (var i = 0; i < 3; i++)
            Assert.Equal("Accepted", Outcomes(await SendAsync(connection, $"user{i}@example.net")));
        await connection.QuitAsync(CancellationToken.None);
        Assert.Equal(3, Mx.Messages.Count);
        Assert.Equal(1, Mx.Connections);
        Assert.Equal("MAIL RCPT DATA CONTENT MAIL RCPT DATA CONTENT MAIL RCPT DATA CONTENT QUIT", Verbs);
        Assert.False(connection.IsUsable);
    }

    [Fact]
    public async Task A_bounce_has_an_empty_reverse_path()
    {
        await using var connection = await ConnectAsync();
        await connection.SendAsync(To("a@example.net") with { ReversePath = "" }, Octets(Content), CancellationToken.None);
        Assert.StartsWith("MAIL FROM:<> ", Mx.Commands.Single(c => c.Verb == "MAIL").Line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_recipient_has_its_own_outcome(bool pipelining)
    {
        Mx.OffersPipelining = pipelining;
        Mx.OnRecipient("gone@example.net", "550 5.1.1 No such user");
        Mx.OnRecipient("full@example.net", "452-4.2.2 Mailbox\r\n452 4.2.2 full");
        await using var connection = await ConnectAsync();
        var result = await SendAsync(connection, "gone@example.net", "a@example.net", "full@example.net", "b@example.net");
        Assert.Equal("PermanentFailure Accepted TemporaryFailure Accepted", Outcomes(result));
        Assert.Equal(new SmtpRecipientResult("gone@example.net", SmtpOutcome.PermanentFailure, 550, "5.1.1", "No such user") { IsAboutRecipient = true }, result.Recipients[0]);
        Assert.Equal(new SmtpRecipientResult("full@example.net", SmtpOutcome.TemporaryFailure, 452, "4.2.2", "Mailbox full") { IsAboutRecipient = true }, result.Recipients[2]);
        Assert.Equal(["a@example.net", "b@example.net"], Mx.Messages[0].Recipients);
    }

    [Theory]
    [InlineData("552 Too many recipients", SmtpOutcome.TemporaryFailure)]
    [InlineData("552 5.5.3 Too many recipients", SmtpOutcome.TemporaryFailure)]
    [InlineData("552 5.2.2 Mailbox full", SmtpOutcome.PermanentFailure)]
    public async Task Reply_552_to_one_recipient_too_many_is_temporary(string reply, SmtpOutcome outcome)
    {
        Mx.OnRecipient("b@example.net", reply);
        await using var connection = await ConnectAsync();
        var result = await SendAsync(connection, "a@example.net", "b@example.net");
        Assert.Equal(outcome, result.Recipients[1].Outcome);
    }

    [Fact]
    public async Task Many_recipients_are_pipelined_in_groups()
    {
        var recipients = Enumerable.Range(0, 230).Select(i => $"user{i}@example.net").ToArray();
        for (var i = 0; i < recipients.Length; i += 7)
            Mx.OnRecipient(recipients[i], "550 5.1.1 No");
        await using var connection = await ConnectAsync();
        var result = await SendAsync(connection, recipients);
        Assert.Equal(recipients, result.Recipients.Select(r => r.Recipient), StringComparer.Ordinal);
        Assert.All(result.Recipients.Index(), r => Assert.Equal(
            r.Index % 7 == 0 ? SmtpOutcome.PermanentFailure : SmtpOutcome.Accepted, r.Item.Outcome));
        Assert.Equal(1, Mx.Commands.Count(c => c.Verb == "DATA"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_nobody_is_accepted_nothing_is_sent_and_the_connection_goes_on(bool pipelining)
    {
        Mx.OffersPipelining = pipelining;
        Mx.OnRecipient("gone@example.net", "550 5.1.1 No such user");
        await using var connection = await ConnectAsync();
        Assert.Equal("PermanentFailure", Outcomes(await SendAsync(connection, "gone@example.net")));
        Assert.True(connection.IsUsable);
        Assert.Equal("Accepted", Outcomes(await SendAsync(connection, "a@example.net")));
        Assert.Equal(pipelining ? "MAIL RCPT DATA RSET MAIL RCPT DATA CONTENT" : "MAIL RCPT RSET MAIL RCPT DATA CONTENT", Verbs);
    }

    [Fact]
    public async Task DATA_that_is_taken_without_a_recipient_is_ended_with_a_lone_dot()
    {
        Mx.OnRecipient("gone@example.net", "550 5.1.1 No such user");
        Mx.On("DATA", "354 Go ahead all the same", times: 1);
        Mx.On("CONTENT", "554 5.5.1 Nobody to deliver to", times: 1);
        await using var connection = await ConnectAsync();
        Assert.Equal("PermanentFailure", Outcomes(await SendAsync(connection, "gone@example.net")));
        Assert.True(connection.IsUsable);
        Assert.Equal("Accepted", Outcomes(await SendAsync(connection, "a@example.net")));
        Assert.Equal(Content, Assert.Single(Mx.Messages).Text);
    }

    [Theory]
    [InlineData(true, "550 5.7.1 Sender refused", SmtpOutcome.PermanentFailure)]
    [InlineData(false, "550 5.7.1 Sender refused", SmtpOutcome.PermanentFailure)]
    [InlineData(true, "451 4.7.1 Greylisted", SmtpOutcome.TemporaryFailure)]
    [InlineData(false, "451 4.7.1 Greylisted", SmtpOutcome.TemporaryFailure)]
    public async Task A_refused_MAIL_is_the_outcome_of_every_recipient(bool pipelining, string reply, SmtpOutcome outcome)
    {
        Mx.OffersPipelining = pipelining;
        Mx.On("MAIL", reply, times: 1);
        await using var connection = await ConnectAsync();
        var result = await SendAsync(connection, "a@example.net", "b@example.net");
        Assert.All(result.Recipients, r => Assert.Equal((outcome, reply[4..9]), (r.Outcome, r.EnhancedCode)));
        Assert.Equal("Accepted", Outcomes(await SendAsync(connection, "a@example.net")));
        Assert.Single(Mx.Messages);
    }

    [Theory]
    [InlineData("DATA", "451 4.3.0 Not now", SmtpOutcome.TemporaryFailure)]
    [InlineData("DATA", "554 5.3.0 Never", SmtpOutcome.PermanentFailure)]
    [InlineData("CONTENT", "451 4.3.0 Disk full", SmtpOutcome.TemporaryFailure)]
    [InlineData("CONTENT", "554 5.6.0 Spam", SmtpOutcome.PermanentFailure)]
    public async Task A_refused_message_is_the_outcome_of_those_who_were_accepted(string verb, string reply, SmtpOutcome outcome)
    {
        Mx.OnRecipient("gone@example.net", "550 5.1.1 No such user");
        Mx.On(verb, reply, times: 1);
        await using var connection = await ConnectAsync();
        var result = await SendAsync(connection, "a@example.net", "gone@example.net");
        Assert.Equal((outcome, reply[4..9]), (result.Recipients[0].Outcome, result.Recipients[0].EnhancedCode));
        Assert.Equal("5.1.1", result.Recipients[1].EnhancedCode);
        Assert.Empty(Mx.Messages);
        Assert.Equal("Accepted", Outcomes(await SendAsync(connection, "a@example.net")));
    }

    [Theory]
    [InlineData("MAIL", true)]
    [InlineData("MAIL", false)]
    [InlineData("RCPT", true)]
    [InlineData("RCPT", false)]
    [InlineData("DATA", true)]
    [InlineData("DATA", false)]
    [InlineData("CONTENT", true)]
    public async Task Reply_421_ends_the_connection_and_leaves_everybody_for_later(string verb, bool pipelining)
    {
        Mx.OffersPipelining = pipelining;
        Mx.On(verb, FakeMxAction.Reply("421 4.3.2 Shutting down").ThenDrop());
        await using var connection = await ConnectAsync();
        var result = await SendAsync(connection, "a@example.net", "b@example.net");
        Assert.All(result.Recipients, r => Assert.Equal(
            (SmtpOutcome.TemporaryFailure, 421, "4.3.2"), (r.Outcome, r.Code!.Value, r.EnhancedCode)));
        Assert.False(connection.IsUsable);
        Assert.Equal("TemporaryFailure", Outcomes(await SendAsync(connection, "c@example.net")));
    }

    [Theory]
    [InlineData("MAIL", true)]
    [InlineData("MAIL", false)]
    [InlineData("RCPT", true)]
    [InlineData("RCPT", false)]
    [InlineData("DATA", true)]
    [InlineData("DATA", false)]
    public async Task A_connection_lost_before_the_final_dot_is_a_temporary_failure(string verb, bool pipelining)
    {
        Mx.OffersPipelining = pipelining;
        Mx.On(verb, FakeMxAction.Drop);
        await using var connection = await ConnectAsync();
        var result = await SendAsync(connection, "a@example.net", "b@example.net");
        Assert.All(result.Recipients, r => Assert.Equal((SmtpOutcome.TemporaryFailure, null), (r.Outcome, r.Code)));
        Assert.False(connection.IsUsable);
    }

    [Fact]
    public async Task A_recipient_refused_before_the_connection_was_lost_stays_refused()
    {
        Mx.OffersPipelining = false;
        Mx.OnRecipient("gone@example.net", "550 5.1.1 No such user");
        Mx.On("DATA", FakeMxAction.Drop);
        await using var connection = await ConnectAsync();
        Assert.Equal("PermanentFailure TemporaryFailure", Outcomes(await SendAsync(connection, "gone@example.net", "a@example.net")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("250 half a rep")]
    [InlineData("gibberish\r\n")]
    [InlineData("354 Go on\r\n")]
    public async Task A_connection_lost_after_the_final_dot_leaves_the_outcome_unknown(string octets)
    {
        Mx.OnRecipient("gone@example.net", "550 5.1.1 No such user");
        Mx.On("CONTENT", FakeMxAction.Write(octets).ThenDrop());
        await using var connection = await ConnectAsync();
        Assert.Equal("Unknown PermanentFailure", Outcomes(await SendAsync(connection, "a@example.net", "gone@example.net")));
        Assert.False(connection.IsUsable);
    }

    [Fact]
    public async Task Silence_after_the_final_dot_is_borne_for_its_own_time_and_then_unknown()
    {
        Mx.On("CONTENT", FakeMxAction.Silence);
        await using var connection = await ConnectAsync();
        var sending = SendAsync(connection, "a@example.net");
        await Time.TimerArmedAsync(Settings.DataTerminationTimeout);
        Time.Advance(Settings.DataTerminationTimeout);
        Assert.Equal("Unknown", Outcomes(await sending));
    }

    [Fact]
    public async Task Cancelling_after_the_final_dot_is_unknown_too()
    {
        Mx.On("CONTENT", FakeMxAction.Silence);
        await using var connection = await ConnectAsync();
        using var cancel = new CancellationTokenSource();
        var sending = connection.SendAsync(To("a@example.net"), Octets(Content), cancel.Token);
        await Time.TimerArmedAsync(Settings.DataTerminationTimeout);
        await cancel.CancelAsync();
        Assert.Equal("Unknown", Outcomes(await sending));
        Assert.False(connection.IsUsable);
    }

    [Fact]
    public async Task Cancelling_before_the_final_dot_throws()
    {
        Mx.On("DATA", FakeMxAction.Silence);
        await using var connection = await ConnectAsync();
        using var cancel = new CancellationTokenSource();
        var sending = connection.SendAsync(To("a@example.net"), Octets(Content), cancel.Token);
        await Time.TimerArmedAsync(Settings.DataInitiationTimeout);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.False(connection.IsUsable);
    }

    [Fact]
    public async Task Silence_after_DATA_ends_after_its_own_time()
    {
        Mx.On("DATA", FakeMxAction.Silence);
        await using var connection = await ConnectAsync();
        var sending = SendAsync(connection, "a@example.net");
        await Time.TimerArmedAsync(Settings.DataInitiationTimeout);
        Time.Advance(Settings.DataInitiationTimeout);
        var result = await sending;
        Assert.Equal("TemporaryFailure", Outcomes(result));
        Assert.Contains("within 120 seconds", result.Recipients[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_late_reply_within_its_time_is_waited_for()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Mx.On("CONTENT", FakeMxAction.Default.After(release.Task));
        await using var connection = await ConnectAsync();
        var sending = SendAsync(connection, "a@example.net");
        await Time.TimerArmedAsync(Settings.DataTerminationTimeout);
        Time.Advance(Settings.DataTerminationTimeout - TimeSpan.FromSeconds(1));
        release.SetResult();
        Assert.Equal("Accepted", Outcomes(await sending));
    }

    [Fact]
    public async Task A_refusal_that_comes_before_the_final_dot_is_understood()
    {
        Mx.On("DATA", FakeMxAction.Write("354 Go\r\n552 5.3.4 Too big\r\n").ThenDrop());
        await using var connection = await ConnectAsync();
        var big = Octets("Subject: x\r\n\r\n" + new string('x', 900) + "\r\n");
        var result = await connection.SendAsync(To("a@example.net"), big, CancellationToken.None);
        Assert.Equal((SmtpOutcome.PermanentFailure, "5.3.4"), (result.Recipients[0].Outcome, result.Recipients[0].EnhancedCode));
    }

    [Fact]
    public async Task A_refused_RSET_ends_the_connection()
    {
        Mx.OnRecipient("gone@example.net", "550 5.1.1 No such user");
        Mx.On("RSET", "500 What");
        await using var connection = await ConnectAsync();
        await SendAsync(connection, "gone@example.net");
        Assert.Equal("TemporaryFailure", Outcomes(await SendAsync(connection, "a@example.net")));
        Assert.False(connection.IsUsable);
        Assert.Empty(Mx.Messages);
    }

    [Fact]
    public async Task The_transcript_tells_the_dialogue_but_not_the_message()
    {
        await using var connection = await ConnectAsync();
        var result = await SendAsync(connection, "a@example.net");
        Assert.Equal(
            [
                $"MAIL FROM:<sender@example.org> SIZE={Content.Length}", "RCPT TO:<a@example.net>", "DATA",
                "250 2.1.0 Sender ok", "250 2.1.5 Recipient ok", "354 Go ahead",
                $"({Content.Length} octets of message, final dot)", "250 2.0.0 Queued",
            ],
            result.Transcript.Select(line => line.Text),
            StringComparer.Ordinal);
        Assert.All(result.Transcript, line => Assert.Equal(Time.GetUtcNow(), line.At));
    }

    [Fact]
    public async Task A_server_that_does_not_say_goodbye_does_not_hold_us_up()
    {
        Mx.On("QUIT", FakeMxAction.Drop);
        await using var connection = await ConnectAsync();
        await connection.QuitAsync(CancellationToken.None);
        Assert.False(connection.IsUsable);
    }
}
