using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Commune.Mail.Smtp.Server;

/// <summary>Why a wait for the client is over.</summary>
internal enum WaitOutcome
{
    /// <summary>There is new data, or what was to be sent is sent.</summary>
    Done,

    /// <summary>The client has closed the connection, or it broke.</summary>
    Ended,

    TimedOut,
    Draining,
    Aborted,
}

/// <summary>
/// The connection of one session: what has been received and not yet consumed, and replies that wait to be sent.
/// Replies are flushed when more input is awaited and not before, which makes one flush per pipelined group (RFC 2920 §3.2).
/// Time limits, drain and abort wake a pending read or flush by cancelling it: no token is registered per read.
/// </summary>
internal sealed class SmtpTransport : IAsyncDisposable
{
    // A client that pipelines without end gets its replies in portions.
    private const int MaxUnflushed = 16 * 1024;

    private readonly TimeSpan _idleTimeout;
    private readonly CancellationToken _drain;
    private readonly WaitTimer _timer;
    private readonly CancellationTokenRegistration _onDrain;
    private readonly CancellationTokenRegistration _onAbort;
    private readonly List<IDuplexPipe> _layers = [];
    private volatile IDuplexPipe? _wakeable;
    private PipeReader _reader;
    private PipeWriter _writer;
    private volatile bool _isFlushing;
    private bool _holdsRead;

    public SmtpTransport(IDuplexPipe pipe, TimeSpan idleTimeout, TimeProvider time, CancellationToken drain, CancellationToken abort)
    {
        _layers.Add(pipe);
        _reader = pipe.Input;
        _writer = pipe.Output;
        _wakeable = pipe;
        _idleTimeout = idleTimeout;
        Time = time;
        _drain = drain;
        Abort = abort;
        _timer = new WaitTimer(time, Wake);
        _onDrain = drain.UnsafeRegister(static state => ((SmtpTransport)state!).WakeRead(), this);
        _onAbort = abort.UnsafeRegister(static state => ((SmtpTransport)state!).Wake(), this);
    }

    public CancellationToken Abort { get; }

    public TimeProvider Time { get; }

    public bool IsDraining => _drain.IsCancellationRequested;

    public bool IsAborted => Abort.IsCancellationRequested;

    /// <summary>What was received and not consumed. Its memory is valid until the next <see cref="FillAsync"/>.</summary>
    public ReadOnlySequence<byte> Buffered { get; private set; }

    /// <summary>Octets of replies that have not been flushed.</summary>
    public long Unflushed { get; private set; }

    /// <summary>The timestamp that lies this far ahead, as a limit for <see cref="FillAsync"/>.</summary>
    public long After(TimeSpan span) => _timer.After(span);

    public void Consume(long count) => Buffered = Buffered.Slice(count);

    /// <summary>The first contiguous piece of what is buffered, at most so long; empty when nothing is.</summary>
    public ReadOnlyMemory<byte> NextPiece(int max)
    {
        foreach (var piece in Buffered)
        {
            if (!piece.IsEmpty)
                return piece.Length > max ? piece[..max] : piece;
        }

        return default;
    }

    /// <summary>The client sent something before it was greeted.</summary>
    public bool TryReadEarly()
    {
        if (!_reader.TryRead(out var result))
            return false;
        Buffered = result.Buffer;
        _holdsRead = true;
        return !Buffered.IsEmpty;
    }

    public void Write(SmtpReply reply) => Unflushed += reply.WriteTo(_writer);

    /// <summary>Flushes replies and waits until more is buffered than now.</summary>
    /// <param name="limit">A timestamp that ends the wait beside the idle timeout.</param>
    // The pooled builder: a session waits once per group and once per piece of a body, each would allocate its state.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WaitOutcome> FillAsync(long limit, bool stopOnDrain)
    {
        if (Unflushed > 0)
        {
            // A client that takes no replies will not take a 421 either.
            if (await FlushAsync() != WaitOutcome.Done)
                return WaitOutcome.Ended;
        }

        var before = Buffered.Length;
        var deadline = Math.Min(After(_idleTimeout), limit);
        try
        {
            while (true)
            {
                if (_holdsRead)
                {
                    _holdsRead = false;
                    _reader.AdvanceTo(Buffered.Start, Buffered.End);
                    Buffered = default;
                }

                // Checked before each read: a wake that came while none was pending ends in a read that is
                // cancelled at once, and the reason is found here.
                if (IsAborted)
                    return WaitOutcome.Aborted;
                if (stopOnDrain && IsDraining)
                    return WaitOutcome.Draining;
                if (_timer.HasPassed(deadline))
                    return WaitOutcome.TimedOut;

                var pending = _reader.ReadAsync(CancellationToken.None);
                if (!pending.IsCompleted)
                    _timer.Start(deadline);
                var result = await pending;
                Buffered = result.Buffer;
                _holdsRead = true;
                if (Buffered.Length > before)
                    return WaitOutcome.Done;
                if (result.IsCompleted)
                    return WaitOutcome.Ended;
            }
        }
        catch (Exception e) when (IsBrokenConnection(e))
        {
            return WaitOutcome.Ended;
        }
        finally
        {
            _timer.Stop();
        }
    }

    /// <summary>Sends replies in between when very many wait.</summary>
    public ValueTask<WaitOutcome> FlushIfLargeAsync() =>
        Unflushed > MaxUnflushed ? FlushAsync() : new ValueTask<WaitOutcome>(WaitOutcome.Done);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WaitOutcome> FlushAsync()
    {
        var deadline = long.MaxValue;
        try
        {
            while (true)
            {
                _isFlushing = true;
                var pending = _writer.FlushAsync(CancellationToken.None);
                if (!pending.IsCompleted)
                {
                    deadline = deadline == long.MaxValue ? After(_idleTimeout) : deadline;
                    _timer.Start(deadline);
                }

                var result = await pending;
                _isFlushing = false;
                if (result.IsCompleted)
                    return WaitOutcome.Ended;
                if (!result.IsCanceled)
                {
                    Unflushed = 0;
                    return WaitOutcome.Done;
                }

                if (IsAborted)
                    return WaitOutcome.Aborted;
                if (_timer.HasPassed(deadline))
                    return WaitOutcome.TimedOut;
            }
        }
        catch (Exception e) when (IsBrokenConnection(e))
        {
            return WaitOutcome.Ended;
        }
        finally
        {
            _isFlushing = false;
            _timer.Stop();
        }
    }

    /// <summary>Forgets what is buffered and lends the pipe to a TLS handshake, during which nothing wakes it.</summary>
    public IDuplexPipe Lend()
    {
        if (_holdsRead)
            _reader.AdvanceTo(Buffered.End);
        _holdsRead = false;
        Buffered = default;
        _wakeable = null;
        return _layers[^1];
    }

    /// <summary>Goes on over the pipe that the handshake made.</summary>
    public void Continue(IDuplexPipe pipe)
    {
        if (!_layers.Contains(pipe))
            _layers.Add(pipe);
        _reader = pipe.Input;
        _writer = pipe.Output;
        _wakeable = pipe;
    }

    public async ValueTask DisposeAsync()
    {
        await _onDrain.DisposeAsync();
        await _onAbort.DisposeAsync();
        await _timer.DisposeAsync();
        if (_holdsRead)
            _reader.AdvanceTo(Buffered.End);
        Buffered = default;
        // The TLS layer first: its close is written through the layer below.
        for (var i = _layers.Count - 1; i >= 0; i--)
        {
            try
            {
                await _layers[i].Output.CompleteAsync();
                await _layers[i].Input.CompleteAsync();
            }
            catch (Exception e) when (IsBrokenConnection(e))
            {
                await _layers[i].Input.CompleteAsync();
            }
        }
    }

    // Kestrel reports a reset as IOException and an abort as OperationCanceledException.
    private static bool IsBrokenConnection(Exception e) =>
        e is IOException or OperationCanceledException or ObjectDisposedException;

    private void WakeRead() => _wakeable?.Input.CancelPendingRead();

    /// <summary>
    /// A flush is cancelled only while one is pending, and only to end the connection: a cancellation that is kept for the next flush would
    /// make a TLS layer encrypt that reply, drop it and count it, and no record after it could be read.
    /// </summary>
    private void Wake()
    {
        WakeRead();
        if (_isFlushing)
            _wakeable?.Output.CancelPendingFlush();
    }
}
