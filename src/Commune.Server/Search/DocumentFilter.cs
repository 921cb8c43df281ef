using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>What a document must be to be ranked, by what the node knows of it.</summary>
internal sealed record DocumentFilter(IReadOnlySet<int>? Inboxes, long? Before, long? After, bool? HasAttachment, TriagedThreads? Threads)
{
    private readonly int only = Inboxes is { Count: 1 } ? Inboxes.First() : 0;

    public bool LetsThrough(DocumentBlock block, int place) =>
        (Inboxes is null || (only > 0 ? block.Inbox[place] == only : Inboxes.Contains(block.Inbox[place])))
        && (Before is null || block.At[place] < Before) && (After is null || block.At[place] > After)
        && (HasAttachment is null || ((block.Flags[place] & DocumentBlock.HasAttachment) != 0) == HasAttachment)
        && (Threads is null || Threads.LetsThrough(block.Thread[place]));
}
