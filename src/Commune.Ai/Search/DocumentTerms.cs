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

    private readonly TermCounts counts = new();
    private char field;

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
        CountMarked(term);
    }

    private void CountMarked(ReadOnlySpan<char> term)
    {
        Span<char> marked = stackalloc char[SearchWords.LongestTerm + 1];
        marked[0] = field;
        term.CopyTo(marked[1..]);
        Count(marked[..(term.Length + 1)]);
    }

    private void Count(ReadOnlySpan<char> term) => counts.Add(term, MostTerms);

    /// <summary>The block that <see cref="DocumentTerms"/> reads.</summary>
    public byte[] ToArray() => counts.Pack();
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
