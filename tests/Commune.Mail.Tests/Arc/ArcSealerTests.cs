using System.Text;
using Commune.Mail.Arc;
using Commune.Mail.Dkim;
using Commune.Mail.Tests.Dkim;
using Commune.Mail.Tests.Dns;
using Commune.Peers;

namespace Commune.Mail.Tests.Arc;

public class ArcSealerTests
{
    private static readonly DkimSigningKey Key = DkimSigningKey.FromPem("example.org", "one", DkimSigningKey.Generate().PrivatePem);
    private static readonly byte[] Message = Encoding.ASCII.GetBytes(SignedMail.Message);

    [Fact]
    public async Task A_chain_of_fifty_passes_and_takes_no_more()
    {
        var message = Message;
        for (var i = 1; i <= 50; i++)
            message = Seal(message, i == 1 ? ArcVerdict.None : ArcVerdict.Pass);
        var result = await VerifyAsync(message);
        Assert.Equal((ArcVerdict.Pass, 50), (result.Verdict, result.Sets.Count));
        Assert.Equal(message, Seal(message, ArcVerdict.Pass));
    }

    [Fact]
    public async Task A_set_says_who_sealed_what()
    {
        var set = Assert.Single((await VerifyAsync(Seal(Message, ArcVerdict.None))).Sets);
        Assert.Equal(new ArcSet(1, "example.org", "one", "none", "mx.example.org; spf=pass smtp.mailfrom=a@b"), set);
    }

    [Theory]
    [InlineData("this  is", "this was")]
    [InlineData("Subject: A test", "Subject: A jest")]
    [InlineData("spf=pass", "spf=fail")]
    [InlineData("i=1; s=one", "i=2; s=one")]
    public async Task A_sealed_message_that_was_changed_fails(string before, string after)
    {
        var message = Encoding.ASCII.GetString(Seal(Message, ArcVerdict.None)).Replace(before, after, StringComparison.Ordinal);
        Assert.Equal(ArcVerdict.Fail, (await VerifyAsync(Encoding.ASCII.GetBytes(message))).Verdict);
    }

    [Fact]
    public async Task A_key_that_cannot_be_fetched_fails_for_the_time_being()
    {
        var result = await VerifyAsync(Seal(Message, ArcVerdict.None), new ZoneResolver().Timeout("one._domainkey.example.org"));
        Assert.Equal((ArcVerdict.Fail, true), (result.Verdict, result.IsTemporary));
    }

    [Fact]
    public async Task A_chain_that_failed_is_sealed_as_such_once_and_stays_failed()
    {
        var message = Seal(Seal(Message, ArcVerdict.None), ArcVerdict.Fail);
        Assert.Equal(ArcVerdict.Fail, (await VerifyAsync(message)).Verdict);
        Assert.Equal(message, Seal(message, ArcVerdict.Pass));
    }

    [Fact]
    public async Task A_chain_cannot_be_begun_anew()
    {
        var result = await VerifyAsync(Seal(Seal(Message, ArcVerdict.None), ArcVerdict.None));
        Assert.Equal("fail", result.Sets[1].ChainValidation);
    }

    [Fact]
    public void Results_with_line_ends_stay_one_field()
    {
        var fields = Encoding.ASCII.GetString(ArcSealer.Seal(Message, Key, "mx.example.org", "spf=pass\r\nX-Forged: yes", ArcVerdict.None, SignedMail.Now));
        Assert.Equal(3, fields.Split("\r\n").Count(line => line.Length > 0 && line[0] is not ('\t' or ' ')));
    }

    [Fact]
    public async Task An_Ed25519_key_seals_too()
    {
        using var key = DkimSigningKey.FromEd25519Seed("example.org", "one", new byte[32]);
        byte[] message = [.. ArcSealer.Seal(Message, key, "mx.example.org", "spf=pass", ArcVerdict.None, SignedMail.Now), .. Message];
        Assert.Equal(ArcVerdict.Pass, (await VerifyAsync(message, SignedMail.Zone(key.PublicRecord))).Verdict);
    }

    private static byte[] Seal(byte[] message, ArcVerdict cv) =>
        [.. ArcSealer.Seal(message, Key, "mx.example.org", "spf=pass smtp.mailfrom=a@b", cv, SignedMail.Now), .. message];

    private static async Task<ArcResult> VerifyAsync(byte[] message, ZoneResolver? zone = null) =>
        await new ArcVerifier(zone ?? SignedMail.Zone(Key.PublicRecord), new ManualTimeProvider(SignedMail.Now)).VerifyAsync(message, CancellationToken.None);
}
