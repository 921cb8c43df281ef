using Commune.Ai.Languages;

namespace Commune.Ai.Search;

/// <summary>
/// The words of an index that are forms of one that is asked for in a language other than English: "Rechnungen" of "Rechnung", and in German
/// also "Rechnungsnummer". They are found when a query asks, so that the index need not know what a mail is written in.
/// </summary>
public sealed class WordFamily
{
    /// <summary>A shorter word has too many that begin like it.</summary>
    private const int ShortestWord = 4;

    /// <summary>A compound begins with at least as many letters of the word, and has as many more.</summary>
    private const int ShortestOfCompound = 5;
    private const int LeastOfRest = 4;

    private const double OfForm = .95;
    private const double OfCompound = .5;

    private readonly IReadOnlyList<string> spellings;
    private readonly IReadOnlyList<Language> languages;

    private WordFamily(IReadOnlyList<string> spellings, IReadOnlyList<Language> languages)
    {
        this.spellings = spellings;
        this.languages = languages;
        Beginnings = [.. spellings.Select(word => word[..languages.Min(language => language.Stem(word))]).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>False where the language is not known: the word may be a name then, and has no other forms if it is somewhere as it is.</summary>
    public bool IsCertain => languages.Count == 1;

    /// <summary>What all of its words begin with.</summary>
    public IReadOnlyList<string> Beginnings { get; }

    /// <param name="spellings">The word as it stands in the index, and how else it is written there: "munchen", "muenchen".</param>
    /// <param name="language">Null where it may be of any.</param>
    /// <returns>Null for what has no forms, such as a number.</returns>
    internal static WordFamily? Of(IReadOnlyList<string> spellings, Language? language) =>
        spellings.All(static word => word.Length >= ShortestWord && !word.AsSpan().ContainsAnyExceptInRange('a', 'z'))
            ? new WordFamily(spellings, language is null ? KnownLanguages.All : [language]) : null;

    /// <summary>How much of the word itself a word of the index is worth; 0 when it is none of the family.</summary>
    public double Kinship(string term)
    {
        ArgumentNullException.ThrowIfNull(term);
        if (term.AsSpan().ContainsAnyExceptInRange('a', 'z'))
            return 0;
        var kinship = 0.0;
        foreach (var word in spellings)
        {
            foreach (var language in languages)
                kinship = Math.Max(kinship, Kinship(word, term, language));
        }
        return kinship;
    }

    private double Kinship(string word, string term, Language language)
    {
        var stem = word.AsSpan(0, language.Stem(word));
        if (!term.AsSpan().StartsWith(stem))
            return 0;
        // "pakket" may be taken for a form of "pakke", but "pakketten" is one of "pakket".
        if (language.Stem(term) is var other && (other == stem.Length || term.AsSpan(0, other).SequenceEqual(word) || term.Length == stem.Length))
            return OfForm;
        // A word of which the language is not known may be a slip of the keyboard as well.
        return IsCertain && language.Compounds && stem.Length >= ShortestOfCompound && term.Length - stem.Length >= LeastOfRest ? OfCompound : 0;
    }
}
