using Commune.Ai.Languages;
using Commune.Ai.Search;

namespace Commune.Ai.Embeddings;

/// <summary>Sums the rows of a text in another language than English.</summary>
internal sealed class OtherLanguageReading(EmbeddingTable table, TranslatedWords translated)
{
    // As many words tell what a text is about.
    private const int MostWords = 1000;
    private const int MostLetters = 2000;
    private const int FewLetters = 40;
    private const int ShortestLoanword = 4;
    private const int BitsOfWord = 60;

    // What was found out about words of all languages; the place of the language stands above the word's letters.
    [ThreadStatic]
    private static WordCache? knownRows;

    /// <summary>The column of a text in a script without spaces; -1 for most.</summary>
    public static int DenseColumn(ReadOnlySpan<char> text)
    {
        const int LookedAt = 400;
        var first = text.IndexOfAnyInRange('\u3041', '\u9FFF');
        if (first < 0)
            return -1;
        var (dense, kana, others) = (0, 0, 0);
        foreach (var c in text.Slice(first, Math.Min(LookedAt, text.Length - first)))
        {
            dense += c is >= '\u3041' and <= '\u9FFF' ? 1 : 0;
            kana += c is >= '\u3041' and <= '\u30FF' ? 1 : 0;
            others += char.IsAsciiLetter(c) ? 1 : 0;
        }
        // A name among words of ours does not make them Chinese.
        return dense * 3 < others ? -1 : kana * 10 > dense ? TranslatedWords.Japanese : TranslatedWords.Chinese;
    }

    /// <summary>Reads a text of words.</summary>
    /// <param name="language">The place in <see cref="KnownLanguages.All"/>.</param>
    public WordCoverage Read(ReadOnlySpan<char> text, int language, Span<float> sum)
    {
        var reader = new EnglishWordReader(text, stackalloc char[PorterStemmer.LongestWord]);
        var (words, known) = (0, 0);
        for (var read = 0; read < MostWords && reader.Read(); read++)
        {
            if (reader.Word.IsEmpty)
                continue;
            var rows = RowsOf(reader.Word, language);
            if (rows.IsSilent)
                continue;
            words++;
            known += rows.IsNone ? 0 : 1;
            rows.AddTo(sum, table);
        }
        return new WordCoverage(words, known, IsEnglish: false);
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
    /// <param name="column">A few letters that Chinese and Japanese share are of the one that knows more of them.</param>
    public WordCoverage ReadDense(ReadOnlySpan<char> text, ref int column, Span<float> sum)
    {
        text = text[..Math.Min(text.Length, MostLetters)];
        if (column == TranslatedWords.Chinese && text.Length <= FewLetters && ReadDense(text, TranslatedWords.Japanese, []).Known > ReadDense(text, column, []).Known)
            column = TranslatedWords.Japanese;
        return ReadDense(text, column, sum);
    }

    /// <param name="sum">May be empty, to count alone.</param>
    private WordCoverage ReadDense(ReadOnlySpan<char> text, int column, Span<float> sum)
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

    private WordRows RowsOf(Span<char> word, int language)
    {
        var packed = WordCache.Pack(word);
        if (packed == 0)
            return FindRows(word, language);
        packed |= (ulong)(language + 1) << BitsOfWord;
        var known = knownRows ??= new WordCache();
        if (known.TryFind(packed, out var found))
            return new WordRows(found);
        var rows = FindRows(word, language);
        known.Keep(packed, rows.Packed);
        return rows;
    }

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
