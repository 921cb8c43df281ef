using Commune.Peers;
using Commune.Storage.Postgres;
using Npgsql;

namespace Commune.Storage.Tests.Testing;

/// <summary>PostgreSQL: two nodes on one database of a cluster that all tests of the process share.</summary>
public sealed class PostgresEngine : Engine
{
    private PostgresCluster? cluster;

    protected override int NodeCount => 2;

    public override async Task<TestDatabase> NewDatabaseAsync() => new PostgresDatabase(cluster!, await cluster!.CreateDatabaseAsync());

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

        public override async ValueTask DisposeAsync() => await cluster.DropDatabaseAsync(connectionString);
    }
}
