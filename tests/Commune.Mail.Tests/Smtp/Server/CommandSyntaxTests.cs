using Commune.Mail.Smtp;
using Commune.Mail.Smtp.Server;

namespace Commune.Mail.Tests.Smtp.Server;

public sealed class CommandSyntaxTests
{
    private const string Mail = "MAIL FROM:<a@b>\r\n";
    private const string Rcpt = "RCPT TO:<c@d>\r\n";

    [Fact]
    public async Task The_greeting_names_the_host_without_an_enhanced_code()
    {
        await using var peer = new SmtpPeer();
        await peer.OpenAsync();
        Assert.Equal("220 mx.example.com ESMTP Commune\r\n", peer.Heard());
    }

    [Fact]
    public async Task EHLO_lists_the_extensions()
    {
        await using var peer = new SmtpPeer { HasCertificate = true };
        await peer.OpenAsync();
        peer.Heard();
        await peer.SendAsync("EHLO client.example\r\n");
        Assert.Equal(
            "250-mx.example.com\r\n250-PIPELINING\r\n250-SIZE 26214400\r\n250-8BITMIME\r\n250-CHUNKING\r\n"
            + "250-ENHANCEDSTATUSCODES\r\n250-SMTPUTF8\r\n250-STARTTLS\r\n250 HELP\r\n",
            peer.Heard());
    }

    [Theory]
    [InlineData("HELO client.example", "250")]
    [InlineData("helo localhost", "250")]
    [InlineData("EHLO [192.0.2.1]", "250")]
    [InlineData("EHLO [IPv6:::1]", "250")]
    [InlineData("EHLO WIN_HOST ", "250")]
    [InlineData("EHLO", "501 5.5.4")]
    [InlineData("HELO ", "501 5.5.4")]
    [InlineData("EHLO two words", "501 5.5.4")]
    [InlineData("EHLO <script>", "501 5.5.4")]
    [InlineData("EHLO .", "501 5.5.4")]
    [InlineData("EHLO [300.1.1.1]", "501 5.5.4")]
    [InlineData("EHLO b\u00fccher.example", "500 5.5.2")]
    [InlineData("MAIL FROM:<a@b>", "503 5.5.1")]
    [InlineData("RCPT TO:<a@b>", "503 5.5.1")]
    [InlineData("DATA", "503 5.5.1")]
    [InlineData("NOOP", "250 2.0.0")]
    [InlineData("RSET", "250 2.0.0")]
    [InlineData("VRFY a", "252 2.5.0")]
    [InlineData("QUIT", "221 2.0.0")]
    public async Task Before_EHLO(string command, string reply)
    {
        await using var peer = new SmtpPeer();
        await peer.OpenAsync();
        peer.Heard();
        Assert.Equal(reply, await peer.AskAsync(command + "\r\n"));
    }

    [Theory]
    [InlineData("RCPT TO:<a@b>", "503 5.5.1")]
    [InlineData("DATA", "503 5.5.1")]
    [InlineData("DATA x", "501 5.5.4")]
    [InlineData("RSET x", "501 5.5.4")]
    [InlineData("QUIT x", "501 5.5.4")]
    [InlineData("quit ", "221 2.0.0")]
    [InlineData("NOOP with words", "250 2.0.0")]
    [InlineData("VRFY", "501 5.5.4")]
    [InlineData("VRFY someone", "252 2.5.0")]
    [InlineData("EXPN list", "502 5.5.1")]
    [InlineData("TURN", "502 5.5.1")]
    [InlineData("SEND FROM:<a@b>", "502 5.5.1")]
    [InlineData("SAML FROM:<a@b>", "502 5.5.1")]
    [InlineData("SOML FROM:<a@b>", "502 5.5.1")]
    [InlineData("ETRN x", "502 5.5.1")]
    [InlineData("BURL imap://x LAST", "502 5.5.1")]
    [InlineData("AUTH PLAIN AGEAYg==", "502 5.5.1")]
    [InlineData("HELP", "214 2.0.0")]
    [InlineData("HELP MAIL", "214 2.0.0")]
    [InlineData("STARTTLS", "502 5.5.1")]
    [InlineData("STARTTLS now", "501 5.5.4")]
    [InlineData("XYZZY", "500 5.5.2")]
    [InlineData("MAILFROM:<a@b>", "500 5.5.2")]
    [InlineData("", "500 5.5.2")]
    [InlineData(" NOOP", "500 5.5.2")]
    [InlineData("NOOP \0", "500 5.5.2")]
    [InlineData("NOOP\tx", "500 5.5.2")]
    [InlineData("NOOP \u00ff", "500 5.5.2")]
    [InlineData("NOOP\rNOOP", "500 5.5.2")]
    [InlineData("MAIL FROM:<a\rb@c>", "500 5.5.2")]
    [InlineData("MAIL", "501 5.5.4")]
    [InlineData("MAIL TO:<a@b>", "501 5.5.4")]
    [InlineData("MAIL FROM <a@b>", "501 5.5.4")]
    [InlineData("MAIL FROM:", "501 5.1.7")]
    [InlineData("MAIL FROM:a@b", "501 5.1.7")]
    [InlineData("MAIL FROM:<a>", "501 5.1.7")]
    [InlineData("MAIL FROM:<postmaster>", "501 5.1.7")]
    [InlineData("MAIL FROM:<a@b>SIZE=1", "501 5.5.4")]
    [InlineData("MAIL FROM:<>", "250 2.1.0")]
    [InlineData("mail from:<a@b>", "250 2.1.0")]
    [InlineData("MAIL FROM: <a@b>", "250 2.1.0")]
    [InlineData("MAIL FROM:<a@b> ", "250 2.1.0")]
    [InlineData("MAIL FROM:<a@b> SIZE=26214400", "250 2.1.0")]
    [InlineData("MAIL FROM:<a@b> SIZE=26214401", "552 5.3.4")]
    [InlineData("MAIL FROM:<a@b> SIZE=99999999999999999999", "552 5.3.4")]
    [InlineData("MAIL FROM:<a@b> SIZE=999999999999999999999", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b> SIZE=", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b> SIZE", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b> SIZE=-1", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b> SIZE=1 SIZE=1", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b> BODY=7BIT", "250 2.1.0")]
    [InlineData("MAIL FROM:<a@b> body=8bitmime", "250 2.1.0")]
    [InlineData("MAIL FROM:<a@b> BODY=BINARYMIME", "555 5.5.4")]
    [InlineData("MAIL FROM:<a@b> BODY=9BIT", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b> BODY=7BIT BODY=7BIT", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b> SMTPUTF8", "250 2.1.0")]
    [InlineData("MAIL FROM:<a@b> SMTPUTF8=yes", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b> SMTPUTF8 SMTPUTF8", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b> AUTH=<>", "250 2.1.0")]
    [InlineData("MAIL FROM:<a@b> AUTH=<> AUTH=<>", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b> RET=FULL", "555 5.5.4")]
    [InlineData("MAIL FROM:<a@b> =x", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b> A=B=C", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b> garbage(", "501 5.5.4")]
    [InlineData("MAIL FROM:<gr\u00c3\u00bcn@b>", "553 5.6.7")]
    [InlineData("MAIL FROM:<gr\u00c3\u00bcn@b> SMTPUTF8", "250 2.1.0")]
    [InlineData("MAIL FROM:<gr\u00fcn@b> SMTPUTF8", "501 5.1.7")]
    public async Task After_EHLO(string command, string reply)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        Assert.Equal(reply, await peer.AskAsync(command + "\r\n"));
    }

    [Theory]
    [InlineData("MAIL FROM:<a@b>", "503 5.5.1")]
    [InlineData("DATA", "554 5.5.1")]
    [InlineData("RCPT", "501 5.5.4")]
    [InlineData("RCPT FROM:<a@b>", "501 5.5.4")]
    [InlineData("RCPT TO:", "501 5.1.3")]
    [InlineData("RCPT TO:<>", "501 5.1.3")]
    [InlineData("RCPT TO:<a>", "501 5.1.3")]
    [InlineData("RCPT TO:a@b", "501 5.1.3")]
    [InlineData("RCPT TO:<postmaster>", "250 2.1.5")]
    [InlineData("rcpt to: <a@b>", "250 2.1.5")]
    [InlineData("RCPT TO:<@relay:a@b>", "250 2.1.5")]
    [InlineData("RCPT TO:<a@b> NOTIFY=NEVER", "555 5.5.4")]
    [InlineData("RCPT TO:<a@b> (", "501 5.5.4")]
    [InlineData("RCPT TO:<gr\u00c3\u00bcn@b>", "553 5.6.7")]
    [InlineData("BDAT 0 LAST", "554 5.5.1")]
    public async Task After_MAIL(string command, string reply)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        Assert.Equal("250 2.1.0", await peer.AskAsync(Mail));
        Assert.Equal(reply, await peer.AskAsync(command + "\r\n"));
    }

    [Theory]
    [InlineData("RSET\r\nDATA\r\n", "250 2.0.0, 503 5.5.1")]
    [InlineData("EHLO again\r\nDATA\r\n", "250, 503 5.5.1")]
    [InlineData("EHLO ((\r\nDATA\r\n", "501 5.5.4, 354")]
    [InlineData("NOOP\r\nDATA\r\n", "250 2.0.0, 354")]
    [InlineData("MAIL FROM:<x@y>\r\nDATA\r\n", "503 5.5.1, 354")]
    public async Task Within_a_transaction(string commands, string replies)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        Assert.Equal("250 2.1.0, 250 2.1.5", await peer.AskAsync(Mail + Rcpt));
        Assert.Equal(replies, await peer.AskAsync(commands));
    }

    [Fact]
    public async Task The_envelope_holds_what_the_client_said()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync("MAIL FROM:<\"a b\"@c> SIZE=12 BODY=8BITMIME SMTPUTF8 AUTH=<>\r\n"
            + "RCPT TO:<d@e>\r\nRCPT TO:<gr\u00c3\u00bcn@f>\r\nDATA\r\n.\r\n");
        var envelope = Assert.Single(peer.Handler.Messages).Envelope;
        Assert.Equal("a b", envelope.ReversePath.LocalPart);
        Assert.Equal(12, envelope.DeclaredSize);
        Assert.Equal(SmtpBodyType.EightBitMime, envelope.Body);
        Assert.True(envelope.SmtpUtf8);
        Assert.Equal("<>", Assert.Single(envelope.OtherParameters).Value);
        Assert.Equal("d@e grün@f", string.Join(" ", envelope.Recipients));
        Assert.Equal("UTF8SMTP", peer.Handler.Messages[0].Protocol);
        Assert.Equal("ESMTP", peer.Info.Protocol);
    }

    [Fact]
    public async Task A_refused_recipient_is_not_in_the_envelope()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        peer.Handler.OnRecipient = path => path.LocalPart == "no" ? SmtpReply.NoSuchMailbox : SmtpReply.RecipientOk;
        Assert.Equal("250 2.1.0, 550 5.1.1, 554 5.5.1", await peer.AskAsync(Mail + "RCPT TO:<no@d>\r\nDATA\r\n"));
        Assert.Equal("250 2.1.5, 354", await peer.AskAsync(Rcpt + "DATA\r\n"));
        Assert.Equal("250 2.0.0", await peer.AskAsync(".\r\n"));
        Assert.Equal("c@d", Assert.Single(peer.Handler.Messages[0].Envelope.Recipients).ToString());
    }

    [Fact]
    public async Task A_refused_sender_opens_no_transaction()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        peer.Handler.OnMail = _ => SmtpReply.RelayingDenied;
        Assert.Equal("550 5.7.1, 503 5.5.1", await peer.AskAsync(Mail + Rcpt));
    }

    [Fact]
    public async Task Lines_that_end_in_a_bare_LF_are_refused_one_by_one()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        Assert.Equal("500 5.5.2, 500 5.5.2, 250 2.0.0", await peer.AskAsync("NOOP\nMAIL FROM:<a@b>\nNOOP\r\n"));
    }

    [Theory]
    [InlineData("NOOP ", 510, "250 2.0.0")]
    [InlineData("NOOP ", 511, "500 5.5.2")]
    [InlineData("NOOP ", 100_000, "500 5.5.2")]
    [InlineData("MAIL FROM:<a@b> AUTH=", 2048, "250 2.1.0")]
    [InlineData("MAIL FROM:<a@b> AUTH=", 2049, "500 5.5.2")]
    [InlineData("MAIL FROM:<a@b> AUTH=", 2050, "500 5.5.2")]
    [InlineData("MAIL FROM:<a@b> AUTH=", 100_000, "500 5.5.2")]
    public async Task Command_lines_have_a_limit(string start, int length, string reply)
    {
        var line = start.PadRight(length, 'x') + "\r\n";
        await using var whole = await SmtpPeer.GreetedAsync();
        Assert.Equal(reply + ", 250 2.0.0", await whole.AskAsync(line + "NOOP\r\n"));
        await using var halves = await SmtpPeer.GreetedAsync();
        Assert.Equal("", await halves.AskAsync(line[..^1]));
        Assert.Equal(reply + ", 250 2.0.0", await halves.AskAsync("\nNOOP\r\n"));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("POST /x HTTP/1.1")]
    [InlineData("Host: mx.example.com")]
    [InlineData("PRI * HTTP/2.0")]
    public async Task An_HTTP_request_is_dropped_with_all_that_follows(string line)
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync(line + "\r\n" + Mail + Rcpt + "DATA\r\nx\r\n.\r\n");
        Assert.Equal("554 5.5.1", SmtpPeer.Codes(await peer.EndAsync()));
        Assert.Empty(peer.Handler.Messages);
    }

    [Fact]
    public async Task A_client_that_speaks_before_the_greeting_is_turned_away()
    {
        await using var peer = new SmtpPeer();
        await peer.OpenAsync(early: "EHLO x\r\n");
        Assert.Equal("554", SmtpPeer.Codes(await peer.EndAsync()));
    }

    [Fact]
    public async Task QUIT_closes_and_runs_nothing_behind_it()
    {
        await using var peer = await SmtpPeer.GreetedAsync();
        await peer.SendAsync("QUIT\r\nNOOP\r\n");
        Assert.Equal("221 2.0.0", SmtpPeer.Codes(await peer.EndAsync()));
    }
}
