using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Commune.Mail.Smtp.Client;

/// <summary>How much encryption a connection must have.</summary>
public enum SmtpTlsMode
{
    /// <summary>Clear text, whatever is offered.</summary>
    None,

    /// <summary>STARTTLS when it is offered, with any certificate (RFC 7435).</summary>
    Opportunistic,

    /// <summary>STARTTLS or nothing, with any certificate.</summary>
    RequireEncryption,

    /// <summary>STARTTLS or nothing, with a valid certificate for <see cref="SmtpClientSettings.Host"/>
    /// (RFC 8461 §4.2).</summary>
    RequireVerified,

    /// <summary>TLS from the first octet (RFC 8314 §3.3), with a valid certificate.</summary>
    Implicit,
}

/// <summary>What an outbound connection needs to know. The timeouts are those of RFC 5321 §4.5.3.2.</summary>
public sealed record SmtpClientSettings
{
    /// <summary>Our own name, as said in EHLO.</summary>
    public required string HeloName { get; init; }

    /// <summary>The name of the server: for SNI and for its certificate.</summary>
    public required string Host { get; init; }

    public required IPEndPoint EndPoint { get; init; }

    public SmtpTlsMode Tls { get; init; } = SmtpTlsMode.Opportunistic;

    /// <summary>For a relay that wants AUTH (RFC 4954). Never sent in clear, except to the loopback address.</summary>
    public NetworkCredential? Credentials { get; init; }

    /// <summary>Roots that verified connections trust instead of the system's: a relay with a private CA.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>For the TCP handshake, and again for the TLS handshake.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan GreetingTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For the reply to EHLO, STARTTLS, AUTH, MAIL, RCPT and RSET, and for writing each of them.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan DataInitiationTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>For each block of the message.</summary>
    public TimeSpan DataBlockTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>For the reply to the final dot. Too short a time makes duplicates (RFC 1047).</summary>
    public TimeSpan DataTerminationTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For a server to say goodbye.</summary>
    public TimeSpan QuitTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
