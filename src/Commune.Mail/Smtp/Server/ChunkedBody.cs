namespace Commune.Mail.Smtp.Server;

/// <summary>The message that the BDAT commands of a transaction bring together.</summary>
internal sealed class ChunkedBody(BodyBuffer buffer, long deadline)
{
    private LineScanner _lines = LineScanner.AtBodyStart;

    public BodyBuffer Buffer { get; } = buffer;

    /// <summary>The timestamp by which the message must be complete.</summary>
    public long Deadline { get; } = deadline;

    public void Append(ReadOnlySpan<byte> piece)
    {
        _lines.Scan(piece);
        if (_lines.SawBareLineEnd)
            Buffer.Discard();
        Buffer.Append(piece);
    }

    /// <summary>Why the message cannot be accepted any more. A CR at the end of a chunk may find its LF in the next.</summary>
    public SmtpReply? Refusal(bool last)
    {
        if (Buffer.IsTooLarge)
            return SmtpReply.MessageTooLarge;
        // Without BINARYMIME, chunks hold lines like DATA does (RFC 3030 §2).
        return _lines.SawBareLineEnd || (last && _lines.EndsInCr) ? SmtpReply.BareLineEnd : null;
    }
}
