using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Interop;

/// <summary>DKIM with python3-dkim and OpenDKIM: each side signs, the other one verifies, and the keys come from a name server.</summary>
public sealed class DkimToolTests(SqliteEngine engine) : ServerTests(engine)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Dkimverify_accepts_both_our_signatures(int index)
    {
        var program = Machine.Program("dkimverify", "python3-dkim");
        using var folder = new WorkFolder();
        var file = folder.Write("sent.eml", await SentAsync());
        var output = await PythonProgram.RunAsync(Server.Dns, $"{program} --index {index} < $FILE", ("FILE", file));
        Assert.Equal("signature ok", output.Trim());
    }

    [Fact]
    public async Task Dkimverify_refuses_our_signature_on_a_changed_message()
    {
        var program = Machine.Program("dkimverify", "python3-dkim");
        using var folder = new WorkFolder();
        var changed = Encoding.UTF8.GetString(await SentAsync()).Replace("ten apples", "two apples", StringComparison.Ordinal);
        var output = await PythonProgram.RunAsync(Server.Dns, $"! {program} < $FILE", ("FILE", folder.Write("sent.eml", changed)));
        Assert.Contains("body hash mismatch", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opendkim_accepts_both_our_signatures_and_refuses_them_on_a_changed_message()
    {
        var program = Machine.Program("opendkim", "opendkim");
        using var folder = new WorkFolder();
        var sent = await SentAsync();
        var file = folder.Write("sent.eml", sent);
        var settings = OpenDkim.WriteSettings(folder, Server.Dns, "Mode v\nSyslog no\n");
        var output = await Shell.SucceedAsync($"{program} -x $CONF -vv -t $FILE", ("CONF", settings), ("FILE", file));
        Assert.Equal(2, Regex.Count(output, "\\bdkim=pass\\b"));

        folder.Write("sent.eml", Encoding.UTF8.GetString(sent).Replace("ten apples", "two apples", StringComparison.Ordinal));
        output = await Shell.SucceedAsync($"{program} -x $CONF -vv -t $FILE || true", ("CONF", settings), ("FILE", file));
        Assert.DoesNotContain("dkim=pass", output, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(output, "\\bdkim=fail\\b"));
    }

    [Theory]
    [InlineData("rsa", "relaxed", "simple")]
    [InlineData("rsa", "simple", "relaxed")]
    [InlineData("ed25519", "relaxed", "relaxed")]
    public async Task We_accept_what_dkimsign_signs(string type, string headers, string body)
    {
        var program = Machine.Program("dkimsign", "python3-dkim");
        using var folder = new WorkFolder();
        var domain = NewName();
        await Shell.SucceedAsync($"cd $DIR && {Machine.Program("dknewkey", "python3-dkim")} --ktype {type} sel", ("DIR", folder.Path));
        Server.Dns.Txt($"sel._domainkey.{domain}", (await File.ReadAllTextAsync(folder["sel.dns"])).Trim());
        var inbox = await Api.NewInboxAsync();
        var letter = folder.Write("letter.eml", Letter.Plain($"ada@{domain}", inbox.Address, "Signed there", "Grüße,\n\n.Ada  \n\n"));
        await Shell.SucceedAsync(
            $"{program} --hcanon {headers} --bcanon {body} --signalg {type}-sha256 sel {domain} $KEY < $FILE > $OUT",
            ("KEY", folder["sel.key"]), ("FILE", letter), ("OUT", folder["signed.eml"]));
        await AssertAcceptedAsync(inbox, domain, folder["signed.eml"]);
    }

    private static string NewName() => $"s{Guid.NewGuid():N}"[..14] + ".example";

    private async Task AssertAcceptedAsync(InboxHandle inbox, string domain, string file)
    {
        await ReceiveAsync($"ada@{domain}", inbox.Address, await File.ReadAllBytesAsync(file));
        var authentication = (await Api.OnlyMessageAsync(inbox))["metadata"]!["authentication"]!;
        var dkim = Assert.Single(authentication["dkim"]!.AsArray())!;
        Assert.True((string)dkim["result"]! == "pass", (string?)dkim["reason"]);
        Assert.Equal((domain, "sel"), ((string)dkim["domain"]!, (string)dkim["selector"]!));
    }

    /// <summary>A mail as a remote host gets it from a domain with both signatures.</summary>
    private async Task<byte[]> SentAsync()
    {
        var domain = (await Api.PostAsync("/v1/domains", new { name = NewName() })).Expect(201).Data;
        var path = "/v1/domains/" + domain["id"];
        domain = (await Api.PatchAsync(path, new { dkim_ed25519 = true })).Expect(200).Data;
        foreach (var record in domain["records"]!.AsArray().Select(static r => r!.AsObject()))
        {
            if ((string)record["type"]! == "MX")
                Server.Dns.Mx((string)record["name"]!, 10, (string)record["value"]!);
            else
                Server.Dns.Txt((string)record["name"]!, (string)record["value"]!);
        }
        Assert.Equal("verified", (string)(await Api.PostAsync(path + "/verify")).Expect(200).Data["status"]!);

        var inbox = (await Api.PostAsync("/v1/inboxes", new { local_part = "agent", name = "Ågent", domain_id = (string)domain["id"]! })).Expect(201).Data;
        var to = "user@" + Server.NewRemoteDomain();
        var files = new JsonArray(new JsonObject { ["filename"] = "naïve.txt", ["content"] = Convert.ToBase64String("Zeile\n.\n"u8), ["mime_type"] = "text/plain" });
        (await Api.PostAsync("/v1/messages/send", new
        {
            to,
            subject = "Für dich: " + new string('x', 200),
            text = "I send ten apples.\n.\n" + new string('y', 2000) + "  \n\n\n",
            html = "<p>I send ten apples.</p>",
            attachments = files,
            inbox_id = (string)inbox["id"]!,
        })).Expect(202);
        return (await Server.Sink.WaitForAsync(to)).Data;
    }
}
