using System.Globalization;
using System.Reflection;

namespace Commune.Storage.Sqlite;

/// <summary>Runs the numbered scripts that a database has not seen; <c>user_version</c> holds the last one's number.</summary>
internal static class SqliteMigrations
{
    private const string Folder = "Commune.Storage.Sqlite.Migrations.";

    public static void Run(SqliteSession session, string path)
    {
        var scripts = Scripts();
        var newest = scripts[^1].Version;
        var present = session.Number("PRAGMA user_version") ?? 0;
        if (present > newest)
        {
            throw new StoreStartException(
                $"{path} was written by a newer version of Commune (schema {present}, this program knows {newest}); start that version");
        }
        if (present == 0 && session.Any("SELECT 1 FROM sqlite_schema"))
            throw new StoreStartException($"{path} is a database of another program; choose another data directory");

        foreach (var (version, resource) in scripts.Where(script => script.Version > present))
        {
            session.Run("BEGIN IMMEDIATE");
            try
            {
                session.Run(Read(resource));
                session.Run(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version}"));
                session.Run("COMMIT");
            }
            catch
            {
                if (session.InTransaction)
                    session.Run("ROLLBACK");
                throw;
            }
        }
    }

    /// <exception cref="StoreStartException">The running server has another schema than this program.</exception>
    public static void RequireCurrent(SqliteSession session, string path)
    {
        var (present, newest) = (session.Number("PRAGMA user_version") ?? 0, Scripts()[^1].Version);
        if (present != newest)
        {
            throw new StoreStartException(
                $"The server that uses {path} is of another version (schema {present}, this program has {newest}); use the command of its version");
        }
    }

    private static List<(int Version, string Resource)> Scripts() =>
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(static name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(static name => (int.Parse(name.AsSpan(Folder.Length, 4), NumberStyles.None, CultureInfo.InvariantCulture), name))
            .Order(),
    ];

    private static string Read(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
