using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>
/// Says which logs grew: to those who watch in this process at once, to other nodes by NOTIFY, one transaction at a time for all that
/// grew meanwhile. The commits that it announces never wait for it: a NOTIFY inside them would make PostgreSQL commit them one after the other.
/// </summary>
internal sealed class EventAnnouncer(NpgsqlDataSource source, EventSignals signals) : IAsyncDisposable
{
    public const string Channel = "commune_events";

    // Nothing depends on the hint's durability: its commit need not wait for the disk.
    private const string Announcement =
        "SELECT set_config('synchronous_commit', 'off', true), pg_notify('" + Channel + "', org_id) FROM unnest($1::text[]) AS org_id";

    private readonly HashSet<string> waiting = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private bool isSending;
    private bool isClosed;
    private Task sending = Task.CompletedTask;

    public void Announce(string orgId)
    {
        signals.Pulse(orgId);
        lock (gate)
        {
            if (isClosed)
                return;
            waiting.Add(orgId);
            if (isSending)
                return;
            isSending = true;
            sending = Task.Run(SendAsync);
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
        await last;
    }

    private async Task SendAsync()
    {
        while (Take() is { } grown)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync();
                await new PostgresSession(connection).QueryAsync(Announcement, static _ => true, CancellationToken.None, [grown]);
            }
            catch (Exception error) when (PostgresErrors.IsConnectionFailure(error) || error is PostgresException)
            {
                // A lost hint costs other nodes only their regular look at the log.
            }
        }
    }

    private string[]? Take()
    {
        lock (gate)
        {
            if (waiting.Count == 0)
            {
                isSending = false;
                return null;
            }
            string[] grown = [.. waiting];
            waiting.Clear();
            return grown;
        }
    }
}
