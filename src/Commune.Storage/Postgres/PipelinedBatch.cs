using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>Statements that go to the server together: one round trip, in order, each seeing what those before it did.</summary>
internal sealed class PipelinedBatch(NpgsqlConnection connection, NpgsqlTransaction? transaction)
{
    private readonly NpgsqlBatch batch = new(connection, transaction);
    private readonly List<Action<NpgsqlDataReader>> readers = [];

    public void Write(string sql, params object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(PostgresSession.Parameter(value));
        batch.BatchCommands.Add(command);
    }

    /// <summary>A statement with rows; <paramref name="row"/> is called for each of them.</summary>
    public void Read(string sql, Action<NpgsqlDataReader> row, params object?[] values)
    {
        Write(sql, values);
        readers.Add(row);
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        if (batch.BatchCommands.Count == 0)
            return;
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        foreach (var row in readers)
        {
            // Statements without rows give no result set, so these stand in the order of the Read calls.
            while (await reader.ReadAsync(cancellation))
                row(reader);
            await reader.NextResultAsync(cancellation);
        }

        // Disposing would hide the error of a later statement.
        while (await reader.NextResultAsync(cancellation))
        {
        }
    }
}
