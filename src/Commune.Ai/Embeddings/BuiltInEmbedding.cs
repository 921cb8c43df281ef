using Commune.Ai.Languages;

namespace Commune.Ai.Embeddings;

/// <summary>
/// Turns a text into a vector that lies near those of texts which mean the same: a weighted sum of trained word vectors. It is at home in
/// English; of nine other languages it knows the words that mail is about, and takes them for their English ones.
/// It needs no model server, no download and some microseconds. Any number of threads may use it.
/// </summary>
public sealed class BuiltInEmbedding
{
    private const int ShortestUnknownWord = 4;
    private const int ShortestSlip = 5;
    private const int ShortestPiece = 3;
    private const int LongestPiece = 4;

    // There is one table, so that threads need one cache each.
    [ThreadStatic]
    private static WordCache? knownPlaces;

    [ThreadStatic]
    private static TextMeaning? spare;

    // What is short may have no word that tells its language.
    private const int ShortText = 300;

    private readonly EmbeddingTable _table;
    private readonly OtherLanguageReading _others;

    private BuiltInEmbedding(EmbeddingTable table)
    {
        _table = table;
        var translated = TranslatedWords.Load(table);
        _others = new OtherLanguageReading(table, translated);
        ModelId = $"commune-words-{table.Dimensions}-{table.Checksum}-{translated.Checksum}";
    }

    /// <summary>The embedding that comes with the program.</summary>
    public static BuiltInEmbedding Shared { get; } = new(EmbeddingTable.Load());

    /// <summary>Names the trained table: vectors of different ids must not be compared.</summary>
    public string ModelId { get; }

    /// <summary>How many components a vector has.</summary>
    public int Dimensions => _table.Dimensions;

    /// <summary>Whether an English word has a vector of its own.</summary>
    internal bool Knows(ReadOnlySpan<char> stem) => _table.Find(stem) >= 0;

    /// <summary>Writes the text's vector: a unit vector times 127, rounded. All zeros when no word of the text is known.</summary>
    /// <param name="text">Subject, newline, newest reply. Only its first 4096 words count.</param>
    /// <param name="vector">Room for <see cref="Dimensions"/> components.</param>
    public WordCoverage Embed(ReadOnlySpan<char> text, Span<sbyte> vector)
    {
        if (vector.Length != Dimensions)
            throw new ArgumentException($"A vector of this model has {Dimensions} components, not {vector.Length}.", nameof(vector));
        var meaning = spare ??= new TextMeaning();
        meaning.Begin(PlaceOf(text));
        var reader = new EnglishWordReader(text, stackalloc char[PorterStemmer.LongestWord]);
        while (!meaning.IsFull && reader.Read())
            meaning.Add(reader.Word);
        meaning.AddDense(text);
        var coverage = meaning.Understand();
        if (coverage.Known > 0)
            meaning.Write(vector);
        else
            vector.Clear();
        return coverage;
    }

    /// <summary>Reads what is not English.</summary>
    internal OtherLanguageReading Others => _others;

    /// <summary>The column of the language that the text is written in; -1 for English, and for what cannot be told.</summary>
    internal int PlaceOf(ReadOnlySpan<char> text) => _others.DenseColumn(text) is >= 0 and var column ? column : LanguageOf(text).Place;

    /// <summary>
    /// What the text is written in. Frequent words tell, but a few words may have none, or one that two languages have: those are of the language
    /// that knows most of them, and of English where it knows as many.
    /// </summary>
    internal LanguageGuess LanguageOf(ReadOnlySpan<char> text)
    {
        var guess = LanguageGuess.Of(text);
        if (guess.IsDecisive || text.Length > ShortText)
            return guess;
        var (words, known, slips) = CountEnglish(text);
        if (known == words || (guess.IsEnglish && known * 4 >= words * 3))
            return words > 0 ? LanguageGuess.English : guess;
        var (best, most) = (-1, 0);
        for (var language = 0; language < KnownLanguages.All.Length; language++)
        {
            var explained = _others.Explained(text, language);
            if (explained > most || (explained == most && explained > 0 && language == guess.Place))
                (best, most) = (language, explained);
        }
        // Where half of the words may be of any language, slips of the keyboard in English ones are as likely.
        if ((best >= 0 && best == guess.Place && most >= known) || (most > known && (most * 2 > words || most > known + slips)))
            return new LanguageGuess(KnownLanguages.All[best], best, false);
        return known + slips > 0 ? LanguageGuess.English : guess;
    }

    /// <summary>How many words of a short text are English, and how many nearly.</summary>
    private (int Words, int Known, int Slips) CountEnglish(ReadOnlySpan<char> text)
    {
        var reader = new EnglishWordReader(text, stackalloc char[PorterStemmer.LongestWord]);
        var (words, known, slips) = (0, 0, 0);
        while (reader.Read())
        {
            // A letter is a word of many languages, and no sign of any.
            if (reader.Word.Length < 2)
                continue;
            words++;
            var place = FindLately(reader.Word[..PorterStemmer.Stem(reader.Word)], out var isKnown);
            known += isKnown ? 1 : 0;
            slips += place >= 0 && !isKnown ? 1 : 0;
        }
        return (words, known, slips);
    }

    /// <summary>Adds the vector of a stem that is too long to be counted; false when it is unknown.</summary>
    internal bool AddLong(ReadOnlySpan<char> stem, Span<float> sum)
    {
        var place = FindPlace(stem, out var isKnown);
        Add(place, stem, 1, sum);
        return isKnown;
    }

    /// <summary>
    /// Looks counted stems up, and tells how many words of them are in the vocabulary. What the others may mean is not looked for yet: that costs most.
    /// </summary>
    internal int LookUp(Span<WordCounts.Word> stems)
    {
        Span<char> letters = stackalloc char[WordCache.LongestWord];
        var places = knownPlaces ??= new WordCache();
        var known = 0;
        foreach (ref var stem in stems)
        {
            if (stem.Meaning == 0)
                continue;
            if (places.TryFind(stem.Letters, out var found))
            {
                stem.Place = (int)(found >> 1) - 1;
                known += (found & 1) != 0 ? stem.Meaning : 0;
                continue;
            }
            stem.Place = _table.Find(letters[..WordCache.Unpack(stem.Letters, letters)]);
            if (stem.Place >= 0)
            {
                places.Keep(stem.Letters, ((ulong)(stem.Place + 1) << 1) | 1);
                known += stem.Meaning;
            }
            else
            {
                stem.Place = WordCounts.Word.Unknown;
            }
        }
        return known;
    }

    /// <summary>Writes the vector of stems that were looked up and of what is summed already.</summary>
    internal void Write(Span<WordCounts.Word> stems, Span<float> sum, Span<sbyte> vector)
    {
        Span<char> letters = stackalloc char[WordCache.LongestWord];
        foreach (ref var word in stems)
        {
            if (word.Meaning == 0)
                continue;
            if (word.Place >= 0)
            {
                _table.AddWord(word.Place, word.Meaning, sum);
                continue;
            }
            var stem = letters[..WordCache.Unpack(word.Letters, letters)];
            if (word.Place == WordCounts.Word.Unknown)
            {
                word.Place = stem.Length >= ShortestSlip ? SlipOfTheKeyboard.Find(stem, _table) : -1;
                knownPlaces!.Keep(word.Letters, (ulong)(word.Place + 1) << 1);
            }
            Add(word.Place, stem, word.Meaning, sum);
        }
        Round(sum, vector);
    }

    /// <summary>The number of the stem, or of the one that was meant; -1 when there is neither.</summary>
    private int FindPlace(ReadOnlySpan<char> stem, out bool isKnown)
    {
        var place = _table.Find(stem);
        isKnown = place >= 0;
        if (!isKnown && stem.Length >= ShortestSlip)
            place = SlipOfTheKeyboard.Find(stem, _table);
        return place;
    }

    /// <summary>The same, kept for the next time.</summary>
    private int FindLately(ReadOnlySpan<char> stem, out bool isKnown)
    {
        if (WordCache.Pack(stem) is not (> 0 and var letters))
            return FindPlace(stem, out isKnown);
        var places = knownPlaces ??= new WordCache();
        if (!places.TryFind(letters, out var found))
        {
            var place = FindPlace(stem, out isKnown);
            places.Keep(letters, found = ((ulong)(place + 1) << 1) | (isKnown ? 1UL : 0));
        }
        isKnown = (found & 1) != 0;
        return (int)(found >> 1) - 1;
    }

    private void Add(int place, ReadOnlySpan<char> stem, int times, Span<float> sum)
    {
        if (place >= 0)
            _table.AddWord(place, times, sum);
        else if (stem.Length >= ShortestUnknownWord)
            AddPieces(stem, times, sum);
    }

    /// <summary>An unknown word, such as a name, takes the mean of its pieces.</summary>
    private void AddPieces(ReadOnlySpan<char> stem, int times, Span<float> sum)
    {
        Span<char> room = stackalloc char[PorterStemmer.LongestWord + 2];
        var marked = room[..(stem.Length + 2)];
        marked[0] = '<';
        stem.CopyTo(marked[1..]);
        marked[^1] = '>';
        var count = marked.Length - ShortestPiece + 1 + marked.Length - LongestPiece + 1;
        for (var length = ShortestPiece; length <= LongestPiece; length++)
        {
            for (var at = 0; at + length <= marked.Length; at++)
                _table.AddPiece((int)(EmbeddingTable.Hash(marked.Slice(at, length)) % (uint)_table.Pieces), (float)times / count, sum);
        }
    }

    internal static void Round(ReadOnlySpan<float> sum, Span<sbyte> vector)
    {
        var squares = 0.0;
        foreach (var component in sum)
            squares += (double)component * component;
        var scale = squares > 0 ? 127 / Math.Sqrt(squares) : 0;
        for (var i = 0; i < sum.Length; i++)
            vector[i] = (sbyte)Math.Round(sum[i] * scale);
    }
}
