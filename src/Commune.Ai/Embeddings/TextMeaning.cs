using Commune.Ai.Languages;

namespace Commune.Ai.Embeddings;

/// <summary>
/// What a text was found to say, on its way to a vector. Words are counted first and then looked up, each once. For one thread at a time; its memory is
/// used again for the next text.
/// </summary>
internal sealed class TextMeaning
{
    // What a message is about stands in its first pages; the rest would only cost time.
    private const int MostWords = 4096;
    private const int MostOtherWords = 1000;
    private const int MostDenseLetters = 2000;

    /// <summary>The sum of words that are too long to be counted, and of all that are not English.</summary>
    private readonly float[] sum = new float[BuiltInEmbedding.Shared.Dimensions];

    private int known;

    // What is English is -1.
    private int language;
    private int most;

    // Of other languages: words that mean something by themselves, and letters that may be read yet.
    private int telling;
    private int lettersLeft;

    /// <summary>Stems, with how often each counts.</summary>
    public WordCounts Words { get; } = new();

    /// <summary>How many words were read.</summary>
    public int Read { get; private set; }

    /// <summary>No more words are read; of a script without spaces none are.</summary>
    public bool IsFull => Read >= most;

    public bool IsEnglish => language < 0;

    private bool IsDense => language >= KnownLanguages.All.Length;

    /// <summary>Forgets the text before.</summary>
    /// <param name="place">What the next one is written in (<see cref="BuiltInEmbedding.PlaceOf"/>).</param>
    public void Begin(int place)
    {
        Words.Clear();
        sum.AsSpan().Clear();
        (Read, known, telling, language, lettersLeft) = (0, 0, 0, place, MostDenseLetters);
        most = IsEnglish ? MostWords : IsDense ? 0 : MostOtherWords;
    }

    /// <param name="word">From <see cref="EnglishWordReader"/>; becomes its stem where it stands.</param>
    public void Add(Span<char> word)
    {
        Read++;
        if (word.IsEmpty)
            return;
        if (!IsEnglish)
        {
            AddOther(BuiltInEmbedding.Shared.Others.RowsOf(word, language));
            return;
        }
        var stem = word[..PorterStemmer.Stem(word)];
        if (WordCache.Pack(stem) is > 0 and var letters)
            Words[letters].Meaning++;
        else
            known += BuiltInEmbedding.Shared.AddLong(stem, sum) ? 1 : 0;
    }

    /// <summary>Adds a word that stands among <see cref="Words"/>.</summary>
    /// <param name="letters">The whole word, as <see cref="WordCache.Pack"/> makes it a number.</param>
    public void Add(ref WordCounts.Word stem, ulong letters)
    {
        Read++;
        if (IsEnglish)
            stem.Meaning++;
        else
            AddOther(BuiltInEmbedding.Shared.Others.RowsOf(letters, language));
    }

    /// <summary>Adds a text whose script has no spaces; one of words has been added already.</summary>
    public void AddDense(ReadOnlySpan<char> text)
    {
        if (!IsDense)
            return;
        text = text[..Math.Min(text.Length, lettersLeft)];
        lettersLeft -= text.Length;
        var coverage = BuiltInEmbedding.Shared.Others.ReadDense(text, language, sum);
        (telling, known) = (telling + coverage.Words, known + coverage.Known);
    }

    /// <summary>Looks the words up: how much of them is understood.</summary>
    public WordCoverage Understand() =>
        IsEnglish ? new(Read, known + BuiltInEmbedding.Shared.LookUp(Words.Words)) : new(telling, known, IsEnglish: false);

    /// <summary>Writes the vector of what was understood.</summary>
    public void Write(Span<sbyte> vector)
    {
        Span<float> all = stackalloc float[sum.Length];
        sum.CopyTo(all);
        if (IsEnglish)
        {
            BuiltInEmbedding.Shared.Write(Words.Words, all, vector);
            return;
        }
        LanguageSign.AddTo(all, language);
        BuiltInEmbedding.Round(all, vector);
    }

    private void AddOther(WordRows rows)
    {
        if (rows.IsSilent)
            return;
        telling++;
        known += rows.IsNone ? 0 : 1;
        rows.AddTo(sum, BuiltInEmbedding.Shared.Others.Table);
    }
}
