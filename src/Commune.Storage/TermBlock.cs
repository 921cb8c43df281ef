using System.Buffers;

namespace Commune.Storage;

/// <summary>
/// Neighbouring terms of a segment with their postings, in one row: most terms stand in few documents, and a row for each would cost more than they do.
/// </summary>
/// <param name="First">The first term, UTF-8: the row is found by it.</param>
/// <param name="Documents">How many documents have the first term.</param>
/// <param name="Others">The other terms, as <see cref="TermBlockWriter"/> packs them; empty when there are none.</param>
/// <param name="Postings">Of all terms, one after the other.</param>
public sealed record TermBlock(byte[] First, long Documents, ReadOnlyMemory<byte> Others, ReadOnlyMemory<byte> Postings)
{
    /// <summary>About what it takes to store.</summary>
    public int Bytes => First.Length + Others.Length + Postings.Length;
}

/// <summary>Reads the terms of a block in order. A block that is broken gives those up to where it is.</summary>
public ref struct TermEntries
{
    /// <summary>Terms have at most so many bytes.</summary>
    public const int LongestTerm = 512;

    private readonly ReadOnlySpan<byte> others;
    private readonly Span<byte> letters;
    private readonly int firstLength;
    private int at;
    private int length;
    private bool hasBegun;

    /// <param name="room">Memory for a term: <see cref="LongestTerm"/> bytes.</param>
    public TermEntries(ReadOnlySpan<byte> first, long documents, ReadOnlySpan<byte> others, Span<byte> room)
    {
        this.others = others;
        letters = room;
        first.CopyTo(room);
        length = first.Length;
        Documents = documents;
        firstLength = Varint.TryRead(others, ref at, out var postings) ? (int)postings : -1;
    }

    /// <summary>UTF-8; valid until the next one is read.</summary>
    public readonly ReadOnlySpan<byte> Term => letters[..length];

    public long Documents { get; private set; }

    /// <summary>Where its postings begin.</summary>
    public int Start { get; private set; }

    /// <summary>How many bytes they have; -1 means all that the block has.</summary>
    public int Length { get; private set; }

    public bool Read()
    {
        if (!hasBegun)
        {
            hasBegun = true;
            Length = firstLength;
            return true;
        }
        if (at >= others.Length || !Varint.TryRead(others, ref at, out var shared) || !Varint.TryRead(others, ref at, out var rest)
            || !Varint.TryRead(others, ref at, out var documents) || !Varint.TryRead(others, ref at, out var postings)
            || shared > length || shared + rest > letters.Length || rest > others.Length - at)
            return false;
        others.Slice(at, (int)rest).CopyTo(letters[(int)shared..]);
        at += (int)rest;
        length = (int)(shared + rest);
        Documents = documents;
        Start += Length;
        Length = (int)postings;
        return true;
    }

    /// <summary>Goes to a term; false when the block has not got it.</summary>
    public bool Find(ReadOnlySpan<byte> term)
    {
        while (Read())
        {
            switch (Term.SequenceCompareTo(term))
            {
                case 0:
                    return true;
                case > 0:
                    return false;
            }
        }
        return false;
    }
}

/// <summary>Packs terms that come in order into blocks.</summary>
public sealed class TermBlockWriter
{
    /// <summary>With its key such a row fills a page of SQLite; a term that has more postings has a row of its own.</summary>
    private const int MostBytes = 7900;

    private readonly ArrayBufferWriter<byte> others = new(MostBytes);
    private readonly ArrayBufferWriter<byte> postings = new(MostBytes);
    private readonly byte[] last = new byte[TermEntries.LongestTerm];
    private int lastLength;
    private byte[]? first;
    private long documents;

    /// <summary>Adds a term that is greater than the one before.</summary>
    /// <returns>A block that is full, without this term; else null.</returns>
    public TermBlock? Add(ReadOnlySpan<byte> term, long termDocuments, ReadOnlySpan<byte> termPostings)
    {
        var full = first is not null && others.WrittenCount + postings.WrittenCount + term.Length + termPostings.Length + (4 * Varint.Longest) > MostBytes
            ? Take() : null;
        if (first is null)
        {
            first = term.ToArray();
            documents = termDocuments;
        }
        else
        {
            if (others.WrittenCount == 0)
                Write((uint)postings.WrittenCount);
            var shared = last.AsSpan(0, lastLength).CommonPrefixLength(term);
            Write((uint)shared);
            Write((uint)(term.Length - shared));
            Write((uint)termDocuments);
            Write((uint)termPostings.Length);
            others.Write(term[shared..]);
        }
        postings.Write(termPostings);
        term.CopyTo(last);
        lastLength = term.Length;
        return full;
    }

    /// <summary>What has been added since the last block; null when that is nothing.</summary>
    public TermBlock? Take()
    {
        if (first is null)
            return null;
        var block = new TermBlock(first, documents, others.WrittenSpan.ToArray(), postings.WrittenSpan.ToArray());
        first = null;
        others.ResetWrittenCount();
        postings.ResetWrittenCount();
        return block;
    }

    private void Write(uint value) => others.Advance(Varint.Write(others.GetSpan(Varint.Longest), value));
}
