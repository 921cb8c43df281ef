namespace Commune.Mail.Smtp.Client;

/// <summary>How far a connection came.</summary>
public enum SmtpStage
{
    Connect,
    Greeting,
    Hello,
    Tls,
    Authentication,
}

/// <summary>A connection that is ready for mail, or why there is none.</summary>
public abstract record SmtpConnectResult
{
    private SmtpConnectResult()
    {
    }

    /// <summary>The receiver owns the connection.</summary>
    public sealed record Connected(SmtpClientConnection Connection) : SmtpConnectResult;

    /// <summary>No connection. <paramref name="Code"/> is null when the reason is not a reply.</summary>
    /// <param name="Stage">Where it ended. <see cref="SmtpStage.Tls"/> under <see cref="SmtpTlsMode.Opportunistic"/> means
    /// that a new connection with <see cref="SmtpTlsMode.None"/> may succeed.</param>
    /// <param name="IsTemporary">False only for a 5xx to the connection or to EHLO: this host wants no mail from us
    /// (RFC 5321 §3.1); another may. Failed TLS is temporary (RFC 8461 §5), and so is failed AUTH: the password is ours
    /// to mend, and the mail can wait for it.</param>
    public sealed record Failed(
        SmtpStage Stage,
        bool IsTemporary,
        int? Code,
        string? EnhancedCode,
        string Text,
        IReadOnlyList<SmtpTranscriptLine> Transcript) : SmtpConnectResult;
}
