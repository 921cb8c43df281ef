namespace Commune.Ai.AttachmentText.Office;

/// <summary>What comes out of compression, counted against the budget; it ends where that is spent.</summary>
internal sealed class CountedStream(Stream source, ReadingBudget budget, long most) : Stream
{
    private long read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => read; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (read > most)
            budget.Exhaust();
        if (budget.IsSpent)
            return 0;
        var count = source.Read(buffer);
        read += count;
        return budget.SpendUnpacked(count) ? count : 0;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }
}
