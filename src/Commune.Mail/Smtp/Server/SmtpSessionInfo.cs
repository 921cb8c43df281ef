using System.IO.Pipelines;
using System.Net;

namespace Commune.Mail.Smtp.Server;

/// <summary>What is known about the client of a session. The session fills in what the client says.</summary>
public sealed class SmtpSessionInfo
{
    /// <summary>A name for the session in logs and in the <c>id</c> of the Received field.</summary>
    public required string SessionId { get; init; }

    public EndPoint? RemoteEndPoint { get; init; }

    public EndPoint? LocalEndPoint { get; init; }

    /// <summary>The argument of the last EHLO or HELO, a domain or an address literal in its brackets; null before it and after STARTTLS.</summary>
    public string? HeloName { get; internal set; }

    /// <summary>The client said EHLO, not HELO.</summary>
    public bool IsEsmtp { get; internal set; }

    /// <summary>Such as <c>TLSv1.3</c>; null on a clear-text connection. Set it for a connection that begins with TLS.</summary>
    public string? TlsProtocol { get; set; }

    public string? TlsCipherSuite { get; set; }

    public bool IsTls => TlsProtocol is not null;

    /// <summary>Messages that the handler has accepted on this connection.</summary>
    public int MessagesAccepted { get; internal set; }

    /// <summary>The transaction under way was opened with SMTPUTF8.</summary>
    public bool IsSmtpUtf8 { get; internal set; }

    /// <summary>
    /// The <c>with</c> clause of the Received field: SMTP, ESMTP, ESMTPS (RFC 3848 §2), UTF8SMTP, UTF8SMTPS (RFC 6531 §4.3).
    /// No keyword exists for HELO within TLS: it is SMTP.
    /// </summary>
    public string Protocol => (IsSmtpUtf8, IsEsmtp, IsTls) switch
    {
        (true, _, true) => "UTF8SMTPS",
        (true, _, false) => "UTF8SMTP",
        (false, true, true) => "ESMTPS",
        (false, true, false) => "ESMTP",
        _ => "SMTP",
    };
}

/// <summary>A finished TLS handshake: the transport to go on with, and what to write into the Received field.</summary>
public sealed record SmtpTlsResult(IDuplexPipe Transport, string Protocol, string CipherSuite);
