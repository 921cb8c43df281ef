using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>
/// Hears what other nodes announce, on a connection of its own that is made again when it breaks. Hints only: what was announced
/// meanwhile is made up for by one signal for every kind and every log.
/// </summary>
internal sealed class JobListener(
    NpgsqlDataSource source, JobSignals signals, EventSignals events, CommitAnnouncer announcer, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Announces the kind in <c>$1</c>.</summary>
    public const string Announcement = "SELECT pg_notify('" + CommitAnnouncer.JobChannel + "', $1)";

    private static readonly TimeSpan BeforeReconnecting = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private Task? loop;

    /// <summary>Begins to listen, once.</summary>
    public void Start()
    {
        lock (gate)
            loop ??= Task.Run(() => RunAsync(stopping.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (loop is not null)
            await loop;
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is PostgresException || PostgresErrors.IsConnectionFailure(error))
            {
                await Task.Delay(BeforeReconnecting, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        connection.Notification += (_, heard) =>
        {
            // Who waits here was told before it was sent.
            if (heard.PID == announcer.ProcessId)
                return;
            if (heard.Channel == CommitAnnouncer.EventChannel)
                events.Pulse(heard.Payload);
            else
                signals.Pulse(heard.Payload);
        };
        await new PostgresSession(connection).ExecuteAsync("LISTEN " + CommitAnnouncer.JobChannel + "; LISTEN " + CommitAnnouncer.EventChannel, cancellation);
        signals.PulseAll();
        events.PulseAll();
        while (true)
            await connection.WaitAsync(cancellation);
    }
}
