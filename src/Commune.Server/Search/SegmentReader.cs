using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>The terms of one segment in order, a stretch at a time.</summary>
internal sealed class SegmentReader(ISearchIndexStore store, string orgId, long segment)
{
    private const long BytesAtOnce = 512 * 1024;

    private readonly Queue<TermBlock> read = new();
    private readonly List<Entry> entries = [];
    private readonly byte[] term = new byte[TermEntries.LongestTerm];
    private byte[] letters = new byte[4096];
    private byte[] last = [];
    private int at;
    private bool ended;

    /// <summary>True behind the last term.</summary>
    public bool IsAtEnd => at >= entries.Count;

    public ReadOnlySpan<byte> Term => letters.AsSpan(entries[at].Letters, entries[at].Length);

    /// <summary>How many documents it has.</summary>
    public long Documents => entries[at].Documents;

    public ReadOnlySpan<byte> Postings
    {
        get
        {
            var postings = Block!.Postings.Span[entries[at].Start..];
            return entries[at].Bytes < 0 ? postings : postings[..entries[at].Bytes];
        }
    }

    /// <summary>The block of the term.</summary>
    public TermBlock? Block { get; private set; }

    /// <summary>Goes to the first term behind one.</summary>
    public async Task StartAsync(byte[] after, CancellationToken cancellation)
    {
        if (after.Length > 0 && await store.FindBlockAsync(orgId, segment, after, cancellation) is { } block)
        {
            last = block.First;
            Open(block);
            while (!IsAtEnd && Term.SequenceCompareTo(after) <= 0)
                at++;
        }
        if (IsAtEnd)
            await FillAsync(cancellation);
    }

    /// <summary>Goes to the next term of the block.</summary>
    /// <returns>False when there is none: then <see cref="FillAsync"/> goes on.</returns>
    public bool Advance() => ++at < entries.Count;

    /// <summary>Goes back to the first term of the block.</summary>
    public void Rewind() => at = 0;

    /// <summary>Goes to the first term of the next block.</summary>
    public async Task FillAsync(CancellationToken cancellation)
    {
        if (read.Count == 0 && !ended)
        {
            foreach (var block in await store.ReadBlocksAsync(orgId, segment, last, BytesAtOnce, cancellation))
                read.Enqueue(block);
            ended = read.Count == 0;
        }
        entries.Clear();
        at = 0;
        if (read.TryDequeue(out var next))
        {
            last = next.First;
            Open(next);
        }
    }

    private void Open(TermBlock block)
    {
        Block = block;
        entries.Clear();
        at = 0;
        var used = 0;
        var terms = new TermEntries(block.First, block.Documents, block.Others.Span, term);
        while (terms.Read())
        {
            if (used + terms.Term.Length > letters.Length)
                Array.Resize(ref letters, letters.Length * 2);
            terms.Term.CopyTo(letters.AsSpan(used));
            entries.Add(new Entry(used, terms.Term.Length, terms.Documents, terms.Start, terms.Length));
            used += terms.Term.Length;
        }
    }

    /// <param name="Letters">Where the term begins.</param>
    /// <param name="Start">Where its postings begin.</param>
    /// <param name="Bytes">Of its postings; -1 means all of the block's.</param>
    private readonly record struct Entry(int Letters, int Length, long Documents, int Start, int Bytes);
}
