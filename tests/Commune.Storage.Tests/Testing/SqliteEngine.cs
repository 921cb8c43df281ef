using Commune.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Commune.Storage.Tests.Testing;

/// <summary>SQLite in a temporary directory. One process owns a directory, so there is one node.</summary>
public sealed class SqliteEngine : Engine
{
    protected override int NodeCount => 1;

    public override Task<TestDatabase> NewDatabaseAsync() => Task.FromResult<TestDatabase>(new SqliteDatabase());

    protected override Task<string?> FindObstacleAsync() => Task.FromResult<string?>(null);

    private sealed class SqliteDatabase : TestDatabase
    {
        private readonly string directory = Directory.CreateTempSubdirectory("commune-sqlite-").FullName;

        public override IStore Open(TimeProvider time) => new SqliteStore(new SqliteStoreSettings(directory), time);

        public override async Task PretendNewerSchemaAsync()
        {
            var file = Assert.Single(Directory.GetFiles(directory, "*.db"));
            await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 9999";
            await command.ExecuteNonQueryAsync();
        }

        public override async Task<IReadOnlyList<string>> ReadTextsAsync(string sql)
        {
            var file = Assert.Single(Directory.GetFiles(directory, "*.db"));
            await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await using var reader = await command.ExecuteReaderAsync();
            var texts = new List<string>();
            while (await reader.ReadAsync())
                texts.Add(reader.GetValue(0).ToString()!);
            return texts;
        }

        public override Task<IReadOnlyList<string>> TablesWithAsync(string column) => ReadTextsAsync(
            $"SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND c.name = '{column}' ORDER BY 1");

        public override ValueTask DisposeAsync()
        {
            Directory.Delete(directory, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
