using Commune.Peers;
using Commune.Storage;
using Commune.Storage.Postgres;
using Commune.Storage.Sqlite;

namespace Commune.Server.Tests.Running;

/// <summary>A database engine under test. It hands out empty databases, and one running program that many tests share.</summary>
public abstract class Engine : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private readonly System.Collections.Concurrent.ConcurrentBag<string> directories = [];
    private SharedServer? shared;

    public abstract string Name { get; }

    /// <summary>Skips the calling test, with the reason, where the engine cannot be had.</summary>
    public virtual Task RequireAsync() => Task.CompletedTask;

    /// <summary>A new data directory and empty database.</summary>
    public abstract Task<ProgramSettings> NewSettingsAsync();

    /// <summary>Opens the store of a program that is not running.</summary>
    public abstract IStore OpenStore(ProgramSettings settings);

    /// <summary>The program that tests share: several organisations, an MX sink and a name server of our own around it.</summary>
    public async Task<SharedServer> SharedAsync()
    {
        await RequireAsync();
        await gate.WaitAsync();
        try
        {
            return shared ??= await SharedServer.StartAsync(this);
        }
        finally
        {
            gate.Release();
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (shared is not null)
            await shared.DisposeAsync();
        foreach (var directory in directories)
            Directory.Delete(directory, recursive: true);
        gate.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Removed when the tests have ended.</summary>
    protected string NewDirectory()
    {
        var directory = Directory.CreateTempSubdirectory("commune-test-").FullName;
        directories.Add(directory);
        return directory;
    }
}

public sealed class SqliteEngine : Engine
{
    public override string Name => "sqlite";

    public override Task<ProgramSettings> NewSettingsAsync() =>
        Task.FromResult(new ProgramSettings(NewDirectory(), new Dictionary<string, string>(StringComparer.Ordinal)));

    public override IStore OpenStore(ProgramSettings settings) =>
        new SqliteStore(new SqliteStoreSettings(settings.DataDirectory), TimeProvider.System);
}

public sealed class PostgresEngine : Engine
{
    public override string Name => "postgres";

    public override async Task RequireAsync()
    {
        var (_, obstacle) = await PostgresCluster.GetAsync();
        if (obstacle is not null)
            Machine.SkipOrFail(obstacle);
    }

    public override async Task<ProgramSettings> NewSettingsAsync()
    {
        await RequireAsync();
        var (cluster, _) = await PostgresCluster.GetAsync();
        var connection = await cluster!.CreateDatabaseAsync();
        return new ProgramSettings(NewDirectory(), new Dictionary<string, string>(StringComparer.Ordinal))
            .With("Commune__Database", "postgres").With("ConnectionStrings__Postgres", connection);
    }

    public override IStore OpenStore(ProgramSettings settings) =>
        new PostgresStore(new PostgresStoreSettings(settings.Environment["ConnectionStrings__Postgres"]), TimeProvider.System);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await PostgresCluster.EndAsync();
    }
}
