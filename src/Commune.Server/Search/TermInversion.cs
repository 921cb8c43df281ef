using System.Buffers.Binary;
using Commune.Ai.Search;

namespace Commune.Server.Search;

/// <summary>Turns what stands in documents, the terms of each, into what stands in a segment, the documents of each term.</summary>
internal sealed class TermInversion
{
    private readonly List<(uint Document, int Postings)> documents = [];
    private Term[] terms = new Term[1 << 14];
    private int[] slots = new int[1 << 15];
    private byte[] letters = new byte[1 << 17];
    private (int Term, int Count)[] postings = new (int, int)[1 << 18];
    private int termCount;
    private int lettersUsed;
    private int postingCount;

    /// <param name="document">Greater than that of the call before.</param>
    /// <param name="block">What <see cref="DocumentTerms"/> reads.</param>
    public void Add(uint document, ReadOnlySpan<byte> block)
    {
        var before = postingCount;
        DocumentTerms.Read(block, Add);
        documents.Add((document, postingCount - before));
    }

    /// <summary>Gives every term with its documents, in the order of its bytes.</summary>
    /// <param name="take">The term is valid during the call only, and so are its postings.</param>
    public void Read(InvertedTerm take)
    {
        // By counting: first how many postings stand before those of a term, then each posting to its place.
        for (var (i, sum) = (0, 0); i < termCount; i++)
        {
            terms[i].Start = sum;
            sum += terms[i].Documents;
        }
        var sorted = new (uint Document, int Count)[postingCount];
        var at = 0;
        foreach (var (document, length) in documents)
        {
            for (var end = at + length; at < end; at++)
                sorted[terms[postings[at].Term].Start++] = (document, postings[at].Count);
        }
        var writer = new PostingsWriter();
        foreach (var number in InOrder())
        {
            ref var term = ref terms[number];
            writer.Clear();
            foreach (var (document, count) in sorted.AsSpan(term.Start - term.Documents, term.Documents))
                writer.Add(document, count);
            take(LettersOf(term), writer);
        }
    }

    private void Add(ReadOnlySpan<byte> term, int count)
    {
        if (postingCount == postings.Length)
            Array.Resize(ref postings, postingCount * 2);
        var number = NumberOf(term);
        terms[number].Documents++;
        postings[postingCount++] = (number, count);
    }

    private int NumberOf(ReadOnlySpan<byte> term)
    {
        var hash = new HashCode();
        hash.AddBytes(term);
        var code = hash.ToHashCode();
        var place = code & (slots.Length - 1);
        for (; slots[place] is > 0 and var known; place = (place + 1) & (slots.Length - 1))
        {
            if (terms[known - 1].Hash == code && LettersOf(terms[known - 1]).SequenceEqual(term))
                return known - 1;
        }
        if (termCount == terms.Length)
        {
            Grow();
            place = FreeSlot(code);
        }
        while (lettersUsed + term.Length > letters.Length)
            Array.Resize(ref letters, letters.Length * 2);
        term.CopyTo(letters.AsSpan(lettersUsed));
        terms[termCount] = new Term { Hash = code, Letters = lettersUsed, Length = term.Length };
        lettersUsed += term.Length;
        slots[place] = ++termCount;
        return termCount - 1;
    }

    /// <summary>By the first eight bytes as a number, where most terms differ, and those that begin alike by all of them.</summary>
    private int[] InOrder()
    {
        var beginnings = new ulong[termCount];
        var order = new int[termCount];
        Span<byte> beginning = stackalloc byte[sizeof(ulong)];
        for (var i = 0; i < termCount; i++)
        {
            var term = LettersOf(terms[i]);
            beginning.Clear();
            term[..Math.Min(term.Length, beginning.Length)].CopyTo(beginning);
            beginnings[i] = BinaryPrimitives.ReadUInt64BigEndian(beginning);
            order[i] = i;
        }
        Array.Sort(beginnings, order);
        for (var (from, to) = (0, 1); to <= termCount; to++)
        {
            if (to < termCount && beginnings[to] == beginnings[from])
                continue;
            if (to - from > 1)
                order.AsSpan(from, to - from).Sort((left, right) => LettersOf(terms[left]).SequenceCompareTo(LettersOf(terms[right])));
            from = to;
        }
        return order;
    }

    private ReadOnlySpan<byte> LettersOf(in Term term) => letters.AsSpan(term.Letters, term.Length);

    private void Grow()
    {
        Array.Resize(ref terms, termCount * 2);
        slots = new int[slots.Length * 2];
        for (var i = 0; i < termCount; i++)
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
        public int Letters;
        public int Length;
        public int Documents;

        /// <summary>Where its postings begin, or end once they are in their places.</summary>
        public int Start;
    }
}

internal delegate void InvertedTerm(ReadOnlySpan<byte> term, PostingsWriter postings);
