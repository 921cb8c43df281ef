using System.Security.Cryptography;

namespace Commune.Ai.Embeddings;

/// <summary>
/// How often each word stands in a text, for words that <see cref="WordCache.Pack"/> makes numbers: nearly all. Its memory is used again for the next text.
/// </summary>
internal sealed class WordCounts
{
    /// <summary>A text with more different words is no mail that anybody wrote: what comes later is not counted.</summary>
    private const int Most = 40_000;

    private const int FewBits = 10;
    private const int KeptBits = 14;

    // The process's own: nobody can mail us words that all fall into one slot.
    private static readonly ulong Multiplier = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    private Word[] words = new Word[1 << (FewBits - 1)];
    private int[] slots = new int[1 << FewBits];
    private int bits = FewBits;
    private int count;
    private Word surplus;

    /// <summary>In the order in which they came.</summary>
    public Span<Word> Words => words.AsSpan(0, count);

    /// <summary>The word's counts, which begin at nothing. Valid until the next word is asked for.</summary>
    public ref Word this[ulong letters]
    {
        get
        {
            var place = (int)((letters * Multiplier) >> (64 - bits));
            while (slots[place] is > 0 and var number)
            {
                ref var known = ref words[number - 1];
                if (known.Letters == letters)
                    return ref known;
                place = (place + 1) & (slots.Length - 1);
            }
            return ref Add(letters, place);
        }
    }

    public void Clear()
    {
        if (bits > KeptBits)
        {
            bits = FewBits;
            words = new Word[1 << (FewBits - 1)];
            slots = new int[1 << FewBits];
        }
        else
        {
            slots.AsSpan().Clear();
        }
        count = 0;
    }

    private ref Word Add(ulong letters, int place)
    {
        if (count == Most)
        {
            surplus = default;
            return ref surplus;
        }
        if (count == words.Length)
        {
            Grow();
            place = FreeSlot(letters);
        }
        words[count] = new Word { Letters = letters };
        slots[place] = ++count;
        return ref words[count - 1];
    }

    private void Grow()
    {
        bits++;
        Array.Resize(ref words, words.Length * 2);
        slots = new int[slots.Length * 2];
        for (var i = 0; i < count; i++)
            slots[FreeSlot(words[i].Letters)] = i + 1;
    }

    private int FreeSlot(ulong letters)
    {
        var place = (int)((letters * Multiplier) >> (64 - bits));
        while (slots[place] != 0)
            place = (place + 1) & (slots.Length - 1);
        return place;
    }

    public struct Word
    {
        public const int Unknown = -2;

        public ulong Letters;

        /// <summary>In the whole text.</summary>
        public int Count;

        /// <summary>Where the text says what it is about.</summary>
        public int Meaning;

        /// <summary>Its number among the embedding's words, or -1; <see cref="Unknown"/> when it is none of them and nobody looked for what it may mean.</summary>
        public int Place;
    }
}
