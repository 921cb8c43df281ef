using Commune.Ai.Embeddings;

namespace Commune.Ai.Languages;

/// <summary>What a text is written in, told by its most frequent words.</summary>
/// <param name="Language">Null where it is English, or cannot be told.</param>
/// <param name="IsEnglish">It has English words, and no other language has more of its own.</param>
/// <param name="Place">That of the language in <see cref="KnownLanguages.All"/>; -1 without one.</param>
internal readonly record struct LanguageGuess(Language? Language, int Place, bool IsEnglish)
{
    /// <summary>There is no doubt that it is English.</summary>
    public bool IsDecisive { get; init; }

    /// <summary>The first words tell.</summary>
    private const int MostWords = 60;

    // A word that one language alone has tells more than one that several share.
    private const int Alone = 3;
    private const int Shared = 2;

    // Of a text longer than this every tenth word at least is one of the frequent ones.
    private const int FewWords = 5;
    private const int LeastFrequent = 10;

    // So many points in the first words, and twice those of any other, are enough.
    private const int Decisive = 15;

    /// <summary>By <see cref="WordCache.Pack"/>: a bit for each language that has the word.</summary>
    private static readonly Dictionary<ulong, byte> Frequent = ReadFrequent();

    public static LanguageGuess English { get; } = new(null, -1, true);

    private const int MostLanguages = 8;
    private const int EnglishBit = MostLanguages - 1;

    /// <summary>Whether a word is one of those that say nothing by themselves.</summary>
    /// <param name="language">Its place in <see cref="KnownLanguages.All"/>.</param>
    public static bool IsFrequent(ReadOnlySpan<char> word, int language) =>
        Frequent.TryGetValue(WordCache.Pack(word), out var languages) && (languages >> language & 1) != 0;

    public static LanguageGuess Of(ReadOnlySpan<char> text)
    {
        Span<int> points = stackalloc int[MostLanguages];
        points.Clear();
        var reader = new EnglishWordReader(text, stackalloc char[PorterStemmer.LongestWord]);
        var (words, frequent) = (0, 0);
        for (; words < MostWords && reader.Read(); words++)
        {
            if (!Frequent.TryGetValue(WordCache.Pack(reader.Word), out var languages))
                continue;
            frequent++;
            var worth = (languages & (languages - 1)) == 0 ? Alone : Shared;
            for (var bit = 0; bit < points.Length; bit++)
                points[bit] += (languages >> bit & 1) * worth;
            if (points[EnglishBit] >= Decisive && IsTwiceOfAll(points))
                return English with { IsDecisive = true };
        }
        // A language that is none of these has a few words that look like theirs.
        if (words > FewWords && (frequent < 2 || frequent * LeastFrequent < words))
            return default(LanguageGuess) with { Place = -1 };
        var english = points[EnglishBit];
        var best = 0;
        for (var bit = 1; bit < EnglishBit; bit++)
            best = points[bit] > points[best] ? bit : best;
        return points[best] > english ? new LanguageGuess(KnownLanguages.All[best], best, false) : new LanguageGuess(null, -1, english > 0);
    }

    private static bool IsTwiceOfAll(ReadOnlySpan<int> points)
    {
        foreach (var others in points[..EnglishBit])
        {
            if (others * 2 > points[EnglishBit])
                return false;
        }
        return true;
    }

    private static Dictionary<ulong, byte> ReadFrequent()
    {
        var frequent = new Dictionary<ulong, byte>();
        for (var bit = 0; bit < KnownLanguages.All.Length; bit++)
        {
            foreach (var word in KnownLanguages.All[bit].StopWords)
                Add(word, bit);
        }
        foreach (var word in KnownLanguages.English.Split(' '))
            Add(word, EnglishBit);
        return frequent;

        void Add(string word, int bit) => frequent[WordCache.Pack(word)] = (byte)(frequent.GetValueOrDefault(WordCache.Pack(word)) | 1 << bit);
    }
}
