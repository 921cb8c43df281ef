using System.Buffers;
using Commune.Ai.Languages;
using Commune.Ai.Search;

namespace Commune.Ai.Embeddings;

/// <summary>Finds the rows of words in another language than English.</summary>
internal sealed class OtherLanguageReading(EmbeddingTable table, TranslatedWords translated)
{
    private const int FewLetters = 40;
    private const int ShortestLoanword = 4;
    private const int BitsOfWord = 60;
    private const char FirstDense = '\u3041';
    private const char LastDense = '\u9FFF';

    private static readonly SearchValues<char> DenseLetters =
        SearchValues.Create([.. Enumerable.Range(FirstDense, LastDense - FirstDense + 1).Select(static letter => (char)letter)]);

    // What was found out about words of all languages; the place of the language stands above the word's letters.
    [ThreadStatic]
    private static WordCache? knownRows;

    /// <summary>Where the rows are.</summary>
    public EmbeddingTable Table => table;

    /// <summary>The column of a text in a script without spaces; -1 for most. A few letters that Chinese and Japanese share are of the one that knows more of them.</summary>
    public int DenseColumn(ReadOnlySpan<char> text)
    {
        const int LookedAt = 400;
        var first = text.IndexOfAny(DenseLetters);
        if (first < 0)
            return -1;
        var (dense, kana, others) = (0, 0, 0);
        foreach (var c in text.Slice(first, Math.Min(LookedAt, text.Length - first)))
        {
            dense += c is >= FirstDense and <= LastDense ? 1 : 0;
            kana += c is >= FirstDense and <= '\u30FF' ? 1 : 0;
            others += char.IsAsciiLetter(c) ? 1 : 0;
        }
        // A name among words of ours does not make them Chinese.
        if (dense * 3 < others)
            return -1;
        if (kana * 10 > dense)
            return TranslatedWords.Japanese;
        return text.Length <= FewLetters && ReadDense(text, TranslatedWords.Japanese, []).Known > ReadDense(text, TranslatedWords.Chinese, []).Known
            ? TranslatedWords.Japanese : TranslatedWords.Chinese;
    }

    /// <summary>How many words of a short text are of the language without doubt.</summary>
    public int Explained(ReadOnlySpan<char> text, int language)
    {
        var reader = new EnglishWordReader(text, stackalloc char[PorterStemmer.LongestWord]);
        var explained = 0;
        while (reader.Read())
            explained += reader.Word.Length > 1 && (LanguageGuess.IsFrequent(reader.Word, language) || !translated.Find(language, reader.Word).IsNone) ? 1 : 0;
        return explained;
    }

    /// <summary>Reads a text of a script without spaces: the longest words of the list, one behind the other.</summary>
    /// <param name="sum">May be empty, to count alone.</param>
    public WordCoverage ReadDense(ReadOnlySpan<char> text, int column, Span<float> sum)
    {
        var (letters, known) = (0, 0);
        for (var at = 0; at < text.Length;)
        {
            if (Letters.Read(text[at]) != LetterKind.Dense)
            {
                at++;
                continue;
            }
            var length = Math.Min(TranslatedWords.LongestDense, text.Length - at);
            WordRows rows = default;
            while (length > 0 && (rows = translated.Find(column, text.Slice(at, length))).IsNone)
                length--;
            known += rows.IsNone ? 0 : 1;
            if (!sum.IsEmpty)
                rows.AddTo(sum, table);
            letters += rows.IsNone && text[at] > '\u30A0' ? 1 : 0;
            at += Math.Max(1, length);
        }
        // Two letters that are not understood make a word.
        return new WordCoverage(known + (letters / 2), known, IsEnglish: false);
    }

    /// <summary>The rows of a word.</summary>
    /// <param name="letters">The word as <see cref="WordCache.Pack"/> makes it a number.</param>
    /// <param name="language">The place in <see cref="KnownLanguages.All"/>.</param>
    public WordRows RowsOf(ulong letters, int language)
    {
        var key = letters | ((ulong)(language + 1) << BitsOfWord);
        var known = knownRows ??= new WordCache();
        if (known.TryFind(key, out var found))
            return new WordRows(found);
        Span<char> word = stackalloc char[WordCache.LongestWord];
        var rows = FindRows(word[..WordCache.Unpack(letters, word)], language);
        known.Keep(key, rows.Packed);
        return rows;
    }

    /// <summary>The same of a word of any length, which may be changed where it stands.</summary>
    public WordRows RowsOf(Span<char> word, int language) => WordCache.Pack(word) is > 0 and var letters ? RowsOf(letters, language) : FindRows(word, language);

    private WordRows FindRows(Span<char> word, int language)
    {
        if (LanguageGuess.IsFrequent(word, language))
            return WordRows.Silent;
        var rows = translated.Find(language, word);
        if (rows.IsNone)
            rows = translated.FindParts(language, word);
        return rows.IsNone && word.Length >= ShortestLoanword && table.Find(word[..PorterStemmer.Stem(word)]) is >= 0 and var loanword
            ? WordRows.Of([loanword]) : rows;
    }
}
