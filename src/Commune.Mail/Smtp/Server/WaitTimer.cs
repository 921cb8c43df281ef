namespace Commune.Mail.Smtp.Server;

/// <summary>
/// Calls back when a deadline passes. Deadlines change with every wait, so the underlying timer is left alone while it is
/// set for an earlier moment: when that comes it is set again for what is then the deadline.
/// </summary>
internal sealed class WaitTimer : IAsyncDisposable
{
    private const long Never = long.MaxValue;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Action _onExpired;
    private readonly ITimer _timer;
    private long _deadline = Never;
    private long _setFor = Never;

    public WaitTimer(TimeProvider time, Action onExpired)
    {
        _time = time;
        _onExpired = onExpired;
        _timer = time.CreateTimer(static state => ((WaitTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The timestamp of the time provider that lies this far ahead.</summary>
    public long After(TimeSpan span)
    {
        var now = _time.GetTimestamp();
        var ticks = span.TotalSeconds * _time.TimestampFrequency;
        return ticks >= Never - now ? Never : now + (long)ticks;
    }

    public bool HasPassed(long deadline) => deadline != Never && _time.GetTimestamp() >= deadline;

    public void Start(long deadline)
    {
        lock (_gate)
        {
            _deadline = deadline;
            if (deadline < _setFor)
                SetFor(deadline);
        }
    }

    public void Stop()
    {
        lock (_gate)
            _deadline = Never;
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Fire()
    {
        lock (_gate)
        {
            _setFor = Never;
            if (_deadline == Never)
                return;
            if (!HasPassed(_deadline))
            {
                SetFor(_deadline);
                return;
            }

            _deadline = Never;
        }

        _onExpired();
    }

    private void SetFor(long deadline)
    {
        _setFor = deadline;
        var ahead = _time.GetElapsedTime(_time.GetTimestamp(), deadline);
        // Timers count whole milliseconds; one that comes early would only have to be set again.
        var due = Math.Clamp(Math.Ceiling(ahead.TotalMilliseconds), 0, uint.MaxValue - 1);
        _timer.Change(TimeSpan.FromMilliseconds(due), Timeout.InfiniteTimeSpan);
    }
}
