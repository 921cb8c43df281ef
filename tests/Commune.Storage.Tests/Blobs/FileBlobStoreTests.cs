using System.Security.Cryptography;
using Commune.Storage.Blobs;

namespace Commune.Storage.Tests.Blobs;

public sealed class FileBlobStoreTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("commune-blobs-").FullName;
    private readonly IBlobStore blobs;

    public FileBlobStoreTests() => blobs = new FileBlobStore(directory);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private string[] Files() => Directory.GetFiles(directory, "*", SearchOption.AllDirectories);

    private async Task<byte[]?> ReadAsync(string key)
    {
        await using var stream = await blobs.OpenAsync(key, Cancel);
        if (stream is null)
            return null;
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Cancel);
        return bytes.ToArray();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(81_920)]
    [InlineData(5_000_001)]
    public async Task Content_comes_back_byte_for_byte_under_its_hash(int size)
    {
        var content = new byte[size];
        new Random(1).NextBytes(content);
        var stored = await blobs.PutAsync(new MemoryStream(content), Cancel);
        Assert.Equal(SHA256.HashData(content), stored.Sha256);
        Assert.Equal((Convert.ToHexStringLower(SHA256.HashData(content)), size), (stored.Key, stored.Size));
        var found = await ReadAsync(stored.Key);
        Assert.True(content.AsSpan().SequenceEqual(found));
        Assert.Single(Files());
    }

    [Fact]
    public async Task A_stream_is_stored_from_where_it_stands()
    {
        using var stream = new MemoryStream([1, 2, 3, 4]) { Position = 2 };
        var stored = await blobs.PutAsync(stream, Cancel);
        Assert.Equal([3, 4], await ReadAsync(stored.Key));
    }

    [Fact]
    public async Task The_same_content_is_stored_once()
    {
        var one = await blobs.PutAsync(new MemoryStream([1, 2, 3]), Cancel);
        var two = await blobs.PutAsync(new MemoryStream([1, 2, 3]), Cancel);
        Assert.Equal(one.Key, two.Key);
        Assert.Single(Files());
    }

    [Fact]
    public async Task The_same_content_put_at_once_is_stored_once()
    {
        var content = new byte[100_000];
        var stored = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => blobs.PutAsync(new MemoryStream(content), Cancel), Cancel)));
        Assert.Single(stored.Select(s => s.Key).Distinct(StringComparer.Ordinal));
        Assert.Single(Files());
        Assert.Equal(100_000, (await ReadAsync(stored[0].Key))!.Length);
    }

    [Fact]
    public async Task A_stream_that_breaks_leaves_nothing_behind()
    {
        await Assert.ThrowsAsync<IOException>(() => blobs.PutAsync(new BrokenStream(), Cancel));
        Assert.Empty(Files());
    }

    [Fact]
    public async Task A_cancelled_put_leaves_nothing_behind()
    {
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blobs.PutAsync(new MemoryStream(new byte[1_000_000]), stopped.Token));
        Assert.Empty(Files());
    }

    [Fact]
    public async Task A_missing_blob_is_null() => Assert.Null(await blobs.OpenAsync(new string('0', 64), Cancel));

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../../../../../../../../../../etc/hostname")]
    [InlineData("/etc/hostname")]
    [InlineData("ABCDEF")]
    [InlineData("a\0b")]
    public async Task A_key_that_is_none_finds_nothing(string key) => Assert.Null(await blobs.OpenAsync(key, Cancel));

    [Fact]
    public async Task A_deleted_blob_is_gone_and_may_be_deleted_again_and_put_again()
    {
        var stored = await blobs.PutAsync(new MemoryStream([9]), Cancel);
        await blobs.DeleteAsync(stored.Key, Cancel);
        await blobs.DeleteAsync(stored.Key, Cancel);
        Assert.Null(await blobs.OpenAsync(stored.Key, Cancel));
        await blobs.PutAsync(new MemoryStream([9]), Cancel);
        Assert.Equal([9], await ReadAsync(stored.Key));
    }

    [Fact]
    public async Task Blobs_survive_a_restart()
    {
        var stored = await blobs.PutAsync(new MemoryStream([5]), Cancel);
        await using var stream = await new FileBlobStore(directory).OpenAsync(stored.Key, Cancel);
        Assert.Equal(5, stream!.ReadByte());
    }

    /// <summary>Gives some bytes, then fails.</summary>
    private sealed class BrokenStream : Stream
    {
        private int given;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            given += count;
            return given > 500_000 ? throw new IOException("The line is dead") : count;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }

    [Fact]
    public async Task A_blob_goes_only_when_it_was_put_before_the_moment()
    {
        using var content = new MemoryStream([1, 2, 3]);
        var blob = await blobs.PutAsync(content, Cancel);
        var put = new DateTimeOffset(File.GetLastWriteTimeUtc(Assert.Single(Files())), TimeSpan.Zero);
        Assert.False(await blobs.DeleteIfOlderAsync(blob.Key, put, Cancel));
        Assert.Equal([1, 2, 3], await ReadAsync(blob.Key));
        Assert.True(await blobs.DeleteIfOlderAsync(blob.Key, put.AddSeconds(1), Cancel));
        Assert.Empty(Files());
        Assert.True(await blobs.DeleteIfOlderAsync(blob.Key, put, Cancel));
    }

    [Fact]
    public async Task A_blob_that_is_put_again_is_young_again()
    {
        using var content = new MemoryStream([1, 2, 3]);
        var blob = await blobs.PutAsync(content, Cancel);
        var path = Assert.Single(Files());
        var old = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, old);
        content.Position = 0;
        await blobs.PutAsync(content, Cancel);
        Assert.False(await blobs.DeleteIfOlderAsync(blob.Key, new DateTimeOffset(old.AddHours(1)), Cancel));
        Assert.Equal([1, 2, 3], await ReadAsync(blob.Key));
    }
}
