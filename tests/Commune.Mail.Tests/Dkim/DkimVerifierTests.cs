using System.Security.Cryptography;
using Commune.Mail.Dkim;
using Commune.Mail.Tests.Dns;
using static Commune.Mail.Tests.Dkim.SignedMail;

namespace Commune.Mail.Tests.Dkim;

public class DkimVerifierTests
{
    [Fact]
    public async Task A_message_without_a_signature_has_no_results() => Assert.Empty(await VerifyAllAsync(Message));

    [Theory]
    [InlineData("relaxed/relaxed")]
    [InlineData("relaxed/simple")]
    [InlineData("simple/relaxed")]
    [InlineData("simple/simple")]
    [InlineData("relaxed")]
    [InlineData("simple")]
    public async Task Every_canonicalization_passes(string c) =>
        Assert.Equal(DkimVerdict.Pass, (await VerifyAsync(Sign(Tags.Replace("relaxed/relaxed", c, StringComparison.Ordinal)) + Message)).Verdict);

    [Fact]
    public async Task A_result_says_whose_signature_it_was()
    {
        var signature = Sign(Tags + "; i=kim=40sub.example.org; t=1700000000");
        var result = await VerifyAsync(signature + Message);
        Assert.Equal(
            (DkimVerdict.Pass, "example.org", "one", "kim@sub.example.org", "rsa-sha256", 8, true),
            (result.Verdict, result.Domain, result.Selector, result.Identity, result.Algorithm, result.HeaderB.Length, result.CoversWholeBody));
        Assert.Contains("b=" + result.HeaderB, signature, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("this  is", "this is not")]
    [InlineData("A test", "Another test")]
    [InlineData("From: Kim", "Subject: a third\r\nFrom: Kim")]
    [InlineData("Subject: A test\r\nSubject: Another", "Subject: Another\r\nSubject: A test")]
    public async Task A_message_that_was_changed_fails(string before, string after) =>
        Assert.Equal(DkimVerdict.Fail, (await VerifyAsync((Sign(Tags) + Message).Replace(before, after, StringComparison.Ordinal))).Verdict);

    [Theory]
    [InlineData("To: you", "X-Loop: yes\r\nTo: you")]
    [InlineData("this  is", "this   \tis")]
    [InlineData("Subject: A test", "SUBJECT:A  test ")]
    [InlineData("test. \r\n\r\n", "test.\r\n\r\n\r\n")]
    public async Task What_relaxed_canonicalization_forgives_passes(string before, string after) =>
        Assert.Equal(DkimVerdict.Pass, (await VerifyAsync((Sign(Tags) + Message).Replace(before, after, StringComparison.Ordinal))).Verdict);

    // RFC 6376 §6.1.1 and §3.5; each signature is right but for this.
    [Theory]
    [InlineData("v=1; ", "")]
    [InlineData("v=1", "v=2")]
    [InlineData("v=1; ", "v=1; v=1; ")]
    [InlineData("v=1; ", "v=1;; ")]
    [InlineData("v=1; ", "v=1; x; ")]
    [InlineData("v=1; ", "v=1; 1x=y; ")]
    [InlineData("d=example.org; ", "")]
    [InlineData("s=one; ", "")]
    [InlineData("h=from:", "h=")]
    [InlineData("h=from:", "h=from::")]
    [InlineData("relaxed/relaxed", "relaxed/nowsp")]
    [InlineData("v=1; ", "v=1; q=http; ")]
    [InlineData("v=1; ", "v=1; i=kim@example.com; ")]
    [InlineData("v=1; ", "v=1; i=kim@notexample.org; ")]
    [InlineData("v=1; ", "v=1; i=kim; ")]
    [InlineData("v=1; ", "v=1; t=yesterday; ")]
    [InlineData("v=1; ", "v=1; t=2000; x=1999; ")]
    [InlineData("v=1; ", "v=1; t=1000; x=1700000000; ")]
    [InlineData("v=1; ", "v=1; l=-1; ")]
    [InlineData("v=1; ", "v=1; l=1000; ")]
    public async Task A_signature_that_cannot_be_used_is_a_permerror(string before, string after) =>
        Assert.Equal(DkimVerdict.PermError, (await VerifyAsync(Sign(Tags.Replace(before, after, StringComparison.Ordinal)) + Message)).Verdict);

    [Theory]
    [InlineData("q=foo/bar:dns/txt; ")]
    [InlineData("z=From:whoever; unknown=x; ")]
    [InlineData("i=@example.org; ")]
    [InlineData("x=4000000000; t=1700000000; ")]
    [InlineData("d=example.org\r\n\t; ")]
    public async Task Tags_in_all_their_forms_pass(string tag) =>
        Assert.Equal(DkimVerdict.Pass, (await VerifyAsync(Sign(tag + (tag.StartsWith("d=", StringComparison.Ordinal) ? Tags.Replace("d=example.org; ", "", StringComparison.Ordinal) : Tags)) + Message)).Verdict);

    [Fact]
    public async Task A_signature_of_the_far_future_is_not_accepted() =>
        Assert.Equal(DkimVerdict.Policy, (await VerifyAsync(Sign($"{Tags}; t={Now.AddDays(2).ToUnixTimeSeconds()}") + Message)).Verdict);

    [Fact]
    public async Task Text_added_beyond_l_passes_and_is_told()
    {
        var signature = Sign(Tags + "; l=6");
        var result = await VerifyAsync(signature + Message.Replace("this  is", "buy pills", StringComparison.Ordinal));
        Assert.Equal((DkimVerdict.Pass, false), (result.Verdict, result.CoversWholeBody));
    }

    [Theory]
    [InlineData("v=DKIM1; {0}")]
    [InlineData("{0}")]
    [InlineData("k=rsa;{0};")]
    [InlineData("v=DKIM1; k=rsa; s=email; h=sha1:sha256; n=what=20not; t=x; {0}")]
    [InlineData(" v = DKIM1 ; s = other : * ; g=*; {0}")]
    public async Task Key_records_in_all_their_forms_are_taken(string record) =>
        Assert.Equal(DkimVerdict.Pass, (await VerifyAsync(Sign(Tags) + Message, Zone(string.Format(record, PublicKey)))).Verdict);

    [Theory]
    [InlineData("v=DKIM1; p=")]
    [InlineData("v=DKIM1; k=rsa")]
    [InlineData("v=DKIM2; {0}")]
    [InlineData("v=dkim1; {0}")]
    [InlineData("{0}; v=DKIM1")]
    [InlineData("v=DKIM1; k=ed25519; {0}")]
    [InlineData("v=DKIM1; k=dsa; {0}")]
    [InlineData("v=DKIM1; h=sha1; {0}")]
    [InlineData("v=DKIM1; s=chat; {0}")]
    [InlineData("v=DKIM1; p=MII!")]
    [InlineData("v=DKIM1; p=AAAA")]
    [InlineData("v=DKIM1; t; {0}")]
    [InlineData("")]
    [InlineData("v=spf1 -all")]
    public async Task A_key_record_that_is_not_for_this_is_a_permerror(string record) =>
        Assert.Equal(DkimVerdict.PermError, (await VerifyAsync(Sign(Tags) + Message, Zone(string.Format(record, PublicKey)))).Verdict);

    [Fact]
    public async Task A_strict_key_is_not_for_subdomains()
    {
        var zone = Zone("v=DKIM1; t=s:y; " + PublicKey);
        Assert.Equal(DkimVerdict.PermError, (await VerifyAsync(Sign(Tags + "; i=@sub.example.org") + Message, zone)).Verdict);
        var result = await VerifyAsync(Sign(Tags + "; i=@example.org") + Message, zone);
        Assert.Equal((DkimVerdict.Pass, true), (result.Verdict, result.IsTesting));
    }

    [Fact]
    public async Task A_stray_record_beside_the_key_does_no_harm()
    {
        var zone = Zone("v=spf1 -all").Txt("one._domainkey.example.org", "v=DKIM1; p=").Txt("one._domainkey.example.org", SignedMail.Record);
        Assert.Equal(DkimVerdict.Pass, (await VerifyAsync(Sign(Tags) + Message, zone)).Verdict);
    }

    [Fact]
    public async Task A_key_behind_a_CNAME_and_in_pieces_is_found()
    {
        var zone = new ZoneResolver().Cname("one._domainkey.example.org", "keys.example.net").Txt("keys.example.net", SignedMail.Record[..100], SignedMail.Record[100..]);
        Assert.Equal(DkimVerdict.Pass, (await VerifyAsync(Sign(Tags) + Message, zone)).Verdict);
    }

    [Fact]
    public async Task No_key_is_a_permerror_and_no_answer_a_temperror()
    {
        Assert.Equal(DkimVerdict.PermError, (await VerifyAsync(Sign(Tags) + Message, new ZoneResolver())).Verdict);
        Assert.Equal(DkimVerdict.TempError, (await VerifyAsync(Sign(Tags) + Message, new ZoneResolver().Timeout("one._domainkey.example.org"))).Verdict);
    }

    [Fact]
    public async Task A_key_under_1024_bits_is_a_matter_of_policy()
    {
        using var key = RSA.Create(512);
        var zone = Zone($"p={Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}");
        var message = Sign(Tags, key: key) + Message;
        Assert.Equal(DkimVerdict.Policy, (await VerifyAsync(message, zone)).Verdict);
        Assert.Equal(DkimVerdict.Pass, (await VerifyAsync(message, zone, new DkimVerifierSettings { MinimumRsaBits = 512 })).Verdict);
    }

    [Fact]
    public async Task Sha1_is_a_permerror_unless_allowed()
    {
        var message = Sign(Tags.Replace("sha256", "sha1", StringComparison.Ordinal)) + Message;
        Assert.Equal(DkimVerdict.PermError, (await VerifyAsync(message)).Verdict);
        Assert.Equal(DkimVerdict.Pass, (await VerifyAsync(message, settings: new DkimVerifierSettings { AllowSha1 = true })).Verdict);
    }

    [Fact]
    public async Task A_bare_RSA_public_key_is_taken_too()
    {
        using var key = RSA.Create(1024);
        var zone = Zone($"p={Convert.ToBase64String(key.ExportRSAPublicKey())}");
        Assert.Equal(DkimVerdict.Pass, (await VerifyAsync(Sign(Tags, key: key) + Message, zone)).Verdict);
    }

    [Fact]
    public async Task Each_signature_gets_its_own_verdict_and_only_so_many_are_looked_at()
    {
        var signatures = "DKIM-Signature: nonsense\r\n" + Sign(Tags) + Sign(Tags.Replace("s=one", "s=two", StringComparison.Ordinal));
        var results = await VerifyAllAsync(signatures + Message);
        Assert.Equal([DkimVerdict.PermError, DkimVerdict.Pass, DkimVerdict.PermError], results.Select(r => r.Verdict));
        var many = string.Concat(Enumerable.Repeat(Sign(Tags), 30));
        Assert.Equal(10, (await VerifyAllAsync(many + Message)).Count);
    }

    [Fact]
    public async Task Our_own_signatures_with_both_kinds_of_key_pass()
    {
        var octets = System.Text.Encoding.ASCII.GetBytes(Message);
        using var rsa = DkimSigningKey.FromPem("example.org", "one", DkimSigningKey.Generate().PrivatePem);
        using var ed25519 = DkimSigningKey.FromPem("example.org", "two", DkimSigningKey.GenerateEd25519().PrivatePem);
        var fields = System.Text.Encoding.ASCII.GetString([.. DkimSigner.Sign(octets, ed25519, Now), .. DkimSigner.Sign(octets, rsa, Now)]);
        var zone = Zone(rsa.PublicRecord).Txt("two._domainkey.example.org", ed25519.PublicRecord);
        Assert.Equal([DkimVerdict.Pass, DkimVerdict.Pass], (await VerifyAllAsync(fields + Message, zone)).Select(r => r.Verdict));
    }
}
