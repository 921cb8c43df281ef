using System.Text;

namespace Commune.Storage.Tests.Testing;

/// <summary>What one reading of an index gave.</summary>
public sealed class IndexReading(int terms) : ISearchReader
{
    public SearchState State { get; private set; } = null!;
    public List<(long Document, long Thread, string InboxId, long At, int Length, bool HasAttachment, string Model, byte[] Vector)> Documents { get; } = [];
    public List<(long Document, long Parent)> Files { get; } = [];
    public List<(long Document, string Terms)> Waiting { get; } = [];
    public List<long> Gone { get; } = [];
    public long[] Counts { get; private set; } = [];
    public List<string> Found { get; } = [];

    public static async Task<IndexReading> OfAsync(
        IStore store, string orgId, long afterDocument = 0, long afterTail = 0, long afterDeletion = 0, params string[] terms)
    {
        var reading = new IndexReading(terms.Length);
        await store.Search.ReadAsync(
            new SearchRead(orgId, afterDocument, afterTail, afterDeletion, [.. terms.Select(Encoding.UTF8.GetBytes)], 1000), reading,
            TestContext.Current.CancellationToken);
        return reading;
    }

    public void Begin(SearchState state) => State = state;

    public void Deleted(long deletion, ReadOnlySpan<byte> documents) => Gone.AddRange(DeletedDocuments.Read(documents));

    public void Document(long document, long thread, string inboxId, long at, int length, bool hasAttachment, string model, ReadOnlySpan<byte> vector, long parent)
    {
        if (parent > 0)
            Files.Add((document, parent));
        Documents.Add((document, thread, inboxId, at, length, hasAttachment, model, vector.ToArray()));
    }

    public void Tail(long document, ReadOnlySpan<byte> terms) => Waiting.Add((document, Encoding.UTF8.GetString(terms)));

    public bool[] Counted(long[] documents)
    {
        Counts = documents;
        return [.. Enumerable.Repeat(true, terms)];
    }

    public void Postings(int term, ReadOnlySpan<byte> postings) => Found.Add($"{term}:{Encoding.UTF8.GetString(postings)}");
}
