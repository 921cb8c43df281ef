using System.Security.Cryptography;
using Commune.Peers;
using Commune.Server.Deletion;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;
using Commune.Storage;
using Commune.Storage.Blobs;
using Commune.Storage.Postgres;
using Commune.Storage.Sqlite;

namespace Commune.Server.Tests.Deletion;

/// <summary>Blobs whose rows never came.</summary>
public abstract class OrphanSweepTests(Engine engine) : IAsyncLifetime
{
    private readonly ManualTimeProvider time = new();
    private readonly string directory = Directory.CreateTempSubdirectory("commune-orphans-").FullName;
    private IStore store = null!;
    private FileBlobStore blobs = null!;
    private string orgId = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await engine.RequireAsync();
        var settings = await engine.NewSettingsAsync();
        store = settings.Environment.TryGetValue("ConnectionStrings__Postgres", out var connection)
            ? new PostgresStore(new PostgresStoreSettings(connection), time) : new SqliteStore(new SqliteStoreSettings(settings.DataDirectory), time);
        await FirstStart.RunAsync(store, new CommuneOptions { BootstrapApiKey = ApiKeySecret.New(), DataDirectory = settings.DataDirectory }, time, Cancel);
        orgId = (await store.Domains.GetSharedAsync(Cancel)).OrgId;
        blobs = new FileBlobStore(directory, time);
    }

    public async ValueTask DisposeAsync()
    {
        if (store is not null)
            await store.DisposeAsync();
        Directory.Delete(directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_blob_without_a_row_goes_after_an_hour_and_one_with_a_row_stays()
    {
        var (orphan, used, young) = (await PutAsync(TimeSpan.FromMinutes(61)), await PutAsync(TimeSpan.FromMinutes(61)), await PutAsync(TimeSpan.FromMinutes(59)));
        Assert.True(await store.Messages.AddAttachmentAsync(
            new Attachment(orgId, EntityId.New("att_"), null, null, used, "a", "text/plain", 8, null, time.UnixMilliseconds), null, Cancel));
        var sweep = new OrphanSweep(store, blobs, time);
        Assert.Equal(1, await sweep.RunAsync(Cancel));
        Assert.False(await IsThereAsync(orphan));
        Assert.True(await IsThereAsync(used));
        Assert.True(await IsThereAsync(young));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, await sweep.RunAsync(Cancel));
        Assert.False(await IsThereAsync(young));
        Assert.Equal(0, await sweep.RunAsync(Cancel));
    }

    [Fact]
    public async Task The_whole_store_is_looked_through_part_by_part()
    {
        var keys = new List<string>();
        for (var i = 0; i < 300; i++)
            keys.Add(await PutAsync(TimeSpan.FromHours(2)));
        var (seen, place, parts) = (new List<string>(), (string?)"", 0);
        while (place is not null)
        {
            var (page, next) = await blobs.ListOlderAsync(place, time.GetUtcNow(), 50, Cancel);
            Assert.InRange(page.Count, 0, 60);
            seen.AddRange(page);
            place = next;
            parts++;
        }
        Assert.InRange(parts, 5, 8);
        Assert.Equal(keys.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(300, await new OrphanSweep(store, blobs, time).RunAsync(Cancel));
    }

    private async Task<string> PutAsync(TimeSpan age)
    {
        using var content = new MemoryStream(RandomNumberGenerator.GetBytes(8));
        var key = (await blobs.PutAsync(content, Cancel)).Key;
        File.SetLastWriteTimeUtc(Path.Combine(directory, key[..2], key[2..4], key), (time.GetUtcNow() - age).UtcDateTime);
        return key;
    }

    private async Task<bool> IsThereAsync(string key)
    {
        await using var stream = await blobs.OpenAsync(key, Cancel);
        return stream is not null;
    }
}

public sealed class SqliteOrphanSweepTests(SqliteEngine engine) : OrphanSweepTests(engine);

public sealed class PostgresOrphanSweepTests(PostgresEngine engine) : OrphanSweepTests(engine);
