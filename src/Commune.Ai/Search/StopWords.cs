using System.Collections.Frozen;
using Commune.Ai.Embeddings;
using Commune.Ai.Languages;

namespace Commune.Ai.Search;

/// <summary>Words that say nothing about what is looked for; a query that has others does without them.</summary>
internal static class StopWords
{
    private static readonly FrozenSet<string> Stems = Stemmed(
        "a about am an and any are as at be been being but by can could did do does doing don find for from get give had has have having he her here "
        + "him his how i if in into is it its just let like look looking mail mails email emails me message messages my need not of off on or our out please "
        + "search see she should show so some tell than that the their them then there these they thing this those to us was we were what when where "
        + "which who why will with would you your anything something");

    private static readonly FrozenDictionary<Language, FrozenSet<string>> OfLanguages =
        KnownLanguages.All.ToFrozenDictionary(static language => language, static language => Stemmed(string.Join(' ', language.StopWords)));

    /// <param name="language">Of the query; null where it is English or cannot be told.</param>
    public static bool Contains(string stem, Language? language) => language is null ? Stems.Contains(stem) : OfLanguages[language].Contains(stem);

    private static FrozenSet<string> Stemmed(string words)
    {
        return words.Split(' ').Select(Stem).ToFrozenSet(StringComparer.Ordinal);

        static string Stem(string word)
        {
            var letters = word.ToCharArray();
            return new string(letters, 0, PorterStemmer.Stem(letters));
        }
    }
}
