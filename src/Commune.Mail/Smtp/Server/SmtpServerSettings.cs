namespace Commune.Mail.Smtp.Server;

/// <summary>What a session offers and how much it puts up with.</summary>
public sealed record SmtpServerSettings
{
    /// <summary>The name in the greeting and in the answer to EHLO: a fully qualified host name.</summary>
    public required string HostName { get; init; }

    /// <summary>The text after the host name in the greeting. It names no version: that helps only who looks for a hole.</summary>
    public string Greeting { get; init; } = "ESMTP Commune";

    /// <summary>SIZE (RFC 1870): the largest message in octets, counted after dot-unstuffing.</summary>
    public long MaxMessageBytes { get; init; } = 26_214_400;

    /// <summary>Recipients in one transaction. RFC 5321 §4.5.3.1.8: no fewer than 100.</summary>
    public int MaxRecipients { get; init; } = 1000;

    /// <summary>The syntax or sequence error of this number is answered with 421 and the connection is closed.</summary>
    public int MaxErrors { get; init; } = 20;

    /// <summary>Commands that bring no message nearer (accepted recipients and chunks don't count) since the last accepted message.</summary>
    public int MaxCommandsWithoutMail { get; init; } = 200;

    /// <summary>Messages accepted on one connection; 0 is no limit.</summary>
    public int MaxMessagesPerConnection { get; init; }

    /// <summary>How long to wait for the client's next octet. RFC 5321 §4.5.3.2.7: at least 5 minutes.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one message body may take altogether.</summary>
    public TimeSpan DataTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a session may last; a body that is being received is finished first.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A body of more octets than this (give or take one piece of input) goes to a temporary file.</summary>
    public int SpoolThreshold { get; init; } = 1024 * 1024;

    /// <summary>Where temporary files are made; it must exist.</summary>
    public string SpoolDirectory { get; init; } = Path.GetTempPath();

    /// <summary>Offer STARTTLS (RFC 3207) to sessions that were given a way to start it.</summary>
    public bool OfferStartTls { get; init; }

    public bool OfferSmtpUtf8 { get; init; } = true;
}
