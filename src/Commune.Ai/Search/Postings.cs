using System.Buffers;

namespace Commune.Ai.Search;

/// <summary>
/// The documents of one term in ascending order, each with how often the term stands there. A document costs a byte or two: the distance from the
/// one before, and a bit that says "once".
/// </summary>
public static class Postings
{
    /// <summary>Reads into arrays that are long enough; returns how many. Bytes that are no postings give those up to where they are broken.</summary>
    public static int Read(ReadOnlySpan<byte> block, Span<uint> documents, Span<ushort> counts)
    {
        var (at, length, document) = (0, 0, 0u);
        while (at < block.Length && length < documents.Length)
        {
            if (!Varint.TryRead(block, ref at, out var step))
                break;
            var count = 1u;
            if ((step & 1) != 0 && !Varint.TryRead(block, ref at, out count))
                break;
            document += step >> 1;
            documents[length] = document;
            counts[length++] = (ushort)Math.Min(count, ushort.MaxValue);
        }
        return length;
    }
}

/// <summary>Writes the postings of one term after the other into the same memory.</summary>
public sealed class PostingsWriter
{
    // Most terms stand in a few documents, and a segment is made of tens of thousands of them.
    private readonly ArrayBufferWriter<byte> block = new(16);
    private uint last;

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Bytes => block.WrittenSpan;

    public void Clear()
    {
        block.ResetWrittenCount();
        (last, Count) = (0, 0);
    }

    /// <summary>Adds postings of later documents as they are: only the distance of the first of them is another here.</summary>
    public void Append(ReadOnlySpan<byte> postings)
    {
        var at = 0;
        if (!Varint.TryRead(postings, ref at, out var step))
            return;
        block.Advance(Varint.Write(block.GetSpan(Varint.Longest), (((step >> 1) - last) << 1) | (step & 1)));
        var (copied, read) = (at, at);
        last = 0;
        do
        {
            if ((step & 1) != 0 && !Varint.TryRead(postings, ref at, out _))
                break;
            last += step >> 1;
            Count++;
            read = at;
        }
        while (Varint.TryRead(postings, ref at, out step));
        block.Write(postings[copied..read]);
    }

    /// <param name="document">Greater than that of the call before.</param>
    public void Add(uint document, int count)
    {
        var into = block.GetSpan(2 * Varint.Longest);
        // The distance fits: documents are numbered from 1, one by one.
        var length = Varint.Write(into, ((document - last) << 1) | (count == 1 ? 0u : 1u));
        if (count != 1)
            length += Varint.Write(into[length..], (uint)count);
        block.Advance(length);
        last = document;
        Count++;
    }
}
