using System.Buffers;
using System.Security.Cryptography;

namespace Commune.Storage.Blobs;

/// <summary>
/// Blobs as files of a directory, <c>ab/cd/abcd…</c> by their hash. A file appears under its name only when its bytes and the name
/// are on the disk.
/// </summary>
public sealed class FileBlobStore : IBlobStore
{
    private const string TemporarySuffix = ".tmp";
    private readonly string directory;

    /// <summary>Takes the directory into use, and removes what an interrupted write left there more than an hour ago.</summary>
    /// <exception cref="StoreStartException">The directory cannot be written.</exception>
    public FileBlobStore(string directory, TimeProvider? time = null)
    {
        this.directory = Path.GetFullPath(directory);
        try
        {
            Directory.CreateDirectory(this.directory);
            RemoveLeftovers((time ?? TimeProvider.System).GetUtcNow().UtcDateTime.AddHours(-1));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreStartException($"The blob directory {this.directory} cannot be used: {error.Message}", error);
        }
    }

    public async Task<BlobRef> PutAsync(Stream content, CancellationToken cancellation)
    {
        // In the root: a rename within one file system is atomic.
        var temporary = Path.Combine(directory, $"{Guid.NewGuid():n}{TemporarySuffix}");
        try
        {
            var blob = await WriteAsync(content, temporary, cancellation);
            Keep(temporary, blob.Key);
            return blob;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public Task<Stream?> OpenAsync(string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            return Task.FromResult<Stream?>(IsKey(key)
                ? new FileStream(PathOf(key), new FileStreamOptions
                {
                    Share = FileShare.Read | FileShare.Delete,
                    Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                })
                : null);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task DeleteAsync(string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (IsKey(key) && File.Exists(PathOf(key)))
            File.Delete(PathOf(key));
        return Task.CompletedTask;
    }

    public Task<bool> DeleteIfOlderAsync(string key, DateTimeOffset putBefore, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!IsKey(key) || !File.Exists(PathOf(key)))
            return Task.FromResult(true);
        if (File.GetLastWriteTimeUtc(PathOf(key)) >= putBefore.UtcDateTime)
            return Task.FromResult(false);
        // Whoever puts the same content meanwhile replaces the file: what is moved aside is looked at again before it goes.
        var aside = Path.Combine(directory, $"{Guid.NewGuid():n}{TemporarySuffix}");
        try
        {
            File.Move(PathOf(key), aside);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult(true);
        }
        if (File.GetLastWriteTimeUtc(aside) >= putBefore.UtcDateTime)
        {
            Keep(aside, key);
            return Task.FromResult(false);
        }
        File.Delete(aside);
        return Task.FromResult(true);
    }

    public Task<(IReadOnlyList<string> Keys, string? Next)> ListOlderAsync(
        string after, DateTimeOffset putBefore, int limit, CancellationToken cancellation)
    {
        var keys = new List<string>();
        var seen = 0;
        foreach (var inner in Below(directory, after, 0).SelectMany(outer => Below(outer, after, 2)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (seen >= limit)
                return Task.FromResult<(IReadOnlyList<string>, string?)>((keys, LastBefore(inner)));
            foreach (var path in Directory.EnumerateFiles(inner))
            {
                var key = Path.GetFileName(path);
                seen++;
                if (IsKey(key) && string.CompareOrdinal(key, after) > 0 && File.GetLastWriteTimeUtc(path) < putBefore.UtcDateTime)
                    keys.Add(key);
            }
        }
        return Task.FromResult<(IReadOnlyList<string>, string?)>((keys, null));
    }

    /// <summary>The directories, in order, that may hold keys behind <paramref name="after"/>; their names are its two characters at <paramref name="at"/>.</summary>
    private static IEnumerable<string> Below(string above, string after, int at)
    {
        var names = Directory.EnumerateDirectories(above).Select(static path => Path.GetFileName(path)).Where(static name => name.Length == 2).Order(StringComparer.Ordinal);
        // Deeper down the comparison holds only below the directory in which the last page ended.
        var from = after.Length >= at + 2 && (at == 0 || Path.GetFileName(above) == after[..2]) ? after.Substring(at, 2) : "";
        return names.Where(name => string.CompareOrdinal(name, from) >= 0).Select(name => Path.Combine(above, name));
    }

    /// <summary>Behind every key of the directories before this one, and before those in it.</summary>
    private static string LastBefore(string inner) => Path.GetFileName(Path.GetDirectoryName(inner))! + Path.GetFileName(inner);

    private static async Task<BlobRef> WriteAsync(Stream content, string path, CancellationToken cancellation)
    {
        const int AtOnce = 81_920;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
        });
        var buffer = ArrayPool<byte>.Shared.Rent(AtOnce);
        try
        {
            long size = 0;
            int read;
            while ((read = await content.ReadAsync(buffer, cancellation)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
                size += read;
            }
            file.Flush(flushToDisk: true);
            var sha256 = hash.GetHashAndReset();
            return new BlobRef(Convert.ToHexStringLower(sha256), sha256, size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Keep(string temporary, string key)
    {
        var path = PathOf(key);
        var inner = Path.GetDirectoryName(path)!;
        var outer = Path.GetDirectoryName(inner)!;
        Directory.CreateDirectory(inner);
        // The same content again replaces the file by itself: a file that a crash cut short would be mended by it.
        File.Move(temporary, path, overwrite: true);
        // The entry of each directory is on the disk only when the directory above was synced.
        DirectorySync.Run(inner);
        DirectorySync.Run(outer);
        DirectorySync.Run(directory);
    }

    private void RemoveLeftovers(DateTime before)
    {
        foreach (var path in Directory.EnumerateFiles(directory, $"*{TemporarySuffix}"))
        {
            if (File.GetLastWriteTimeUtc(path) < before)
                File.Delete(path);
        }
    }

    private string PathOf(string key) => Path.Combine(directory, key[..2], key[2..4], key);

    /// <summary>Keys come from outside the process too: nothing but a hash may become a path.</summary>
    private static bool IsKey(string key) => key.Length == 64 && key.All(char.IsAsciiHexDigitLower);
}
