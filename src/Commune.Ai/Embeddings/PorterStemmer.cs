using System.Collections.Frozen;

namespace Commune.Ai.Embeddings;

/// <summary>
/// Brings the forms of an English word to one stem: "delivers", "delivered" and "delivery" to "deliv" or "deliveri".
/// The algorithm is M. F. Porter's of 1980, with the two rules (bli, logi) of his own program, which SQLite's
/// <c>porter</c> tokenizer has too: words of the index and words of a query come out alike.
/// </summary>
public static class PorterStemmer
{
    /// <summary>A longer word is left as it is, as SQLite does.</summary>
    public const int LongestWord = 64;

    [ThreadStatic]
    private static WordCache? knownStems;

    private static readonly SuffixRule[][] Step2 = ByNextToLast(
    [
        new("ational", "ate"), new("tional", "tion"), new("enci", "ence"), new("anci", "ance"), new("izer", "ize"), new("logi", "log"),
        new("bli", "ble"), new("alli", "al"), new("entli", "ent"), new("eli", "e"), new("ousli", "ous"), new("ization", "ize"),
        new("ation", "ate"), new("ator", "ate"), new("alism", "al"), new("iveness", "ive"), new("fulness", "ful"), new("ousness", "ous"),
        new("aliti", "al"), new("iviti", "ive"), new("biliti", "ble"),
    ]);

    private static readonly SuffixRule[][] Step3 = ByNextToLast(
    [
        new("icate", "ic"), new("ative", ""), new("alize", "al"), new("iciti", "ic"), new("ical", "ic"), new("ful", ""), new("ness", ""),
    ]);

    private static readonly SuffixRule[][] Step4 = ByNextToLast(
    [
        new("al", ""), new("ance", ""), new("ence", ""), new("er", ""), new("ic", ""), new("able", ""), new("ible", ""), new("ant", ""),
        new("ement", ""), new("ment", ""), new("ent", ""), new("ion", ""), new("ou", ""), new("ism", ""), new("ate", ""), new("iti", ""),
        new("ous", ""), new("ive", ""), new("ize", ""),
    ]);

    /// <summary>Turns the word into its stem where it stands, and gives the stem's length: never more than the word's.</summary>
    /// <param name="word">Letters a to z.</param>
    public static int Stem(Span<char> word)
    {
        if (word.Length is <= 2 or > LongestWord)
            return word.Length;
        var packed = WordCache.Pack(word);
        if (packed == 0)
            return StemAnew(word);
        var known = knownStems ??= new WordCache();
        if (known.TryFind(packed, out var found))
            return found == packed ? word.Length : WordCache.Unpack(found, word);
        var length = StemAnew(word);
        known.Keep(packed, WordCache.Pack(word[..length]));
        return length;
    }

    /// <summary>The stem of a word, both as <see cref="WordCache.Pack"/> makes them numbers.</summary>
    internal static ulong Stem(ulong word)
    {
        var known = knownStems ??= new WordCache();
        if (known.TryFind(word, out var found))
            return found;
        Span<char> letters = stackalloc char[WordCache.LongestWord];
        letters = letters[..WordCache.Unpack(word, letters)];
        found = letters.Length <= 2 ? word : WordCache.Pack(letters[..StemAnew(letters)]);
        known.Keep(word, found);
        return found;
    }

    private static int StemAnew(Span<char> word)
    {
        var stem = new WordStem(word);
        stem.CutPlural();
        stem.CutPastAndGerund();
        stem.SoftenFinalY();
        stem.Apply(Step2);
        stem.Apply(Step3);
        stem.Cut(Step4);
        stem.CutFinalE();
        stem.CutDoubleL();
        return stem.Length;
    }

    // The paper's hint: the next to last letter tells which few suffixes are worth a look. The longest is tried first.
    private static SuffixRule[][] ByNextToLast(SuffixRule[] rules)
    {
        var groups = rules.GroupBy(rule => rule.Suffix[^2]).ToFrozenDictionary(group => group.Key, group => group.OrderByDescending(rule => rule.Suffix.Length).ToArray());
        return [.. Enumerable.Range('a', 26).Select(letter => groups.GetValueOrDefault((char)letter, []))];
    }
}
