namespace Commune.Storage;

/// <summary>A sorted run of the index: every term of some documents with its postings.</summary>
/// <param name="State">One of <see cref="SegmentState"/>.</param>
/// <param name="First">Its documents lie between this number and <paramref name="Last"/>.</param>
/// <param name="Documents">How many it was made of.</param>
/// <param name="Sources">The segments that it takes the place of; none when it is made of terms that wait.</param>
public sealed record SearchSegment(long Number, string State, long First, long Last, long Documents, IReadOnlyList<long> Sources);

public static class SegmentState
{
    /// <summary>Being written: no query reads it.</summary>
    public const string Building = "building";
    public const string Live = "live";

    /// <summary>Replaced: its rows go in small steps.</summary>
    public const string Dead = "dead";
}

/// <param name="MergedTo">Terms of documents up to here are in segments.</param>
/// <param name="Waiting">Documents whose terms are in no segment; not counted beyond <see cref="SearchPlan.ManyWait"/>.</param>
/// <param name="Newest">When the newest document was stored, in Unix ms.</param>
/// <param name="LeftBehind">Whether rows are left that no query reads.</param>
/// <param name="Deletion">The newest deletion whose documents are still named in segments; 0 when there is none.</param>
/// <param name="Deleted">Those documents.</param>
/// <param name="BackfillPlace">The message behind which indexing of older mail goes on; null when all is indexed.</param>
public sealed record SearchPlan(
    long MergedTo, long Waiting, long Newest, IReadOnlyList<SearchSegment> Segments, bool LeftBehind, long Deletion, IReadOnlyList<byte[]> Deleted,
    string? BackfillPlace)
{
    /// <summary>So many segments of about the same size are made one.</summary>
    public const int Fanout = 10;

    /// <summary>Where so many documents wait they are made a segment, whatever else there is to do.</summary>
    public const int ManyWait = 8192;

    /// <summary>Where there are so many segments they are merged, whatever else there is to do: each costs every query a look.</summary>
    private const int ManySegments = 40;

    /// <summary>Whoever stored mail so lately has more to store.</summary>
    private const long QuietMs = 2000;

    /// <summary>Enough documents wait to be made a segment.</summary>
    public bool Waits => Waiting >= SearchBlocks.LeastWaiting;

    public bool NeedsWork =>
        Waits || LeftBehind || Deletion > 0 || BackfillPlace is not null
        || Segments.Any(static segment => segment.State != SegmentState.Live) || FindMerge() is not null;

    /// <summary>
    /// Whether the work is better done later: while mail comes in it would take the processor and the writer from it, and costs less for each
    /// message the more of them there are.
    /// </summary>
    /// <param name="now">Unix ms.</param>
    public bool CanWait(long now) =>
        now - Newest < QuietMs && Waiting < ManyWait && Deletion == 0 && BackfillPlace is null
        && Segments.Count(static segment => segment.State == SegmentState.Live) < ManySegments;

    /// <summary>Neighbours of about the same size that are to be made one, or null. The oldest come first.</summary>
    public IReadOnlyList<SearchSegment>? FindMerge()
    {
        var live = Segments.Where(static segment => segment.State == SegmentState.Live).ToList();
        for (var end = live.Count; end >= Fanout; end--)
        {
            var run = live[(end - Fanout)..end];
            if (run.Max(Size) == run.Min(Size) || run.Take(Fanout - 1).All(segment => Size(segment) <= Size(run[^1])))
                return run;
        }
        return null;
    }

    /// <summary>Each size is ten times the one before.</summary>
    private static int Size(SearchSegment segment) => (int)Math.Round(Math.Log(Math.Max(1, segment.Documents) / (double)SearchBlocks.LeastWaiting, Fanout));

    internal static long MergedToOf(IEnumerable<SearchSegment> segments) =>
        segments.Where(static segment => segment.State == SegmentState.Live).Select(static segment => segment.Last).DefaultIfEmpty(0).Max();
}

/// <summary>A message that is to be indexed.</summary>
/// <param name="FileNames">Of its attachments.</param>
public sealed record IndexedMessage(
    string Id, string Subject, IReadOnlyList<Participant> Participants, string Content, string? ContentHtml, IReadOnlyList<string> FileNames);

/// <summary>
/// The index as it is kept in order, by one worker per organisation: whoever holds the organisation's job. Every change is void once the lease is lost,
/// and then gives false.
/// </summary>
public interface ISearchIndexStore
{
    /// <summary>The model of a server that does not index mail.</summary>
    const string NoModel = "none";

    /// <summary>Adds the organisation's job, unless it is there.</summary>
    Task AskAsync(string orgId, CancellationToken cancellation);

    /// <summary>True when there is something to do.</summary>
    Task<bool> NeedsWorkAsync(string orgId, CancellationToken cancellation);

    /// <summary>Organisations that have something to do and no job, which a crash at the wrong moment leaves behind.</summary>
    Task<IReadOnlyList<string>> ListForgottenAsync(int limit, CancellationToken cancellation);

    /// <summary>
    /// Has all mail indexed again whose vectors are of another model, once for each model; after <see cref="NoModel"/> all mail that is not indexed by this one.
    /// </summary>
    Task UseModelAsync(string model, CancellationToken cancellation);

    Task<SearchPlan> PlanAsync(string orgId, CancellationToken cancellation);

    /// <summary>The terms of documents that are in no segment, in ascending order.</summary>
    Task<IReadOnlyList<(long Document, byte[] Terms)>> ReadTailAsync(string orgId, long after, int limit, CancellationToken cancellation);

    /// <summary>Blocks of a segment whose first term is behind a term, in order, up to a number of bytes.</summary>
    Task<IReadOnlyList<TermBlock>> ReadBlocksAsync(string orgId, long segment, byte[] after, long mostBytes, CancellationToken cancellation);

    /// <summary>The block of a segment in which a term would stand.</summary>
    /// <param name="term">Null asks for the last block.</param>
    /// <returns>Null when all terms are behind it, or there are none.</returns>
    Task<TermBlock?> FindBlockAsync(string orgId, long segment, byte[]? term, CancellationToken cancellation);

    /// <summary>Begins a segment; null when the lease is lost.</summary>
    Task<long?> BeginSegmentAsync(Job job, long first, long last, long documents, IReadOnlyList<long> sources, CancellationToken cancellation);

    /// <summary>Writes blocks into a segment.</summary>
    /// <param name="inPlaceOf">The first terms of blocks that they take the place of.</param>
    Task<bool> WriteBlocksAsync(
        Job job, long segment, IReadOnlyList<TermBlock> blocks, IReadOnlyList<byte[]> inPlaceOf, CancellationToken cancellation);

    /// <summary>Lets queries read the segment instead of what it was made of.</summary>
    Task<bool> FinishSegmentAsync(Job job, long segment, CancellationToken cancellation);

    /// <summary>Gives up a segment that is being written.</summary>
    Task<bool> DropSegmentAsync(Job job, long segment, CancellationToken cancellation);

    /// <summary>Removes some of the rows that no query reads.</summary>
    Task<bool> CleanAsync(Job job, CancellationToken cancellation);

    /// <summary>Says that no segment names documents of deletions up to this one any more.</summary>
    Task<bool> FinishDeletionsAsync(Job job, long deletion, CancellationToken cancellation);

    /// <summary>Messages behind an id that are not indexed by this model, in order of their ids.</summary>
    /// <returns>Those, and the last message that was looked at; null when none is left.</returns>
    Task<(IReadOnlyList<IndexedMessage> Messages, string? Last)> ReadUnindexedAsync(string orgId, string after, string model, int limit, CancellationToken cancellation);

    /// <summary>Indexes messages, in place of what is indexed of them, and remembers how far it has come.</summary>
    /// <param name="place">Null when all older mail is indexed.</param>
    Task<bool> IndexAsync(Job job, IReadOnlyList<(string MessageId, SearchEntry Entry)> entries, string? place, CancellationToken cancellation);
}
