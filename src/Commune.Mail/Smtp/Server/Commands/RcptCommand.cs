namespace Commune.Mail.Smtp.Server.Commands;

/// <summary>RCPT (RFC 5321 §4.1.1.3).</summary>
internal static class RcptCommand
{
    public static ValueTask<SmtpReply?> RunAsync(SmtpConnection c, ReadOnlySpan<byte> argument)
    {
        if (c.Envelope is not { } envelope)
            return CommandTable.Answer(SmtpReply.MailFirst);
        if (c.Chunks is not null || c.ChunkingFailed)
            return CommandTable.Answer(SmtpReply.ChunkingUnderWay);
        if (argument.Length < 3 || !CommandTable.Is(argument[..3], "TO:"u8))
            return CommandTable.Answer(SmtpReply.RcptSyntax);
        argument = argument[3..].TrimStart((byte)' ');
        if (!SmtpPathParser.TryParse(argument, out var path, out var consumed) || path.IsNull)
            return CommandTable.Answer(SmtpReply.BadRecipient);
        // No extension with RCPT parameters is offered (§4.1.1.11).
        var parameters = new MailParameters(argument[consumed..]);
        if (parameters.MoveNext())
            return CommandTable.Answer(SmtpReply.UnknownParameter);
        if (parameters.IsMalformed)
            return CommandTable.Answer(SmtpReply.BadParameter);
        if (path.IsInternational && !envelope.SmtpUtf8)
            return CommandTable.Answer(SmtpReply.Utf8NotAllowed);
        if (envelope.Recipients.Count >= c.Settings.MaxRecipients)
        {
            // §4.5.3.1.10: the client sends the rest in a second transaction.
            c.MadeProgress = true;
            return CommandTable.Answer(SmtpReply.TooManyRecipients);
        }

        return AskAsync(c, envelope, path);
    }

    private static async ValueTask<SmtpReply?> AskAsync(SmtpConnection c, SmtpEnvelope envelope, SmtpPath path)
    {
        var reply = await c.Handler.RecipientAsync(c.Session, envelope, path, c.Io.Abort);
        c.HandlerDecided = true;
        // Recipients that are refused for good count as commands without mail: that bounds how many addresses can be tried.
        c.MadeProgress = !reply.IsPermanent;
        if (reply.IsPositive)
            envelope.Add(path);
        return reply;
    }
}
