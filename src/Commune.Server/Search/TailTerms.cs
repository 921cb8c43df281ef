using System.Text;
using Commune.Ai.Search;

namespace Commune.Server.Search;

/// <summary>The terms of the documents that are in no segment yet, inverted in memory: a few thousand documents.</summary>
internal sealed class TailTerms
{
    private readonly Dictionary<string, List<(uint Document, ushort Count)>> postings = new(StringComparer.Ordinal);

    private long trimmedTo;

    /// <summary>The newest document that it has.</summary>
    public long Last { get; private set; }

    public IEnumerable<string> Terms => postings.Keys;

    public long Bytes { get; private set; }

    public void Add(long document, ReadOnlySpan<byte> block)
    {
        if (document <= Last)
            return;
        Last = document;
        var byName = postings.GetAlternateLookup<ReadOnlySpan<char>>();
        DocumentTerms.Read(block, (term, count) =>
        {
            Span<char> name = stackalloc char[SearchWords.LongestTerm * 4];
            name = name[..Encoding.UTF8.GetChars(term, name)];
            if (!byName.TryGetValue(name, out var list))
            {
                postings.Add(name.ToString(), list = []);
                Bytes += 100 + (2 * name.Length);
            }
            list.Add(((uint)document, (ushort)Math.Min(count, ushort.MaxValue)));
            Bytes += 8;
        });
    }

    /// <summary>Forgets documents whose terms are in a segment now.</summary>
    public void TrimTo(long mergedTo)
    {
        if (mergedTo <= trimmedTo)
            return;
        trimmedTo = mergedTo;
        Last = Math.Max(Last, mergedTo);
        foreach (var (term, list) in postings)
        {
            if (list[0].Document > mergedTo)
                continue;
            Bytes -= 8 * list.RemoveAll(posting => posting.Document <= mergedTo);
            if (list.Count > 0)
                continue;
            Bytes -= 100 + (2 * term.Length);
            postings.Remove(term);
        }
    }

    public IReadOnlyList<(uint Document, ushort Count)> Of(string term) => postings.TryGetValue(term, out var list) ? list : [];
}
