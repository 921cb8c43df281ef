using Commune.Mail.Smtp.Client;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Outbound;

namespace Commune.Server.Tests.Outbound;

public sealed class RelayTests
{
    [Theory]
    [InlineData("smtp://relay.example", "relay.example", 25, SmtpTlsMode.Opportunistic)]
    [InlineData("smtp://u:p@relay.example", "relay.example", 587, SmtpTlsMode.RequireVerified)]
    [InlineData("smtp://u:p@127.0.0.1:2525", "127.0.0.1", 2525, SmtpTlsMode.Opportunistic)]
    [InlineData("smtps://u:p@relay.example", "relay.example", 465, SmtpTlsMode.Implicit)]
    [InlineData("smtp://relay.example?tls=require", "relay.example", 25, SmtpTlsMode.RequireEncryption)]
    [InlineData("smtp://relay.example:26/?tls=verify", "relay.example", 26, SmtpTlsMode.RequireVerified)]
    [InlineData("smtp://relay.example?tls=none", "relay.example", 25, SmtpTlsMode.None)]
    public void A_relay_is_a_URL(string text, string host, int port, SmtpTlsMode tls)
    {
        var relay = Assert.Single(Relay.ParseList("Relay", text));
        Assert.Equal((host, port, tls), (relay.Host, relay.Port, relay.Tls));
    }

    [Theory]
    [InlineData("relay.example")]
    [InlineData("http://relay.example")]
    [InlineData("smtp://relay.example?tls=maybe")]
    [InlineData("smtp://relay.example,nonsense")]
    public void What_is_no_relay_is_refused_at_the_start(string text) =>
        Assert.Throws<SettingException>(() => Relay.ParseList("Relay", text));

    [Fact]
    public async Task A_login_is_given_and_a_wrong_one_does_not_bounce_the_mail()
    {
        await using var mx = new FakeMx { OffersAuth = "LOGIN", Password = "secret" };
        await using var right = await DeliveryRig.StartAsync(outbound => outbound.Relay = $"smtp://agent:secret@127.0.0.1:{mx.Port}");
        var mail = await right.SendAsync("one@far.example");
        await right.RunDueAsync();
        Assert.Equal("delivered", await right.StatusAsync(mail));
        Assert.Equal("agent", Assert.Single(mx.Messages).User);

        await using var wrong = await DeliveryRig.StartAsync(outbound => outbound.Relay = $"smtp://agent:guess@127.0.0.1:{mx.Port}");
        mail = await wrong.SendAsync("one@far.example");
        await wrong.RunDueAsync();
        Assert.Equal("deferred", await wrong.StatusAsync(mail));
    }

    [Fact]
    public async Task A_sending_domain_has_relays_of_its_own()
    {
        await using var own = new FakeMx();
        await using var general = new FakeMx();
        await using var rig = await DeliveryRig.StartAsync(outbound =>
        {
            outbound.Relay = $"smtp://127.0.0.1:{general.Port}";
            outbound.Relays[DeliveryRig.Domain] = $"smtp://127.0.0.1:{own.Port}";
        });
        var mail = await rig.SendAsync("one@far.example");
        await rig.RunDueAsync();
        Assert.Equal("delivered", await rig.StatusAsync(mail));
        Assert.Equal((1, 0), (own.Messages.Count, general.Messages.Count));
    }
}
