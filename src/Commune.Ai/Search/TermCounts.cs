using System.Text;

namespace Commune.Ai.Search;

/// <summary>How often each term stands in a message, for terms that are no plain words. The letters of all of them stand in one piece of memory: most messages have hundreds.</summary>
internal sealed class TermCounts
{
    private const int Few = 256;

    /// <summary>What has more than so many slots goes with its message.</summary>
    private const int Kept = 1 << 14;

    /// <summary>Whoever mails us a dictionary does not get an index of it.</summary>
    private const int Most = 40_000;

    private Term[] terms = new Term[Few];
    private char[] letters = new char[Few * 6];
    private int[] slots = new int[Few * 2];
    private int count;
    private int used;

    /// <summary>No more bytes are written.</summary>
    public int MostBytes => Encoding.UTF8.GetMaxByteCount(used) + (count * 3 * Varint.Longest);

    public void Clear()
    {
        if (slots.Length > Kept)
        {
            (terms, letters, slots) = (new Term[Few], new char[Few * 6], new int[Few * 2]);
        }
        else
        {
            slots.AsSpan().Clear();
        }
        (count, used) = (0, 0);
    }

    public void Add(ReadOnlySpan<char> term)
    {
        // The seed is the process's own: nobody can mail us words that all fall into one slot.
#pragma warning disable MA0021 // It is ordinal.
        var hash = string.GetHashCode(term);
#pragma warning restore MA0021
        var place = hash & (slots.Length - 1);
        while (slots[place] is > 0 and var number)
        {
            ref var known = ref terms[number - 1];
            if (known.Hash == hash && term.SequenceEqual(letters.AsSpan(known.Start, known.Length)))
            {
                known.Count++;
                return;
            }
            place = (place + 1) & (slots.Length - 1);
        }
        if (count == Most)
            return;
        if (count == terms.Length)
        {
            Grow();
            place = FreeSlot(hash);
        }
        if (used + term.Length > letters.Length)
            Array.Resize(ref letters, Math.Max(used + term.Length, letters.Length * 2));
        term.CopyTo(letters.AsSpan(used));
        terms[count] = new Term { Hash = hash, Start = used, Length = term.Length, Count = 1 };
        used += term.Length;
        slots[place] = ++count;
    }

    /// <summary>Writes what <see cref="DocumentTerms"/> reads.</summary>
    /// <param name="into">Room for <see cref="MostBytes"/>.</param>
    /// <returns>How many bytes.</returns>
    public int Write(Span<byte> into)
    {
        Span<byte> utf8 = stackalloc byte[(SearchWords.LongestTerm + 1) * 3];
        var length = 0;
        foreach (ref readonly var term in terms.AsSpan(0, count))
        {
            var bytes = utf8[..Encoding.UTF8.GetBytes(letters.AsSpan(term.Start, term.Length), utf8)];
            length += Varint.Write(into[length..], 0);
            length += Varint.Write(into[length..], (uint)bytes.Length);
            length += Varint.Write(into[length..], (uint)term.Count);
            bytes.CopyTo(into[length..]);
            length += bytes.Length;
        }
        return length;
    }

    private void Grow()
    {
        Array.Resize(ref terms, count * 2);
        slots = new int[slots.Length * 2];
        for (var i = 0; i < count; i++)
            slots[FreeSlot(terms[i].Hash)] = i + 1;
    }

    private int FreeSlot(int hash)
    {
        var place = hash & (slots.Length - 1);
        while (slots[place] != 0)
            place = (place + 1) & (slots.Length - 1);
        return place;
    }

    private struct Term
    {
        public int Hash;
        public int Start;
        public int Length;
        public int Count;
    }
}
