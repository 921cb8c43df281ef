using System.Runtime.InteropServices;

namespace Commune.Server.Search;

/// <summary>What was found, best first. Only as much is put in order as somebody looks at: a first page of a large result needs little.</summary>
internal sealed class RankedList(List<Ranked> found)
{
    private const int First = 1024;
    private int sorted;

    public int Count => found.Count;

    public Ranked this[int place]
    {
        get
        {
            if (place >= sorted)
                Sort();
            return found[place];
        }
    }

    private void Sort()
    {
        var from = sorted;
        sorted = found.Count;
        var all = CollectionsMarshal.AsSpan(found);
        if (from == 0 && all.Length > 4 * First)
            sorted = GatherBest(all);
        all[from..sorted].Sort();
    }

    /// <summary>Brings those to the front that are at least as good as some thousandth one, near enough.</summary>
    private static int GatherBest(Span<Ranked> found)
    {
        const int Classes = 4096;
        Span<int> counts = stackalloc int[Classes];
        counts.Clear();
        foreach (var row in found)
            counts[ClassOf(row)]++;
        var least = Classes;
        for (var gathered = 0; gathered < First; gathered += counts[least])
            least--;
        var length = 0;
        for (var i = 0; i < found.Length; i++)
        {
            if (ClassOf(found[i]) < least)
                continue;
            (found[length], found[i]) = (found[i], found[length]);
            length++;
        }
        return length;

        static int ClassOf(in Ranked row) => (int)Math.Clamp((row.Raw + 1) * (Classes / 5.0), 0, Classes - 1);
    }
}
