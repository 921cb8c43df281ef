using System.Buffers;

namespace Commune.Mail.Smtp.Server;

internal enum CommandLine
{
    /// <summary>No whole line is buffered.</summary>
    None,

    Complete,
    TooLong,
    BareLineFeed,
}

/// <summary>
/// Cuts command lines off the input. Every LF ends a line, so that a client that sends bare ones gets its 500 for each
/// and isn't left waiting. What exceeds the limit is dropped as it comes and never held.
/// </summary>
internal sealed class CommandLineReader(SmtpTransport io)
{
    /// <summary>RFC 5321 §4.5.3.1.4: 512 octets with CRLF.</summary>
    public const int MaxLine = 510;

    /// <summary>MAIL and RCPT: extensions lengthen the limit, each by its own number; this is well above their sum.</summary>
    public const int MaxExtendedLine = 2048;

    private byte[]? _joined;
    private bool _dropping;

    /// <summary>Takes the next line; it is valid until the next wait.</summary>
    public CommandLine TryTake(out ReadOnlySpan<byte> line)
    {
        line = default;
        var buffered = io.Buffered;
        var end = buffered.FirstSpan.IndexOf((byte)'\n');
        if (end >= 0)
            line = buffered.FirstSpan[..end];
        else if (buffered.IsSingleSegment || !TryJoin(buffered, out end, out line))
            return Wait(buffered.Length);

        io.Consume(end + 1);
        if (_dropping || end > MaxExtendedLine + 1)
        {
            _dropping = false;
            return CommandLine.TooLong;
        }

        if (line.IsEmpty || line[^1] != '\r')
            return CommandLine.BareLineFeed;
        line = line[..^1];
        return CommandLine.Complete;
    }

    private CommandLine Wait(long buffered)
    {
        // One octet more than the limit can still be the CR.
        if (_dropping || buffered > MaxExtendedLine + 1)
        {
            _dropping = true;
            io.Consume(buffered);
        }

        return CommandLine.None;
    }

    // A line that lies across two segments of the pipe.
    private bool TryJoin(ReadOnlySequence<byte> buffered, out int end, out ReadOnlySpan<byte> line)
    {
        line = default;
        end = -1;
        if (buffered.PositionOf((byte)'\n') is not { } position)
            return false;
        var whole = buffered.Slice(0, position);
        end = (int)Math.Min(whole.Length, int.MaxValue - 1);
        if (end > MaxExtendedLine + 1)
            return true;
        _joined ??= new byte[MaxExtendedLine + 1];
        whole.CopyTo(_joined);
        line = _joined.AsSpan(0, end);
        return true;
    }
}
