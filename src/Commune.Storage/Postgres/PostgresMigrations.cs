using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>Runs the numbered scripts that this database has not seen yet; one node at a time.</summary>
internal static class PostgresMigrations
{
    /// <summary>Names the session lock; any number that nobody else uses in this database.</summary>
    private const long LockId = 0x636f6d6d756e65;
    private const string Folder = "Commune.Storage.Postgres.Migrations.";

    public static async Task RunAsync(NpgsqlDataSource source, NpgsqlConnectionStringBuilder settings, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellation);
            var session = new PostgresSession(connection);
            await session.ExecuteAsync("SELECT pg_advisory_lock($1)", cancellation, LockId);
            try
            {
                await RunLockedAsync(connection, session, cancellation);
            }
            finally
            {
                // The server frees it with the connection as well, when this one broke.
                if (connection.FullState == System.Data.ConnectionState.Open)
                    await session.ExecuteAsync("SELECT pg_advisory_unlock($1)", CancellationToken.None, LockId);
            }
        }
        catch (PostgresException error)
        {
            throw new StoreStartException(Describe(error, settings), error);
        }
        catch (NpgsqlException error)
        {
            var reason = error.InnerException is SocketException or TimeoutException ? error.InnerException.Message : error.Message;
            throw new StoreStartException(
                $"PostgreSQL at {settings.Host}:{settings.Port} cannot be reached ({OneLine(reason)}): start it, or correct the connection string.", error);
        }
    }

    private static async Task RunLockedAsync(NpgsqlConnection connection, PostgresSession session, CancellationToken cancellation)
    {
        await session.ExecuteAsync("CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, applied_at timestamptz NOT NULL)", cancellation);
        var present = (await session.QueryAsync("SELECT COALESCE(max(version), 0) FROM schema_version", static row => row.GetInt32(0), cancellation))[0];
        var scripts = Scripts();
        var newest = scripts.Keys.Max();
        if (present > newest)
        {
            throw new StoreStartException(
                $"The database has schema version {present}, this program knows {newest}: run the newer program, or restore a backup from before the upgrade.");
        }

        foreach (var (version, script) in scripts.Where(script => script.Key > present))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            var step = new PostgresSession(connection, transaction);
            await step.ExecuteAsync(script, cancellation);
            await step.ExecuteAsync("INSERT INTO schema_version (version, applied_at) VALUES ($1, now())", cancellation, version);
            await transaction.CommitAsync(cancellation);
        }
    }

    private static SortedDictionary<int, string> Scripts()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var scripts = new SortedDictionary<int, string>();
        foreach (var name in assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            scripts.Add(int.Parse(name[Folder.Length..].Split('.')[0], CultureInfo.InvariantCulture), reader.ReadToEnd());
        }

        return scripts;
    }

    private static string Describe(PostgresException error, NpgsqlConnectionStringBuilder settings) => error.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $"PostgreSQL at {settings.Host}:{settings.Port} refuses the user '{settings.Username}': correct user and password in the connection string.",
        PostgresErrorCodes.InvalidCatalogName =>
            $"PostgreSQL at {settings.Host}:{settings.Port} has no database '{settings.Database}': create it, or correct the connection string.",
        PostgresErrorCodes.InsufficientPrivilege =>
            $"The user '{settings.Username}' may not create tables in the database '{settings.Database}': grant it, or make it the owner.",
        _ => $"PostgreSQL at {settings.Host}:{settings.Port} cannot be used: {OneLine(error.MessageText)} ({error.SqlState}).",
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
