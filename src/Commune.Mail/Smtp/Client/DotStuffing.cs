namespace Commune.Mail.Smtp.Client;

/// <summary>Message content as it goes over the wire after DATA (RFC 5321 §4.5.2): a dot at the start of a line is
/// doubled, the last line gets its CRLF, and a lone dot ends it. Give it one buffer after another.</summary>
internal struct DotStuffing(ReadOnlyMemory<byte> message)
{
    private const int LongestTail = 5;

    private readonly ReadOnlyMemory<byte> _message = message;
    private int _position;
    private bool _isWithinLine;

    /// <summary>True when the final dot has been written.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Fills as much of the buffer as it can (at least six octets long).</summary>
    /// <returns>How many octets were written.</returns>
    public int Fill(Span<byte> buffer)
    {
        var rest = _message.Span[_position..];
        var written = 0;
        while (rest.Length > 0 && buffer.Length - written >= 2)
        {
            if (!_isWithinLine && rest[0] == (byte)'.')
                buffer[written++] = (byte)'.';
            // Lines without a dot in front go together.
            var room = buffer.Length - written;
            var feed = rest[..Math.Min(rest.Length, room + 1)].IndexOf("\n."u8);
            var length = Math.Min(feed < 0 ? rest.Length : feed + 1, room);
            rest[..length].CopyTo(buffer[written..]);
            written += length;
            _isWithinLine = rest[length - 1] != (byte)'\n';
            rest = rest[length..];
        }

        _position = _message.Length - rest.Length;
        if (rest.Length == 0 && buffer.Length - written >= LongestTail)
        {
            var tail = _isWithinLine ? "\r\n.\r\n"u8 : ".\r\n"u8;
            tail.CopyTo(buffer[written..]);
            written += tail.Length;
            IsFinished = true;
        }

        return written;
    }

    /// <summary>The size that SIZE speaks of (RFC 1870 §3): with the last CRLF, without doubled dots and final dot.</summary>
    public static long SizeOf(ReadOnlySpan<byte> message) =>
        message.Length + (message.IsEmpty || message.EndsWith("\r\n"u8) ? 0 : 2);

    /// <summary>True when every CR is followed by LF and every LF preceded by CR. A bare one of them is read as the end
    /// of a line by some servers and not by others: a message could be smuggled within a message.</summary>
    public static bool IsClean(ReadOnlySpan<byte> message)
    {
        while (true)
        {
            var at = message.IndexOfAny((byte)'\r', (byte)'\n');
            if (at < 0)
                return true;
            if (message[at] == (byte)'\n' || at + 1 == message.Length || message[at + 1] != (byte)'\n')
                return false;
            message = message[(at + 2)..];
        }
    }
}
