using Commune.Mail.Smtp.Client;

namespace Commune.Server.Outbound;

/// <summary>What came of asking for a connection to a host.</summary>
internal abstract record LineResult
{
    /// <summary>The borrower gives it back to <see cref="HostLine.ReturnAsync"/>.</summary>
    public sealed record Rented(LineConnection Connection) : LineResult;

    /// <summary>The host was asked, and there is no connection.</summary>
    public sealed record Refused(SmtpConnectResult.Failed Failure) : LineResult;

    /// <summary>The host was not asked: it is known to be away, or busy enough, until then.</summary>
    public sealed record Away(DateTimeOffset Until, int? Code, string Reason) : LineResult;
}

/// <summary>A connection and how many messages it has taken.</summary>
internal sealed class LineConnection(HostLine line, SmtpClientConnection smtp)
{
    public HostLine Line => line;
    public SmtpClientConnection Smtp => smtp;
    public int Messages { get; set; }
    public DateTimeOffset IdleSince { get; set; }
}

/// <param name="MaxConnections">At once.</param>
/// <param name="MessagesPerSecond">0 for as many as the connections carry.</param>
internal sealed record LineLimits(int MaxConnections, double MessagesPerSecond);

/// <summary>
/// All that this node has to do with one mail host: its connections, which are used again for the next message; how many there may be and how
/// fast messages may follow each other; and whether the host is away, so that not every message finds that out by a time-out of its own.
/// </summary>
internal sealed class HostLine(MailHost host, LineLimits limits, RetrySchedule schedule, ConnectHost connect, TimeProvider time) : IDisposable
{
    /// <summary>A connection that nobody uses is closed after this: most servers would soon do it themselves.</summary>
    public static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(4);

    /// <summary>Then the server gets a new connection to count.</summary>
    public const int MostMessages = 100;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WithheldFor = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly SemaphoreSlim places = new(limits.MaxConnections);
    private readonly SemaphoreSlim probe = new(1);
    private readonly Stack<LineConnection> idle = new();
    private int live;
    private int withheld;
    private DateTimeOffset withheldAt;
    private int failures;
    private LineResult.Away? away;
    private DateTimeOffset nextMessage;

    public MailHost Host => host;

    /// <summary>When a connection was last asked for.</summary>
    public DateTimeOffset LastUsed { get; private set; } = time.GetUtcNow();

    public bool IsUnused
    {
        get
        {
            lock (gate)
                return live == 0 && failures == 0;
        }
    }

    /// <param name="fresh">Not one that was used before.</param>
    public async Task<LineResult> RentAsync(bool fresh, CancellationToken cancellation)
    {
        LastUsed = time.GetUtcNow();
        if (CurrentlyAway() is { } known)
            return known;
        if (await KeepPaceAsync(cancellation) is { } later)
            return later;

        while (true)
        {
            if (!await TakePlaceAsync(cancellation))
                return new LineResult.Away(time.GetUtcNow() + WithheldFor, null, $"All connections to {host.Name} were busy for {LongestWait.TotalMinutes:0} minutes");
            var keepsPlace = false;
            try
            {
                var result = await InPlaceAsync(fresh, cancellation);
                if (result is LineResult.Refused { Failure: var failure })
                {
                    keepsPlace = TryWithhold(failure);
                    // A host that takes no more connections than it has got withholds a place; the message waits for one of the others.
                    if (keepsPlace)
                        continue;
                    if (failure.IsTemporary)
                        Failed(failure.Code, failure.Text);
                }
                keepsPlace = result is LineResult.Rented;
                return result;
            }
            finally
            {
                if (!keepsPlace)
                    places.Release();
            }
        }
    }

    /// <summary>Takes a connection back; one that is of no more use is closed.</summary>
    public async ValueTask ReturnAsync(LineConnection connection, CancellationToken cancellation)
    {
        connection.IdleSince = time.GetUtcNow();
        var keep = connection.Smtp.IsUsable && connection.Messages < MostMessages;
        lock (gate)
        {
            if (keep)
                idle.Push(connection);
            else
                live--;
            GiveBackWithheld();
        }
        places.Release();
        if (!keep)
            await connection.Smtp.QuitAsync(cancellation);
    }

    /// <summary>The host did its work: what it did wrong before is forgotten.</summary>
    public void Worked()
    {
        lock (gate)
            (failures, away) = (0, null);
    }

    /// <summary>The host failed as a whole, so nobody asks it again for a while: the longer the more often it failed in a row.</summary>
    public void Failed(int? code, string reason)
    {
        lock (gate)
        {
            // Whoever was under way when the first one failed finds out nothing new.
            if (away is { } known && known.Until > time.GetUtcNow())
                return;
            failures++;
            away = new LineResult.Away(time.GetUtcNow() + schedule.HoldFor(failures), code, reason);
        }
    }

    /// <summary>Takes out the connections that nobody has used for a while.</summary>
    public IReadOnlyList<LineConnection> TakeIdle(bool all)
    {
        var old = time.GetUtcNow() - LongestIdle;
        lock (gate)
        {
            var kept = new List<LineConnection>();
            var taken = new List<LineConnection>();
            while (idle.TryPop(out var connection))
                (all || connection.IdleSince <= old ? taken : kept).Add(connection);
            for (var i = kept.Count - 1; i >= 0; i--)
                idle.Push(kept[i]);
            live -= taken.Count;
            GiveBackWithheld();
            return taken;
        }
    }

    public void Dispose()
    {
        places.Dispose();
        probe.Dispose();
    }

    private async Task<LineResult> InPlaceAsync(bool fresh, CancellationToken cancellation)
    {
        if (fresh)
            await CloseAsync(TakeIdle(all: true));
        else if (TryTakeIdle() is { } open)
            return new LineResult.Rented(open);

        bool failedBefore;
        lock (gate)
            failedBefore = failures > 0;
        if (!failedBefore)
            return await ConnectAsync(cancellation);

        // One asks whether the host is back, the others wait for what it learns.
        await probe.WaitAsync(cancellation);
        try
        {
            return CurrentlyAway() as LineResult ?? await ConnectAsync(cancellation);
        }
        finally
        {
            probe.Release();
        }
    }

    private async Task<LineResult> ConnectAsync(CancellationToken cancellation)
    {
        switch (await connect.ConnectAsync(host, cancellation))
        {
            case SmtpConnectResult.Connected { Connection: var smtp }:
                lock (gate)
                    live++;
                return new LineResult.Rented(new LineConnection(this, smtp));
            case SmtpConnectResult.Failed failed:
                return new LineResult.Refused(failed);
            case var other:
                throw new InvalidOperationException($"Unknown result {other.GetType().Name}");
        }
    }

    private LineConnection? TryTakeIdle()
    {
        lock (gate)
        {
            // The youngest; when that is old, so are all, and they wait to be closed.
            return idle.TryPeek(out var youngest) && time.GetUtcNow() - youngest.IdleSince < LongestIdle ? idle.Pop() : null;
        }
    }

    private LineResult.Away? CurrentlyAway()
    {
        lock (gate)
            return away is { } known && known.Until > time.GetUtcNow() ? known : null;
    }

    private async Task<bool> TakePlaceAsync(CancellationToken cancellation)
    {
        if (await places.WaitAsync(TimeSpan.Zero, cancellation))
            return true;
        using var limit = new CancellationTokenSource(LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await places.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<LineResult.Away?> KeepPaceAsync(CancellationToken cancellation)
    {
        if (limits.MessagesPerSecond <= 0)
            return null;
        TimeSpan pause;
        lock (gate)
        {
            var now = time.GetUtcNow();
            var slot = nextMessage > now ? nextMessage : now;
            pause = slot - now;
            if (pause > LongestPause)
                return new LineResult.Away(slot, null, $"Messages to {host.Name} are sent no faster than {limits.MessagesPerSecond} a second");
            nextMessage = slot + TimeSpan.FromSeconds(1 / limits.MessagesPerSecond);
        }
        if (pause > TimeSpan.Zero)
            await Task.Delay(pause, time, cancellation);
        return null;
    }

    private bool TryWithhold(SmtpConnectResult.Failed failure)
    {
        lock (gate)
        {
            if (live == 0 || failure is not { Stage: SmtpStage.Greeting, Code: >= 400 and < 500 })
                return false;
            withheld++;
            withheldAt = time.GetUtcNow();
            return true;
        }
    }

    private void GiveBackWithheld()
    {
        if (withheld == 0 || (live > 0 && time.GetUtcNow() - withheldAt < WithheldFor))
            return;
        var count = live == 0 ? withheld : 1;
        withheld -= count;
        withheldAt = time.GetUtcNow();
        places.Release(count);
    }

    internal static Task CloseAsync(IReadOnlyList<LineConnection> connections) =>
        Task.WhenAll(connections.Select(static connection => connection.Smtp.QuitAsync(CancellationToken.None)));
}
