using Commune.Ai.Search;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>Terms on their way into a segment, packed into blocks, in transactions that are short enough for mail to come in between.</summary>
internal sealed class BlockBatch(IStore store, Job job, long segment)
{
    private const long MostBytes = 512 * 1024;

    private readonly TermBlockWriter writer = new();
    private readonly List<TermBlock> blocks = [];
    private readonly List<byte[]> gone = [];
    private long bytes;

    /// <summary>True when it is time for <see cref="WriteAsync"/>.</summary>
    public bool IsFull => bytes >= MostBytes;

    /// <summary>Adds a term that is greater than the one before.</summary>
    public void Add(ReadOnlySpan<byte> term, PostingsWriter postings) => Keep(writer.Add(term, postings.Count, postings.Bytes));

    /// <summary>What was added since the call before takes the place of a block.</summary>
    public void Replace(TermBlock block)
    {
        Keep(writer.Take());
        gone.Add(block.First);
        bytes += block.Bytes;
    }

    /// <summary>Writes the blocks that are full.</summary>
    /// <returns>False when the lease is lost.</returns>
    public async Task<bool> WriteAsync(CancellationToken cancellation)
    {
        if (blocks.Count == 0 && gone.Count == 0)
            return true;
        var held = await store.SearchIndex.WriteBlocksAsync(job, segment, [.. blocks], [.. gone], cancellation);
        blocks.Clear();
        gone.Clear();
        bytes = 0;
        return held;
    }

    /// <summary>Writes everything.</summary>
    /// <returns>False when the lease is lost.</returns>
    public Task<bool> FlushAsync(CancellationToken cancellation)
    {
        Keep(writer.Take());
        return WriteAsync(cancellation);
    }

    private void Keep(TermBlock? block)
    {
        if (block is null)
            return;
        blocks.Add(block);
        bytes += block.Bytes;
    }
}
