using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Commune.Ai.Search;

/// <summary>How often each term stands in a message. The letters of all of them stand in one piece of memory: most messages have hundreds.</summary>
internal sealed class TermCounts
{
    private const int Few = 256;

    private Term[] terms = new Term[Few];
    private char[] letters = new char[Few * 6];
    private int[] slots = new int[Few * 2];
    private int count;
    private int used;

    /// <param name="most">When there are so many, new ones are left out.</param>
    public void Add(ReadOnlySpan<char> term, int most)
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
        if (count == most)
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

    /// <summary>The block that <see cref="DocumentTerms"/> reads.</summary>
    public byte[] Pack()
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(used) + sizeof(ulong));
        var block = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(used) + (count * 3 * Varint.Longest));
        var encoded = ArrayPool<Encoded>.Shared.Rent(count);
        var order = ArrayPool<int>.Shared.Rent(count);
        Sort(bytes, encoded, order.AsSpan(0, count));
        var length = 0;
        ReadOnlySpan<byte> before = [];
        foreach (var number in order.AsSpan(0, count))
        {
            var term = encoded[number].In(bytes);
            var shared = before.CommonPrefixLength(term);
            length += Varint.Write(block.AsSpan(length), (uint)shared);
            length += Varint.Write(block.AsSpan(length), (uint)(term.Length - shared));
            length += Varint.Write(block.AsSpan(length), (uint)terms[number].Count);
            term[shared..].CopyTo(block.AsSpan(length));
            length += term.Length - shared;
            before = term;
        }
        var result = block[..length];
        ArrayPool<byte>.Shared.Return(bytes);
        ArrayPool<byte>.Shared.Return(block);
        ArrayPool<Encoded>.Shared.Return(encoded);
        ArrayPool<int>.Shared.Return(order);
        return result;
    }

    /// <summary>By the first eight bytes as a number, where most terms differ, and those that begin alike by all of them.</summary>
    private void Sort(byte[] bytes, Encoded[] encoded, Span<int> order)
    {
        var beginnings = ArrayPool<ulong>.Shared.Rent(count);
        var end = 0;
        for (var i = 0; i < count; i++)
        {
            var length = Encoding.UTF8.GetBytes(letters.AsSpan(terms[i].Start, terms[i].Length), bytes.AsSpan(end));
            bytes.AsSpan(end + length, sizeof(ulong)).Clear();
            beginnings[i] = BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(end)) & (length >= sizeof(ulong) ? ulong.MaxValue : ~(ulong.MaxValue >> (8 * length)));
            encoded[i] = new Encoded(end, length);
            order[i] = i;
            end += length;
        }
        beginnings.AsSpan(0, count).Sort(order);
        for (var (from, to) = (0, 1); to <= count; to++)
        {
            if (to < count && beginnings[to] == beginnings[from])
                continue;
            if (to - from > 1)
                order[from..to].Sort((left, right) => encoded[left].In(bytes).SequenceCompareTo(encoded[right].In(bytes)));
            from = to;
        }
        ArrayPool<ulong>.Shared.Return(beginnings);
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

    private readonly record struct Encoded(int Start, int Length)
    {
        public ReadOnlySpan<byte> In(byte[] bytes) => bytes.AsSpan(Start, Length);
    }
}
