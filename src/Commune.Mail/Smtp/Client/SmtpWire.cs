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

    public void Note(string text, bool isFromServer) =>
        _transcript.Add(new SmtpTranscriptLine(time.GetUtcNow(), isFromServer, text));

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

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, TimeSpan timeout, CancellationToken ct) =>
        await WithinAsync(timeout, "The server did not take what we sent", async token =>
        {
            await Stream.WriteAsync(octets, token);
            await Stream.FlushAsync(token);
            return true;
        }, ct);

    public async ValueTask<SmtpReply> ReadReplyAsync(TimeSpan timeout, CancellationToken ct)
    {
        var reply = await WithinAsync(timeout, "The server did not reply", ReadReplyAsync, ct);
        Note(reply.ToString(), isFromServer: true);
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
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new SmtpWireException($"{complaint} within {timeout.TotalSeconds:0.###} seconds.", e);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            throw new SmtpWireException($"The connection was lost: {(e.InnerException ?? e).Message}", e);
        }
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();

    private async ValueTask<SmtpReply> ReadReplyAsync(CancellationToken ct)
    {
        var reader = new SmtpReplyReader();
        while (true)
        {
            var line = await ReadLineAsync(ct);
            var state = reader.Add(_buffer.AsSpan(line));
            if (state == SmtpReplyState.Complete)
                return reader.Reply;
            if (state == SmtpReplyState.Malformed)
                throw new SmtpWireException($"The server's reply is not SMTP: {Shown(_buffer.AsSpan(line))}");
        }
    }

    /// <summary>Where in the buffer the next line stands, without its line end.</summary>
    private async ValueTask<Range> ReadLineAsync(CancellationToken ct)
    {
        var scanned = _start;
        while (true)
        {
            var feed = _buffer.AsSpan(scanned, _end - scanned).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                var begin = _start;
                var end = scanned + feed;
                _start = end + 1;
                if (end > begin && _buffer[end - 1] == (byte)'\r')
                    end--;
                return begin..end;
            }

            if (_end - _start > SmtpReplyReader.MaxLineLength + 2)
                throw new SmtpWireException($"The server's reply is not SMTP: {Shown(_buffer.AsSpan(_start.._end))}");
            if (_start > 0)
            {
                _buffer.AsSpan(_start.._end).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }

            scanned = _end;
            var read = await Stream.ReadAsync(_buffer.AsMemory(_end), ct);
            if (read == 0)
                throw new SmtpWireException("The server closed the connection.");
            _end += read;
        }
    }

    private static string Shown(ReadOnlySpan<byte> octets)
    {
        var text = Encoding.ASCII.GetString(octets[..Math.Min(octets.Length, 80)]);
        return string.Concat(text.Select(c => char.IsControl(c) ? '.' : c));
    }
}
