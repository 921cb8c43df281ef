using System.Buffers;

namespace Commune.Mail.Smtp.Server;

/// <summary>
/// A received message: the octets after dot-unstuffing, line ends intact. It lies in one pooled buffer,
/// or, beyond <see cref="SmtpServerSettings.SpoolThreshold"/>, in a temporary file that is deleted on dispose.
/// Memory and streams taken from it must not be used after that.
/// </summary>
public sealed class SmtpMessageBody : IAsyncDisposable
{
    private byte[]? _pooled;
    private FileStream? _file;

    internal SmtpMessageBody(byte[]? pooled, FileStream? file, long length)
    {
        _pooled = pooled;
        _file = file;
        Length = length;
    }

    /// <summary>Octets.</summary>
    public long Length { get; }

    public bool IsInMemory => _file is null;

    /// <summary>The whole message, when it is in memory.</summary>
    /// <exception cref="InvalidOperationException">The message is in a file: use <see cref="OpenRead"/>.</exception>
    public ReadOnlyMemory<byte> Memory => IsInMemory
        ? _pooled.AsMemory(0, (int)Length)
        : throw new InvalidOperationException("The message is in a file");

    /// <summary>A new stream from the first octet on. Several may be read at the same time.</summary>
    public Stream OpenRead() => _file is { } file
        ? new SpoolReadStream(file.SafeFileHandle, Length)
        : new MemoryStream(_pooled ?? [], 0, (int)Length, writable: false);

    /// <summary>A copy of the message that outlives the body.</summary>
    public byte[] ToArray()
    {
        if (IsInMemory)
            return Memory.ToArray();
        var copy = GC.AllocateUninitializedArray<byte>(checked((int)Length));
        using var stream = OpenRead();
        stream.ReadExactly(copy);
        return copy;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _pooled, null) is { } pooled)
            ArrayPool<byte>.Shared.Return(pooled);
        // The file was opened with DeleteOnClose.
        if (Interlocked.Exchange(ref _file, null) is { } file)
            await file.DisposeAsync();
    }
}
