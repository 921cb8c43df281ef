using System.Security.Authentication;
using Commune.Mail.Smtp.Client;
using Commune.Peers;

namespace Commune.Mail.Tests.Smtp.Client;

public sealed class SmtpStartTlsTests : SmtpClientFixture
{
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
    [InlineData("under_score.example")]
    [InlineData("-dash-.example")]
    [InlineData("127.0.0.1")]
    [InlineData("odd\\032name.example")]
    [InlineData("a..b")]
    [InlineData("")]
    [InlineData("bücher.example")]
    public async Task An_odd_name_of_the_server_is_no_reason_to_go_without_encryption(string host)
    {
        Mx.OffersStartTls = true;
        await using var connection = await ConnectAsync(Settings with { Host = host, TrustedRoots = [Mx.Certificate] });
        Assert.NotNull(connection.TlsProtocol);
        Assert.False(connection.IsTlsVerified);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-dash-.example")]
    public async Task An_odd_name_of_the_server_is_never_verified(string host)
    {
        Mx.OffersStartTls = true;
        var failed = await FailAsync(
            Settings with { Tls = SmtpTlsMode.RequireVerified, Host = host, TrustedRoots = [Mx.Certificate] });
        Assert.Equal(SmtpStage.Tls, failed.Stage);
    }
}
