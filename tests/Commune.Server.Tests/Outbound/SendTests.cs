using System.Text;
using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Outbound;

/// <summary>Contract section 10, <c>POST /v1/messages/send</c>: what is answered, what is stored, what leaves.</summary>
public abstract class SendTests(Engine engine) : ServerTests(engine)
{
    private const string Send = "/v1/messages/send";

    private string NewAddress() => "user@" + Server.NewRemoteDomain();

    [Fact]
    public async Task A_send_is_answered_with_202_and_listed_at_once()
    {
        var inbox = await Api.NewInboxAsync(name: "Agent Smith");
        var to = NewAddress();
        var answer = await SendAsync(inbox, to, "Hello", "Plain text body.");
        var data = answer.Data;
        Assert.StartsWith("msg_", (string)data["id"]!, StringComparison.Ordinal);
        Assert.All((string[])["message_id", "messageId"], member => Assert.Equal((string)data["id"]!, (string)data[member]!));
        Assert.All((string[])["id", "message_id", "messageId"], member => Assert.Equal((string)data["id"]!, (string)answer.Json[member]!));
        Assert.Equal((string)data["thread_id"]!, (string)answer.Json["thread_id"]!);
        Assert.Matches($"^<[^<>@]+@{SharedServer.SharedDomain}>$", (string)data["smtp_message_id"]!);
        Assert.Equal("queued", (string)data["status"]!);
        Assert.Equal("Hello", (string)data["subject"]!);
        JsonAssert.Texts([to], data["to"]);

        var listed = await Api.OnlyMessageAsync(inbox);
        Assert.Equal((string)data["id"]!, (string)listed["message_id"]!);
        Assert.Equal("outbound", (string)listed["direction"]!);
        Assert.Equal("Plain text body.", ((string)listed["content"]!).Trim());
        Assert.Equal((string)data["smtp_message_id"]!, (string)listed["metadata"]!["message_id"]!);
        JsonAssert.Texts([inbox.Address], JsonAssert.Participants(listed, "sender"));
        JsonAssert.Texts([to], JsonAssert.Participants(listed, "to"));
        var thread = Assert.Single(await Api.ThreadsAsync(inbox));
        Assert.Equal((string)data["thread_id"]!, (string)thread["thread_id"]!);
        Assert.Equal("outbound", (string)thread["last_direction"]!);
        Assert.Single((await Api.GetAsync($"/v1/threads/{data["thread_id"]}/messages")).Expect(200).List);
    }

    [Fact]
    public async Task What_leaves_is_what_was_asked_for()
    {
        var inbox = await Api.NewInboxAsync(name: "Agent Smith");
        var to = NewAddress();
        var sent = await SendAsync(inbox, $"Zoë <{to}>", "Grüße 株式会社", "Hällo.\n.dot\nFrom here");
        var arrived = await Server.Sink.WaitForAsync(to);
        Assert.Equal(sent.Data["smtp_message_id"]!.ToString(), Letter.HeaderOf(arrived.Text, "Message-ID"));
        Assert.Contains($"<{inbox.Address}>", Letter.HeaderOf(arrived.Text, "From")!, StringComparison.Ordinal);
        Assert.Contains("Agent Smith", Letter.HeaderOf(arrived.Text, "From")!, StringComparison.Ordinal);
        Assert.Contains($"<{to}>", Letter.HeaderOf(arrived.Text, "To")!, StringComparison.Ordinal);
        Assert.Matches($@"{inbox.LocalPart}\+[^@]+@{SharedServer.SharedDomain}", Letter.HeaderOf(arrived.Text, "Reply-To")!);
        Assert.NotNull(Letter.HeaderOf(arrived.Text, "Date"));
        Assert.Null(Letter.HeaderOf(arrived.Text, "In-Reply-To"));
        Assert.All(arrived.Text.Split("\r\n"), static line => Assert.True(Encoding.UTF8.GetByteCount(line) <= 998, line));

        var stored = await Api.WaitForStatusAsync((string)sent.Data["id"]!, "delivered");
        Assert.Equal("Grüße 株式会社", (string)stored["subject"]!);
        Assert.NotNull((string?)stored["metadata"]!["delivery_data"]!["delivered_at"]);
        Assert.Equal(arrived.Data, await Api.RawAsync(stored));

        // Our own parser reads what our composer wrote, and python's does too.
        var (code, output) = await PythonAsync("""
            import email, email.policy, os, sys
            m = email.message_from_bytes(open(os.environ['FILE'], 'rb').read(), policy=email.policy.default)
            print(m['subject']); print(m['to'].addresses[0].display_name); print(m.get_body(('plain',)).get_content())
            """, arrived.Data);
        Assert.True(code == 0, output);
        Assert.Equal("Grüße 株式会社\nZoë\nHällo.\n.dot\nFrom here", output.ReplaceLineEndings("\n").TrimEnd());
    }

    [Fact]
    public async Task What_leaves_is_DKIM_signed()
    {
        var inbox = await Api.NewInboxAsync(name: "Łukasz");
        var to = NewAddress();
        (await Api.PostAsync(Send, new { to, subject = "Zażółć", text = "gęślą\n\n\n", html = "<p>gęślą</p>", inbox_id = inbox.Id })).Expect(202);
        var arrived = await Server.Sink.WaitForAsync(to);
        var signature = Letter.HeaderOf(arrived.Text, "DKIM-Signature")!;
        Assert.Contains("a=rsa-sha256", signature, StringComparison.Ordinal);
        Assert.Contains("c=relaxed/relaxed", signature, StringComparison.Ordinal);
        Assert.Contains($"d={SharedServer.SharedDomain}", signature, StringComparison.Ordinal);
        const string Verify = """
            import dkim, os, sys
            name = (os.environ['SELECTOR'] + '._domainkey.' + os.environ['DOMAIN'] + '.').encode()
            record = ('v=DKIM1; k=rsa; p=' + os.environ['KEY']).encode()
            print(dkim.verify(open(os.environ['FILE'], 'rb').read(), dnsfunc=lambda n, timeout=5: record if n == name else None))
            """;
        (string, string)[] key = [("SELECTOR", Server.DkimSelector), ("DOMAIN", SharedServer.SharedDomain), ("KEY", Server.DkimPublicKey)];
        var (code, output) = await PythonAsync(Verify, arrived.Data, key);
        Assert.True(code == 0 && output.Trim() == "True", output);
        var changed = Encoding.UTF8.GetBytes(arrived.Text.Replace("Subject: ", "Subject: x", StringComparison.Ordinal));
        (code, output) = await PythonAsync(Verify, changed, key);
        Assert.True(code == 0 && output.Trim() == "False", output);
    }

    [Fact]
    public async Task BCC_recipients_receive_and_nobody_is_told()
    {
        var inbox = await Api.NewInboxAsync();
        var domain = Server.NewRemoteDomain();
        var sent = (await Api.PostAsync(Send, new { to = new[] { "a@" + domain, "b@" + domain }, cc = "c@" + domain, bcc = "blind@" + domain, subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
        var arrived = await Server.Sink.WaitForAsync("blind@" + domain);
        Assert.DoesNotContain("blind@", arrived.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Null(Letter.HeaderOf(arrived.Text, "Bcc"));
        await Server.Sink.WaitForAsync("a@" + domain);
        var stored = (await Api.GetAsync($"/v1/messages/{sent.Data["id"]}")).Expect(200).Data;
        JsonAssert.Texts(["blind@" + domain], JsonAssert.Participants(stored, "bcc"));
        JsonAssert.Texts(["c@" + domain], JsonAssert.Participants(stored, "cc"));
        JsonAssert.Texts(["a@" + domain, "b@" + domain], JsonAssert.Participants(stored, "to"));
        JsonAssert.Texts(["a@" + domain, "b@" + domain], sent.Data["to"]);
    }

    [Fact]
    public async Task Several_recipients_of_one_domain_go_in_one_transaction()
    {
        var inbox = await Api.NewInboxAsync();
        var domain = Server.NewRemoteDomain();
        string[] all = ["a@" + domain, "b@" + domain, "c@" + domain];
        (await Api.PostAsync(Send, new { to = all, subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
        var arrived = await Server.Sink.WaitForAsync(all[0]);
        JsonAssert.Texts(all, arrived.Recipients.Order(StringComparer.Ordinal));
        Assert.Single(Server.Sink.For(all[1]));
    }

    [Fact]
    public async Task The_sender_is_from_then_inbox_then_thread_then_domain_then_the_oldest_inbox()
    {
        var (named, given) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        var thread = await SendAsync(await Api.NewInboxAsync(), NewAddress(), "t", "t");
        var threadInbox = (string)(await Api.GetAsync($"/v1/threads/{thread.Data["thread_id"]}")).Data["inbox_id"]!;

        async Task<JsonObject> SentAsync(object body) => (await Api.GetAsync($"/v1/messages/{(await Api.PostAsync(Send, body)).Expect(202).Data["id"]}")).Data;

        // from wins for the From field, and the message is filed under inbox_id.
        var both = await SentAsync(new { to = NewAddress(), subject = "s", text = "t", from = named.Address, inbox_id = given.Id });
        Assert.Equal(named.Address, (string)both["from"]!);
        Assert.Equal(given.Id, (string)both["metadata"]!["inbox_id"]!);
        var fromOnly = await SentAsync(new { to = NewAddress(), subject = "s", text = "t", from = $"Somebody <{named.Address.ToUpperInvariant()}>" });
        Assert.Equal(named.Address, (string)fromOnly["from"]!);
        Assert.Equal(named.Id, (string)fromOnly["metadata"]!["inbox_id"]!);
        Assert.Equal(given.Address, (string)(await SentAsync(new { to = NewAddress(), subject = "s", text = "t", inboxId = given.Id, domainId = Server.OwnDomainId }))["from"]!);
        Assert.Equal(threadInbox, (string)(await SentAsync(new { to = NewAddress(), text = "t", thread_id = (string)thread.Data["thread_id"]!, domain_id = Server.OwnDomainId }))["metadata"]!["inbox_id"]!);
        Assert.EndsWith("@" + SharedServer.OwnDomain, (string)(await SentAsync(new { to = NewAddress(), subject = "s", text = "t", domain_id = Server.OwnDomainId }))["from"]!, StringComparison.Ordinal);
        // All inboxes of the other organisation stand on the shared domain, so that the oldest may send.
        await Server.Other.NewInboxAsync();
        var oldest = (string)(await Server.Other.GetAsync("/v1/inboxes?limit=1")).List[0]["address"]!;
        var unnamed = (await Server.Other.PostAsync(Send, new { to = NewAddress(), subject = "s", text = "t" })).Expect(202);
        Assert.Equal(oldest, (string)(await Server.Other.GetAsync($"/v1/messages/{unnamed.Data["id"]}")).Data["from"]!);
        // Any local part at a verified domain of ours.
        Assert.Equal("anything@" + SharedServer.OwnDomain, (string)(await SentAsync(new { to = NewAddress(), subject = "s", text = "t", from = "anything@" + SharedServer.OwnDomain }))["from"]!);
    }

    [Fact]
    public async Task A_from_that_is_not_yours_is_403()
    {
        var theirs = await Server.Other.NewInboxAsync();
        foreach (var from in (string[])[theirs.Address, "ceo@example.com", $"nobody-{theirs.LocalPart}@{SharedServer.SharedDomain}"])
            (await Api.PostAsync(Send, new { to = NewAddress(), subject = "s", text = "t", from })).ExpectError(403);
        (await Server.Other.PostAsync(Send, new { to = NewAddress(), subject = "s", text = "t", from = "x@" + SharedServer.OwnDomain })).ExpectError(403);
    }

    [Fact]
    public async Task An_inactive_inbox_sends_nothing()
    {
        var inbox = await Api.NewInboxAsync();
        await Api.PatchAsync($"/v1/inboxes/{inbox.Id}", new { status = "inactive" });
        (await Api.PostAsync(Send, new { to = NewAddress(), subject = "s", text = "t", inbox_id = inbox.Id })).ExpectError(403);
        (await Api.PostAsync(Send, new { to = NewAddress(), subject = "s", text = "t", from = inbox.Address })).ExpectError(403);
    }

    [Theory]
    [InlineData("""{"subject": "s", "text": "t"}""")]
    [InlineData("""{"to": "", "subject": "s", "text": "t"}""")]
    [InlineData("""{"to": [], "subject": "s", "text": "t"}""")]
    [InlineData("""{"to": 5, "subject": "s", "text": "t"}""")]
    [InlineData("""{"to": "nobody", "subject": "s", "text": "t"}""")]
    [InlineData("""{"to": "a@b@c.example", "subject": "s", "text": "t"}""")]
    [InlineData("""{"to": ["a@b.example", "broken"], "subject": "s", "text": "t"}""")]
    [InlineData("""{"to": "a@b.example", "cc": "broken", "subject": "s", "text": "t"}""")]
    [InlineData("""{"to": "a@b.example", "bcc": ["broken"], "subject": "s", "text": "t"}""")]
    [InlineData("""{"to": "a@b.example", "reply_to": "broken", "subject": "s", "text": "t"}""")]
    [InlineData("""{"to": "a@b.example", "from": "broken", "subject": "s", "text": "t"}""")]
    [InlineData("""{"to": "a@b.example\r\nRCPT TO:<x@y.example>", "subject": "s", "text": "t"}""")]
    [InlineData("""{"to": "a@b.example", "text": "t"}""")]
    [InlineData("""{"to": "a@b.example", "subject": "", "text": "t"}""")]
    [InlineData("""{"to": "a@b.example", "subject": "s"}""")]
    [InlineData("""{"to": "a@b.example", "subject": "s", "text": "", "html": ""}""")]
    [InlineData("""{"to": "a@b.example", "subject": "s", "text": 5}""")]
    [InlineData("""{"to": "a@b.example", "subject": "s", "text": "t", "headers": "X: y"}""")]
    [InlineData("""{"to": "a@b.example", "subject": "s", "text": "t", "attachments": "att_x"}""")]
    [InlineData("""{"to": "a@b.example", "subject": "s", "text": "t", "attachments": [{"filename": "x", "content": "no base64!"}]}""")]
    [InlineData("""{"to": "a@b.example", "subject": "s", "text": "t", "attachments": [{"content": "eA=="}]}""")]
    public async Task A_send_that_lacks_something_is_400(string json)
    {
        var inbox = await Api.NewInboxAsync();
        var body = JsonNode.Parse(json)!.AsObject();
        body["inbox_id"] = inbox.Id;
        (await Api.SendAsync(HttpMethod.Post, Send, body.ToJsonString())).ExpectError(400);
        Assert.Empty(await Api.MessagesAsync(inbox));
    }

    [Fact]
    public async Task Fifty_recipients_are_taken_and_fifty_one_are_not()
    {
        var inbox = await Api.NewInboxAsync();
        var domain = Server.NewRemoteDomain();
        string[] Some(string prefix, int count) => [.. Enumerable.Range(0, count).Select(i => $"{prefix}{i}@{domain}")];
        (await Api.PostAsync(Send, new { to = Some("t", 20), cc = Some("c", 20), bcc = Some("b", 11), subject = "s", text = "t", inbox_id = inbox.Id })).ExpectError(400);
        (await Api.PostAsync(Send, new { to = Some("t", 20), cc = Some("c", 20), bcc = Some("b", 10), subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
        await Server.Sink.WaitForAsync($"b9@{domain}");
    }

    [Fact]
    public async Task A_subject_of_500_characters_is_taken_without_its_line_ends_and_one_of_501_is_not()
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.PostAsync(Send, new { to = NewAddress(), subject = new string('s', 501), text = "t", inbox_id = inbox.Id })).ExpectError(400);
        var to = NewAddress();
        (await Api.PostAsync(Send, new { to, subject = new string('s', 480) + "\r\nX-Evil: yes", text = "t", inbox_id = inbox.Id })).Expect(202);
        Assert.Null(Letter.HeaderOf((await Server.Sink.WaitForAsync(to)).Text, "X-Evil"));
    }

    [Fact]
    public async Task Unknown_ids_are_404()
    {
        var inbox = await Api.NewInboxAsync();
        (await Api.PostAsync(Send, new { to = NewAddress(), subject = "s", text = "t", inbox_id = "i_unknown" })).ExpectError(404);
        (await Api.PostAsync(Send, new { to = NewAddress(), subject = "s", text = "t", domain_id = "d_unknown" })).ExpectError(404);
        (await Api.PostAsync(Send, new { to = NewAddress(), subject = "s", text = "t", thread_id = "conv_unknown", inbox_id = inbox.Id })).ExpectError(404);
        (await Api.PostAsync(Send, new { to = NewAddress(), subject = "s", text = "t", attachments = new[] { "att_unknown" }, inbox_id = inbox.Id })).ExpectError(404);
        Assert.Empty(await Api.MessagesAsync(inbox));
    }

    [Fact]
    public async Task HTML_only_gets_a_text_part()
    {
        var inbox = await Api.NewInboxAsync();
        var to = NewAddress();
        var sent = (await Api.PostAsync(Send, new { to, subject = "s", html = "<h1>Report</h1><p>Ready &amp; <b>sent</b></p>", inbox_id = inbox.Id })).Expect(202);
        var arrived = await Server.Sink.WaitForAsync(to);
        Assert.Contains("multipart/alternative", Letter.HeaderOf(arrived.Text, "Content-Type")!, StringComparison.Ordinal);
        Assert.Contains("text/plain", arrived.Text, StringComparison.Ordinal);
        Assert.Contains("Ready & sent", arrived.Text, StringComparison.Ordinal);
        var stored = (await Api.GetAsync($"/v1/messages/{sent.Data["id"]}")).Data;
        Assert.Contains("Ready & sent", (string)stored["content"]!, StringComparison.Ordinal);
        Assert.Contains("<b>sent</b>", (string)stored["content_html"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Custom_headers_go_out_and_structural_ones_are_ignored()
    {
        var inbox = await Api.NewInboxAsync();
        var to = NewAddress();
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["X-Campaign"] = "spring\r\nX-Injected: yes",
            ["List-Unsubscribe"] = "<https://u.example/1>",
            ["From"] = "ceo@example.com",
            ["to"] = "other@example.com",
            ["Bcc"] = "other@example.com",
            ["message-id"] = "<mine@example.com>",
            ["In-Reply-To"] = "<x@example.com>",
            ["References"] = "<x@example.com>",
            ["DKIM-Signature"] = "v=1",
            ["Content-Type"] = "text/evil",
            ["MIME-Version"] = "9",
            ["Idempotency-Key"] = Guid.NewGuid().ToString(),
        };
        var sent = (await Api.PostAsync(Send, new { to, subject = "s", text = "t", inbox_id = inbox.Id, headers })).Expect(202);
        var text = (await Server.Sink.WaitForAsync(to)).Text;
        Assert.StartsWith("spring", Letter.HeaderOf(text, "X-Campaign")!, StringComparison.Ordinal);
        Assert.Null(Letter.HeaderOf(text, "X-Injected"));
        Assert.Equal("<https://u.example/1>", Letter.HeaderOf(text, "List-Unsubscribe"));
        Assert.DoesNotContain("example.com", text, StringComparison.Ordinal);
        Assert.DoesNotContain("text/evil", text, StringComparison.Ordinal);
        Assert.Null(Letter.HeaderOf(text, "Idempotency-Key"));
        Assert.All((string[])["From", "To", "Message-ID", "DKIM-Signature", "MIME-Version", "Subject", "Date"], name => Assert.Single(Letter.HeadersOf(text, name)));
        Assert.Equal((string)sent.Data["smtp_message_id"]!, Letter.HeaderOf(text, "Message-ID"));
    }

    [Fact]
    public async Task Inline_attachments_and_those_of_received_mail_go_out()
    {
        var inbox = await Api.NewInboxAsync();
        byte[] received = [.. Enumerable.Range(0, 3000).Select(static i => (byte)i)];
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.WithAttachment("kim@example.com", inbox.Address, "s", "t", "in.bin", "application/octet-stream", received));
        var id = (string)(await Api.OnlyMessageAsync(inbox))["attachments"]![0]!;
        var to = NewAddress();
        var own = "hello, wörld"u8.ToArray();
        var sent = (await Api.PostAsync(Send, new
        {
            to,
            subject = "s",
            text = "see attached",
            inbox_id = inbox.Id,
            attachments = new object[] { id, new { filename = "grüße.txt", content = Convert.ToBase64String(own), content_type = "text/plain" } },
        })).Expect(202);
        var arrived = await Server.Sink.WaitForAsync(to);
        var (code, output) = await PythonAsync("""
            import email, email.policy, os, hashlib
            m = email.message_from_bytes(open(os.environ['FILE'], 'rb').read(), policy=email.policy.default)
            for a in m.iter_attachments():
                print(a.get_filename(), a.get_content_type(), hashlib.sha256(a.get_payload(decode=True)).hexdigest())
            """, arrived.Data);
        Assert.True(code == 0, output);
        static string Sha(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        Assert.Equal($"in.bin application/octet-stream {Sha(received)}\ngrüße.txt text/plain {Sha(own)}", output.Trim());
        var stored = (await Api.GetAsync($"/v1/messages/{sent.Data["id"]}")).Data;
        var ids = JsonAssert.TextsOf(stored["attachments"]);
        Assert.Equal(2, ids.Count);
        var url = (string)(await Api.GetAsync($"/v1/attachments/{ids[1]}/url")).Expect(200).Data["url"]!;
        Assert.Equal(own, (await ApiClient.DownloadAsync(url)).Expect(200).Bytes);
    }

    [Fact]
    public async Task A_large_attachment_arrives_whole()
    {
        var inbox = await Api.NewInboxAsync();
        var to = NewAddress();
        var content = System.Security.Cryptography.RandomNumberGenerator.GetBytes(1_500_000);
        var sent = (await Api.PostAsync(Send, new { to, subject = "s", text = "t", inbox_id = inbox.Id, attachments = new[] { new { filename = "l.bin", content = Convert.ToBase64String(content) } } })).Expect(202);
        var arrived = await Server.Sink.WaitForAsync(to);
        Assert.True(arrived.Data.Length > 2_000_000, $"{arrived.Data.Length} bytes arrived");
        Assert.Equal(arrived.Data, (await Api.GetAsync($"/v1/messages/{sent.Data["id"]}/raw")).Expect(200).Bytes);
    }

    private static async Task<(int Code, string Output)> PythonAsync(string script, byte[] message, params (string, string)[] variables)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, message);
            // Debian's python, which has Debian's python3-dkim.
            return await Shell.RunAsync("/usr/bin/python3 -c \"$SCRIPT\"", [("SCRIPT", script), ("FILE", file), ("PYTHONIOENCODING", "utf-8"), .. variables]);
        }
        finally
        {
            File.Delete(file);
        }
    }
}

public sealed class SqliteSendTests(SqliteEngine engine) : SendTests(engine);

public sealed class PostgresSendTests(PostgresEngine engine) : SendTests(engine);
