using System.Net;
using System.Net.Sockets;
using Commune.Peers;
using Commune.Storage;

namespace Commune.Server.Tests.Outbound;

/// <summary>Connections are used again, and a host that is away is left alone by everybody.</summary>
public sealed class HostLineTests
{
    private static async Task<List<OutboundMail>> SendManyAsync(DeliveryRig rig, int count)
    {
        var mails = new List<OutboundMail>();
        for (var i = 0; i < count; i++)
            mails.Add(await rig.SendAsync($"user{i}@far.example"));
        return mails;
    }

    private static async Task AssertAllAsync(DeliveryRig rig, IEnumerable<OutboundMail> mails, string status)
    {
        foreach (var mail in mails)
            Assert.Equal(status, await rig.StatusAsync(mail));
    }

    [Fact]
    public async Task Message_after_message_goes_over_one_connection_until_it_has_carried_its_share()
    {
        await using var mx = new FakeMx();
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        var mails = await SendManyAsync(rig, 150);
        await rig.RunDueAsync(atOnce: 1);
        await AssertAllAsync(rig, mails, "delivered");
        Assert.Equal((150, 2), (mx.Messages.Count, mx.Connections));
        Assert.Equal(1, mx.Commands.Count(static c => c.Verb == "QUIT"));
    }

    [Fact]
    public async Task No_more_connections_are_open_at_once_than_the_setting_says()
    {
        await using var mx = new FakeMx();
        await using var rig = await DeliveryRig.StartAsync(outbound =>
        {
            outbound.Relay = $"smtp://127.0.0.1:{mx.Port}";
            outbound.ConcurrencyPerDestination = 3;
        });
        var mails = await SendManyAsync(rig, 60);
        await rig.RunDueAsync();
        await AssertAllAsync(rig, mails, "delivered");
        Assert.InRange(mx.Connections, 1, 3);
    }

    [Fact]
    public async Task A_kept_connection_that_the_host_has_closed_is_no_failed_attempt()
    {
        await using var mx = new FakeMx();
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        await rig.SendAsync("first@far.example");
        await rig.RunDueAsync();
        mx.DropAll();
        var second = await rig.SendAsync("second@far.example");
        await rig.RunDueAsync();
        Assert.Equal("delivered", await rig.StatusAsync(second));
        Assert.Single(await rig.AttemptsAsync(second));
        Assert.Equal((2, 2), (mx.Messages.Count, mx.Connections));
    }

    [Fact]
    public async Task A_kept_connection_on_which_the_host_says_421_is_no_failed_attempt()
    {
        await using var mx = new FakeMx();
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        await rig.SendAsync("first@far.example");
        await rig.RunDueAsync();
        mx.On("MAIL", static c => c.Connection == 1 ? FakeMxAction.Reply("421 4.4.2 Enough over this connection").ThenDrop() : FakeMxAction.Default);
        var second = await rig.SendAsync("second@far.example");
        await rig.RunDueAsync();
        Assert.Equal("delivered", await rig.StatusAsync(second));
        Assert.Single(await rig.AttemptsAsync(second));
    }

    [Fact]
    public async Task After_a_refused_message_the_next_one_on_the_connection_begins_clean()
    {
        await using var mx = new FakeMx();
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        mx.OnRecipient("gone@far.example", "550 5.1.1 No such user");
        var gone = await rig.SendAsync("gone@far.example");
        await rig.RunDueAsync();
        var here = await rig.SendAsync("here@far.example");
        await rig.RunDueAsync();
        Assert.Equal(("bounced", "delivered"), (await rig.StatusAsync(gone), await rig.StatusAsync(here)));
        Assert.Equal("here@far.example", Assert.Single(Assert.Single(mx.Messages).Recipients));
        Assert.Equal(1, mx.Connections);
    }

    [Fact]
    public async Task Of_many_messages_for_a_dead_host_a_few_find_out_and_the_others_wait_untried()
    {
        await using var mx = new FakeMx();
        mx.On("CONNECT", FakeMxAction.Drop);
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        var mails = await SendManyAsync(rig, 200);
        await rig.RunDueAsync();
        // One for each connection that may be open at once: they were under way when the first of them failed.
        Assert.InRange(mx.Connections, 1, 20);
        await AssertAllAsync(rig, mails, "deferred");
        var untried = 0;
        foreach (var mail in mails)
            untried += (await rig.AttemptsAsync(mail)).Count == 0 ? 1 : 0;
        Assert.InRange(untried, 180, 199);

        // While it stays away one of them asks each time, and none of them is forgotten.
        var before = mx.Connections;
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        await rig.RunDueAsync();
        Assert.Equal(before + 1, mx.Connections);
        mx.Behave();
        await rig.RunToEndAsync();
        await AssertAllAsync(rig, mails, "delivered");
        Assert.Equal(200, mx.Messages.Count);
    }

    [Fact]
    public async Task What_waits_for_a_dead_host_untried_is_given_up_after_four_days_too()
    {
        await using var mx = new FakeMx();
        mx.On("CONNECT", FakeMxAction.Drop);
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        var mails = await SendManyAsync(rig, 50);
        await rig.RunToEndAsync();
        await AssertAllAsync(rig, mails, "failed");
    }

    [Fact]
    public async Task A_host_that_takes_only_two_connections_gets_all_its_mail_over_two()
    {
        await using var mx = new FakeMx();
        mx.On("CONNECT", static c => c.Connection > 2 ? FakeMxAction.Reply("421 4.7.0 Too many connections from you").ThenDrop() : FakeMxAction.Default);
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        await rig.SendAsync("warm@far.example");
        await rig.RunDueAsync();
        var mails = await SendManyAsync(rig, 60);
        await rig.RunDueAsync();
        await AssertAllAsync(rig, mails, "delivered");
        Assert.Equal(61, mx.Messages.Count);
    }

    [Fact]
    public async Task The_next_host_takes_what_the_first_did_not_and_the_dead_one_is_asked_once()
    {
        var dead = FreePort();
        await using var mx = new FakeMx();
        await using var rig = await DeliveryRig.StartAsync(outbound => outbound.Relay = $"smtp://127.0.0.1:{dead},smtp://127.0.0.1:{mx.Port}");
        var mails = await SendManyAsync(rig, 30);
        await rig.RunDueAsync(atOnce: 1);
        await AssertAllAsync(rig, mails, "delivered");
        Assert.Equal((30, 1), (mx.Messages.Count, mx.Connections));
    }

    [Fact]
    public async Task A_host_that_goes_away_in_the_middle_leaves_the_message_to_the_next_one()
    {
        await using var first = new FakeMx();
        await using var second = new FakeMx();
        first.On("RCPT", FakeMxAction.Drop);
        await using var rig = await DeliveryRig.StartAsync(outbound => outbound.Relay = $"smtp://127.0.0.1:{first.Port},smtp://127.0.0.1:{second.Port}");
        var mail = await rig.SendAsync("one@far.example");
        await rig.RunDueAsync();
        Assert.Equal("delivered", await rig.StatusAsync(mail));
        Assert.Single(second.Messages);
    }

    [Fact]
    public async Task Messages_follow_each_other_no_faster_than_the_setting_says()
    {
        await using var mx = new FakeMx();
        await using var rig = await DeliveryRig.StartAsync(outbound =>
        {
            outbound.Relay = $"smtp://127.0.0.1:{mx.Port}";
            outbound.MessagesPerSecondPerDestination = 0.1;
        });
        var mails = await SendManyAsync(rig, 10);
        await rig.RunDueAsync();
        Assert.Single(mx.Messages);
        var begun = rig.Time.GetUtcNow();
        await rig.RunToEndAsync();
        await AssertAllAsync(rig, mails, "delivered");
        Assert.True(rig.Time.GetUtcNow() - begun >= TimeSpan.FromSeconds(90), $"{rig.Time.GetUtcNow() - begun}");
    }

    [Fact]
    public async Task A_message_larger_than_the_host_takes_is_final_before_it_is_sent()
    {
        await using var mx = new FakeMx { OffersSize = 20 };
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        var mail = await rig.SendAsync("one@far.example");
        await rig.RunDueAsync();
        var recipient = Assert.Single(await rig.RecipientsAsync(mail));
        Assert.Equal("bounced", recipient.Status);
        Assert.Contains("5.3.4", recipient.LastDetail, StringComparison.Ordinal);
        Assert.DoesNotContain(mx.Commands, static c => c.Verb == "MAIL");
    }

    [Fact]
    public async Task An_address_beyond_ASCII_bounces_where_SMTPUTF8_is_not_offered()
    {
        await using var mx = new FakeMx { OffersSmtpUtf8 = false };
        await using var rig = await DeliveryRig.ToAsync(mx.Port);
        var mail = await rig.SendAsync("jürgen@far.example");
        await rig.RunDueAsync();
        var recipient = Assert.Single(await rig.RecipientsAsync(mail));
        Assert.Equal("bounced", recipient.Status);
        Assert.Contains("5.6.7", recipient.LastDetail, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
