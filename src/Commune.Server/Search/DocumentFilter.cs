using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>What a document must be to be ranked, by what the node knows of it.</summary>
internal sealed record DocumentFilter(IReadOnlySet<int>? Inboxes, long? Before, long? After, bool? HasAttachment, TriagedThreads? Threads)
{
    private readonly int only = Inboxes is { Count: 1 } ? Inboxes.First() : 0;

    /// <summary>Nothing is asked of a document but its inbox, or not even that.</summary>
    private bool AsksForInboxAlone =>
        (Inboxes is null || only > 0) && Before is null && After is null && HasAttachment is null && Threads is null;

    /// <summary>Writes what each document of a block is.</summary>
    /// <param name="states">As many as are looked at.</param>
    /// <param name="alive">What one is that is there.</param>
    /// <param name="passing">And one that the filter lets through.</param>
    /// <returns>How many are there, and their words.</returns>
    public (long Documents, long Words) Mark(DocumentBlock block, Span<byte> states, byte alive, byte passing)
    {
        var (documents, words) = (0L, 0L);
        var lengths = block.Length.AsSpan(0, states.Length);
        var inboxes = block.Inbox.AsSpan(0, states.Length);
        var isSimple = AsksForInboxAlone;
        for (var place = 0; place < states.Length; place++)
        {
            var length = lengths[place];
            if (length == DocumentBlock.Gone)
            {
                states[place] = 0;
                continue;
            }
            documents++;
            words += length;
            var passes = isSimple ? only == 0 || inboxes[place] == only : LetsThrough(block, place);
            states[place] = passes ? passing : alive;
        }
        return (documents, words);
    }

    private bool LetsThrough(DocumentBlock block, int place) =>
        (Inboxes is null || (only > 0 ? block.Inbox[place] == only : Inboxes.Contains(block.Inbox[place])))
        && (Before is null || block.At[place] < Before) && (After is null || block.At[place] > After)
        && (HasAttachment is null || ((block.Flags[place] & DocumentBlock.HasAttachment) != 0) == HasAttachment)
        && (Threads is null || Threads.LetsThrough(block.Thread[place]));
}
