using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Commune.Ai.Search;

/// <summary>
/// The terms of one message, each with how often it stands there, in one small block of bytes: sorted by their UTF-8 bytes, each without what it
/// shares with the one before.
/// </summary>
public static class DocumentTerms
{
    /// <summary>Calls <paramref name="take"/> for each term, in the order of their bytes. What is no such block gives the terms up to where it is broken.</summary>
    public static void Read(ReadOnlySpan<byte> block, TermReader take)
    {
        ArgumentNullException.ThrowIfNull(take);
        Span<byte> term = stackalloc byte[SearchWords.LongestTerm * 4];
        var at = 0;
        while (at < block.Length)
        {
            if (!Varint.TryRead(block, ref at, out var shared) || !Varint.TryRead(block, ref at, out var rest) || !Varint.TryRead(block, ref at, out var count)
                || shared + rest > term.Length || at + rest > block.Length)
                return;
            block.Slice(at, (int)rest).CopyTo(term[(int)shared..]);
            at += (int)rest;
            take(term[..(int)(shared + rest)], (int)count);
        }
    }
}

/// <param name="term">UTF-8; valid during the call only.</param>
/// <param name="count">How often it stands in the message.</param>
public delegate void TermReader(ReadOnlySpan<byte> term, int count);

/// <summary>Collects the terms of one message: its subject, its body, its people and its files.</summary>
public sealed class DocumentTermsBuilder : IWordSink
{
    /// <summary>Whoever mails us a dictionary does not get an index of it.</summary>
    private const int MostTerms = 40_000;

    /// <summary>As much of a text is read.</summary>
    private const int MostCharacters = 1_000_000;

    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> bySpan;
    private char field;

    public DocumentTermsBuilder() => bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>How many words were read; those of people as filters are not counted.</summary>
    public int Length { get; private set; }

    public void Add(ReadOnlySpan<char> text)
    {
        field = '\0';
        var self = this;
        SearchWords.Read(text[..Math.Min(text.Length, MostCharacters)], ref self);
    }

    /// <summary>Adds what the filter of a field finds (<see cref="SearchField"/>).</summary>
    public void Add(char filter, ReadOnlySpan<char> text)
    {
        field = filter;
        var self = this;
        SearchWords.Read(text[..Math.Min(text.Length, MostCharacters)], ref self);
    }

    void IWordSink.Take(ReadOnlySpan<char> term, int start, int length, WordKind kind)
    {
        if (field == '\0')
        {
            Length += kind is WordKind.Word or WordKind.Pair ? 1 : 0;
            Count(term);
            return;
        }
        Span<char> marked = stackalloc char[SearchWords.LongestTerm + 1];
        marked[0] = field;
        term.CopyTo(marked[1..]);
        Count(marked[..(term.Length + 1)]);
    }

    private void Count(ReadOnlySpan<char> term)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(bySpan, term);
        if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref count))
            count++;
        else if (counts.Count < MostTerms)
            counts.Add(term.ToString(), 1);
    }

    /// <summary>The block that <see cref="DocumentTerms"/> reads.</summary>
    public byte[] ToArray()
    {
        var terms = new PackedTerm[counts.Count];
        var (i, size) = (0, 0);
        Span<byte> beginning = stackalloc byte[sizeof(ulong)];
        foreach (var (term, count) in counts)
        {
            var bytes = Encoding.UTF8.GetBytes(term);
            beginning.Clear();
            bytes.AsSpan(0, Math.Min(bytes.Length, beginning.Length)).CopyTo(beginning);
            terms[i++] = new PackedTerm(BinaryPrimitives.ReadUInt64BigEndian(beginning), bytes, count);
            size += bytes.Length + (3 * Varint.Longest);
        }
        terms.AsSpan().Sort();

        var block = System.Buffers.ArrayPool<byte>.Shared.Rent(size);
        var length = 0;
        ReadOnlySpan<byte> before = [];
        foreach (var (_, term, count) in terms)
        {
            var shared = before.CommonPrefixLength(term);
            length += Varint.Write(block.AsSpan(length), (uint)shared);
            length += Varint.Write(block.AsSpan(length), (uint)(term.Length - shared));
            length += Varint.Write(block.AsSpan(length), (uint)count);
            term.AsSpan(shared).CopyTo(block.AsSpan(length));
            length += term.Length - shared;
            before = term;
        }
        var result = block[..length];
        System.Buffers.ArrayPool<byte>.Shared.Return(block);
        return result;
    }

    /// <param name="Beginning">The first eight bytes as a number: most terms differ there.</param>
    private readonly record struct PackedTerm(ulong Beginning, byte[] Term, int Count) : IComparable<PackedTerm>
    {
        public int CompareTo(PackedTerm other) =>
            Beginning != other.Beginning ? Beginning.CompareTo(other.Beginning) : Term.AsSpan().SequenceCompareTo(other.Term);
    }
}

/// <summary>Terms that only a filter asks for begin with one of these.</summary>
public static class SearchField
{
    /// <summary>Name and address of the sender.</summary>
    public const char From = '\u0001';

    /// <summary>Those of the recipients.</summary>
    public const char To = '\u0002';

    /// <summary>The subject.</summary>
    public const char Subject = '\u0003';
}
