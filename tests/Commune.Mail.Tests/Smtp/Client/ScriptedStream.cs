namespace Commune.Mail.Tests.Smtp.Client;

/// <summary>A peer that says what it has to say in pieces of random size, whatever it hears, and then hangs up.</summary>
internal sealed class ScriptedStream(byte[] said, Random random) : Stream
{
    private int _position;

    /// <summary>How many octets it takes before the connection breaks in that direction.</summary>
    public int Takes { get; init; } = int.MaxValue;

    /// <summary>What was written to it.</summary>
    public MemoryStream Heard { get; } = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var length = Math.Min(Math.Min(buffer.Length, random.Next(1, 40)), said.Length - _position);
        said.AsSpan(_position, length).CopyTo(buffer);
        _position += length;
        return length;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(buffer.Span));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Heard.Length + buffer.Length > Takes)
            throw new IOException("Broken pipe");
        Heard.Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Write(byte[] buffer, int offset, int count) => Heard.Write(buffer, offset, count);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
