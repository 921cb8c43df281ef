namespace Commune.Ai.Languages;

/// <summary>A language besides English that search knows something of. Its lists stand in <see cref="KnownLanguages"/>.</summary>
/// <param name="code">ISO 639-1.</param>
/// <param name="stopWords">Words that say nothing about what is looked for, without accents.</param>
/// <param name="endings">What its words end in, as stems of the index have it: "y" is "i" there.</param>
/// <param name="compounds">Whether nouns are written together: "Rechnungsnummer".</param>
internal sealed class Language(string code, string stopWords, string endings, bool compounds = false)
{
    private const int ShortestStem = 4;

    // By their last letter, the longest first: what can be cut of a word is cut as a whole.
    private readonly string[][] endings =
    [
        .. Enumerable.Range('a', 26).Select(letter => Words(endings).Where(ending => ending[^1] == letter).Distinct(StringComparer.Ordinal)
            .OrderByDescending(static ending => ending.Length).ToArray()),
    ];

    public string Code { get; } = code;

    public IReadOnlyList<string> StopWords { get; } = Words(stopWords);

    public bool Compounds { get; } = compounds;

    /// <summary>How much of a word is left without its ending, so that its forms are alike: "Rechnung", "Rechnungen".</summary>
    /// <param name="word">Folded: letters a to z.</param>
    public int Stem(ReadOnlySpan<char> word)
    {
        if (word.IsEmpty || !char.IsAsciiLetterLower(word[^1]))
            return word.Length;
        foreach (var ending in endings[word[^1] - 'a'])
        {
            if (word.Length - ending.Length >= ShortestStem && word.EndsWith(ending, StringComparison.Ordinal))
                return Undoubled(word[..^ending.Length]);
        }
        return Undoubled(word);
    }

    /// <summary>"pakketten" has a letter more than "pakket".</summary>
    private static int Undoubled(ReadOnlySpan<char> stem) =>
        stem.Length > ShortestStem && stem[^1] == stem[^2] ? stem.Length - 1 : stem.Length;

    private static string[] Words(string list) => list.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
