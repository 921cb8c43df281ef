using System.Buffers;

namespace Commune.Mail.Smtp.Server;

/// <summary>
/// Collects a message body: in one growing pooled array up to the spool threshold, from there on through that array
/// into a temporary file. A body that has grown too large, or that was given up, is only counted.
/// </summary>
internal sealed class BodyBuffer(SmtpServerSettings settings) : IAsyncDisposable
{
    /// <summary>No piece that is appended at once may be larger, so that the array stays small beside a file.</summary>
    public const int MaxPiece = 16 * 1024;

    /// <summary>Octets that stay free in front of a body in memory: who stores it puts its trace fields there.</summary>
    public const int Room = 2 * 1024;

    // Room for the usual message without growing; half of all mail is smaller than this.
    private const int FirstSize = 32 * 1024;
    private const int SpoolWriteSize = 128 * 1024;

    private byte[]? _array;
    private int _start;
    private int _used;
    private FileStream? _file;
    private long _inFile;
    private bool _discards;

    /// <summary>Octets appended, kept or not.</summary>
    public long Length { get; private set; }

    public bool IsTooLarge => Length > settings.MaxMessageBytes;

    /// <summary>Why the temporary file could not be written; the body is lost then.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Makes room for this many octets, at most one more than <see cref="MaxPiece"/>. Completes at once unless it writes to the file.</summary>
    public ValueTask ReserveAsync(int count, CancellationToken ct)
    {
        if (_discards || (_array is not null && _array.Length - _used >= count))
            return ValueTask.CompletedTask;
        if (_file is not null || _used - _start + count > settings.SpoolThreshold)
            return SpoolAsync(count, ct);
        Grow(count);
        return ValueTask.CompletedTask;
    }

    /// <summary>Appends octets for which there is room.</summary>
    public void Append(ReadOnlySpan<byte> octets)
    {
        Length += octets.Length;
        if (IsTooLarge)
            Discard();
        if (_discards)
            return;
        octets.CopyTo(_array.AsSpan(_used));
        _used += octets.Length;
    }

    /// <summary>From now on octets are only counted.</summary>
    public void Discard()
    {
        _discards = true;
        _start = _used = 0;
        if (_array is not null)
            ArrayPool<byte>.Shared.Return(_array);
        _array = null;
    }

    /// <summary>The finished message, which then owns array and file; null when the file could not be written.</summary>
    public async ValueTask<SmtpMessageBody?> FinishAsync(CancellationToken ct)
    {
        if (_file is not null && !_discards)
            await SpoolAsync(0, ct);
        if (Failure is not null)
            return null;
        if (_file is not null)
            Discard();
        var body = new SmtpMessageBody(_array, _start, _file, Length);
        _array = null;
        _file = null;
        return body;
    }

    public async ValueTask DisposeAsync()
    {
        Discard();
        if (_file is { } file)
        {
            _file = null;
            await file.DisposeAsync();
        }
    }

    private void Grow(int count)
    {
        if (_array is null)
            _start = _used = Room;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_used + count, _array is null ? FirstSize : _array.Length * 2));
        if (_array is not null)
        {
            _array.AsSpan(_start, _used - _start).CopyTo(larger.AsSpan(_start));
            ArrayPool<byte>.Shared.Return(_array);
        }

        _array = larger;
    }

    private async ValueTask SpoolAsync(int count, CancellationToken ct)
    {
        try
        {
            _file ??= Create();
            await RandomAccess.WriteAsync(_file.SafeFileHandle, _array.AsMemory(_start, _used - _start), _inFile, ct);
            _inFile += _used - _start;
            _start = _used = 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Failure = e;
            Discard();
            return;
        }

        if (_array is null || _array.Length < count || _array.Length > 2 * SpoolWriteSize)
        {
            if (_array is not null)
                ArrayPool<byte>.Shared.Return(_array);
            _array = ArrayPool<byte>.Shared.Rent(SpoolWriteSize);
        }
    }

    private FileStream Create()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(Path.Combine(settings.SpoolDirectory, $"smtp-{Guid.NewGuid():N}.spool"), options);
        // Without its name the file goes with the process, however that ends.
        if (!OperatingSystem.IsWindows())
            File.Delete(file.Name);
        return file;
    }
}
