using System.IO.Pipelines;

namespace Commune.Mail.Smtp.Server;

/// <summary>The state of one session, and the loop that runs its commands.</summary>
internal sealed class SmtpConnection(
    SmtpServerSettings settings,
    Announcements announcements,
    GuardedHandler handler,
    SmtpSessionInfo session,
    SmtpTransport io,
    Func<IDuplexPipe, CancellationToken, ValueTask<SmtpTlsResult>>? startTls) : IAsyncDisposable
{
    private readonly CommandLineReader _lines = new(io);
    private readonly long _sessionDeadline = io.After(settings.SessionTimeout);
    private int _errors;
    private int _commandsWithoutMail;

    public SmtpServerSettings Settings => settings;

    public Announcements Announcements => announcements;

    public GuardedHandler Handler => handler;

    public SmtpSessionInfo Session => session;

    public SmtpTransport Io => io;

    public Func<IDuplexPipe, CancellationToken, ValueTask<SmtpTlsResult>>? StartTls => settings.OfferStartTls ? startTls : null;

    /// <summary>The transaction under way, from an accepted MAIL to the end of the message.</summary>
    public SmtpEnvelope? Envelope { get; private set; }

    /// <summary>The message, once the transaction has had its first BDAT.</summary>
    public ChunkedBody? Chunks { get; set; }

    /// <summary>A chunk of the transaction was refused: what follows it would be half a message.</summary>
    public bool ChunkingFailed { get; set; }

    /// <summary>Set by a command that has found the connection lost; there is nobody left to reply to.</summary>
    public bool IsOver { get; set; }

    /// <summary>Set by a command after whose reply the connection is closed.</summary>
    public bool ClosesAfterReply { get; set; }

    /// <summary>Set by a command whose reply is the handler's decision and no error of the client's.</summary>
    public bool HandlerDecided { get; set; }

    /// <summary>Set by a command that brought a message nearer.</summary>
    public bool MadeProgress { get; set; }

    public async Task ServeAsync()
    {
        if (!await GreetAsync())
            return;
        while (!io.IsAborted)
        {
            if (io.IsDraining && Envelope is null)
            {
                await SayLastAsync(SmtpReply.ShuttingDown);
                return;
            }

            var kind = _lines.TryTake(out var line);
            if (kind == CommandLine.None)
            {
                var outcome = await io.FillAsync(_sessionDeadline, stopOnDrain: Envelope is null);
                if (outcome == WaitOutcome.Done)
                    continue;
                if (FinalReply(outcome) is { } last)
                    await SayLastAsync(last);
                return;
            }

            ClosesAfterReply = HandlerDecided = MadeProgress = false;
            var reply = await (++_commandsWithoutMail > settings.MaxCommandsWithoutMail
                ? new ValueTask<SmtpReply?>(SmtpReply.TooManyCommands)
                : Commands.CommandTable.RunAsync(this, kind, line));
            if (IsOver || io.IsAborted)
                return;
            if (reply is null)
                continue;
            reply = Count(reply);
            if (ClosesAfterReply || reply.Code is 221 or 421 || handler.Unreported is not null)
            {
                await SayLastAsync(reply);
                return;
            }

            io.Write(reply);
            if (await io.FlushIfLargeAsync() != WaitOutcome.Done)
                return;
        }
    }

    public void Open(SmtpEnvelope envelope)
    {
        Envelope = envelope;
        session.IsSmtpUtf8 = envelope.SmtpUtf8;
    }

    /// <summary>Ends the transaction and frees what it held (RFC 5321 §4.1.1.5).</summary>
    public async ValueTask ResetAsync()
    {
        Envelope = null;
        session.IsSmtpUtf8 = false;
        ChunkingFailed = false;
        if (Chunks is { } chunks)
        {
            Chunks = null;
            await chunks.Buffer.DisposeAsync();
        }
    }

    /// <summary>Gives a received message to the handler; the caller ends the transaction.</summary>
    public async ValueTask<SmtpReply> DeliverAsync(BodyBuffer buffer)
    {
        var finished = await buffer.FinishAsync(io.Abort);
        if (finished is null)
        {
            handler.Report(buffer.Failure!, io.Abort);
            HandlerDecided = true;
            return SmtpReply.InsufficientStorage;
        }

        await using var body = finished;
        var answer = handler.MessageAsync(session, Envelope!, body, io.Abort);
        // The replies of a pipelined group needn't wait for the disk. If the client is gone, the next flush tells.
        if (!answer.IsCompleted && io.Unflushed > 0)
            await io.FlushAsync();
        var reply = await answer;
        HandlerDecided = true;
        if (reply.IsPositive)
        {
            session.MessagesAccepted++;
            _commandsWithoutMail = 0;
        }

        return reply;
    }

    /// <summary>What a command that was receiving answers when the wait for the client failed.</summary>
    public SmtpReply? Interrupted(WaitOutcome outcome)
    {
        var reply = FinalReply(outcome);
        IsOver = reply is null;
        return reply;
    }

    public async ValueTask DisposeAsync()
    {
        await ResetAsync();
        await io.DisposeAsync();
    }

    private static SmtpReply? FinalReply(WaitOutcome outcome) => outcome switch
    {
        WaitOutcome.TimedOut => SmtpReply.TimedOut,
        WaitOutcome.Draining => SmtpReply.ShuttingDown,
        _ => null,
    };

    private async ValueTask<bool> GreetAsync()
    {
        var talksEarly = io.TryReadEarly();
        if (talksEarly || io.IsDraining)
        {
            await SayLastAsync(talksEarly ? announcements.EarlyTalker : announcements.GreetingWhileDraining);
            return false;
        }

        io.Write(announcements.Greeting);
        return true;
    }

    private async ValueTask SayLastAsync(SmtpReply reply)
    {
        io.Write(reply);
        await io.FlushAsync();
    }

    private SmtpReply Count(SmtpReply reply)
    {
        if (MadeProgress)
            _commandsWithoutMail--;
        if (!reply.IsPermanent || HandlerDecided)
            return reply;
        return ++_errors >= settings.MaxErrors && !ClosesAfterReply ? SmtpReply.TooManyErrors : reply;
    }
}
