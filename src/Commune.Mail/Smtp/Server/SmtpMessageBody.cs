using System.Buffers;

namespace Commune.Mail.Smtp.Server;

/// <summary>
/// A received message: the octets after dot-unstuffing, line ends intact. It lies in one pooled buffer,
/// or, beyond <see cref="SmtpServerSettings.SpoolThreshold"/>, in a temporary file that is deleted on dispose.
/// Memory and streams taken from it must not be used after that.
/// </summary>
public sealed class SmtpMessageBody : IAsyncDisposable
{
    private readonly int _start;
    private byte[]? _pooled;
    private FileStream? _file;

    internal SmtpMessageBody(byte[]? pooled, int start, FileStream? file, long length)
    {
        _pooled = pooled;
        _start = start;
        _file = file;
        Length = length;
    }

    /// <summary>Octets.</summary>
    public long Length { get; }

    public bool IsInMemory => _file is null;

    /// <summary>The whole message, when it is in memory.</summary>
    /// <exception cref="InvalidOperationException">The message is in a file: use <see cref="OpenRead"/>.</exception>
    public ReadOnlyMemory<byte> Memory => IsInMemory
        ? _pooled.AsMemory(_start, (int)Length)
        : throw new InvalidOperationException("The message is in a file");

    /// <summary>A new stream from the first octet on. Several may be read at the same time.</summary>
    public Stream OpenRead() => _file is { } file
        ? new SpoolReadStream(file.SafeFileHandle, Length)
        : new MemoryStream(_pooled ?? [], _start, (int)Length, writable: false);

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

    /// <summary>The whole message behind something else: in the same memory where there is room, else a copy.</summary>
    /// <exception cref="InvalidOperationException">The message is in a file.</exception>
    public ReadOnlyMemory<byte> Behind(ReadOnlySpan<byte> front)
    {
        var message = Memory;
        if (front.Length <= _start)
        {
            front.CopyTo(_pooled.AsSpan(_start - front.Length));
            return _pooled.AsMemory(_start - front.Length, front.Length + message.Length);
        }
        var copy = GC.AllocateUninitializedArray<byte>(front.Length + message.Length);
        front.CopyTo(copy);
        message.CopyTo(copy.AsMemory(front.Length));
        return copy;
    }

    /// <summary>
    /// Somebody may still be reading the memory when this is disposed, such as a write to the disk that nobody waits for any more: it is left to him, and
    /// no later message gets it.
    /// </summary>
    public void Abandon() => Interlocked.Exchange(ref _pooled, null);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _pooled, null) is { } pooled)
            ArrayPool<byte>.Shared.Return(pooled);
        // The file was opened with DeleteOnClose.
        if (Interlocked.Exchange(ref _file, null) is { } file)
            await file.DisposeAsync();
    }
}
