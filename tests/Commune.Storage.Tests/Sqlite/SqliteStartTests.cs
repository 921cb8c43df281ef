using Commune.Peers;
using Commune.Storage.Sqlite;
using Commune.Storage.Tests.Compliance;

namespace Commune.Storage.Tests.Sqlite;

/// <summary>Where SQLite alone can refuse to start.</summary>
public sealed class SqliteStartTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("commune-start-").FullName;
    private readonly ManualTimeProvider time = new();

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task A_directory_that_does_not_exist_is_made()
    {
        await using var store = new SqliteStore(new SqliteStoreSettings(Path.Combine(directory, "a", "b")), time);
        await store.MigrateAsync(TestContext.Current.CancellationToken);
        await store.CheckAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(directory, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        var data = Path.Combine(file, "data");
        var refusal = await LifecycleCompliance.AssertStartFailsAsync(() => new SqliteStore(new SqliteStoreSettings(data), time));
        Assert.Contains(data, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_is_named()
    {
        // /proc refuses new files to everybody, root included.
        var refusal = await LifecycleCompliance.AssertStartFailsAsync(() => new SqliteStore(new SqliteStoreSettings("/proc/sys"), time));
        Assert.Contains("/proc/sys", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        await using (var store = new SqliteStore(new SqliteStoreSettings(directory), time))
            await store.MigrateAsync(TestContext.Current.CancellationToken);
        foreach (var file in Directory.GetFiles(directory, "*.db*"))
            await File.WriteAllTextAsync(file, new string('x', 8192), TestContext.Current.CancellationToken);
        await LifecycleCompliance.AssertStartFailsAsync(() => new SqliteStore(new SqliteStoreSettings(directory), time));
    }

    [Fact]
    public async Task What_a_process_that_died_held_is_given_out_again_at_the_next_start()
    {
        var cancel = TestContext.Current.CancellationToken;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        Job first;
        await using (var store = new SqliteStore(new SqliteStoreSettings(directory), time))
        {
            await store.MigrateAsync(cancel);
            await store.Jobs.AddAsync(new NewJob("job_1", JobKind.Extract, "inbox", "org", "msg", now), cancel);
            first = Assert.Single(await store.Jobs.ClaimAsync(JobKind.Extract, 8, 1, now, TimeSpan.FromMinutes(5), cancel));
            await store.Jobs.AddAsync(new NewJob("job_2", JobKind.Extract, "inbox", "org", "msg", now), cancel);
            Assert.Empty(await store.Jobs.ClaimAsync(JobKind.Extract, 8, 1, now, TimeSpan.FromMinutes(5), cancel));
        }

        await using var next = new SqliteStore(new SqliteStoreSettings(directory), time);
        await next.MigrateAsync(cancel);
        Assert.False(await next.Jobs.CompleteAsync(first, cancel));
        Assert.Equal(2, (await next.Jobs.ClaimAsync(JobKind.Extract, 8, 2, now, TimeSpan.FromMinutes(5), cancel)).Count);
    }

    [Fact]
    public async Task A_second_store_on_the_same_directory_is_refused_until_the_first_is_closed()
    {
        await using (var first = new SqliteStore(new SqliteStoreSettings(directory), time))
        {
            await first.MigrateAsync(TestContext.Current.CancellationToken);
            await LifecycleCompliance.AssertStartFailsAsync(() => new SqliteStore(new SqliteStoreSettings(directory), time));
            await first.CheckAsync(TestContext.Current.CancellationToken);
        }

        await using var second = new SqliteStore(new SqliteStoreSettings(directory), time);
        await second.MigrateAsync(TestContext.Current.CancellationToken);
    }
}
