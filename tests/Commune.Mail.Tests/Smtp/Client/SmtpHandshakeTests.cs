using System.Net;
using System.Net.Sockets;
using Commune.Mail.Smtp.Client;
using Commune.Peers;

namespace Commune.Mail.Tests.Smtp.Client;

public sealed class SmtpHandshakeTests : SmtpClientFixture
{
    [Fact]
    public async Task Capabilities_come_from_EHLO()
    {
        Mx.OffersSize = 1234;
        await using var connection = await ConnectAsync();
        Assert.True(connection.Capabilities is { Extended: true, Pipelining: true, EightBitMime: true, SmtpUtf8: true, MaxMessageBytes: 1234 });
        Assert.Null(connection.TlsProtocol);
        Assert.Equal("EHLO client.example", Mx.Commands[1].Line);
    }

    [Fact]
    public async Task A_server_without_EHLO_is_greeted_with_HELO()
    {
        Mx.OffersEhlo = false;
        await using var connection = await ConnectAsync();
        Assert.False(connection.Capabilities.Extended);
        Assert.Equal("HELO client.example", Mx.Commands[2].Line);
        Assert.Equal("Accepted", Outcomes(await SendAsync(connection, "a@example.net")));
        Assert.Equal("", Mx.Messages[0].MailParameters);
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_is_a_temporary_failure_to_connect()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var endPoint = (IPEndPoint)closed.LocalEndpoint;
        closed.Stop();
        var failed = await FailAsync(Settings with { EndPoint = endPoint });
        Assert.Equal(SmtpStage.Connect, failed.Stage);
        Assert.True(failed.IsTemporary);
        Assert.Contains("refused", failed.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("554 5.7.1 Go away", false, 554, "5.7.1")]
    [InlineData("421 4.3.2 Busy", true, 421, "4.3.2")]
    [InlineData("450 Later", true, 450, null)]
    [InlineData("250 What", true, 250, null)]
    public async Task A_greeting_that_is_not_220_is_a_failure(string greeting, bool isTemporary, int code, string? enhanced)
    {
        Mx.On("CONNECT", greeting);
        var failed = await FailAsync();
        Assert.Equal((SmtpStage.Greeting, isTemporary, code, enhanced), (failed.Stage, failed.IsTemporary, failed.Code, failed.EnhancedCode));
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n")]
    [InlineData("220-half")]
    [InlineData("")]
    [InlineData("220-one\r\n550 two\r\n")]
    public async Task A_greeting_that_is_not_SMTP_is_a_temporary_failure(string octets)
    {
        Mx.On("CONNECT", FakeMxAction.Write(octets).ThenDrop());
        var failed = await FailAsync();
        Assert.Equal(SmtpStage.Greeting, failed.Stage);
        Assert.True(failed.IsTemporary);
        Assert.Null(failed.Code);
    }

    [Fact]
    public async Task A_reply_line_without_end_is_given_up()
    {
        Mx.On("CONNECT", FakeMxAction.Write("220 " + new string('x', 100_000)));
        Assert.Contains("not SMTP", (await FailAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_before_the_greeting_ends_after_the_greeting_timeout()
    {
        Mx.On("CONNECT", FakeMxAction.Silence);
        var connecting = TryConnectAsync();
        await Time.TimerArmedAsync(Settings.GreetingTimeout);
        Time.Advance(Settings.GreetingTimeout);
        var failed = Assert.IsType<SmtpConnectResult.Failed>(await connecting);
        Assert.Equal(SmtpStage.Greeting, failed.Stage);
        Assert.Contains("within 301 seconds", failed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_for_the_greeting()
    {
        Mx.On("CONNECT", FakeMxAction.Silence);
        using var cancel = new CancellationTokenSource();
        var connecting = SmtpClientConnection.ConnectAsync(Settings, Time, cancel.Token);
        await Time.TimerArmedAsync(Settings.GreetingTimeout);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    [Fact]
    public async Task A_temporary_refusal_of_EHLO_is_not_answered_with_HELO()
    {
        Mx.On("EHLO", "451 4.3.0 Later");
        var failed = await FailAsync();
        Assert.Equal((SmtpStage.Hello, true), (failed.Stage, failed.IsTemporary));
        Assert.DoesNotContain(Mx.Commands, c => c.Verb == "HELO");
    }

    [Fact]
    public async Task A_permanent_refusal_of_HELO_too_is_permanent()
    {
        Mx.On("EHLO", "550 No");
        Mx.On("HELO", "550 5.7.1 Never");
        var failed = await FailAsync();
        Assert.Equal((SmtpStage.Hello, false, 550), (failed.Stage, failed.IsTemporary, failed.Code));
    }
}
