using System.Data;
using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>The connection of a lane, made again after it broke, and the age of the plans that the server keeps for it.</summary>
internal sealed class LaneConnection(NpgsqlDataSource source, TimeProvider time) : IAsyncDisposable
{
    /// <summary>
    /// Statements here look rows up by key, from table to table in the order in which they are written and never by reading one, and which keys
    /// makes no difference to how: so the server need not plan them anew each time, which would take longer than running most of them.
    /// </summary>
    private const string Settings =
        """
        SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET join_collapse_limit = 1;
        SET jit = off; SET plan_cache_mode = force_generic_plan
        """;

    /// <summary>A plan that was made while a table was empty takes any index for as good as the right one: none lives long enough to be held to that.</summary>
    private static readonly TimeSpan LifeOfPlans = TimeSpan.FromSeconds(1);

    private NpgsqlConnection? connection;
    private long plannedAt;

    public async Task<NpgsqlConnection> OpenAsync()
    {
        if (connection is { State: ConnectionState.Open } usable)
            return usable;
        // An error that nothing classes as one of the connection can have closed it too.
        await DisposeAsync();
        var opened = await source.OpenConnectionAsync();
        try
        {
            await new PostgresSession(opened).ExecuteAsync(Settings, CancellationToken.None);
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }

        plannedAt = time.GetTimestamp();
        return connection = opened;
    }

    /// <summary>True when the next batch is to have the server plan anew; it is held to have done so.</summary>
    public bool TakeOldPlans()
    {
        if (time.GetElapsedTime(plannedAt) < LifeOfPlans)
            return false;
        plannedAt = time.GetTimestamp();
        return true;
    }

    /// <summary>Closes it; the next batch opens another.</summary>
    public async ValueTask DisposeAsync()
    {
        if (connection is { } closed)
        {
            connection = null;
            await closed.DisposeAsync();
        }
    }
}
