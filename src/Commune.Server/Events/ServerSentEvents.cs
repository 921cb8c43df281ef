using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Commune.Server.Events;

/// <summary>Events as <c>text/event-stream</c> (HTML standard §9.2).</summary>
internal sealed class ServerSentEvents(PipeWriter output, TimeProvider time) : IEventOutput
{
    /// <summary>Milliseconds after which a client that lost us comes back.</summary>
    private const int ReconnectAfter = 2000;
    private static readonly TimeSpan ToMakeRoom = TimeSpan.FromSeconds(5);

    /// <summary>The last flush that was waited for; still under way when it outlived its time limit.</summary>
    private Task late = Task.CompletedTask;

    /// <summary>A block with an id and without data sets the client's last event id and is no event: whoever is cut before the first event resumes too.</summary>
    public Task<bool> BeginAsync(EventReader reader, CancellationToken cancellation)
    {
        Write($": connected\nretry: {ReconnectAfter}\nid: {reader.Cursor}\n\n");
        return FlushAsync(cancellation);
    }

    public Task<bool> WriteAsync(EventReader reader, IReadOnlyList<LogEvent> events, CancellationToken cancellation)
    {
        foreach (var item in events)
        {
            Write($"id: {item.Entry.Id}\nevent: {reader.Filter.NameOf(item.Entry)}\ndata: ");
            output.Write(item.Json.Span);
            Write("\n\n");
        }
        return FlushAsync(cancellation);
    }

    public Task<bool> HeartbeatAsync(EventReader reader, CancellationToken cancellation)
    {
        Write($": heartbeat\nid: {reader.Cursor}\n\n");
        return FlushAsync(cancellation);
    }

    /// <summary>
    /// Writes the last thing on the stream, which is sent as far as the client takes it. False when the client did not even make room for that:
    /// nothing is left but to tear the connection down, and then to wait for <see cref="FinishAsync"/>.
    /// </summary>
    public async Task<bool> TryCloseAsync(StreamEnd end)
    {
        await Task.WhenAny(late, Task.Delay(ToMakeRoom, time, CancellationToken.None));
        if (!late.IsCompletedSuccessfully)
            return false;
        Write(end switch
        {
            StreamEnd.SlowReader => "event: error\ndata: {\"error\":\"This reader took nothing for too long. Connect again with the last event id.\",\"code\":\"slow_reader\"}\n\n",
            StreamEnd.KeyEnded => "event: error\ndata: {\"error\":\"The API key is no longer valid.\",\"code\":\"unauthorized\"}\n\n",
            _ => ": this server is stopping; connect again\n\n",
        });
        return true;
    }

    /// <summary>Waits for a flush that was given up, so that nothing of it is left behind.</summary>
    public async Task FinishAsync()
    {
        try
        {
            await late;
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The connection was torn down under it.
        }
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, output);

    /// <summary>False when the client did not take what was written in time.</summary>
    private async Task<bool> FlushAsync(CancellationToken cancellation)
    {
        var flushing = output.FlushAsync(CancellationToken.None);
        if (flushing.IsCompleted)
            return Look(await flushing);
        var flush = flushing.AsTask();
        late = flush;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(flush, Task.Delay(EventSending.Patience, time, stop.Token));
        await stop.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
        if (flush.IsCompleted)
            return Look(await flush);

        // A cancelled token would tear the connection down, and the last words with it.
        output.CancelPendingFlush();
        return false;
    }

    private static bool Look(FlushResult result)
    {
        // The other side hung up.
        if (result.IsCompleted)
            throw new OperationCanceledException("The reader went.");
        return true;
    }
}
