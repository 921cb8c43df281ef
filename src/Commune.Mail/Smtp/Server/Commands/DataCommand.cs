namespace Commune.Mail.Smtp.Server.Commands;

/// <summary>DATA (RFC 5321 §4.1.1.4).</summary>
internal static class DataCommand
{
    public static ValueTask<SmtpReply?> RunAsync(SmtpConnection c, ReadOnlySpan<byte> argument)
    {
        if (!argument.IsEmpty)
            return CommandTable.Answer(SmtpReply.NoArgument);
        if (c.Envelope is not { } envelope)
            return CommandTable.Answer(SmtpReply.MailFirst);
        if (c.Chunks is not null || c.ChunkingFailed)
            return CommandTable.Answer(SmtpReply.ChunkingUnderWay);
        if (envelope.Recipients.Count == 0)
            return CommandTable.Answer(SmtpReply.NoValidRecipients);
        c.Io.Write(SmtpReply.StartInput);
        return ReceiveAsync(c);
    }

    private static async ValueTask<SmtpReply?> ReceiveAsync(SmtpConnection c)
    {
        await using var body = new BodyBuffer(c.Settings);
        var unstuffer = new DotUnstuffer();
        var deadline = c.Io.After(c.Settings.DataTimeout);
        while (!unstuffer.Ended)
        {
            var piece = c.Io.NextPiece(BodyBuffer.MaxPiece);
            if (piece.IsEmpty)
            {
                var outcome = await c.Io.FillAsync(deadline, stopOnDrain: false);
                if (outcome != WaitOutcome.Done)
                    return c.Interrupted(outcome);
                continue;
            }

            await body.ReserveAsync(piece.Length + 1, c.Io.Abort);
            c.Io.Consume(unstuffer.Read(piece.Span, body));
            // A message that will be refused is read to its true end, so that nothing in it is taken for commands.
            if (unstuffer.SawBareLineEnd)
                body.Discard();
            if (body.Length > BdatCommand.PatienceBytes(c.Settings))
            {
                c.ClosesAfterReply = true;
                return SmtpReply.MessageTooLarge;
            }
        }

        SmtpReply reply;
        if (body.IsTooLarge)
            reply = SmtpReply.MessageTooLarge;
        else if (unstuffer.SawBareLineEnd)
            reply = SmtpReply.BareLineEnd;
        else
            reply = await c.DeliverAsync(body);
        // Accepted or refused, the transaction is over (RFC 5321 §4.1.1.4).
        await c.ResetAsync();
        return reply;
    }
}
