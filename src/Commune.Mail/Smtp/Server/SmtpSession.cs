using System.IO.Pipelines;
using System.Runtime.ExceptionServices;

namespace Commune.Mail.Smtp.Server;

/// <summary>
/// The receiving side of SMTP (RFC 5321) as a state machine over pipes: no sockets, no storage, no DNS.
/// One instance serves any number of connections at once.
/// </summary>
/// <remarks>
/// The usual pipelined transaction (MAIL, RCPT, DATA, a body that fits the buffers) allocates less than 1 KB: the envelope with
/// its paths and the body object. The body itself lies in a pooled array, commands are read where the pipe holds them,
/// and fixed replies are copied from bytes that were rendered once.
/// </remarks>
public sealed class SmtpSession(SmtpServerSettings settings, ISmtpMailHandler handler, TimeProvider time)
{
    private readonly Announcements _announcements = new(settings);

    /// <summary>
    /// Told of every exception that the handler throws; the client gets 451 and the session goes on.
    /// Without it the exception ends the session and leaves <see cref="RunAsync"/>.
    /// </summary>
    public Action<Exception>? OnHandlerError { get; init; }

    /// <summary>Serves one connection until it ends, and completes the transport.</summary>
    /// <param name="startTls">
    /// Does the TLS handshake over the transport and returns the one to go on with; null when there is no certificate.
    /// It may throw <see cref="IOException"/> or <see cref="System.Security.Authentication.AuthenticationException"/>: the session ends.
    /// </param>
    /// <param name="drain">Finish the transaction under way, then close with 421.</param>
    /// <param name="abort">Stop at once.</param>
    public async Task RunAsync(
        SmtpSessionInfo session,
        IDuplexPipe transport,
        Func<IDuplexPipe, CancellationToken, ValueTask<SmtpTlsResult>>? startTls,
        CancellationToken drain,
        CancellationToken abort)
    {
        var guarded = new GuardedHandler(handler, OnHandlerError);
        var io = new SmtpTransport(transport, settings.IdleTimeout, time, drain, abort);
        await using (var connection = new SmtpConnection(settings, _announcements, guarded, session, io, startTls))
        {
            try
            {
                await connection.ServeAsync();
            }
            catch (OperationCanceledException) when (abort.IsCancellationRequested)
            {
                // The abort met the session while it wrote a body to its file.
            }
        }

        if (guarded.Unreported is { } unreported)
            ExceptionDispatchInfo.Throw(unreported);
    }
}
