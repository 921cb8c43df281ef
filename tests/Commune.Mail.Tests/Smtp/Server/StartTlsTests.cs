namespace Commune.Mail.Tests.Smtp.Server;

public sealed class StartTlsTests
{
    [Fact]
    public async Task After_the_handshake_the_session_begins_anew()
    {
        await using var peer = await SmtpPeer.GreetedAsync(hasCertificate: true);
        await peer.SendAsync("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n");
        peer.Heard();
        await peer.SendAsync("STARTTLS\r\n");
        Assert.Equal("TLSv1.3", peer.Info.TlsProtocol);
        Assert.Equal("TLS_AES_128_GCM_SHA256", peer.Info.TlsCipherSuite);
        Assert.Null(peer.Info.HeloName);
        Assert.Equal("503 5.5.1, 503 5.5.1", await peer.AskAsync("DATA\r\nMAIL FROM:<a@b>\r\n"));
    }

    [Fact]
    public async Task What_was_pipelined_behind_STARTTLS_is_not_run()
    {
        await using var peer = await SmtpPeer.GreetedAsync(hasCertificate: true);
        await peer.SendAsync("STARTTLS\r\nEHLO attacker.example\r\nMAIL FROM:<evil@b>\r\nRCP");
        Assert.Equal("", peer.Heard());
        Assert.Equal("250, 250 2.1.0", await peer.AskAsync("EHLO client.example\r\nMAIL FROM:<a@b>\r\n"));
        Assert.Equal("client.example", peer.Info.HeloName);
    }

    [Fact]
    public async Task Within_TLS_it_is_not_offered_again()
    {
        await using var peer = await SmtpPeer.GreetedAsync(hasCertificate: true);
        await peer.SendAsync("STARTTLS\r\n");
        await peer.SendAsync("EHLO client.example\r\n");
        Assert.DoesNotContain("STARTTLS", peer.Heard(), StringComparison.Ordinal);
        Assert.Equal("503 5.5.1", await peer.AskAsync("STARTTLS\r\n"));
    }

    [Theory]
    [InlineData("", "ESMTPS")]
    [InlineData(" SMTPUTF8", "UTF8SMTPS")]
    public async Task Mail_within_TLS_says_so(string parameter, string protocol)
    {
        await using var peer = await SmtpPeer.GreetedAsync(hasCertificate: true);
        await peer.SendAsync("STARTTLS\r\n");
        await peer.SendAsync($"EHLO x\r\nMAIL FROM:<a@b>{parameter}\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\nQUIT\r\n");
        Assert.Equal(protocol, Assert.Single(peer.Handler.Messages).Protocol);
        await peer.EndAsync();
    }

    [Fact]
    public async Task Without_a_certificate_it_is_not_offered()
    {
        await using var peer = new SmtpPeer();
        await peer.OpenAsync();
        await peer.SendAsync("EHLO client.example\r\n");
        Assert.DoesNotContain("STARTTLS", peer.Heard(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_handshake_ends_the_session()
    {
        await using var peer = new SmtpPeer { HasCertificate = true, HandshakeFailure = new IOException("reset") };
        await peer.OpenAsync();
        await peer.SendAsync("EHLO x\r\nSTARTTLS\r\n");
        Assert.EndsWith("220 2.0.0", SmtpPeer.Codes(await peer.EndAsync()), StringComparison.Ordinal);
        Assert.Null(peer.Info.TlsProtocol);
    }

    [Fact]
    public async Task A_drain_wakes_the_session_within_TLS()
    {
        await using var peer = await SmtpPeer.GreetedAsync(hasCertificate: true);
        await peer.SendAsync("STARTTLS\r\n");
        await peer.DrainAsync();
        Assert.Equal("421 4.3.2", SmtpPeer.Codes(await peer.EndAsync()));
    }
}
