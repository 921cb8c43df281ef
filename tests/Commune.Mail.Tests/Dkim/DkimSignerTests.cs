using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Commune.Mail.Dkim;

namespace Commune.Mail.Tests.Dkim;

public class DkimSignerTests
{
    private const string Message =
        "From: Agent <agent@example.org>\r\nTo: you@example.net,\r\n\tthem@example.net\r\nSubject: Hello   there\r\n"
        + "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@example.org>\r\nX-Other: unsigned\r\n"
        + "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nFirst line \r\n\r\n.dot  line\r\n\r\n\r\n";

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly (string PrivatePem, string PublicRecordValue) KeyPair = DkimSigningKey.Generate();

    [Fact]
    public void The_field_has_every_tag_and_is_folded()
    {
        using var key = DkimSigningKey.FromPem("Bücher.Example", "s1", KeyPair.PrivatePem);
        var field = Sign(Message, key);
        Assert.StartsWith("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n", field, StringComparison.Ordinal);
        Assert.EndsWith("\r\n", field, StringComparison.Ordinal);
        var tags = Tags(field);
        Assert.Equal("xn--bcher-kva.example", tags["d"]);
        Assert.Equal("s1", tags["s"]);
        Assert.Equal("1767225600", tags["t"]);
        Assert.False(tags.ContainsKey("l"));
        Assert.All(field.Split("\r\n"), line => Assert.InRange(line.Length, 0, 78));
        Assert.All(field.Split("\r\n")[1..^1], line => Assert.StartsWith("\t", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Fields_that_are_present_are_signed_and_the_visible_ones_once_more_than_present()
    {
        using var key = DkimSigningKey.FromPem("example.org", "s1", KeyPair.PrivatePem);
        Assert.Equal(
            "From:From:To:To:Cc:Subject:Subject:Date:Date:Message-ID:Message-ID:Reply-To:MIME-Version:Content-Type",
            Tags(Sign(Message, key))["h"]);
    }

    [Fact]
    public void The_public_record_of_a_key_is_that_of_its_private_half()
    {
        using var key = DkimSigningKey.FromPem("example.org", "s1", KeyPair.PrivatePem);
        Assert.Equal(KeyPair.PublicRecordValue, key.PublicRecord);
        Assert.StartsWith("v=DKIM1; k=rsa; p=MII", key.PublicRecord, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.org; x=1", "s1")]
    [InlineData("example.org", "s\r\n1")]
    [InlineData("", "s1")]
    [InlineData("example.org", ".")]
    public void A_domain_or_selector_that_is_no_name_is_refused(string domain, string selector) =>
        Assert.Throws<ArgumentException>(() => DkimSigningKey.FromPem(domain, selector, KeyPair.PrivatePem));

    [Theory]
    [InlineData("nonsense")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    public void A_text_that_is_no_key_is_refused(string pem) =>
        Assert.Throws<ArgumentException>(() => DkimSigningKey.FromPem("example.org", "s1", pem));

    [Fact]
    public void A_public_key_alone_is_refused()
    {
        using var rsa = RSA.Create(2048);
        Assert.Throws<ArgumentException>(() => DkimSigningKey.FromPem("example.org", "s1", rsa.ExportSubjectPublicKeyInfoPem()));
    }

    [Fact]
    public void A_key_signs_for_many_threads_at_once()
    {
        using var key = DkimSigningKey.FromPem("example.org", "s1", KeyPair.PrivatePem);
        var expected = Sign(Message, key);
        // RSASSA-PKCS1-v1_5 is deterministic: any difference is damage.
        Parallel.For(0, 200, _ => Assert.Equal(expected, Sign(Message, key)));
    }

    [Fact]
    public void A_disposed_key_signs_no_more()
    {
        var key = DkimSigningKey.FromPem("example.org", "s1", KeyPair.PrivatePem);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Sign(Message, key));
    }

    [Theory]
    [InlineData(Message)]
    [InlineData("From: a@example.org\r\n\r\n")]
    [InlineData("From: a@example.org\r\n\r\n \r\n\t\r\n")]
    [InlineData("From: a@example.org\r\nSubject: twice\r\nSubject: over\r\nReferences: <1@a>\r\n <2@a>\r\n\r\nbody without an end")]
    [InlineData("from:a@example.org\r\nLIST-UNSUBSCRIBE: <https://example.org/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nSubject:   \r\n\r\na\t\tb \r\n")]
    public async Task An_independent_verifier_accepts_the_signature(string message)
    {
        using var key = DkimSigningKey.FromPem("example.org", "s1", KeyPair.PrivatePem);
        Assert.Equal("True", await VerifyAsync(Sign(message, key) + message, key.PublicRecord));
    }

    [Theory]
    [InlineData("Subject: Hello   there", "Subject: Goodbye")]
    [InlineData("First line", "Another line")]
    [InlineData("To: you@example.net", "Cc: more@example.net\r\nTo: you@example.net")]
    [InlineData("From: Agent", "From: mallory@example.com\r\nFrom: Agent")]
    [InlineData("Date: Thu", "Reply-To: mallory@example.com\r\nDate: Thu")]
    public async Task An_independent_verifier_refuses_a_message_that_was_changed(string before, string after)
    {
        using var key = DkimSigningKey.FromPem("example.org", "s1", KeyPair.PrivatePem);
        var changed = Message.Replace(before, after, StringComparison.Ordinal);
        Assert.NotEqual(Message, changed, StringComparer.Ordinal);
        Assert.Equal("False", await VerifyAsync(Sign(Message, key) + changed, key.PublicRecord));
    }

    [Theory]
    [InlineData(Message)]
    [InlineData("From: a@example.org\r\n\r\n")]
    public async Task An_independent_verifier_accepts_an_Ed25519_signature(string message)
    {
        Machine.Python("nacl");
        using var key = DkimSigningKey.FromPem("example.org", "s1", DkimSigningKey.GenerateEd25519().PrivatePem);
        var field = Sign(message, key);
        Assert.Contains("a=ed25519-sha256;", field, StringComparison.Ordinal);
        Assert.Equal("True", await VerifyAsync(field + message, key.PublicRecord));
        Assert.Equal("False", await VerifyAsync(field + message.Replace("From: ", "From: mallory", StringComparison.Ordinal), key.PublicRecord));
    }

    [Fact]
    public void A_disposed_Ed25519_key_signs_no_more()
    {
        var key = DkimSigningKey.FromEd25519Seed("example.org", "s1", new byte[32]);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Sign(Message, key));
    }

    [Fact]
    public void The_record_of_an_Ed25519_key_is_the_bare_key()
    {
        var (pem, record) = DkimSigningKey.GenerateEd25519();
        using var key = DkimSigningKey.FromPem("example.org", "s1", pem);
        Assert.Equal(record, key.PublicRecord);
        Assert.Equal(32, Convert.FromBase64String(record["v=DKIM1; k=ed25519; p=".Length..]).Length);
    }

    private static string Sign(string message, DkimSigningKey key) =>
        Encoding.ASCII.GetString(DkimSigner.Sign(Encoding.ASCII.GetBytes(message), key, Now));

    private static Dictionary<string, string> Tags(string field) => field["DKIM-Signature:".Length..]
        .Split(';')
        .Select(tag => tag.Split('=', 2))
        .ToDictionary(tag => tag[0].Trim(), tag => string.Concat(tag[1].Where(c => !char.IsWhiteSpace(c))), StringComparer.Ordinal);

    /// <summary>Asks dkimpy (Debian's python3-dkim), with the public key given in place of DNS.</summary>
    private static async Task<string> VerifyAsync(string message, string record)
    {
        var start = new ProcessStartInfo(Machine.Python("dkim"))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(
            "import sys, dkim\n"
            + "record = sys.argv[1].encode()\n"
            + "def dns(name, timeout=5):\n"
            + "    return record if name == b's1._domainkey.example.org.' else b''\n"
            + "print(dkim.verify(sys.stdin.buffer.read(), dnsfunc=dns))\n");
        start.ArgumentList.Add(record);
        using var process = Process.Start(start)!;
        await process.StandardInput.BaseStream.WriteAsync(Encoding.ASCII.GetBytes(message));
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var answer = (await process.StandardOutput.ReadToEndAsync()).Trim();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return answer;
    }
}
