using System.Buffers;
using Commune.Ai.Search;

namespace Commune.Server.Search;

/// <summary>The documents that have one term, ascending, in memory that is rented.</summary>
internal sealed class TermDocuments : IDisposable
{
    private uint[] documents = [];
    private ushort[] counts = [];

    public int Length { get; private set; }
    public ReadOnlySpan<uint> Documents => documents.AsSpan(0, Length);
    public ReadOnlySpan<ushort> Counts => counts.AsSpan(0, Length);

    /// <param name="documentsInSegments">How many are to be added at most.</param>
    public void MakeRoom(long documentsInSegments)
    {
        var room = (int)Math.Min(int.MaxValue / 8, Length + documentsInSegments);
        if (room <= documents.Length)
            return;
        var (moreDocuments, moreCounts) = (ArrayPool<uint>.Shared.Rent(room), ArrayPool<ushort>.Shared.Rent(room));
        documents.AsSpan(0, Length).CopyTo(moreDocuments);
        counts.AsSpan(0, Length).CopyTo(moreCounts);
        Dispose();
        (documents, counts) = (moreDocuments, moreCounts);
    }

    public void Add(ReadOnlySpan<byte> postings) =>
        Length += Postings.Read(postings, documents.AsSpan(Length), counts.AsSpan(Length));

    public void Add(IReadOnlyList<(uint Document, ushort Count)> tail)
    {
        MakeRoom(tail.Count);
        foreach (var (document, count) in tail)
        {
            documents[Length] = document;
            counts[Length++] = count;
        }
    }

    public void Dispose()
    {
        if (documents.Length > 0)
        {
            ArrayPool<uint>.Shared.Return(documents);
            ArrayPool<ushort>.Shared.Return(counts);
        }
        (documents, counts) = ([], []);
    }
}
