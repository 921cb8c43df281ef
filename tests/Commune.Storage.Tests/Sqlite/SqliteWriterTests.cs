using Commune.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Commune.Storage.Tests.Sqlite;

/// <summary>Who waits for the writer is answered when the log is on the disk, and not before.</summary>
public sealed class SqliteWriterTests : IAsyncDisposable
{
    private const int Fine = 0;
    private const int SyncFailed = 1034;

    private readonly string directory = Directory.CreateTempSubdirectory("commune-writer-").FullName;
    private readonly SemaphoreSlim mayAnswer = new(0);
    private readonly SemaphoreSlim syncing = new(0);
    private readonly SqliteCheckpoints checkpoints;
    private readonly SqliteWriter writer;
    private Task? closing;
    private volatile int answer = Fine;
    private volatile int syncs;

    public SqliteWriterTests()
    {
        SystemSqlite.Load();
        var session = new SqliteSession(Database, readOnly: false);
        session.Run("PRAGMA journal_mode = WAL; CREATE TABLE rows (id INTEGER PRIMARY KEY)");
        checkpoints = new SqliteCheckpoints(Database, emptyAtEnd: true);
        var time = TimeProvider.System;
        writer = new SqliteWriter(session, Sync, checkpoints, new JobSignals(time), new EventSignals(time), new InboxRoutes(time), time);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(directory, "a.db");

    public async ValueTask DisposeAsync()
    {
        mayAnswer.Release(100);
        await CloseAsync();
        checkpoints.Dispose();
        mayAnswer.Dispose();
        syncing.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_write_is_answered_after_the_sync_that_follows_it()
    {
        var write = InsertAsync(1);
        await syncing.WaitAsync(Cancellation);
        Assert.Equal(1, Count());
        Assert.False(write.IsCompleted);

        mayAnswer.Release();
        await write;
    }

    [Fact]
    public async Task While_one_group_is_synced_the_next_runs_and_waits_for_a_sync_of_its_own()
    {
        var first = InsertAsync(1);
        await syncing.WaitAsync(Cancellation);
        var second = InsertAsync(2);
        Assert.Equal(1, await RunAndTellAsync(Count));

        mayAnswer.Release();
        await first;
        await syncing.WaitAsync(Cancellation);
        Assert.False(second.IsCompleted);
        mayAnswer.Release();
        await second;
        Assert.Equal(2, syncs);
    }

    [Fact]
    public async Task Many_who_wait_are_committed_in_parts_also_while_the_disk_is_busy()
    {
        var first = InsertAsync(0);
        await syncing.WaitAsync(Cancellation);
        var waiting = Enumerable.Range(1, 40).Select(InsertAsync).ToArray();
        var committed = await RunAndTellAsync(Count);
        Assert.InRange(committed, 17, 40);
        Assert.DoesNotContain(waiting, static write => write.IsCompleted);

        mayAnswer.Release(100);
        await Task.WhenAll([first, .. waiting]);
        Assert.Equal(41, Count());
    }

    [Fact]
    public async Task One_that_throws_fails_alone_and_the_others_of_its_group_are_answered()
    {
        var first = InsertAsync(1);
        await syncing.WaitAsync(Cancellation);
        var good = InsertAsync(2);
        var bad = writer.RunAsync<int>(static _ => throw new InvalidOperationException("no"), Cancellation);
        var alsoGood = InsertAsync(3);
        mayAnswer.Release(100);

        await Task.WhenAll(first, good, alsoGood);
        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.Equal(3, Count());
    }

    [Fact]
    public async Task A_failed_sync_fails_who_waits_and_all_who_come_after()
    {
        answer = SyncFailed;
        mayAnswer.Release(100);
        var failed = await Assert.ThrowsAsync<SqliteException>(() => InsertAsync(1));
        Assert.Equal(SyncFailed, failed.SqliteExtendedErrorCode);

        // A sync that succeeds now says nothing of the pages that the failed one has dropped.
        answer = Fine;
        await Assert.ThrowsAsync<SqliteException>(() => InsertAsync(2));
        Assert.Equal(1, syncs);
        Assert.Equal(1, Count());
    }

    [Fact]
    public async Task What_was_read_is_made_durable_when_asked_for()
    {
        await writer.MadeDurableAsync(Cancellation);
        Assert.Equal(0, syncs);

        var write = InsertAsync(1);
        await syncing.WaitAsync(Cancellation);
        var durable = writer.MadeDurableAsync(Cancellation);
        Assert.False(durable.IsCompleted);
        mayAnswer.Release(100);
        await durable;
        Assert.Equal(1, await write);
    }

    [Fact]
    public async Task Closing_waits_for_the_last_sync()
    {
        var write = InsertAsync(1);
        await syncing.WaitAsync(Cancellation);
        Assert.False(CloseAsync().IsCompleted);
        mayAnswer.Release(100);
        await CloseAsync();
        Assert.Equal(1, await write);
    }

    /// <summary>What the function says on the writer's thread, without the answer that comes after the sync.</summary>
    private async Task<T> RunAndTellAsync<T>(Func<T> ask)
    {
        var told = new TaskCompletionSource<T>();
        _ = writer.RunAsync(_ => told.TrySetResult(ask()), Cancellation);
        return await told.Task.WaitAsync(Cancellation);
    }

    private Task<int> InsertAsync(int id) => writer.RunAsync(writes => writes.Session.Execute("INSERT INTO rows VALUES (?1)", id), Cancellation);

    private Task CloseAsync() => closing ??= writer.DisposeAsync().AsTask();

    private long Count()
    {
        using var reader = new SqliteSession(Database, readOnly: true);
        return reader.Number("SELECT count(*) FROM rows") ?? 0;
    }

    private int Sync()
    {
        Interlocked.Increment(ref syncs);
        syncing.Release();
        mayAnswer.Wait();
        return answer;
    }
}
