namespace Commune.Storage;

/// <summary>What the index keeps of a message, made before its commit. The store does not look inside the blocks.</summary>
/// <param name="Terms">The terms of the message and how often each stands there.</param>
/// <param name="Length">Its number of words.</param>
/// <param name="Model">The id of the model that made the vector.</param>
/// <param name="Vector">One byte for each dimension; empty when there is none.</param>
public sealed record SearchEntry(ReadOnlyMemory<byte> Terms, int Length, bool HasAttachment, string Model, ReadOnlyMemory<byte> Vector)
{
    /// <summary>Whether its files are to be read: a job of <see cref="JobKind.ReadAttachments"/> goes with it.</summary>
    public bool ReadsAttachments { get; init; }

    /// <summary>Whether a provider is to make a vector of it: the organisation's job of <see cref="JobKind.EmbedMail"/> goes with it.</summary>
    public bool NeedsVector { get; init; }
}

/// <summary>What a node asks of an organisation's index: what it does not know yet, and the postings of some terms, all as of one moment.</summary>
/// <remarks>
/// Every message of an organisation has a document number: 1, 2, 3… in commit order. A message that is indexed anew gets a new one.
/// </remarks>
/// <param name="AfterDocument">The greatest document number that the node knows.</param>
/// <param name="AfterTail">The same of documents whose terms are in no segment yet.</param>
/// <param name="AfterDeletion">The newest deletion that it knows.</param>
/// <param name="Terms">UTF-8.</param>
/// <param name="MostDocuments">No more documents are read: the rest of a large index is read by further calls.</param>
public sealed record SearchRead(
    string OrgId, long AfterDocument, long AfterTail, long AfterDeletion, IReadOnlyList<byte[]> Terms, int MostDocuments);

/// <summary>Takes what <see cref="ISearchStore.ReadAsync"/> finds. Spans are valid during the call only.</summary>
public interface ISearchReader
{
    /// <summary>Called once, first.</summary>
    void Begin(SearchState state);

    void Deleted(long deletion, ReadOnlySpan<byte> documents);

    /// <summary>In ascending order.</summary>
    /// <param name="thread">Its <see cref="ThreadKey"/>.</param>
    /// <param name="parent">Of a file of a message: the document of the message; else 0.</param>
    void Document(
        long document, long thread, string inboxId, long at, int length, bool hasAttachment, string model, ReadOnlySpan<byte> vector, long parent);

    /// <summary>In ascending order; none at or before <see cref="SearchState.MergedTo"/>.</summary>
    void Tail(long document, ReadOnlySpan<byte> terms);

    /// <summary>How many documents of segments have each of the terms; returns which of them are to be read.</summary>
    bool[] Counted(long[] documents);

    /// <summary>The postings of a term in one segment; those of a term come in ascending order of their documents.</summary>
    void Postings(int term, ReadOnlySpan<byte> postings);
}

/// <param name="Documents">The greatest document number given so far.</param>
/// <param name="Deletions">The number of the newest deletion.</param>
/// <param name="MergedTo">Up to here terms are in segments.</param>
/// <param name="Segments">The numbers of the segments.</param>
/// <param name="Unindexed">Messages that were stored by an earlier version and are not indexed yet.</param>
public sealed record SearchState(long Documents, long Deletions, long MergedTo, IReadOnlyList<long> Segments, long Unindexed);

/// <summary>A message that was found, with its thread, as they are now.</summary>
/// <param name="Content">At most the first million characters.</param>
public sealed record FoundMessage(
    long Document, string MessageId, string Direction, long CreatedAt, string Subject, IReadOnlyList<Participant> Participants, string Content,
    IReadOnlyList<string> AttachmentIds, MailThread Thread)
{
    /// <summary>The file that was found; null when it was the message itself.</summary>
    public FoundAttachment? Attachment { get; init; }
}

/// <param name="Text">What was read out of it.</param>
public sealed record FoundAttachment(string Id, string FileName, string Text);

/// <summary>The threads that a filter by triage lets through, or those that it keeps out, by <see cref="ThreadKey"/>.</summary>
public sealed record TriagedThreads(bool KeptOut, IReadOnlySet<long> Keys)
{
    public bool LetsThrough(long key) => Keys.Contains(key) != KeptOut;
}

/// <summary>A thread in eight bytes: ids are random and ours, so that two with the same key are not to be expected.</summary>
public static class ThreadKey
{
    private const ulong Start = 14695981039346656037UL;
    private const ulong Prime = 1099511628211UL;

    /// <summary>FNV-1a of 64 bits.</summary>
    public static long Of(string threadId)
    {
        ArgumentNullException.ThrowIfNull(threadId);
        var hash = Start;
        foreach (var letter in threadId)
            hash = (hash ^ letter) * Prime;
        return unchecked((long)hash);
    }

    /// <summary>The same of an id as ASCII.</summary>
    public static long Of(ReadOnlySpan<byte> threadId)
    {
        var hash = Start;
        foreach (var letter in threadId)
            hash = (hash ^ letter) * Prime;
        return unchecked((long)hash);
    }
}

/// <param name="From">UTF-8, inclusive.</param>
/// <param name="Before">Exclusive.</param>
public sealed record TermRange(byte[] From, byte[] Before);

/// <summary>The index as a query reads it.</summary>
public interface ISearchStore
{
    Task ReadAsync(SearchRead read, ISearchReader reader, CancellationToken cancellation);

    /// <summary>
    /// Terms of segments that lie in one of some ranges, each once, in order: what somebody may have meant by a word that is in no message.
    /// Of each range and segment so many at most.
    /// </summary>
    Task<IReadOnlyList<byte[]>> ListTermsAsync(string orgId, IReadOnlyList<TermRange> ranges, int limit, CancellationToken cancellation);

    /// <summary>The messages behind document numbers; those that are deleted are left out, the others in no order.</summary>
    Task<IReadOnlyList<FoundMessage>> FindAsync(string orgId, IReadOnlyList<long> documents, CancellationToken cancellation);

    /// <summary>The threads of a status, with a tag, or both.</summary>
    Task<TriagedThreads> FindThreadsAsync(string orgId, string? status, string? tag, CancellationToken cancellation);

    /// <summary>The ids of a domain's inboxes, deleted ones included: their mail is kept.</summary>
    Task<IReadOnlyList<string>> ListInboxesAsync(string orgId, string domainId, CancellationToken cancellation);
}
