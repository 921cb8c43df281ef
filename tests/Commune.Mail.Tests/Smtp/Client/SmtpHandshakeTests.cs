using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
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

    [Fact]
    public async Task STARTTLS_is_used_when_it_is_offered_with_any_certificate()
    {
        Mx.OffersStartTls = true;
        await using var connection = await ConnectAsync();
        Assert.True(connection.TlsProtocol is SslProtocols.Tls12 or SslProtocols.Tls13);
        Assert.False(connection.IsTlsVerified);
        await SendAsync(connection, "a@example.net");
        Assert.True(Mx.Messages[0].IsTls);
        Assert.Equal("CONNECT EHLO STARTTLS TLS EHLO MAIL", string.Join(' ', Mx.Commands.Take(6).Select(c => c.Verb)));
    }

    [Fact]
    public async Task What_was_offered_in_clear_is_forgotten_after_STARTTLS()
    {
        Mx.OffersStartTls = true;
        Mx.On("EHLO", command =>
        {
            Mx.OffersPipelining = !command.IsTls;
            return FakeMxAction.Default;
        });
        await using var connection = await ConnectAsync();
        Assert.False(connection.Capabilities.Pipelining);
    }

    [Fact]
    public async Task STARTTLS_is_not_used_when_no_TLS_is_wanted()
    {
        Mx.OffersStartTls = true;
        await using var connection = await ConnectAsync(Settings with { Tls = SmtpTlsMode.None });
        Assert.Null(connection.TlsProtocol);
    }

    [Fact]
    public async Task A_refused_STARTTLS_leaves_an_opportunistic_connection_in_clear()
    {
        Mx.OffersStartTls = true;
        Mx.On("STARTTLS", "454 4.7.0 TLS not available");
        await using var connection = await ConnectAsync();
        Assert.Null(connection.TlsProtocol);
        Assert.Equal("Accepted", Outcomes(await SendAsync(connection, "a@example.net")));
    }

    [Theory]
    [InlineData(SmtpTlsMode.RequireEncryption)]
    [InlineData(SmtpTlsMode.RequireVerified)]
    public async Task Without_STARTTLS_a_connection_that_must_be_encrypted_fails(SmtpTlsMode mode)
    {
        var failed = await FailAsync(Settings with { Tls = mode });
        Assert.Equal((SmtpStage.Tls, true), (failed.Stage, failed.IsTemporary));
        Assert.DoesNotContain(Mx.Commands, c => c.Verb == "MAIL");
    }

    [Fact]
    public async Task A_refused_STARTTLS_fails_a_connection_that_must_be_encrypted()
    {
        Mx.OffersStartTls = true;
        Mx.On("STARTTLS", "502 5.5.1 Not now");
        var failed = await FailAsync(Settings with { Tls = SmtpTlsMode.RequireEncryption });
        Assert.Equal((SmtpStage.Tls, true, 502), (failed.Stage, failed.IsTemporary, failed.Code));
    }

    [Fact]
    public async Task A_handshake_that_fails_is_reported_as_such_to_be_tried_again_in_clear()
    {
        Mx.OffersStartTls = true;
        Mx.On("TLS", FakeMxAction.Write("this is not TLS\r\n").ThenDrop());
        var failed = await FailAsync();
        Assert.Equal((SmtpStage.Tls, true, null), (failed.Stage, failed.IsTemporary, failed.Code));
    }

    [Fact]
    public async Task A_handshake_that_never_ends_is_given_up()
    {
        Mx.OffersStartTls = true;
        var never = new TaskCompletionSource();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Mx.On("TLS", _ =>
        {
            reached.SetResult();
            return FakeMxAction.Default.After(never.Task);
        });
        var connecting = TryConnectAsync();
        await reached.Task;
        await Time.TimerArmedAsync(Settings.ConnectTimeout);
        Time.Advance(Settings.ConnectTimeout);
        Assert.Equal(SmtpStage.Tls, Assert.IsType<SmtpConnectResult.Failed>(await connecting).Stage);
    }

    [Fact]
    public async Task Replies_smuggled_in_behind_the_STARTTLS_reply_are_refused()
    {
        Mx.OffersStartTls = true;
        Mx.On("STARTTLS", FakeMxAction.Write("220 Go ahead\r\n250 injected\r\n"));
        var failed = await FailAsync();
        Assert.Equal(SmtpStage.Tls, failed.Stage);
        Assert.Contains("in clear", failed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused_where_it_must_be_verified()
    {
        Mx.OffersStartTls = true;
        var failed = await FailAsync(Settings with { Tls = SmtpTlsMode.RequireVerified });
        Assert.Equal((SmtpStage.Tls, true), (failed.Stage, failed.IsTemporary));
    }

    [Fact]
    public async Task A_certificate_of_a_trusted_root_is_verified()
    {
        Mx.OffersStartTls = true;
        await using var connection = await ConnectAsync(
            Settings with { Tls = SmtpTlsMode.RequireVerified, Host = Mx.HostName + ".", TrustedRoots = [Mx.Certificate] });
        Assert.True(connection.IsTlsVerified);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused_where_it_must_be_verified()
    {
        Mx.OffersStartTls = true;
        var failed = await FailAsync(
            Settings with { Tls = SmtpTlsMode.RequireVerified, Host = "other.example", TrustedRoots = [Mx.Certificate] });
        Assert.Equal(SmtpStage.Tls, failed.Stage);
    }

    [Fact]
    public async Task Implicit_TLS_begins_before_the_greeting()
    {
        Mx.IsImplicitTls = true;
        await using var connection = await ConnectAsync(
            Settings with { Tls = SmtpTlsMode.Implicit, TrustedRoots = [Mx.Certificate] });
        Assert.NotNull(connection.TlsProtocol);
        Assert.Equal("Accepted", Outcomes(await SendAsync(connection, "a@example.net")));
    }

    [Theory]
    [InlineData("PLAIN LOGIN", "AUTH PLAIN")]
    [InlineData("LOGIN", "AUTH LOGIN")]
    public async Task Credentials_are_given_over_TLS_and_do_not_stand_in_the_transcript(string offered, string expected)
    {
        Mx.OffersStartTls = true;
        Mx.OffersAuth = offered;
        Mx.Password = "geheim ☂";
        await using var connection = await ConnectAsync(
            Settings with { Credentials = new NetworkCredential("relay", "geheim ☂") });
        await SendAsync(connection, "a@example.net");
        Assert.Equal("relay", Mx.Messages[0].User);
        Assert.StartsWith(expected, Mx.Commands.Single(c => c.Verb == "AUTH").Line, StringComparison.Ordinal);
        Assert.All(connection.ConnectTranscript, line =>
        {
            Assert.DoesNotContain(Convert.ToBase64String(Octets("geheim ☂").Span), line.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Octets("\0relay\0geheim ☂").Span), line.Text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_wrong_password_is_a_temporary_failure_with_the_reply()
    {
        Mx.OffersAuth = "PLAIN";
        Mx.Password = "right";
        var failed = await FailAsync(Settings with { Credentials = new NetworkCredential("relay", "wrong") });
        Assert.Equal((SmtpStage.Authentication, true, 535, "5.7.8"), (failed.Stage, failed.IsTemporary, failed.Code, failed.EnhancedCode));
    }

    [Fact]
    public async Task A_server_with_no_mechanism_of_ours_is_a_failure_to_authenticate()
    {
        Mx.OffersAuth = "GSSAPI";
        var failed = await FailAsync(Settings with { Credentials = new NetworkCredential("relay", "password") });
        Assert.Equal(SmtpStage.Authentication, failed.Stage);
        Assert.Contains("GSSAPI", failed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_are_not_sent_in_clear_beyond_this_machine()
    {
        var address = NonLoopbackAddress();
        Assert.SkipWhen(address is null, "This machine has no address but the loopback one.");
        using var listener = new TcpListener(address!, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            using var reader = new StreamReader(stream);
            await stream.WriteAsync(Octets("220 hi\r\n"));
            await reader.ReadLineAsync();
            await stream.WriteAsync(Octets("250-hi\r\n250 AUTH PLAIN\r\n"));
            return await reader.ReadLineAsync();
        });
        var failed = await FailAsync(Settings with
        {
            EndPoint = (IPEndPoint)listener.LocalEndpoint,
            Credentials = new NetworkCredential("relay", "password"),
        });
        Assert.Equal(SmtpStage.Authentication, failed.Stage);
        Assert.Null(await serving);
    }

    private static IPAddress? NonLoopbackAddress() => System.Net.NetworkInformation.NetworkInterface
        .GetAllNetworkInterfaces()
        .SelectMany(i => i.GetIPProperties().UnicastAddresses)
        .Select(a => a.Address)
        .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
}
