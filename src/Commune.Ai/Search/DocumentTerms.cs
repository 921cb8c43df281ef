using System.Buffers;
using Commune.Ai.Embeddings;

namespace Commune.Ai.Search;

/// <summary>
/// The terms of one message, each with how often it stands there, in one small block of bytes, in no order. A term may leave out what it shares with
/// the one before.
/// </summary>
public static class DocumentTerms
{
    /// <summary>Calls <paramref name="take"/> for each term. What is no such block gives the terms up to where it is broken.</summary>
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

/// <summary>Collects the terms of one message: its subject, its body, its people and its files; and what it says, for its vector.</summary>
public sealed class DocumentTermsBuilder : IDisposable
{
    /// <summary>As much of a text is read.</summary>
    private const int MostCharacters = 1_000_000;

    [ThreadStatic]
    private static Room? spare;

    private readonly Room room;

    /// <param name="sample">A text of the message that tells the language in which its meaning is read; English without one.</param>
    public DocumentTermsBuilder(ReadOnlySpan<char> sample = default)
    {
        room = spare ?? new Room();
        spare = null;
        room.Others.Clear();
        room.Meaning.Begin(sample.IsEmpty ? -1 : BuiltInEmbedding.Shared.PlaceOf(sample));
    }

    /// <summary>How many words were read; those of people as filters are not counted.</summary>
    public int Length { get; private set; }

    public void Add(ReadOnlySpan<char> text) => AddWithMeaning(text, 0);

    /// <summary>Adds what the filter of a field finds (<see cref="SearchField"/>).</summary>
    public void Add(char filter, ReadOnlySpan<char> text)
    {
        var sink = new Sink(room, filter);
        SearchWords.Read(text[..Math.Min(text.Length, MostCharacters)], ref sink);
    }

    /// <summary>Adds a text of which the beginning counts for the vector, too. It is read once for both.</summary>
    /// <param name="upTo">Words that begin before this place count.</param>
    public void AddWithMeaning(ReadOnlySpan<char> text, int upTo)
    {
        text = text[..Math.Min(text.Length, MostCharacters)];
        var sink = new Sink(room, '\0');
        var (meaning, words) = (room.Meaning, room.Meaning.Words);
        var english = new EnglishWordReader(text, stackalloc char[PorterStemmer.LongestWord]);
        Span<char> word = stackalloc char[SearchWords.LongestTerm];
        // As long as it follows the other reader, there is nothing between them but space.
        var follows = true;
        for (var at = 0; at < text.Length;)
        {
            if (text[at] is ' ' or '\n')
            {
                at++;
                continue;
            }
            var length = SearchWords.ReadPlain(text, at, out var letters);
            if (length == 0)
            {
                at = SearchWords.ReadNext(text, at, word, ref sink);
                follows = false;
                continue;
            }
            var counts = at < upTo && (follows ? !meaning.IsFull : ReadBefore(ref english, at));
            ref var stem = ref words[PorterStemmer.Stem(letters)];
            stem.Count++;
            sink.Words++;
            at += length;
            // To both readers it is the same word, unless one of them is inside of something larger, or it begins a web address.
            follows = counts && !text[at..].StartsWith("://");
            if (follows)
            {
                meaning.Add(ref stem, letters);
                english.SkipTo(at);
            }
        }
        upTo = Math.Min(upTo, text.Length);
        ReadBefore(ref english, upTo);
        meaning.AddDense(text[..upTo]);
        Length += sink.Words;
    }

    /// <summary>Counts a text for the vector alone.</summary>
    public void AddMeaning(ReadOnlySpan<char> text)
    {
        var english = new EnglishWordReader(text, stackalloc char[PorterStemmer.LongestWord]);
        ReadBefore(ref english, text.Length);
        room.Meaning.AddDense(text);
    }

    /// <summary>The block that <see cref="DocumentTerms"/> reads.</summary>
    public byte[] ToArray()
    {
        var words = room.Meaning.Words.Words;
        var block = ArrayPool<byte>.Shared.Rent((words.Length * (WordCache.LongestWord + (3 * Varint.Longest))) + room.Others.MostBytes);
        var length = 0;
        Span<char> letters = stackalloc char[WordCache.LongestWord];
        foreach (ref readonly var word in words)
        {
            if (word.Count == 0)
                continue;
            var count = WordCache.Unpack(word.Letters, letters);
            block[length++] = 0;
            block[length++] = (byte)count;
            length += Varint.Write(block.AsSpan(length), (uint)word.Count);
            for (var i = 0; i < count; i++)
                block[length++] = (byte)letters[i];
        }
        length += room.Others.Write(block.AsSpan(length));
        var result = block[..length];
        ArrayPool<byte>.Shared.Return(block);
        return result;
    }

    /// <summary>The vector of the built-in embedding; empty where it knows too few of the words.</summary>
    public sbyte[] ToVector()
    {
        if (!room.Meaning.Understand().IsEnough)
            return [];
        var vector = new sbyte[BuiltInEmbedding.Shared.Dimensions];
        room.Meaning.Write(vector);
        return vector;
    }

    /// <summary>Lets the next message of this thread have the memory.</summary>
    public void Dispose() => spare = room;

    /// <summary>Has the reader of English words read what begins before a place.</summary>
    /// <returns>True when it is at that place, and has not read enough yet.</returns>
    private bool ReadBefore(ref EnglishWordReader english, int end)
    {
        var meaning = room.Meaning;
        while (!meaning.IsFull && english.ReadBefore(end))
            meaning.Add(english.Word);
        return english.At <= end && !meaning.IsFull;
    }

    private sealed class Room
    {
        /// <summary>With the terms that are plain words.</summary>
        public TextMeaning Meaning { get; } = new();

        public TermCounts Others { get; } = new();
    }

    private struct Sink(Room room, char field) : IWordSink
    {
        public int Words;

        public void Take(ReadOnlySpan<char> term, int start, int length, WordKind kind)
        {
            if (field != '\0')
            {
                Span<char> marked = stackalloc char[SearchWords.LongestTerm + 1];
                marked[0] = field;
                term.CopyTo(marked[1..]);
                room.Others.Add(marked[..(term.Length + 1)]);
                return;
            }
            Words += kind is WordKind.Word or WordKind.Pair ? 1 : 0;
            if (WordCache.Pack(term) is > 0 and var letters)
                room.Meaning.Words[letters].Count++;
            else
                room.Others.Add(term);
        }
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
