using System.Net.Sockets;
using System.Text;

namespace Commune.Mail.Smtp.Client;

/// <summary>The dialogue is over: the peer is gone, silent, or does not speak SMTP. The message says which.</summary>
internal sealed class SmtpWireException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Lines and replies over a stream, each within its own time limit, with a transcript.</summary>
internal sealed class SmtpWire(Stream stream, TimeProvider time) : IAsyncDisposable
{
    private readonly byte[] _buffer = new byte[2 * SmtpReplyReader.MaxLineLength];
    private int _start;
    private int _end;
    private List<SmtpTranscriptLine> _transcript = [];
    private CancellationTokenSource? _limit;
    private CancellationTokenRegistration _caller;

    public Stream Stream { get; private set; } = stream;

    /// <summary>True when the server has said more than was asked for.</summary>
    public bool HasUnreadInput => _end > _start;

    /// <summary>Goes on over another stream: after STARTTLS.</summary>
    public void Replace(Stream secured) => Stream = secured;

    /// <summary>The dialogue since the last call.</summary>
    public IReadOnlyList<SmtpTranscriptLine> TakeTranscript()
    {
        var lines = _transcript;
        _transcript = [];
        return lines;
    }

    /// <param name="said">Made into text when somebody reads it.</param>
    public void Note(object said, bool isFromServer) =>
        _transcript.Add(new SmtpTranscriptLine(time.GetUtcNow(), isFromServer, said));

    /// <summary>Writes commands in one go, so that a pipelined group leaves in as few packets as it can
    /// (RFC 2920 §3.1).</summary>
    public async ValueTask WriteLinesAsync(IReadOnlyList<string> lines, TimeSpan timeout, CancellationToken ct)
    {
        foreach (var line in lines)
            Note(line, isFromServer: false);
        await WriteAsync(Encoding.UTF8.GetBytes(string.Join("\r\n", lines) + "\r\n"), timeout, ct);
    }

    /// <param name="shown">What the transcript shows instead: for credentials.</param>
    public async ValueTask WriteSecretLineAsync(string line, string shown, TimeSpan timeout, CancellationToken ct)
    {
        Note(shown, isFromServer: false);
        await WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), timeout, ct);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, TimeSpan timeout, CancellationToken ct)
    {
        var limit = Begin(timeout, ct);
        try
        {
            await Stream.WriteAsync(octets, limit);
            await Stream.FlushAsync(limit);
        }
        catch (Exception e) when (IsFailure(e, ct))
        {
            throw FailureOf(e, "The server did not take what we sent", timeout);
        }
        finally
        {
            End();
        }
    }

    public async ValueTask<SmtpReply> ReadReplyAsync(TimeSpan timeout, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var reader = new SmtpReplyReader();
        // Replies to a pipelined group come together: most are here already.
        if (!TryRead(reader))
            await ReadMoreAsync(reader, timeout, ct);
        var reply = reader.Reply;
        Note(reply, isFromServer: true);
        return reply;
    }

    public ValueTask<T> WithinAsync<T>(
        TimeSpan timeout, string complaint, Func<CancellationToken, ValueTask<T>> step, CancellationToken ct) =>
        WithinAsync(timeout, time, complaint, step, ct);

    /// <summary>Runs one step of the dialogue under a time limit, and says in one exception how it failed.</summary>
    public static async ValueTask<T> WithinAsync<T>(
        TimeSpan timeout,
        TimeProvider time,
        string complaint,
        Func<CancellationToken, ValueTask<T>> step,
        CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return await step(either.Token);
        }
        catch (Exception e) when (IsFailure(e, ct))
        {
            throw FailureOf(e, complaint, timeout);
        }
    }

    public ValueTask DisposeAsync()
    {
        _limit?.Dispose();
        return Stream.DisposeAsync();
    }

    /// <summary>Starts the time limit of a step. One source serves all steps of a connection: a new one for each would cost more than the step.</summary>
    private CancellationToken Begin(TimeSpan timeout, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (_limit is null)
            _limit = new CancellationTokenSource(timeout, time);
        else
            _limit.CancelAfter(timeout);
        _caller = ct.UnsafeRegister(static limit => ((CancellationTokenSource)limit!).Cancel(), _limit);
        return _limit.Token;
    }

    private void End()
    {
        _caller.Dispose();
        if (_limit!.TryReset())
            return;
        _limit.Dispose();
        _limit = null;
    }

    /// <summary>The dialogue's fault: not that of who called it off.</summary>
    private static bool IsFailure(Exception error, CancellationToken ct) =>
        error is OperationCanceledException ? !ct.IsCancellationRequested : error is IOException or SocketException or ObjectDisposedException;

    private static SmtpWireException FailureOf(Exception error, string complaint, TimeSpan timeout) => error is OperationCanceledException
        ? new SmtpWireException($"{complaint} within {timeout.TotalSeconds:0.###} seconds.", error)
        : new SmtpWireException($"The connection was lost: {(error.InnerException ?? error).Message}", error);

    private async ValueTask ReadMoreAsync(SmtpReplyReader reader, TimeSpan timeout, CancellationToken ct)
    {
        var limit = Begin(timeout, ct);
        try
        {
            do
            {
                var read = await Stream.ReadAsync(_buffer.AsMemory(_end), limit);
                if (read == 0)
                    throw new SmtpWireException("The server closed the connection.");
                _end += read;
            }
            while (!TryRead(reader));
        }
        catch (Exception e) when (IsFailure(e, ct))
        {
            throw FailureOf(e, "The server did not reply", timeout);
        }
        finally
        {
            End();
        }
    }

    /// <summary>Reads the lines that are here; false when the reply goes on behind them.</summary>
    private bool TryRead(SmtpReplyReader reader)
    {
        while (TryReadLine(out var line))
        {
            switch (reader.Add(_buffer.AsSpan(line)))
            {
                case SmtpReplyState.Complete:
                    return true;
                case SmtpReplyState.Malformed:
                    throw new SmtpWireException($"The server's reply is not SMTP: {Shown(_buffer.AsSpan(line))}");
            }
        }
        return false;
    }

    /// <summary>Where in the buffer the next line stands, without its line end. Without a whole line there is room for more behind what is here.</summary>
    private bool TryReadLine(out Range line)
    {
        var feed = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        if (feed >= 0)
        {
            var begin = _start;
            var end = _start + feed;
            _start = end + 1;
            if (end > begin && _buffer[end - 1] == (byte)'\r')
                end--;
            line = begin..end;
            return true;
        }

        line = default;
        if (_end - _start > SmtpReplyReader.MaxLineLength + 2)
            throw new SmtpWireException($"The server's reply is not SMTP: {Shown(_buffer.AsSpan(_start.._end))}");
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        return false;
    }

    private static string Shown(ReadOnlySpan<byte> octets)
    {
        var text = Encoding.ASCII.GetString(octets[..Math.Min(octets.Length, 80)]);
        return string.Concat(text.Select(c => char.IsControl(c) ? '.' : c));
    }
}
