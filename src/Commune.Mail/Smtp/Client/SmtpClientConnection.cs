using System.Security.Authentication;

namespace Commune.Mail.Smtp.Client;

/// <summary>One outbound connection, ready for mail (RFC 5321). Not thread-safe: one transaction at a time.</summary>
public sealed class SmtpClientConnection : IAsyncDisposable
{
    private readonly SmtpWire _wire;
    private readonly SmtpClientSettings _settings;
    private bool _needsReset;

    internal SmtpClientConnection(SmtpWire wire, SmtpClientSettings settings, SmtpHandshake handshake)
    {
        _wire = wire;
        _settings = settings;
        Capabilities = handshake.Capabilities;
        TlsProtocol = handshake.TlsProtocol;
        TlsCipher = handshake.TlsCipher;
        IsTlsVerified = handshake.IsTlsVerified;
        ConnectTranscript = wire.TakeTranscript();
    }

    public SmtpCapabilities Capabilities { get; }

    /// <summary>Null in clear.</summary>
    public SslProtocols? TlsProtocol { get; }

    /// <summary>The name of the cipher suite; null in clear.</summary>
    public string? TlsCipher { get; }

    /// <summary>True when the certificate is valid for the host, whether or not that was required.</summary>
    public bool IsTlsVerified { get; }

    /// <summary>The dialogue up to the first MAIL.</summary>
    public IReadOnlyList<SmtpTranscriptLine> ConnectTranscript { get; }

    /// <summary>False once the server has closed, failed or said 421: open another connection.</summary>
    public bool IsUsable { get; private set; } = true;

    /// <summary>Connects, greets, secures and authenticates as the settings say. Throws only when
    /// <paramref name="ct"/> is cancelled.</summary>
    public static Task<SmtpConnectResult> ConnectAsync(SmtpClientSettings settings, TimeProvider time, CancellationToken ct) =>
        SmtpHandshake.RunAsync(settings, time, ct);

    /// <summary>Hands over one message; may be called again for the next. Whatever the server does ends in the result.
    /// </summary>
    /// <param name="message">The whole message with CRLF line ends, before dot-stuffing. A missing last CRLF is added.</param>
    /// <exception cref="ArgumentException">The message has a bare CR or LF, or there are no recipients.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the final dot was sent: the message
    /// is not delivered. After the final dot a cancellation makes the outcome <see cref="SmtpOutcome.Unknown"/>.</exception>
    public async Task<SmtpSendResult> SendAsync(
        SmtpOutgoingEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        if (!DotStuffing.IsClean(message.Span))
            throw new ArgumentException("The message has a bare CR or LF; lines end with CRLF.", nameof(message));
        if (envelope.Recipients.Count == 0)
            throw new ArgumentException("The envelope has no recipients.", nameof(envelope));

        var transaction = new SmtpTransaction(_wire, _settings, Capabilities, envelope, message);
        try
        {
            if (IsUsable)
                await transaction.RunAsync(_needsReset, ct);
            else
                transaction.Abandon("The connection is closed.");
        }
        catch (OperationCanceledException)
        {
            IsUsable = false;
            throw;
        }

        _needsReset = transaction.IsLeftOpen;
        IsUsable &= !transaction.IsConnectionLost;
        return new SmtpSendResult(transaction.Results(), _wire.TakeTranscript(), transaction.IsConnectionLost);
    }

    /// <summary>Says goodbye, waits a little for the answer, and closes.</summary>
    public async Task QuitAsync(CancellationToken ct)
    {
        if (IsUsable)
        {
            IsUsable = false;
            try
            {
                await _wire.WriteLinesAsync(["QUIT"], _settings.QuitTimeout, ct);
                await _wire.ReadReplyAsync(_settings.QuitTimeout, ct);
            }
            catch (SmtpWireException)
            {
                // RFC 5321 §4.1.1.10: the server ought to answer; nothing depends on it any more.
            }
        }

        await DisposeAsync();
    }

    public ValueTask DisposeAsync()
    {
        IsUsable = false;
        return _wire.DisposeAsync();
    }
}
