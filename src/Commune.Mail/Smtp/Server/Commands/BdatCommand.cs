using System.Buffers.Text;

namespace Commune.Mail.Smtp.Server.Commands;

/// <summary>BDAT (RFC 3030 §2): a counted piece of the message. It is consumed even when it is refused, or its octets would be run as commands.</summary>
internal static class BdatCommand
{
    /// <summary>How much of a message that is too large is read before the connection is closed.</summary>
    public static long PatienceBytes(SmtpServerSettings settings) =>
        settings.MaxMessageBytes > long.MaxValue / 4 ? long.MaxValue : settings.MaxMessageBytes * 4;

    public static ValueTask<SmtpReply?> RunAsync(SmtpConnection c, ReadOnlySpan<byte> argument)
    {
        // Without a size there is no telling where the chunk ends and the next command begins.
        if (argument.IsEmpty || !Utf8Parser.TryParse(argument, out long size, out var digits) || argument[0] is (byte)'-' or (byte)'+')
        {
            c.ClosesAfterReply = true;
            return CommandTable.Answer(SmtpReply.BdatSyntax);
        }

        if (size > PatienceBytes(c.Settings))
        {
            c.ClosesAfterReply = true;
            return CommandTable.Answer(SmtpReply.MessageTooLarge);
        }

        var end = argument[digits..];
        var last = !end.IsEmpty && end[0] == ' ' && CommandTable.Is(end.TrimStart((byte)' '), "LAST"u8);
        return ReceiveAsync(c, size, last, !end.IsEmpty && !last ? SmtpReply.BdatSyntax : Refusal(c));
    }

    private static SmtpReply? Refusal(SmtpConnection c)
    {
        if (c.Envelope is null)
            return SmtpReply.MailFirst;
        if (c.ChunkingFailed)
            return SmtpReply.ChunkingFailed;
        return c.Envelope.Recipients.Count == 0 ? SmtpReply.NoValidRecipients : null;
    }

    private static async ValueTask<SmtpReply?> ReceiveAsync(SmtpConnection c, long size, bool last, SmtpReply? refusal)
    {
        var deadline = c.Chunks?.Deadline ?? c.Io.After(c.Settings.DataTimeout);
        if (refusal is null)
            c.Chunks ??= new ChunkedBody(new BodyBuffer(c.Settings), deadline);
        for (var missing = size; missing > 0;)
        {
            var piece = c.Io.NextPiece((int)Math.Min(missing, BodyBuffer.MaxPiece));
            if (piece.IsEmpty)
            {
                var outcome = await c.Io.FillAsync(deadline, stopOnDrain: false);
                if (outcome != WaitOutcome.Done)
                    return c.Interrupted(outcome);
                continue;
            }

            if (refusal is null)
            {
                await c.Chunks!.Buffer.ReserveAsync(piece.Length, c.Io.Abort);
                c.Chunks.Append(piece.Span);
            }

            c.Io.Consume(piece.Length);
            missing -= piece.Length;
        }

        refusal ??= c.Chunks!.Refusal(last);
        if (refusal is null && !last)
        {
            c.MadeProgress = size > 0;
            return SmtpReply.ChunkReceived;
        }

        if (last)
        {
            var reply = refusal ?? await c.DeliverAsync(c.Chunks!.Buffer);
            await c.ResetAsync();
            return reply;
        }

        // A message with a hole in it must never be completed.
        c.ChunkingFailed = c.Envelope is not null;
        if (c.Chunks is { } chunks)
        {
            c.Chunks = null;
            await chunks.Buffer.DisposeAsync();
        }

        return refusal;
    }
}
