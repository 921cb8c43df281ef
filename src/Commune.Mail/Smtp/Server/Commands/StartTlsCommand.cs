using System.Security.Authentication;

namespace Commune.Mail.Smtp.Server.Commands;

/// <summary>STARTTLS (RFC 3207).</summary>
internal static class StartTlsCommand
{
    public static ValueTask<SmtpReply?> RunAsync(SmtpConnection c, ReadOnlySpan<byte> argument)
    {
        if (!argument.IsEmpty)
            return CommandTable.Answer(SmtpReply.NoArgument);
        if (c.Session.IsTls)
            return CommandTable.Answer(SmtpReply.AlreadyTls);
        return c.StartTls is null ? CommandTable.Answer(SmtpReply.NotImplemented) : HandshakeAsync(c);
    }

    private static async ValueTask<SmtpReply?> HandshakeAsync(SmtpConnection c)
    {
        c.Io.Write(SmtpReply.ReadyForTls);
        if (await c.Io.FlushAsync() != WaitOutcome.Done)
        {
            c.IsOver = true;
            return null;
        }

        // What came in clear text behind the command may be an attacker's: it must not be run as if it came
        // through TLS (RFC 3207 §4.2, §5). So is what was said before.
        var clear = c.Io.Lend();
        await c.ResetAsync();
        c.Session.HeloName = null;
        c.Session.IsEsmtp = false;
        SmtpTlsResult tls;
        try
        {
            using var timeout = new CancellationTokenSource(c.Settings.IdleTimeout, c.Io.Time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(c.Io.Abort, timeout.Token);
            tls = await c.StartTls!(clear, limit.Token);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException)
        {
            c.IsOver = true;
            return null;
        }

        c.Io.Continue(tls.Transport);
        c.Session.TlsProtocol = tls.Protocol;
        c.Session.TlsCipherSuite = tls.CipherSuite;
        return null;
    }
}
