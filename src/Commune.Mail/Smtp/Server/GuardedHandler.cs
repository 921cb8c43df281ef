namespace Commune.Mail.Smtp.Server;

/// <summary>
/// Stands before the handler: what it throws is reported and answered with 451, so that the client tries again.
/// </summary>
internal sealed class GuardedHandler(ISmtpMailHandler handler, Action<Exception>? onError)
{
    /// <summary>The first exception that there was nobody to report to; it must end the session and leave it.</summary>
    public Exception? Unreported { get; private set; }

    public async ValueTask<SmtpReply> MailFromAsync(SmtpSessionInfo session, SmtpEnvelope envelope, CancellationToken ct)
    {
        try
        {
            return Checked(await handler.MailFromAsync(session, envelope, ct));
        }
        catch (Exception e)
        {
            return Report(e, ct);
        }
    }

    public async ValueTask<SmtpReply> RecipientAsync(SmtpSessionInfo session, SmtpEnvelope envelope, SmtpPath recipient, CancellationToken ct)
    {
        try
        {
            return Checked(await handler.RecipientAsync(session, envelope, recipient, ct));
        }
        catch (Exception e)
        {
            return Report(e, ct);
        }
    }

    public async ValueTask<SmtpReply> MessageAsync(SmtpSessionInfo session, SmtpEnvelope envelope, SmtpMessageBody body, CancellationToken ct)
    {
        try
        {
            return Checked(await handler.MessageAsync(session, envelope, body, ct));
        }
        catch (Exception e)
        {
            return Report(e, ct);
        }
    }

    /// <summary>Reports a failure of ours that the client learns of as a 4xx.</summary>
    public SmtpReply Report(Exception e, CancellationToken ct)
    {
        // The abort token is what cancels a handler; nobody reads this reply.
        if (e is OperationCanceledException && ct.IsCancellationRequested)
            return SmtpReply.LocalError;
        if (onError is null)
            Unreported ??= e;
        else
            onError(e);
        return SmtpReply.LocalError;
    }

    // A 3xx would have the client send what nobody expects.
    private static SmtpReply Checked(SmtpReply reply) => reply.Code is >= 300 and < 400
        ? throw new InvalidOperationException($"A handler answers with 2xx, 4xx or 5xx, not with {reply}")
        : reply;
}
