using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Commune.Mail.Dns;

namespace Commune.Mail.Smtp.Client;

/// <summary>Everything before the first MAIL: TCP, greeting, EHLO, STARTTLS (RFC 3207), AUTH (RFC 4954).</summary>
internal sealed class SmtpHandshake
{
    private readonly SmtpClientSettings _settings;
    private readonly SmtpWire _wire;
    private SmtpStage _stage = SmtpStage.Greeting;

    private SmtpHandshake(SmtpClientSettings settings, SmtpWire wire)
    {
        _settings = settings;
        _wire = wire;
    }

    public SmtpCapabilities Capabilities { get; private set; } = new();

    public SslProtocols? TlsProtocol { get; private set; }

    public string? TlsCipher { get; private set; }

    public bool IsTlsVerified { get; private set; }

    public static async Task<SmtpConnectResult> RunAsync(
        SmtpClientSettings settings, TimeProvider time, CancellationToken ct)
    {
        var socket = new Socket(settings.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SmtpConnectResult? result = null;
        try
        {
            await SmtpWire.WithinAsync(settings.ConnectTimeout, time, "The server did not accept the connection", async token =>
            {
                await socket.ConnectAsync(settings.EndPoint, token);
                return true;
            }, ct);
            var wire = new SmtpWire(new NetworkStream(socket, ownsSocket: true), time);
            var handshake = new SmtpHandshake(settings, wire);
            result = await handshake.GuardedAsync(ct);
            return result;
        }
        catch (SmtpWireException e)
        {
            return new SmtpConnectResult.Failed(SmtpStage.Connect, IsTemporary: true, null, null, e.Message, []);
        }
        finally
        {
            if (result is not SmtpConnectResult.Connected)
                socket.Dispose();
        }
    }

    private async Task<SmtpConnectResult> GuardedAsync(CancellationToken ct)
    {
        SmtpConnectResult? result = null;
        try
        {
            result = await RunAsync(ct);
            return result;
        }
        catch (SmtpWireException e)
        {
            return Failed(e.Message);
        }
        finally
        {
            if (result is not SmtpConnectResult.Connected)
                await _wire.DisposeAsync();
        }
    }

    private async Task<SmtpConnectResult> RunAsync(CancellationToken ct)
    {
        if (_settings.Tls == SmtpTlsMode.Implicit)
            await SecureAsync(ct);

        _stage = SmtpStage.Greeting;
        var greeting = await _wire.ReadReplyAsync(_settings.GreetingTimeout, ct);
        if (greeting.Code != 220)
            return Failed(greeting);
        if (await HelloAsync(ct) is { } refused)
            return refused;
        if (_settings.Tls is not (SmtpTlsMode.None or SmtpTlsMode.Implicit) && await StartTlsAsync(ct) is { } insecure)
            return insecure;
        if (_settings.Credentials is { } credentials)
        {
            _stage = SmtpStage.Authentication;
            var isPrivate = TlsProtocol is not null || IPAddress.IsLoopback(_settings.EndPoint.Address);
            var authentication = new SmtpAuthentication(_wire, _settings.CommandTimeout);
            if (!isPrivate)
                return Failed("Credentials are not sent without encryption, and the connection has none.");
            if (await authentication.RunAsync(credentials, Capabilities.AuthMechanisms, ct) is { } failure)
                return failure.Reply is null ? Failed(failure.Text) : Failed(failure.Reply, isTemporary: true);
        }

        return new SmtpConnectResult.Connected(new SmtpClientConnection(_wire, _settings, this));
    }

    /// <summary>RFC 5321 §3.2: a server that does not know EHLO is greeted with HELO.</summary>
    private async Task<SmtpConnectResult?> HelloAsync(CancellationToken ct)
    {
        _stage = SmtpStage.Hello;
        var reply = await CommandAsync($"EHLO {_settings.HeloName}", ct);
        if (reply.Code == 250)
        {
            Capabilities = SmtpCapabilities.Parse(reply);
            return null;
        }

        if (!reply.IsPermanent)
            return Failed(reply);
        Capabilities = new SmtpCapabilities();
        reply = await CommandAsync($"HELO {_settings.HeloName}", ct);
        return reply.Code == 250 ? null : Failed(reply);
    }

    private async Task<SmtpConnectResult?> StartTlsAsync(CancellationToken ct)
    {
        _stage = SmtpStage.Tls;
        var isRequired = _settings.Tls != SmtpTlsMode.Opportunistic;
        if (!Capabilities.StartTls)
            return isRequired ? Failed("Encryption is required, and the server does not offer STARTTLS.") : null;
        var reply = await CommandAsync("STARTTLS", ct);
        if (reply.Code != 220)
            return isRequired || reply.ClosesConnection ? Failed(reply, isTemporary: true) : null;

        // What came with the 220 came in clear, from whoever could write into the connection; taken as a reply it would
        // speak for the secured server (CVE-2011-0411).
        if (_wire.HasUnreadInput)
            return Failed("The server sent more in clear after it had agreed to STARTTLS.");
        await SecureAsync(ct);
        // RFC 3207 §4.2: what was learned in clear is forgotten.
        return await HelloAsync(ct);
    }

    private async Task SecureAsync(CancellationToken ct)
    {
        _stage = SmtpStage.Tls;
        var mustVerify = _settings.Tls is SmtpTlsMode.RequireVerified or SmtpTlsMode.Implicit;
        var tls = new SslStream(_wire.Stream, leaveInnerStreamOpen: false);
        _wire.Replace(tls);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = TlsName(_settings.Host),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
#pragma warning disable MA0039 // Opportunistic TLS keeps eavesdroppers out with any certificate (RFC 7435 §3).
            RemoteCertificateValidationCallback = (_, _, _, errors) =>
            {
                IsTlsVerified = errors == SslPolicyErrors.None;
                return IsTlsVerified || !mustVerify;
            },
#pragma warning restore MA0039
        };
        if (_settings.TrustedRoots is { } roots)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        try
        {
            await _wire.WithinAsync(_settings.ConnectTimeout, "The TLS handshake did not end", async token =>
            {
                await tls.AuthenticateAsClientAsync(options, token);
                return true;
            }, ct);
        }
        catch (Exception e) when (e is AuthenticationException or ArgumentException or InvalidOperationException)
        {
            throw new SmtpWireException($"The TLS handshake failed: {e.Message}", e);
        }

        TlsProtocol = tls.SslProtocol;
        TlsCipher = tls.NegotiatedCipherSuite.ToString();
        _wire.Note($"TLS: {tls.SslProtocol} {tls.NegotiatedCipherSuite}, certificate {(IsTlsVerified ? "valid" : "not verified")}", isFromServer: true);
    }

    /// <summary>The name for SNI and for the certificate; empty, which no certificate matches, for one that SslStream
    /// would throw on: an MX record may hold any octets.</summary>
    private static string TlsName(string host)
    {
        if (IPAddress.TryParse(host, out _))
            return host;
        return DnsName.TryNormalize(host, out var name)
            && name.Split('.').All(label => label.Length > 0 && label[0] != '-' && label[^1] != '-')
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
            ? name
            : "";
    }

    private async ValueTask<SmtpReply> CommandAsync(string line, CancellationToken ct)
    {
        await _wire.WriteLinesAsync([line], _settings.CommandTimeout, ct);
        return await _wire.ReadReplyAsync(_settings.CommandTimeout, ct);
    }

    private SmtpConnectResult.Failed Failed(SmtpReply reply, bool? isTemporary = null) =>
        new(_stage, isTemporary ?? !reply.IsPermanent, reply.Code, reply.EnhancedCode, reply.Text, _wire.TakeTranscript());

    private SmtpConnectResult.Failed Failed(string reason) =>
        new(_stage, IsTemporary: true, null, null, reason, _wire.TakeTranscript());
}
