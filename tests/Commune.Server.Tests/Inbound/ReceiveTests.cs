using System.Security.Cryptography;
using System.Text;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Inbound;

/// <summary>Contract section 10, "Mail coming in": from SMTP to the lists of the API.</summary>
public abstract class ReceiveTests(Engine engine) : ServerTests(engine)
{
    private const string Kim = "kim@example.com";

    [Fact]
    public async Task A_multipart_mail_with_a_UTF8_subject_is_listed_whole()
    {
        var inbox = await Api.NewInboxAsync();
        var content = RandomNumberGenerator.GetBytes(40_000);
        var subject = Convert.ToBase64String("Überweisung für 株式会社 😀"u8);
        await ReceiveAsync(Kim, inbox.Address, Letter.WithAttachment("Kim Ö. <KIM@Example.com>", inbox.Address, $"=?utf-8?B?{subject}?=", "Grüße aus Łódź.", "bericht.pdf", "application/pdf", content));

        var message = await Api.OnlyMessageAsync(inbox);
        Assert.Equal("Überweisung für 株式会社 😀", (string)message["subject"]!);
        Assert.Equal("Überweisung für 株式会社 😀", (string)message["metadata"]!["subject"]!);
        Assert.Equal("Grüße aus Łódź.", ((string)message["content"]!).Trim());
        Assert.Null(message["content_html"]);
        Assert.Equal("inbound", (string)message["direction"]!);
        Assert.Equal("email", (string)message["channel"]!);
        Assert.Equal(Kim, (string)message["from"]!);
        JsonAssert.Texts([inbox.Address], message["to"]!);
        var sender = Assert.Single(message["participants"]!.AsArray(), static p => (string)p!["role"]! == "sender")!;
        Assert.Equal(Kim, (string)sender["identity"]!);
        Assert.Equal("Kim Ö.", (string)sender["name"]!);
        JsonAssert.Texts([inbox.Address], JsonAssert.Participants(message, "to"));
        Assert.Null(message["metadata"]!["delivery_status"]);
        Assert.True((bool)message["metadata"]!["has_attachments"]!);
        Assert.Equal(1, (int)message["metadata"]!["attachment_count"]!);
        Assert.Equal(inbox.Id, (string)message["metadata"]!["inbox_id"]!);
        Assert.Equal(inbox.Address, (string)message["metadata"]!["inbox_address"]!);

        var thread = Assert.Single(await Api.ThreadsAsync(inbox));
        Assert.Equal((string)message["thread_id"]!, (string)thread["thread_id"]!);
        Assert.Equal("Grüße aus Łódź.", (string)thread["snippet"]!);
        Assert.True((bool)thread["has_attachments"]!);

        var id = (string)Assert.Single(message["attachments"]!.AsArray())!;
        var attachment = (await Api.GetAsync($"/v1/attachments/{id}")).Expect(200).Data;
        Assert.Equal("bericht.pdf", (string)attachment["filename"]!);
        Assert.Equal("application/pdf", (string)attachment["mime_type"]!);
        Assert.Equal(content.Length, (int)attachment["size"]!);
        Assert.Equal(content, await DownloadAsync(id));
    }

    [Fact]
    public async Task An_answer_by_In_Reply_To_joins_the_thread()
    {
        var inbox = await Api.NewInboxAsync();
        var first = Letter.NewMessageId();
        await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "Question", "one", first));
        await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "another subject", "two", headers: $"In-Reply-To: {first}\n"));
        var thread = Assert.Single(await Api.ThreadsAsync(inbox));
        Assert.Equal(2, (int)thread["message_count"]!);
        Assert.Equal("Question", (string)thread["subject"]!);
        Assert.Equal("two", (string)thread["snippet"]!);
        Assert.Equal(first, (string)(await Api.MessagesAsync(inbox))[1]["metadata"]!["in_reply_to"]!);
    }

    [Fact]
    public async Task An_answer_that_arrives_before_its_question_meets_it()
    {
        var inbox = await Api.NewInboxAsync();
        var first = Letter.NewMessageId();
        await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "b", "two", headers: $"References: {first}\n"));
        await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "a", "one", first));
        Assert.Equal(2, (int)Assert.Single(await Api.ThreadsAsync(inbox))["message_count"]!);
    }

    [Fact]
    public async Task A_reply_style_subject_of_the_same_correspondent_joins_and_of_another_does_not()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "Order 66", "one"));
        await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "RE: order 66", "two"));
        Assert.Equal(2, (int)Assert.Single(await Api.ThreadsAsync(inbox))["message_count"]!);
        await ReceiveAsync("lee@example.com", inbox.Address, Letter.Plain("lee@example.com", inbox.Address, "Re: Order 66", "three"));
        Assert.Equal(2, (await Api.ThreadsAsync(inbox)).Count);
        await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "Order 66", "no reply"));
        Assert.Equal(3, (await Api.ThreadsAsync(inbox)).Count);
    }

    [Fact]
    public async Task Two_recipients_that_are_two_inboxes_get_a_thread_each()
    {
        var (one, two) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        var letter = Letter.Plain(Kim, $"{one.Address}, {two.Address}", "Both", "Hello.");
        (await SmtpTalk.MailAsync(Server.Program.Smtp, Kim, [one.Address, two.Address], letter)).Expect(250);
        var (first, second) = (Assert.Single(await Api.ThreadsAsync(one)), Assert.Single(await Api.ThreadsAsync(two)));
        JsonAssert.Differ(first["thread_id"], second["thread_id"]);
        var (a, b) = (await Api.OnlyMessageAsync(one), await Api.OnlyMessageAsync(two));
        JsonAssert.Differ(a["message_id"], b["message_id"]);
        Assert.Equal(one.Address, (string)a["metadata"]!["inbox_address"]!);
        Assert.Equal(two.Address, (string)b["metadata"]!["inbox_address"]!);
        Letter.AssertBehindTrace(letter, await Api.RawAsync(a));
        Letter.AssertBehindTrace(letter, await Api.RawAsync(b));
    }

    [Fact]
    public async Task Inboxes_of_two_organisations_get_one_mail_each_of_their_own()
    {
        var (mine, theirs) = (await Api.NewInboxAsync(), await Server.Other.NewInboxAsync());
        (await SmtpTalk.MailAsync(Server.Program.Smtp, Kim, [mine.Address, theirs.Address], Letter.Plain(Kim, mine.Address, "s", "t"))).Expect(250);
        await Api.OnlyMessageAsync(mine);
        await Server.Other.OnlyMessageAsync(theirs);
    }

    [Fact]
    public async Task A_Bccd_inbox_receives_and_nobody_is_told()
    {
        var (named, blind) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        (await SmtpTalk.MailAsync(Server.Program.Smtp, Kim, [named.Address, blind.Address], Letter.Plain(Kim, named.Address, "s", "t"))).Expect(250);
        JsonAssert.Texts([named.Address], (await Api.OnlyMessageAsync(blind))["to"]!);
        var seen = await Api.OnlyMessageAsync(named);
        Assert.DoesNotContain(blind.Address, seen.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(blind.Address, Encoding.UTF8.GetString(await Api.RawAsync(seen)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_recipient_twice_in_one_envelope_is_one_message()
    {
        var inbox = await Api.NewInboxAsync();
        (await SmtpTalk.MailAsync(Server.Program.Smtp, Kim, [inbox.Address, inbox.Address.ToUpperInvariant(), $"{inbox.LocalPart}+x@{SharedServer.SharedDomain}"], Letter.Plain(Kim, inbox.Address, "s", "t"))).Expect(250);
        await Api.OnlyMessageAsync(inbox);
    }

    [Fact]
    public async Task Recipients_that_do_not_receive_are_550_at_RCPT()
    {
        var inactive = await Api.NewInboxAsync();
        await Api.PatchAsync($"/v1/inboxes/{inactive.Id}", new { status = "inactive" });
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        (await talk.CommandAsync($"MAIL FROM:<{Kim}>")).Expect(250);
        Assert.StartsWith("550 5.1.1 ", (await talk.CommandAsync($"RCPT TO:<{ApiClient.NewLocalPart()}@{SharedServer.SharedDomain}>")).Text, StringComparison.Ordinal);
        (await talk.CommandAsync($"RCPT TO:<{inactive.Address}>")).Expect(550);
        (await talk.CommandAsync("RCPT TO:<someone@elsewhere.example>")).Expect(550);
        // RFC 5321 §3.3: "503 or 554" when no recipient was taken.
        Assert.Contains((await talk.CommandAsync("DATA")).Code, (int[])[503, 554]);
    }

    [Fact]
    public async Task Addresses_are_case_insensitive_and_take_a_plus_part()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync(Kim, inbox.Address.ToUpperInvariant(), Letter.Plain(Kim, inbox.Address, "s", "1"));
        await ReceiveAsync(Kim, $"{inbox.LocalPart}+news@{SharedServer.SharedDomain}", Letter.Plain(Kim, inbox.Address, "s", "2"));
        await ReceiveAsync(Kim, $"{inbox.LocalPart}+@{SharedServer.SharedDomain}", Letter.Plain(Kim, inbox.Address, "s", "3"));
        Assert.Equal(3, (await Api.MessagesAsync(inbox)).Count);
    }

    [Fact]
    public async Task An_HTML_only_mail_has_text_made_from_it()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync(Kim, inbox.Address, Letter.Bytes(
            $"From: {Kim}\nTo: {inbox.Address}\nSubject: html\nMIME-Version: 1.0\nContent-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n"
            + "<html><head><style>p{color:red}</style></head><body><p>Gr=FC=DFe &amp; <b>Dank</b></p><script>alert(1)</script></body></html>\n"));
        var message = await Api.OnlyMessageAsync(inbox);
        Assert.Equal("Grüße & Dank", ((string)message["content"]!).Trim());
        Assert.Contains("<b>Dank</b>", (string)message["content_html"]!, StringComparison.Ordinal);
        Assert.Contains("Grüße", (string)message["content_html"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_read_alone_has_its_HTML_as_Markdown_too()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync(Kim, inbox.Address, Letter.Bytes(
            $"From: {Kim}\nTo: {inbox.Address}\nSubject: html\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"
            + "<h2>Order</h2><p>Two <b>blue</b> boxes, <a href=\"https://example.com/a\">here</a>.</p><ul><li>one</li></ul>\n"));
        var listed = await Api.OnlyMessageAsync(inbox);
        Assert.False(listed.AsObject().ContainsKey("content_markdown"));
        var message = (await Api.GetAsync($"/v1/messages/{(string)listed["message_id"]!}")).Expect(200).Data;
        Assert.Equal("## Order\n\nTwo **blue** boxes, [here](https://example.com/a).\n\n- one", (string)message["content_markdown"]!);

        var plain = await Api.NewInboxAsync();
        await ReceiveAsync(Kim, plain.Address, Letter.Plain(Kim, plain.Address, "s", "text"));
        message = (await Api.GetAsync($"/v1/messages/{(string)(await Api.OnlyMessageAsync(plain))["message_id"]!}")).Expect(200).Data;
        Assert.True(message.AsObject().ContainsKey("content_markdown"));
        Assert.Null(message["content_markdown"]);
    }

    [Fact]
    public async Task The_reply_of_an_HTML_only_mail_is_told_by_its_markup()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync(Kim, inbox.Address, Letter.Bytes(
            $"From: {Kim}\nTo: {inbox.Address}\nSubject: html\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"
            + "<div>Mine.</div><div class=\"gmail_signature\">Any words of a signature here.</div><div class=\"yahoo_quoted\">Any words of earlier mail.</div>\n"));
        Assert.Equal("Mine.", (string)(await Api.OnlyMessageAsync(inbox))["reply_text"]!);
    }

    [Fact]
    public async Task A_mail_without_any_header_is_listed_with_the_envelope_sender()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync(Kim, inbox.Address, "\r\nonly a body\r\n"u8.ToArray());
        var message = await Api.OnlyMessageAsync(inbox);
        Assert.Equal("only a body", ((string)message["content"]!).Trim());
        Assert.Equal(Kim, (string)message["from"]!);
    }

    [Fact]
    public async Task A_bounce_with_the_null_sender_and_an_empty_message_are_listed()
    {
        var inbox = await Api.NewInboxAsync();
        await ReceiveAsync("", inbox.Address, Letter.Plain("MAILER-DAEMON@example.com", inbox.Address, "Undelivered", "t"));
        await ReceiveAsync("", inbox.Address, []);
        var messages = await Api.MessagesAsync(inbox);
        Assert.Equal(2, messages.Count);
        Assert.Equal("", (string)messages[1]["content"]!);
        Assert.All(messages, static m => Assert.Single(m["participants"]!.AsArray(), static p => (string)p!["role"]! == "sender"));
        Assert.Equal(2, (await Api.ThreadsAsync(inbox)).Count);
    }

    [Fact]
    public async Task The_raw_bytes_are_what_was_sent_behind_our_trace_header()
    {
        var inbox = await Api.NewInboxAsync();
        var letter = Letter.Plain(Kim, inbox.Address, "dots", ".leading\n..two\n.\n8-bit: é\n\n\ttab ");
        await ReceiveAsync(Kim, inbox.Address, letter);
        var message = await Api.OnlyMessageAsync(inbox);
        var answer = (await Api.GetAsync($"/v1/messages/{message["message_id"]}/raw")).Expect(200);
        Assert.Equal("message/rfc822", answer.ContentHeaders.ContentType!.MediaType);
        Letter.AssertBehindTrace(letter, answer.Bytes);
        var trace = Encoding.UTF8.GetString(answer.Bytes[..^letter.Length]);
        Assert.Matches(@"Received: from client\.test .*\[127\.0\.0\.1\]", trace);
        Assert.Contains($"Return-Path: <{Kim}>", trace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eight_bit_octets_that_are_no_text_survive()
    {
        var inbox = await Api.NewInboxAsync();
        byte[] letter = [.. Letter.Bytes($"From: {Kim}\nTo: {inbox.Address}\nSubject: "), 0xFF, 0xFE, 0x80, .. Letter.Bytes("\n\n"), 0xC3, 0x28, 0x00, 0x01, (byte)'\r', (byte)'\n'];
        await ReceiveAsync(Kim, inbox.Address, letter);
        Letter.AssertBehindTrace(letter, await Api.RawAsync(await Api.OnlyMessageAsync(inbox)));
    }

    [Fact]
    public async Task The_same_mail_sent_twice_is_stored_once()
    {
        var inbox = await Api.NewInboxAsync();
        var letter = Letter.Plain(Kim, inbox.Address, "s", "t");
        await ReceiveAsync(Kim, inbox.Address, letter);
        await ReceiveAsync(Kim, inbox.Address, letter);
        await Api.OnlyMessageAsync(inbox);
        Assert.Equal(1, (int)Assert.Single(await Api.ThreadsAsync(inbox))["message_count"]!);
    }

    [Fact]
    public async Task The_same_Message_ID_with_another_content_is_another_message()
    {
        var inbox = await Api.NewInboxAsync();
        var id = Letter.NewMessageId();
        await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "s", "one", id));
        await ReceiveAsync(Kim, inbox.Address, Letter.Plain(Kim, inbox.Address, "s", "two", id));
        Assert.Equal(2, (await Api.MessagesAsync(inbox)).Count);
    }

    [Fact]
    public async Task A_retry_to_a_further_inbox_reaches_that_one()
    {
        var (one, two) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        var letter = Letter.Plain(Kim, one.Address, "s", "t");
        await ReceiveAsync(Kim, one.Address, letter);
        (await SmtpTalk.MailAsync(Server.Program.Smtp, Kim, [one.Address, two.Address], letter)).Expect(250);
        await Api.OnlyMessageAsync(one);
        await Api.OnlyMessageAsync(two);
    }

    [Theory]
    [InlineData(70_000)]
    [InlineData(1_000_000)]
    [InlineData(5_000_000)]
    public async Task A_large_message_comes_back_byte_for_byte(int size)
    {
        var inbox = await Api.NewInboxAsync();
        var content = RandomNumberGenerator.GetBytes(size);
        var letter = Letter.WithAttachment(Kim, inbox.Address, "large", "see attached", "large.bin", "application/octet-stream", content);
        await ReceiveAsync(Kim, inbox.Address, letter);
        var message = await Api.OnlyMessageAsync(inbox);
        Letter.AssertBehindTrace(letter, await Api.RawAsync(message));
        Assert.Equal(content, await DownloadAsync((string)message["attachments"]![0]!));
    }

    [Fact]
    public async Task Swaks_sends_over_STARTTLS_and_both_mails_stand_in_one_thread()
    {
        Machine.Program("swaks", "swaks");
        var inbox = await Api.NewInboxAsync();
        var file = Path.GetTempFileName();
        try
        {
            var content = RandomNumberGenerator.GetBytes(5000);
            await File.WriteAllBytesAsync(file, content);
            var first = Letter.NewMessageId();
            (string, string)[] variables = [("SERVER", Server.Program.Smtp.ToString()), ("TO", inbox.Address), ("FILE", file), ("ID", first)];
            const string Send = "swaks --server \"$SERVER\" --tls --from kim@example.com --to \"$TO\" ";
            var (code, output) = await Shell.RunAsync(Send + "--header 'Subject: Zażółć gęślą' --header \"Message-Id: $ID\" --body 'Erste Zeile' --attach-type application/zip --attach-name daten.zip --attach @\"$FILE\"", variables);
            Assert.True(code == 0, output);
            (code, output) = await Shell.RunAsync(Send + "--header 'Subject: Antwort' --header \"In-Reply-To: $ID\" --body zwei", variables);
            Assert.True(code == 0, output);

            var thread = Assert.Single(await Api.ThreadsAsync(inbox));
            Assert.Equal(2, (int)thread["message_count"]!);
            Assert.Equal("Zażółć gęślą", (string)thread["subject"]!);
            Assert.Equal("zwei", (string)thread["snippet"]!);
            var message = (await Api.MessagesAsync(inbox))[0];
            Assert.Equal("Erste Zeile", ((string)message["content"]!).Trim());
            Assert.Equal(content, await DownloadAsync((string)Assert.Single(message["attachments"]!.AsArray())!));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<byte[]> DownloadAsync(string attachmentId)
    {
        var url = (string)(await Api.GetAsync($"/v1/attachments/{attachmentId}/url")).Expect(200).Data["url"]!;
        return (await ApiClient.DownloadAsync(url)).Expect(200).Bytes;
    }
}

public sealed class SqliteReceiveTests(SqliteEngine engine) : ReceiveTests(engine);

public sealed class PostgresReceiveTests(PostgresEngine engine) : ReceiveTests(engine);
