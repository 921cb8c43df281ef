using Commune.Peers;

namespace Commune.Server.Tests.Outbound;

/// <summary>Whatever a mail host says or does: nobody is lost, nobody gets it twice, except where the host took it and its reply was lost.</summary>
public sealed class UnreliableHostTests
{
    private static readonly string[] Final = ["delivered", "bounced", "failed"];

    private static readonly int[] Codes =
    [
        199, 211, 214, 220, 221, 235, 250, 251, 252, 299, 334, 354, 399, 421, 432, 450, 451, 452, 454, 455, 471, 499,
        500, 501, 502, 503, 504, 521, 523, 530, 535, 541, 550, 551, 552, 553, 554, 555, 556, 599,
    ];

    [Theory]
    [InlineData("CONNECT", true)]
    [InlineData("EHLO", true)]
    [InlineData("MAIL", true)]
    [InlineData("MAIL", false)]
    [InlineData("RCPT", true)]
    [InlineData("RCPT", false)]
    [InlineData("DATA", true)]
    [InlineData("DATA", false)]
    [InlineData("CONTENT", true)]
    [InlineData("QUIT", true)]
    public async Task Any_reply_at_any_verb_ends_in_one_final_state_and_no_double(string verb, bool pipelining)
    {
        await using var mx = new FakeMx { OffersPipelining = pipelining };
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        foreach (var code in Codes)
        {
            mx.On(verb, $"{code} 4.0.0 what the script says", times: 1);
            // Addresses of their own: one that was refused for good is not written to again.
            var mail = await rig.SendAsync($"one{code}@far.example", $"two{code}@far.example");
            await rig.RunToEndAsync();
            await rig.CloseIdleAsync();
            foreach (var recipient in await rig.RecipientsAsync(mail))
            {
                Assert.True(Final.Contains(recipient.Status, StringComparer.Ordinal), $"{code} to {verb}: {recipient}");
                var copies = mx.Messages.Count(m => m.Text.Contains(mail.SmtpMessageId, StringComparison.Ordinal) && m.Recipients.Contains(recipient.Address, StringComparer.Ordinal));
                Assert.True(copies == (recipient.Status == "delivered" ? 1 : 0), $"{code} to {verb}: {recipient}, {copies} copies");
            }
            Assert.NotEmpty(await rig.AttemptsAsync(mail));
            // Whoever is greeted once more should find a host that behaves.
            mx.Behave();
            rig.Time.Advance(TimeSpan.FromHours(1));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_is_cut_at_any_octet_of_the_host_loses_nobody(bool pipelining)
    {
        await using var mx = new FakeMx { OffersPipelining = pipelining };
        var doubles = 0;
        for (var octets = 0; ; octets += 2)
        {
            await using var proxy = new CuttingProxy(mx.EndPoint, fromServer: octets);
            var copies = await CopiesThroughAsync(mx, proxy);
            if (proxy.Connections == 1)
                break;
            doubles += copies - 1;
        }
        // Only where the reply to the final dot was cut: the host has the message, and we cannot know.
        Assert.InRange(doubles, 0, "250 2.0.0 Queued\r\n".Length / 2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_is_cut_at_any_octet_of_ours_loses_and_doubles_nobody(bool pipelining)
    {
        await using var mx = new FakeMx { OffersPipelining = pipelining };
        var doubles = 0;
        for (var octets = 0; ; octets += 2)
        {
            await using var proxy = new CuttingProxy(mx.EndPoint, fromClient: octets);
            var copies = await CopiesThroughAsync(mx, proxy);
            if (proxy.Connections == 1)
                break;
            doubles += copies - 1;
        }
        // Only where the very last octet went through and nothing came back.
        Assert.InRange(doubles, 0, 1);
    }

    private static async Task<int> CopiesThroughAsync(FakeMx mx, CuttingProxy proxy)
    {
        await using var rig = await DeliveryRig.ToAsync(proxy.Port);
        var before = mx.Messages.Count;
        var mail = await rig.SendAsync("one@far.example");
        await rig.RunToEndAsync();
        Assert.Equal("delivered", await rig.StatusAsync(mail));
        var copies = mx.Messages.Count - before;
        Assert.InRange(copies, 1, 2);
        return copies;
    }

    [Theory]
    [InlineData("CONNECT")]
    [InlineData("EHLO")]
    [InlineData("MAIL")]
    [InlineData("RCPT")]
    [InlineData("DATA")]
    [InlineData("CONTENT")]
    public async Task A_host_that_says_no_more_costs_its_time_limit_and_nothing_else(string verb)
    {
        await using var mx = new FakeMx();
        var isSilent = false;
        foreach (var each in (string[])["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "CONTENT"])
        {
            mx.On(each, command => command.Connection == 1 && (isSilent |= each == verb) ? FakeMxAction.Silence : FakeMxAction.Default);
        }
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        var mail = await rig.SendAsync("one@far.example");
        await rig.RunThroughSilenceAsync();
        Assert.Equal("deferred", await rig.StatusAsync(mail));
        await rig.RunToEndAsync();
        Assert.Equal("delivered", await rig.StatusAsync(mail));
        Assert.Single(mx.Messages);
    }

    [Fact]
    public async Task A_greylist_of_eight_hours_is_waited_out_without_hammering()
    {
        await using var mx = new FakeMx();
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        var open = rig.Time.GetUtcNow() + TimeSpan.FromHours(8);
        mx.On("RCPT", _ => rig.Time.GetUtcNow() < open ? FakeMxAction.Reply("451 4.7.1 Greylisted, come back later") : FakeMxAction.Default);
        var mail = await rig.SendAsync("one@far.example");
        await rig.RunToEndAsync();
        Assert.Equal("delivered", await rig.StatusAsync(mail));
        Assert.Single(mx.Messages);
        var attempts = await rig.AttemptsAsync(mail);
        Assert.InRange(attempts.Count, 5, 12);
        Assert.True(attempts[1].At - attempts[0].At <= 60_000, "The first retry comes early: most greylists open within minutes");
        Assert.All(attempts.SkipLast(1), static attempt => Assert.Equal(("deferred", 451), (attempt.Outcome, attempt.Code)));
    }

    [Fact]
    public async Task A_host_that_never_lets_us_in_is_given_up_after_four_days_with_its_last_answer()
    {
        await using var mx = new FakeMx();
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        mx.On("RCPT", "450 4.2.1 Mailbox busy");
        var begun = rig.Time.GetUtcNow();
        var mail = await rig.SendAsync("one@far.example");
        await rig.RunToEndAsync();
        var recipient = Assert.Single(await rig.RecipientsAsync(mail));
        Assert.Equal(("failed", "450 4.2.1 Mailbox busy"), (recipient.Status, recipient.LastDetail));
        Assert.InRange(rig.Time.GetUtcNow() - begun, TimeSpan.FromDays(3.6), TimeSpan.FromDays(4));
    }

    [Theory]
    [InlineData("CONNECT")]
    [InlineData("MAIL")]
    [InlineData("CONTENT")]
    public async Task A_storm_of_421_is_sat_out_and_everybody_gets_it_once(string verb)
    {
        const int Letters = 60;
        await using var mx = new FakeMx();
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        mx.On(verb, "421 4.3.2 Too busy", times: 100);
        var mails = new List<Storage.OutboundMail>();
        for (var i = 0; i < Letters; i++)
            mails.Add(await rig.SendAsync($"user{i}@far.example"));
        await rig.RunToEndAsync();
        foreach (var mail in mails)
            Assert.Equal("delivered", await rig.StatusAsync(mail));
        Assert.Equal(Letters, mx.Messages.Count);
        Assert.Equal(Letters, mx.Messages.SelectMany(static m => m.Recipients).Distinct(StringComparer.Ordinal).Count());
    }
}
