using System.Text;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Interop;

/// <summary>Mail to and from a Postfix with OpenDKIM, under TLS both ways. No database is concerned: one engine will do.</summary>
public sealed class PostfixTests(PostfixNeighbour neighbour) : IClassFixture<PostfixNeighbour>, IAsyncLifetime
{
    private ApiClient Api => neighbour.Api;

    public async ValueTask InitializeAsync() => await neighbour.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Postfix_relays_to_us_under_TLS_what_it_has_signed_and_we_find_it_authentic()
    {
        var inbox = await Api.NewInboxAsync();
        await GiveToPostfixAsync($"ada@{Postfix.Domain}", inbox.Address, "Grüße\n.\n..\nEnde", "Über Postfix");
        var message = Assert.Single(await Api.WaitForMessagesAsync(inbox, 1));
        Assert.Equal("Über Postfix", (string)message["subject"]!);
        Assert.Equal("Grüße\n.\n..\nEnde", ((string)message["content"]!).ReplaceLineEndings("\n").TrimEnd());

        var authentication = message["metadata"]!["authentication"]!;
        var dkim = Assert.Single(authentication["dkim"]!.AsArray())!;
        Assert.Equal(("pass", Postfix.Domain, "od"), ((string)dkim["result"]!, (string)dkim["domain"]!, (string)dkim["selector"]!));
        Assert.Equal("pass", (string)authentication["spf"]!["result"]!);
        Assert.Equal("pass", (string)authentication["dmarc"]!["result"]!);
        var trace = Letter.HeadersOf(Encoding.UTF8.GetString(await Api.RawAsync(message)), "Received");
        Assert.StartsWith($"from mx.{Postfix.Domain}", trace[0], StringComparison.Ordinal);
        Assert.Contains("with ESMTPS", trace[0], StringComparison.Ordinal);
        Assert.Contains("TLS connection established to 127.0.0.1", await neighbour.Postfix.LogAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Postfix_is_refused_an_address_that_does_not_exist_and_bounces()
    {
        var inbox = await Api.NewInboxAsync();
        var gone = $"{ApiClient.NewLocalPart()}@{SharedServer.SharedDomain}";
        await GiveToPostfixAsync(inbox.Address, gone, "Hello", "To nobody");
        var bounce = Assert.Single(await Api.WaitForMessagesAsync(inbox, 1));
        Assert.Contains("550 5.1.1", (string)bounce["content"]!, StringComparison.Ordinal);
        Assert.Contains(gone, (string)bounce["content"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Postfix_receives_from_us_as_an_MX_under_TLS_and_both_signatures_are_good_there()
    {
        var inbox = await Api.NewInboxAsync(name: "Ågent");
        var box = NewBox();
        var text = "Guten Tag,\n.\n..zwei\n" + new string('z', 3000) + "\nEnde";
        var id = await SendAsync(Api, inbox, box, text);
        await Api.WaitForStatusAsync(id, "delivered");

        var mail = Assert.Single(await neighbour.Postfix.MailToAsync(box));
        var trace = Letter.HeaderOf(mail, "Received")!;
        Assert.StartsWith("from mail.commune.test", trace, StringComparison.Ordinal);
        Assert.Contains("using TLSv1.3", trace, StringComparison.Ordinal);
        Assert.Contains("with ESMTPS", trace, StringComparison.Ordinal);
        Assert.Equal(2, Letter.HeadersOf(mail, "DKIM-Signature").Count);
        await AssertSignedAsync(mail, signatures: 2);
    }

    [Fact]
    public async Task A_message_that_Postfix_greylists_is_delivered_once_later()
    {
        var inbox = await Api.NewInboxAsync();
        var box = NewBox("grey");
        var id = await SendAsync(Api, inbox, box, "Let me in");
        await Api.WaitForStatusAsync(id, "delivered");
        Assert.Single(await neighbour.Postfix.MailToAsync(box));
        Assert.Contains("Recipient address rejected: Greylisted, come again; from=", await LogOfAsync(box), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mailbox_that_Postfix_does_not_know_bounces_with_its_words()
    {
        var inbox = await Api.NewInboxAsync();
        var id = await SendAsync(Api, inbox, NewBox("nobody"), "Is anybody there?");
        var bounced = await Api.WaitForStatusAsync(id, "bounced");
        Assert.Contains("User unknown in virtual mailbox table", (string)bounced["metadata"]!["delivery_data"]!["bounce_reason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_message_reaches_Postfix_whole()
    {
        var inbox = await Api.NewInboxAsync();
        var box = NewBox();
        var bytes = new byte[6_000_000];
        new Random(7).NextBytes(bytes);
        var id = (string)(await Api.PostAsync("/v1/messages/send", new
        {
            to = $"{box}@{Postfix.Domain}",
            subject = "Large",
            text = "See the file",
            attachments = new[] { new { filename = "data.bin", content = Convert.ToBase64String(bytes), mime_type = "application/octet-stream" } },
            inbox_id = inbox.Id,
        })).Expect(202).Data["id"]!;
        await Api.WaitForStatusAsync(id, "delivered");
        var mail = Assert.Single(await neighbour.Postfix.MailToAsync(box));
        await AssertSignedAsync(mail, signatures: 2);
        Assert.Contains(Convert.ToBase64String(bytes.AsSpan(^57..)), mail.ReplaceLineEndings(""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Postfix_as_our_relay_takes_all_mail_under_TLS()
    {
        var (program, api) = await neighbour.StartRelayingAsync();
        await using (program)
        {
            var inbox = await api.NewInboxAsync();
            var (one, two) = (NewBox(), NewBox("grey"));
            var sent = (await api.PostAsync("/v1/messages/send", new { to = new[] { $"{one}@{Postfix.Domain}", $"{two}@{Postfix.Domain}" }, subject = "s", text = "t", inbox_id = inbox.Id })).Expect(202);
            await api.WaitForStatusAsync((string)sent.Data["id"]!, "delivered");
            Assert.Contains("using TLSv1.3", Assert.Single(await neighbour.Postfix.MailToAsync(one)), StringComparison.Ordinal);
            Assert.Single(await neighbour.Postfix.MailToAsync(two));
        }
    }

    /// <summary>What Postfix delivered still carries signatures that hold, as python3-dkim sees it.</summary>
    private async Task AssertSignedAsync(string mail, int signatures)
    {
        using var folder = new WorkFolder();
        var file = folder.Write("mail.eml", Encoding.UTF8.GetBytes(mail));
        for (var i = 0; i < signatures; i++)
            Assert.Equal("signature ok", (await PythonProgram.RunAsync(neighbour.Dns, $"/usr/bin/dkimverify --index {i} < $FILE", ("FILE", file))).Trim());
    }

    private static string NewBox(string kind = "box") => kind + Guid.NewGuid().ToString("N")[..10];

    /// <returns>The id of the message.</returns>
    private static async Task<string> SendAsync(ApiClient api, InboxHandle inbox, string box, string text) => (string)(await api.PostAsync(
        "/v1/messages/send", new { to = $"{box}@{Postfix.Domain}", subject = "Für Postfix", text, inbox_id = inbox.Id })).Expect(202).Data["id"]!;

    private async Task<string> LogOfAsync(string box) =>
        string.Join('\n', (await neighbour.Postfix.LogAsync()).Split('\n').Where(line => line.Contains(box, StringComparison.Ordinal)));

    private async Task GiveToPostfixAsync(string from, string to, string text, string subject)
    {
        await using var talk = await SmtpTalk.GreetAsync(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, neighbour.Postfix.Port));
        await talk.StartTlsAsync();
        (await talk.CommandAsync("EHLO client.example")).Expect(250);
        var encoded = $"=?utf-8?b?{Convert.ToBase64String(Encoding.UTF8.GetBytes(subject))}?=";
        (await talk.MailAsync(from, [to], Letter.Plain(from, to, encoded, text))).Expect(250);
    }
}
