using System.Text;
using Commune.Mail.Dkim;
using Commune.Mail.Tests.Dns;
using Commune.Peers;

namespace Commune.Mail.Tests.Dkim;

/// <summary>The message of RFC 8463 appendix A, with its two signatures.</summary>
public class Rfc8463Tests
{
    private const string Message =
        """
        DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
         d=football.example.com; i=@football.example.com;
         q=dns/txt; s=brisbane; t=1528637909; h=from : to :
         subject : date : message-id : from : subject : date;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
         b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
         Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
        DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
         d=football.example.com; i=@football.example.com;
         q=dns/txt; s=test; t=1528637909; h=from : to : subject :
         date : message-id : from : subject : date;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
         b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
         DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
         dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
        From: Joe SixPack <joe@football.example.com>
        To: Suzie Q <suzie@shopping.example.net>
        Subject: Is dinner ready?
        Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
        Message-ID: <20030712040037.46341.5F8J@football.example.com>

        Hi.

        We lost the game.  Are you hungry yet?

        Joe.

        """;

    private static readonly ZoneResolver Zone = new ZoneResolver()
        .Txt("brisbane._domainkey.football.example.com", "v=DKIM1; k=ed25519; ", "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
        .Txt(
            "test._domainkey.football.example.com",
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR",
            "iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC",
            "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3",
            "Ip3G+2kryOTIKT+l/K4w3QIDAQAB");

    [Fact]
    public async Task Both_signatures_pass()
    {
        var results = await VerifyAsync(Message);
        Assert.Equal([DkimVerdict.Pass, DkimVerdict.Pass], results.Select(r => r.Verdict));
        Assert.Equal(
            new DkimResult(DkimVerdict.Pass, "football.example.com", "brisbane", "@football.example.com", null, "ed25519-sha256", false, "/gCrinpc"),
            results[0]);
    }

    [Fact]
    public async Task Neither_passes_on_another_subject()
    {
        var results = await VerifyAsync(Message.Replace("dinner", "supper", StringComparison.Ordinal));
        Assert.Equal([DkimVerdict.Fail, DkimVerdict.Fail], results.Select(r => r.Verdict));
    }

    [Fact]
    public void The_public_key_is_that_of_the_secret_key_in_the_RFC()
    {
        using var key = DkimSigningKey.FromEd25519Seed("football.example.com", "brisbane", Convert.FromBase64String("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="));
        Assert.Equal("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", key.PublicRecord);
    }

    private static async Task<IReadOnlyList<DkimResult>> VerifyAsync(string message) =>
        await new DkimVerifier(Zone, new ManualTimeProvider(new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero)))
            .VerifyAsync(Encoding.ASCII.GetBytes(message.ReplaceLineEndings("\r\n")), CancellationToken.None);
}
