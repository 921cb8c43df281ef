using System.Reflection;
using Commune.Storage.Blobs;

namespace Commune.Storage.Tests.Testing;

/// <summary>Makes the engines by name, so that the suite builds beside any one of them.</summary>
internal static class EngineFactory
{
    public static IStore Sqlite(string directory, TimeProvider time) =>
        (IStore)New("Commune.Storage.Sqlite.SqliteStore", New("Commune.Storage.Sqlite.SqliteStoreSettings", directory), time);

    public static IStore Postgres(string connectionString, TimeProvider time) =>
        (IStore)New("Commune.Storage.Postgres.PostgresStore", New("Commune.Storage.Postgres.PostgresStoreSettings", connectionString), time);

    public static IBlobStore FileBlobs(string directory) => (IBlobStore)New("Commune.Storage.Blobs.FileBlobStore", directory);

    public static bool Has(string type) => typeof(IStore).Assembly.GetType(type) is not null;

    private static object New(string name, params object[] arguments)
    {
        var type = typeof(IStore).Assembly.GetType(name, throwOnError: true)!;
        var constructor = type.GetConstructors()
            .Where(c => c.GetParameters().Length >= arguments.Length && c.GetParameters()[0].ParameterType.IsInstanceOfType(arguments[0]))
            .OrderBy(c => c.GetParameters().Length)
            .First();
        object?[] all = [.. arguments, .. constructor.GetParameters().Skip(arguments.Length).Select(_ => Type.Missing)];
        return constructor.Invoke(BindingFlags.OptionalParamBinding | BindingFlags.DoNotWrapExceptions, null, all, null);
    }
}
