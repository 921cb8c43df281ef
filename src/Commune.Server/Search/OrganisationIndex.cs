using System.Runtime.InteropServices;
using System.Text;
using Commune.Ai.Search;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>
/// What this node knows of one organisation's index: every document's inbox, thread, time, length and vector, and the terms that are in no
/// segment yet. Each query first reads what is new; what was deleted comes the same way.
/// </summary>
internal sealed class OrganisationIndex(string orgId, string model, int dimensions)
{
    /// <summary>A large index is read in steps, so that it is never in memory twice.</summary>
    private const int ReadAtOnce = 100_000;

    private const int VectorsAtOnce = 2000;

    private readonly SemaphoreSlim reading = new(1);
    private readonly List<DocumentBlock?> blocks = [];
    private readonly Dictionary<string, int> inboxes = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, uint> parents = [];
    private TailTerms tail = new();
    private long known;
    private long deletions = -1;
    private long live;

    public ReaderWriterLockSlim Gate { get; } = new();

    public string OrgId => orgId;
    public string Model => model;
    public int Dimensions => dimensions;

    /// <summary>The gate is held for reading.</summary>
    public ReadOnlySpan<DocumentBlock?> Blocks => CollectionsMarshal.AsSpan(blocks);

    /// <summary>By the document of a file: that of its message. The gate is held for reading.</summary>
    public IReadOnlyDictionary<uint, uint> Parents => parents;

    /// <summary>Vectors of a provider's model; null where there is none. The gate is held for reading.</summary>
    public ProviderVectors? Provider { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>When it was last used, by the cache's count of uses.</summary>
    public long LastUsed { get; set; }

    /// <summary>The numbers of inboxes in <see cref="DocumentBlock.Inbox"/>; those without mail have none.</summary>
    public IEnumerable<int> NumbersOf(IEnumerable<string> inboxIds)
    {
        Gate.EnterReadLock();
        try
        {
            return [.. inboxIds.Where(inboxes.ContainsKey).Select(id => inboxes[id])];
        }
        finally
        {
            Gate.ExitReadLock();
        }
    }

    /// <summary>Reads what is new, and the documents of the terms as of the same moment.</summary>
    /// <param name="mayDrop">Says of terms that stand in more than a fifth of all messages whether the query does without them.</param>
    public async Task<IndexView> ReadAsync(
        ISearchStore store, IReadOnlyList<string> terms, Func<long[], long, bool[]> mayDrop, CancellationToken cancellation)
    {
        await reading.WaitAsync(cancellation);
        try
        {
            byte[][] asked = [.. terms.Select(Encoding.UTF8.GetBytes)];
            while (true)
            {
                var update = new Update(this, terms, mayDrop);
                await store.ReadAsync(new SearchRead(orgId, known, tail.Last, Math.Max(0, deletions), asked, ReadAtOnce), update, cancellation);
                var view = new IndexView(known, update.State, update.TakeDocuments(tail));
                Bytes = blocks.Sum(static block => block?.Bytes ?? 0) + tail.Bytes + (Provider?.Bytes ?? 0);
                var knowsDeletions = !update.MissesDeletions && deletions == update.State.Deletions;
                if (knowsDeletions && update.Documents < ReadAtOnce)
                    return view;
                view.Dispose();
                if (!knowsDeletions)
                    Reset();
            }
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>Reads what a provider's model has made since.</summary>
    public async Task FollowAsync(ISearchVectorStore store, string providerModel, CancellationToken cancellation)
    {
        await reading.WaitAsync(cancellation);
        try
        {
            var provider = Provider is { } kept && kept.Model == providerModel ? kept : new ProviderVectors(providerModel);
            while (true)
            {
                var (place, read) = await store.ReadAsync(orgId, providerModel, provider.Known, VectorsAtOnce, cancellation);
                // The set began anew.
                if (place.Place < provider.Known)
                {
                    provider = new ProviderVectors(providerModel);
                    continue;
                }
                Gate.EnterWriteLock();
                Provider = provider;
                foreach (var vector in read)
                    provider.Add(new DocumentBytes(vector.Document, Similarity.FromBytes(vector.Vector).ToArray()));
                Gate.ExitWriteLock();
                if (read.Count < VectorsAtOnce)
                    return;
            }
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>Words of the tail that may be meant by one that is nowhere.</summary>
    public async Task<List<string>> TailTermsAsync(Func<string, bool> isNear, CancellationToken cancellation)
    {
        await reading.WaitAsync(cancellation);
        try
        {
            return [.. tail.Terms.Where(isNear)];
        }
        finally
        {
            reading.Release();
        }
    }

    private void Reset()
    {
        Gate.EnterWriteLock();
        blocks.Clear();
        parents.Clear();
        Provider = null;
        Gate.ExitWriteLock();
        tail = new TailTerms();
        (known, deletions, live) = (0, -1, 0);
    }

    private void Add(long document, long thread, string inboxId, long at, int length, bool hasAttachment, string itsModel, ReadOnlySpan<byte> vector, long parent)
    {
        if (document <= known)
            return;
        Gate.EnterWriteLock();
        try
        {
            var number = (int)(document >> DocumentBlock.Bits);
            while (blocks.Count <= number)
                blocks.Add(null);
            var block = blocks[number] ??= new DocumentBlock(dimensions);
            var place = (int)(document & (DocumentBlock.Size - 1));
            block.MakeRoom(place);
            if (!inboxes.TryGetValue(inboxId, out var inbox))
                inboxes.Add(inboxId, inbox = inboxes.Count + 1);
            var comparable = vector.Length == dimensions && itsModel == model;
            block.At[place] = at;
            block.Thread[place] = thread;
            block.Inbox[place] = inbox;
            block.Flags[place] = (byte)((hasAttachment ? DocumentBlock.HasAttachment : 0) | (comparable ? DocumentBlock.HasVector : 0));
            if (comparable)
                Similarity.FromBytes(vector).CopyTo(block.Vectors.AsSpan(place * dimensions));
            block.Length[place] = Math.Max(0, length);
            if (parent > 0)
                parents[(uint)document] = (uint)parent;
            live++;
            known = document;
        }
        finally
        {
            Gate.ExitWriteLock();
        }
    }

    private void Remove(long document)
    {
        var number = (int)(document >> DocumentBlock.Bits);
        var place = (int)(document & (DocumentBlock.Size - 1));
        if (number >= blocks.Count || blocks[number] is not { } block || place >= block.Capacity || block.Length[place] == DocumentBlock.Gone)
            return;
        Gate.EnterWriteLock();
        block.Length[place] = DocumentBlock.Gone;
        block.Vectors.AsSpan(place * dimensions, dimensions).Clear();
        parents.Remove((uint)document);
        Provider?.Remove(document);
        Gate.ExitWriteLock();
        live--;
    }

    /// <summary>One reading of the store.</summary>
    private sealed class Update(OrganisationIndex index, IReadOnlyList<string> terms, Func<long[], long, bool[]> choose) : ISearchReader
    {
        private readonly TermDocuments?[] found = new TermDocuments?[terms.Count];
        private long deletionsSeen;
        private bool isFirst;

        public SearchState State { get; private set; } = null!;

        /// <summary>How many documents were new.</summary>
        public int Documents { get; private set; }

        /// <summary>Deletions were forgotten that this node did not hear of.</summary>
        public bool MissesDeletions { get; private set; }

        public void Begin(SearchState state)
        {
            State = state;
            isFirst = index.deletions < 0;
            deletionsSeen = Math.Max(0, index.deletions);
            index.tail.TrimTo(state.MergedTo);
            MissesDeletions = !isFirst && state.Deletions < index.deletions;
            if (isFirst)
                index.deletions = state.Deletions;
        }

        public void Deleted(long deletion, ReadOnlySpan<byte> documents)
        {
            if (isFirst)
                return;
            if (deletion != deletionsSeen + 1)
                MissesDeletions = true;
            deletionsSeen = deletion;
            foreach (var document in DeletedDocuments.Read(documents))
                index.Remove(document);
            index.deletions = deletion;
        }

        public void Document(
            long document, long thread, string inboxId, long at, int length, bool hasAttachment, string itsModel, ReadOnlySpan<byte> vector, long parent)
        {
            Documents++;
            index.Add(document, thread, inboxId, at, length, hasAttachment, itsModel, vector, parent);
        }

        public void Tail(long document, ReadOnlySpan<byte> block) => index.tail.Add(document, block);

        public bool[] Counted(long[] documents)
        {
            // What no segment and no tail names needs no memory.
            var all = new long[documents.Length];
            for (var i = 0; i < all.Length; i++)
                all[i] = documents[i] + index.tail.Of(terms[i]).Count;
            var wanted = choose(all, index.live);
            for (var i = 0; i < all.Length; i++)
            {
                if (!wanted[i])
                    continue;
                found[i] = new TermDocuments();
                found[i]!.MakeRoom(all[i]);
            }
            return wanted;
        }

        public void Postings(int term, ReadOnlySpan<byte> postings) => found[term]?.Add(postings);

        public Dictionary<string, TermDocuments> TakeDocuments(TailTerms tail)
        {
            var byTerm = new Dictionary<string, TermDocuments>(StringComparer.Ordinal);
            for (var i = 0; i < found.Length; i++)
            {
                if (found[i] is not { } documents)
                    continue;
                documents.Add(tail.Of(terms[i]));
                byTerm[terms[i]] = documents;
            }
            return byTerm;
        }
    }
}

/// <summary>The index as of one moment.</summary>
/// <param name="Documents">The newest document.</param>
/// <param name="Terms">Those that were read; a term that is left out was asked to be.</param>
internal sealed record IndexView(long Documents, SearchState State, Dictionary<string, TermDocuments> Terms) : IDisposable
{
    public void Dispose()
    {
        foreach (var documents in Terms.Values)
            documents.Dispose();
        Terms.Clear();
    }
}
