using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>
/// Says which logs grew and of which kinds jobs were added: to those who wait in this process at once, to other nodes by NOTIFY, one transaction at
/// a time for all that came meanwhile, so many a second at most. The commits that it announces never wait for it: a NOTIFY inside them would
/// make PostgreSQL commit them one after the other.
/// </summary>
internal sealed class CommitAnnouncer(NpgsqlDataSource source, JobSignals jobs, EventSignals events, TimeProvider time) : IAsyncDisposable
{
    public const string EventChannel = "commune_events";
    public const string JobChannel = "commune_jobs";

    // Nothing depends on the hint's durability: its commit need not wait for the disk.
    private const string Announcement =
        "SELECT set_config('synchronous_commit', 'off', true), pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS k (channel, payload)";

    /// <summary>What follows sooner waits for the next one: an announcement costs the server as much as storing two messages.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource closing = new();
    private readonly HashSet<(string Channel, string Payload)> waiting = [];
    private readonly Lock gate = new();
    private NpgsqlConnection? connection;
    private int processId;
    private bool isSending;
    private bool isClosed;
    private long? sentAt;
    private Task sending = Task.CompletedTask;

    /// <summary>The server's process that announces for this node, which has heard of it already; 0 when there is none.</summary>
    public int ProcessId => Volatile.Read(ref processId);

    public void Announce(string orgId) => Announce([orgId], []);

    public void Announce(IEnumerable<string> orgIds, IReadOnlyCollection<string> kinds)
    {
        foreach (var orgId in orgIds)
        {
            events.Pulse(orgId);
            Send((EventChannel, orgId));
        }
        foreach (var kind in kinds)
        {
            jobs.Pulse(kind);
            Send((JobChannel, kind));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task last;
        lock (gate)
        {
            isClosed = true;
            last = sending;
        }
        await closing.CancelAsync();
        await last;
        await CloseAsync();
    }

    private void Send((string Channel, string Payload) hint)
    {
        lock (gate)
        {
            if (isClosed)
                return;
            waiting.Add(hint);
            if (isSending)
                return;
            isSending = true;
            sending = Task.Run(SendAsync);
        }
    }

    private async Task SendAsync()
    {
        while (true)
        {
            if (sentAt is { } last && time.GetElapsedTime(last) is var since && since < Every)
                await Task.Delay(Every - since, time, closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Take() is not { } hints)
                return;
            sentAt = time.GetTimestamp();
            try
            {
                if (connection is null)
                {
                    connection = await source.OpenConnectionAsync();
                    Volatile.Write(ref processId, connection.ProcessID);
                }
                await new PostgresSession(connection).QueryAsync(
                    Announcement, static _ => true, CancellationToken.None,
                    Array.ConvertAll(hints, static hint => hint.Channel), Array.ConvertAll(hints, static hint => hint.Payload));
            }
            catch (Exception error) when (PostgresErrors.IsConnectionFailure(error) || error is PostgresException)
            {
                // A lost hint costs other nodes only their regular look.
                await CloseAsync();
            }
        }
    }

    private async Task CloseAsync()
    {
        Volatile.Write(ref processId, 0);
        if (connection is { } closed)
        {
            connection = null;
            await closed.DisposeAsync();
        }
    }

    private (string Channel, string Payload)[]? Take()
    {
        lock (gate)
        {
            if (waiting.Count == 0)
            {
                isSending = false;
                return null;
            }
            (string, string)[] hints = [.. waiting];
            waiting.Clear();
            return hints;
        }
    }
}
