using System.Security.Cryptography;
using Npgsql;

namespace Commune.Load;

/// <summary>An empty data directory, and with PostgreSQL an empty database; both are gone at the end, unless they are to be kept.</summary>
internal sealed class ServerHome : IAsyncDisposable
{
    private readonly LoadOptions options;
    private readonly string database;

    private ServerHome(LoadOptions options)
    {
        this.options = options;
        database = "commune_load_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        Directory = options.Home ?? Path.Combine(options.Directory, database);
        Connection = options.Engine == "postgres" ? new NpgsqlConnectionStringBuilder(options.Connection) { Database = database }.ConnectionString : null;
    }

    public string Directory { get; }

    public string? Connection { get; }

    public static async Task<ServerHome> MakeAsync(LoadOptions options)
    {
        var home = new ServerHome(options);
        System.IO.Directory.CreateDirectory(home.Directory);
        if (home.Connection is not null)
            await home.ExecuteAsync($"CREATE DATABASE {home.database}");
        return home;
    }

    public async ValueTask DisposeAsync()
    {
        if (options.Keep)
        {
            Console.WriteLine($"kept: {Directory}");
            return;
        }
        System.IO.Directory.Delete(Directory, recursive: true);
        if (Connection is not null)
            await ExecuteAsync($"DROP DATABASE {database} WITH (FORCE)");
    }

    private async Task ExecuteAsync(string sql)
    {
        try
        {
            await using var connection = new NpgsqlConnection(options.Connection);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
        catch (NpgsqlException error)
        {
            throw new LoadException($"PostgreSQL: {error.Message}");
        }
    }
}
