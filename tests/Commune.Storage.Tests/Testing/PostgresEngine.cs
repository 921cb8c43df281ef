using Commune.Peers;
using Commune.Storage.Postgres;
using Commune.Storage.Tests.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresEnd))]

namespace Commune.Storage.Tests.Testing;

/// <summary>PostgreSQL: two nodes on one database of a cluster that all tests of the process share.</summary>
public sealed class PostgresEngine : Engine
{
    private PostgresCluster? cluster;

    protected override int NodeCount => 2;

    /// <summary>Of the database that was made first, which the facts of a class share.</summary>
    public string ConnectionString { get; private set; } = "";

    public override async Task<TestDatabase> NewDatabaseAsync()
    {
        var made = await cluster!.CreateDatabaseAsync();
        ConnectionString = ConnectionString is "" ? made : ConnectionString;
        return new PostgresDatabase(cluster, made);
    }

    protected override async Task<string?> FindObstacleAsync()
    {
        (cluster, var obstacle) = await PostgresCluster.GetAsync();
        return obstacle;
    }

    private sealed class PostgresDatabase(PostgresCluster cluster, string connectionString) : TestDatabase
    {
        public override IStore Open(TimeProvider time) => new PostgresStore(new PostgresStoreSettings(connectionString), time);

        public override async Task PretendNewerSchemaAsync()
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("INSERT INTO schema_version (version, applied_at) VALUES (9999, now())", connection);
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }

        public override async Task<IReadOnlyList<string>> ReadTextsAsync(string sql)
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(sql, connection);
            await using var reader = await command.ExecuteReaderAsync();
            var texts = new List<string>();
            while (await reader.ReadAsync())
                texts.Add(reader.GetValue(0).ToString()!);
            return texts;
        }

        public override Task<IReadOnlyList<string>> TablesWithAsync(string column) => ReadTextsAsync(
            $"""
            SELECT c.table_name
            FROM information_schema.columns c
            JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
            WHERE c.table_schema = 'public' AND c.column_name = '{column}'
            ORDER BY 1
            """);

        public override async ValueTask DisposeAsync() => await cluster.DropDatabaseAsync(connectionString);
    }
}

/// <summary>Stops the cluster when the last fact has ended.</summary>
public sealed class PostgresEnd : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await PostgresCluster.EndAsync();
}
