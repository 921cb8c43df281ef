namespace Commune.Ai.Embeddings;

/// <summary>
/// What a text was found to say, on its way to a vector. Words are counted first and then looked up, each once. For one thread at a time; its memory is
/// used again for the next text.
/// </summary>
internal sealed class TextMeaning
{
    // What a message is about stands in its first pages; the rest would only cost time.
    private const int MostWords = 4096;

    /// <summary>The sum of words that are too long to be counted.</summary>
    private readonly float[] sum = new float[BuiltInEmbedding.Shared.Dimensions];

    private int known;

    /// <summary>Stems, with how often each counts.</summary>
    public WordCounts Words { get; } = new();

    /// <summary>How many words were read.</summary>
    public int Read { get; private set; }

    public bool IsFull => Read >= MostWords;

    public void Clear()
    {
        Words.Clear();
        sum.AsSpan().Clear();
        (Read, known) = (0, 0);
    }

    /// <param name="word">From <see cref="EnglishWordReader"/>; becomes its stem where it stands.</param>
    public void Add(Span<char> word)
    {
        Read++;
        if (word.IsEmpty)
            return;
        var stem = word[..PorterStemmer.Stem(word)];
        if (WordCache.Pack(stem) is > 0 and var letters)
            Words[letters].Meaning++;
        else
            known += BuiltInEmbedding.Shared.AddLong(stem, sum) ? 1 : 0;
    }

    /// <summary>Adds a word of <see cref="Words"/>.</summary>
    public void Add(ref WordCounts.Word stem)
    {
        Read++;
        stem.Meaning++;
    }

    /// <summary>Looks the words up: how much of them is understood.</summary>
    public WordCoverage Understand() => new(Read, known + BuiltInEmbedding.Shared.LookUp(Words.Words));

    /// <summary>Writes the vector of what was understood.</summary>
    public void Write(Span<sbyte> vector)
    {
        Span<float> all = stackalloc float[sum.Length];
        sum.CopyTo(all);
        BuiltInEmbedding.Shared.Write(Words.Words, all, vector);
    }
}
