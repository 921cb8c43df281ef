using Npgsql;
using NpgsqlTypes;

namespace Commune.Load;

/// <summary>PostgreSQL over one connection: a group is one batch of prepared statements, and so one round trip and one commit.</summary>
internal sealed class PostgresBareTable : IBareTable
{
    private readonly NpgsqlConnection database;

    private PostgresBareTable(NpgsqlConnection database) => this.database = database;

    public static async Task<PostgresBareTable> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 10, AutoPrepareMinUsages = 1, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand(
            """
            CREATE TABLE IF NOT EXISTS bare_rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL);
            -- As the server keeps raw mail: compressing it would halve what is measured here.
            ALTER TABLE bare_rows ALTER COLUMN body SET STORAGE EXTERNAL
            """, connection);
        await create.ExecuteNonQueryAsync();
        return new PostgresBareTable(connection);
    }

    /// <summary>What decides whether a commit is durable; a server that does not sync is not worth comparing with.</summary>
    public static async Task<string> DurabilityAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT 'fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit')", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public async Task InsertAsync(IReadOnlyList<ReadOnlyMemory<byte>> rows)
    {
        await using var batch = new NpgsqlBatch(database);
        foreach (var row in rows)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO bare_rows (body) VALUES ($1)")
            {
                Parameters = { new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = row, NpgsqlDbType = NpgsqlDbType.Bytea } },
            });
        }
        await batch.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
