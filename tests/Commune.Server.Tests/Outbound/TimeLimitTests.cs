using System.Net;
using Commune.Mail.Smtp.Client;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Outbound;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Tests.Outbound;

/// <summary>How long one attempt may hold a place in the queue when hosts take connections and say nothing.</summary>
public sealed class TimeLimitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Greeting = TimeSpan.FromMinutes(1);
    private readonly ManualTimeProvider time = new();

    [Fact]
    public async Task A_host_that_has_not_greeted_after_a_minute_is_left()
    {
        await using var silent = Silent();
        await using var live = new FakeMx();
        var attempt = StartAsync(silent, live);
        await PassAsync(Greeting);
        Assert.Equal("delivered", Assert.Single(await attempt.WaitAsync(Patience)).Status);
        Assert.Single(live.Messages);
    }

    [Fact]
    public async Task After_two_minutes_of_silence_no_further_host_is_tried()
    {
        await using var first = Silent();
        await using var second = Silent();
        await using var third = new FakeMx();
        var attempt = StartAsync(first, second, third);
        await PassAsync(Greeting + TimeSpan.FromSeconds(1));
        await PassAsync(Greeting);

        Assert.Equal("deferred", Assert.Single(await attempt.WaitAsync(Patience)).Status);
        Assert.Equal(0, third.Connections);
    }

    [Fact]
    public async Task A_host_that_greets_by_an_octet_every_few_seconds_is_left_after_a_minute_all_the_same()
    {
        using var octets = new SemaphoreSlim(0);
        await using var slow = new FakeMx();
        slow.On("CONNECT", FakeMxAction.Trickle("220 mx.fake.test takes its time\r\n", () => octets.WaitAsync(CancellationToken.None)));
        await using var live = new FakeMx();
        var attempt = StartAsync(slow, live);
        await time.TimerArmedAsync(Greeting).WaitAsync(Patience);
        for (var passed = TimeSpan.Zero; passed < Greeting; passed += TimeSpan.FromSeconds(5))
        {
            octets.Release();
            time.Advance(TimeSpan.FromSeconds(5));
        }
        Assert.Equal("delivered", Assert.Single(await attempt.WaitAsync(Patience)).Status);
        Assert.Single(live.Messages);
    }

    private static FakeMx Silent()
    {
        var mx = new FakeMx();
        mx.On("CONNECT", FakeMxAction.Silence);
        return mx;
    }

    /// <summary>Waits until the greeting is waited for, and moves the clock.</summary>
    private async Task PassAsync(TimeSpan by)
    {
        await time.TimerArmedAsync(Greeting).WaitAsync(Patience);
        time.Advance(by);
    }

    private async Task<IReadOnlyList<RecipientOutcome>> StartAsync(params FakeMx[] hosts)
    {
        var message = "From: a@own.example\r\nSubject: s\r\n\r\nt\r\n"u8.ToArray();
        var envelope = new OutboundEnvelope("org_1", "msg_1", "i_1", "<1@own.example>", "a@own.example",
            new RawMessage(message, [], message.Length), time.UnixMilliseconds, ["user@far.test"]);
        var options = Options.Create(new CommuneOptions { HostName = "mail.own.example" });
        using var lines = new HostLines(options, RetrySchedule.From(options.Value.Outbound), new ConnectHost(options, time), time);
        var attempt = await new RemoteAttempt(lines, time).RunAsync(
            envelope, message, [.. hosts.Select(static h => new MailHost(h.HostName, new IPEndPoint(IPAddress.Loopback, h.Port), SmtpTlsMode.None, null))], CancellationToken.None);
        if (attempt.Connection is { } connection)
            await connection.Smtp.QuitAsync(CancellationToken.None);
        return attempt.Outcomes;
    }
}
