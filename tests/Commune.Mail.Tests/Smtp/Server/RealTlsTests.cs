using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Commune.Mail.Smtp.Server;
using Commune.Peers;

namespace Commune.Mail.Tests.Smtp.Server;

/// <summary>STARTTLS with SslStream on both sides: what the fake handshake of the other tests cannot show.</summary>
public sealed class RealTlsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly X509Certificate2 _certificate = SelfSigned();
    private readonly Pipe _toServer = new(new PipeOptions(useSynchronizationContext: false));
    private readonly Pipe _toClient = new(new PipeOptions(useSynchronizationContext: false));
    private readonly FakeMailHandler _handler = new();
    private readonly ManualTimeProvider _time = new();
    private readonly SmtpSessionInfo _info = new() { SessionId = "tls" };
    private readonly CancellationTokenSource _drain = new();

    public void Dispose()
    {
        _certificate.Dispose();
        _drain.Dispose();
    }

    [Fact]
    public async Task A_drain_in_the_middle_of_a_message_within_TLS_loses_nothing_of_it()
    {
        var session = Run();
        var client = await StartTlsAsync();
        await client.WriteAsync("EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nfirst "u8.ToArray());
        Assert.EndsWith("354", await CodesAsync(client, until: "354 "), StringComparison.Ordinal);
        await _drain.CancelAsync();
        await client.WriteAsync("second\r\n.\r\n"u8.ToArray());
        Assert.Equal("250 2.0.0, 421 4.3.2", await CodesAsync(client, until: "421 "));
        await session.WaitAsync(Patience);
        var message = Assert.Single(_handler.Messages);
        Assert.Equal("first second\r\n", message.Content);
        Assert.Equal("ESMTPS", message.Protocol);
        Assert.Equal("Tls13", _info.TlsProtocol);
    }

    [Fact]
    public async Task A_silent_client_within_TLS_still_hears_the_421()
    {
        var session = Run();
        var client = await StartTlsAsync();
        await client.WriteAsync("NOOP\r\n"u8.ToArray());
        Assert.Equal("250 2.0.0", await CodesAsync(client, until: "250 "));
        // The reply has been flushed and the next wait may be a moment away: time goes on until it is over.
        while (!session.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMinutes(6));
            await Task.Yield();
        }

        Assert.Equal("421 4.4.2", await CodesAsync(client, until: "421 "));
        await session;
    }

    private Task Run()
    {
        var session = new SmtpSession(SmtpPeer.Settings, _handler, _time);
        return session.RunAsync(_info, new Ends(_toServer.Reader, _toClient.Writer), HandshakeAsync, _drain.Token, CancellationToken.None);
    }

    private async ValueTask<SmtpTlsResult> HandshakeAsync(IDuplexPipe clear, CancellationToken ct)
    {
        var tls = new SslStream(new DuplexPipeStream(clear));
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, ct);
        return new SmtpTlsResult(new Ends(PipeReader.Create(tls), PipeWriter.Create(tls)), tls.SslProtocol.ToString(), tls.NegotiatedCipherSuite.ToString());
    }

    private async Task<SslStream> StartTlsAsync()
    {
        var clear = new DuplexPipeStream(new Ends(_toClient.Reader, _toServer.Writer));
        Assert.Equal("220", await CodesAsync(clear, until: "220 "));
        await clear.WriteAsync("STARTTLS\r\n"u8.ToArray());
        Assert.Equal("220 2.0.0", await CodesAsync(clear, until: "220 "));
        var tls = new SslStream(clear, leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("mx.example.com").WaitAsync(Patience);
        return tls;
    }

    private static async Task<string> CodesAsync(Stream stream, string until)
    {
        var heard = "";
        var buffer = new byte[4096];
        while (!heard.Contains(until, StringComparison.Ordinal) || !heard.EndsWith("\r\n", StringComparison.Ordinal))
        {
            var n = await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience);
            Assert.NotEqual(0, n);
            heard += Encoding.ASCII.GetString(buffer, 0, n);
        }

        return SmtpPeer.Codes(heard);
    }

    private static X509Certificate2 SelfSigned()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mx.example.com", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
