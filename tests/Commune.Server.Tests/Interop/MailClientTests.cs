using System.Text;
using System.Text.Json.Nodes;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Interop;

/// <summary>swaks and msmtp hand us mail.</summary>
public sealed class MailClientTests(SqliteEngine engine) : ServerTests(engine)
{
    [Fact]
    public async Task Swaks_hands_over_mail_with_an_attachment_under_TLS()
    {
        Machine.Program("swaks", "swaks");
        using var folder = new WorkFolder();
        var picture = Enumerable.Range(0, 5000).Select(static i => (byte)(i * 7)).ToArray();
        var file = folder.Write("picture.png", picture);
        var inbox = await Api.NewInboxAsync();
        await Shell.SucceedAsync(
            "swaks --server 127.0.0.1 --port $PORT --tls --ehlo client.example --from ada@client.example --to $TO"
            + " --header 'Subject: With a picture' --body 'See the picture.' --attach-type image/png --attach @$FILE",
            Port, ("TO", inbox.Address), ("FILE", file));

        var message = await Api.OnlyMessageAsync(inbox);
        Assert.Equal("With a picture", (string)message["subject"]!);
        Assert.Equal("See the picture.", ((string)message["content"]!).Trim());
        Assert.StartsWith("from client.example", await TraceOfAsync(message), StringComparison.Ordinal);
        Assert.Contains("with ESMTPS", await TraceOfAsync(message), StringComparison.Ordinal);
        var attachment = Assert.Single(message["metadata"]!["attachment_ids"]!.AsArray());
        var link = (await Api.GetAsync($"/v1/attachments/{attachment}/url")).Expect(200).Data;
        Assert.Equal(picture, (await ApiClient.DownloadAsync((string)link["url"]!)).Expect(200).Bytes);
    }

    [Fact]
    public async Task Swaks_that_pipelines_without_TLS_reaches_two_inboxes_in_one_transaction()
    {
        Machine.Program("swaks", "swaks");
        var (one, two) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        await Shell.SucceedAsync(
            "swaks --server 127.0.0.1 --port $PORT --pipeline --from ada@client.example --to $TO --header 'Subject: To both' --body 'Hello'",
            Port, ("TO", $"{one.Address},{two.Address}"));
        Assert.Equal("To both", (string)(await Api.OnlyMessageAsync(one))["subject"]!);
        Assert.Contains("with ESMTP;", await TraceOfAsync(await Api.OnlyMessageAsync(two)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Swaks_is_told_of_an_address_that_does_not_exist()
    {
        Machine.Program("swaks", "swaks");
        var (code, output) = await Shell.RunAsync(
            "swaks --server 127.0.0.1 --port $PORT --from ada@client.example --to $TO", [Port, ("TO", $"{ApiClient.NewLocalPart()}@{SharedServer.SharedDomain}")]);
        // swaks(1), EXIT CODES: 24 is a transaction without a recipient.
        Assert.True(code == 24, output);
        Assert.Contains("550 5.1.1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Msmtp_hands_over_a_message_in_UTF_8_under_TLS()
    {
        Machine.Program("msmtp", "msmtp");
        using var folder = new WorkFolder();
        var inbox = await Api.NewInboxAsync();
        var text = "Grüße aus Köln.\n.\nEin Punkt allein, und ..zwei am Anfang.\n..Ende 🙂";
        var letter = folder.Write("letter.eml", Encoding.UTF8.GetString(Letter.Plain("ada@client.example", inbox.Address, "=?utf-8?q?Gr=C3=BC=C3=9Fe?=", text)));
        await Shell.SucceedAsync(
            "msmtp --file=/dev/null --host=127.0.0.1 --port=$PORT --domain=client.example --tls=on --tls-starttls=on --tls-certcheck=off"
            + " --from=ada@client.example -- $TO < $FILE",
            Port, ("TO", inbox.Address), ("FILE", letter));

        var message = await Api.OnlyMessageAsync(inbox);
        Assert.Equal("Grüße", (string)message["subject"]!);
        Assert.Equal(text, ((string)message["content"]!).ReplaceLineEndings("\n").TrimEnd());
        Assert.Contains("with ESMTPS", await TraceOfAsync(message), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Msmtp_that_trusts_only_our_certificate_reaches_us()
    {
        Machine.Program("msmtp", "msmtp");
        using var folder = new WorkFolder();
        var inbox = await Api.NewInboxAsync();
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        await talk.StartTlsAsync();
        var certificate = folder.Write("ours.pem", talk.Certificate!.ExportCertificatePem());
        var letter = folder.Write("letter.eml", Encoding.UTF8.GetString(Letter.Plain("ada@client.example", inbox.Address, "Verified", "Hello")));
        // It is its own authority, and names our host.
        await Shell.SucceedAsync(
            "msmtp --file=/dev/null --host=127.0.0.1 --tls-host-override=mail.commune.test --port=$PORT --tls=on --tls-starttls=on --tls-trust-file=$CERT"
            + " --from=ada@client.example -- $TO < $FILE",
            Port, ("CERT", certificate), ("TO", inbox.Address), ("FILE", letter));
        Assert.Equal("Verified", (string)(await Api.OnlyMessageAsync(inbox))["subject"]!);
    }

    private (string, string) Port => ("PORT", Server.Program.Smtp.Port.ToString());

    /// <summary>Our Received field.</summary>
    private async Task<string> TraceOfAsync(JsonObject message) =>
        Letter.HeadersOf(Encoding.UTF8.GetString(await Api.RawAsync(message)), "Received")[0];
}
