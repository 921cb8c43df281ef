using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Events;

/// <summary>Why a stream or a socket ends from our side.</summary>
internal enum StreamEnd
{
    /// <summary>The reader took nothing for too long.</summary>
    SlowReader,

    /// <summary>The key was revoked or expired.</summary>
    KeyEnded,

    /// <summary>This node is stopping; another, or this one started again, goes on.</summary>
    Stopping,
}

/// <summary>The far side of a stream. What is written and not taken within its time limit is told by false, and nothing more is written then.</summary>
internal interface IEventOutput
{
    /// <summary>The first sign of life, with the position that the reader starts from.</summary>
    Task<bool> BeginAsync(EventReader reader, CancellationToken cancellation);

    Task<bool> WriteAsync(EventReader reader, IReadOnlyList<LogEvent> events, CancellationToken cancellation);

    /// <summary>Tells that the connection lives, and how far the log was looked through.</summary>
    Task<bool> HeartbeatAsync(EventReader reader, CancellationToken cancellation);
}

/// <summary>Sends an organisation's events as they are committed, from a position on, until the reader goes or is cut off.</summary>
internal sealed class EventSending(IStore store, TimeProvider time)
{
    public static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(15);

    /// <summary>A reader that takes nothing for so long is cut off. Nothing is lost: it comes back with the last id that it has.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan KeyCheckEvery = TimeSpan.FromMinutes(1);
    private const int AtOnce = 50;

    /// <summary>Returns why the stream ends.</summary>
    /// <exception cref="OperationCanceledException">The reader went.</exception>
    public async Task<StreamEnd> RunAsync(Caller caller, EventReader reader, IEventOutput output, CancellationToken gone, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(gone, stopping);
        try
        {
            return await SendAsync(caller, reader, output, either.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !gone.IsCancellationRequested)
        {
            return StreamEnd.Stopping;
        }
    }

    private async Task<StreamEnd> SendAsync(Caller caller, EventReader reader, IEventOutput output, CancellationToken cancellation)
    {
        if (!await output.BeginAsync(reader, cancellation))
            return StreamEnd.SlowReader;
        var written = time.GetTimestamp();
        var keyChecked = written;
        while (true)
        {
            var batch = await reader.ReadAsync(AtOnce, cancellation);
            if (batch.Events.Count > 0)
            {
                if (!await output.WriteAsync(reader, batch.Events, cancellation))
                    return StreamEnd.SlowReader;
                written = time.GetTimestamp();
            }
            else if (!batch.HasMore)
            {
                await reader.WaitAsync(HeartbeatEvery - time.GetElapsedTime(written), cancellation);
            }

            if (time.GetElapsedTime(written) >= HeartbeatEvery)
            {
                if (!await output.HeartbeatAsync(reader, cancellation))
                    return StreamEnd.SlowReader;
                written = time.GetTimestamp();
            }
            if (time.GetElapsedTime(keyChecked) >= KeyCheckEvery)
            {
                if (await HasEndedAsync(caller, cancellation))
                    return StreamEnd.KeyEnded;
                keyChecked = time.GetTimestamp();
            }
        }
    }

    /// <summary>A stream outlives the check that let it in.</summary>
    private async Task<bool> HasEndedAsync(Caller caller, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (caller.Key is null)
            return await store.Agents.FindAsync(caller.ActorId, cancellation) is not { Status: "active" };
        return await store.ApiKeys.GetAsync(caller.OrgId, caller.Key.Id, cancellation) is not { Status: "active" } key || key.ExpiresAt <= now;
    }
}
