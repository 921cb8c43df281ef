using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Commune.Ai.Extraction.Builtin.Words;

/// <summary>
/// What a word means: "Bestellnummer", "numéro de commande" and "order_id" all mean order and id. A word that is not known means itself.
/// </summary>
internal static class Vocabulary
{
    private const int ShortestPart = 4;
    private const int LongestCompound = 40;
    private const int MostRemembered = 20_000;

    private static readonly FrozenDictionary<string, string[]> Words;
    private static readonly FrozenDictionary<string, Phrase[]> Phrases;
    private static readonly ConcurrentDictionary<string, string[]> Remembered = new(StringComparer.Ordinal);

    /// <param name="Words">Folded, the first included.</param>
    private sealed record Phrase(string[] Words, string[] Concepts);

    static Vocabulary()
    {
        var words = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var phrases = new Dictionary<string, List<Phrase>>(StringComparer.Ordinal);
        foreach (var line in BusinessWords.Lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var concepts = line[..colon].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach (var entry in line[(colon + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                var parts = entry.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => Folded.Of(part)).ToArray();
                if (parts.Length == 1)
                    words[parts[0]] = words.TryGetValue(parts[0], out var others) ? [.. others.Union(concepts, StringComparer.Ordinal)] : concepts;
                else if (phrases.TryGetValue(parts[0], out var list))
                    list.Add(new Phrase(parts, concepts));
                else
                    phrases[parts[0]] = [new Phrase(parts, concepts)];
            }
        }
        Words = words.ToFrozenDictionary(StringComparer.Ordinal);
        Phrases = phrases.ToFrozenDictionary(
            entry => entry.Key, entry => entry.Value.OrderByDescending(phrase => phrase.Words.Length).ToArray(), StringComparer.Ordinal);
    }

    /// <summary>Whether a folded word means more than itself.</summary>
    public static bool Knows(string folded) => Words.ContainsKey(folded);

    /// <summary>The concepts of a folded word; at least one.</summary>
    public static string[] ConceptsOf(string folded)
    {
        if (Words.TryGetValue(folded, out var known))
            return known;
        if (Remembered.TryGetValue(folded, out var remembered))
            return remembered;
        var concepts = AfterApostrophe(folded) ?? Singular(folded) ?? Compound(folded) ?? [Stem(folded)];
        if (Remembered.Count < MostRemembered)
            Remembered.TryAdd(folded, concepts);
        return concepts;
    }

    /// <summary>The longest phrase that begins at a word.</summary>
    /// <param name="wordAt">The folded word that many places on, or null behind the last.</param>
    /// <returns>How many words it takes; 0 when none does.</returns>
    public static int PhraseAt(string first, Func<int, string?> wordAt, out string[] concepts)
    {
        concepts = [];
        if (!Phrases.TryGetValue(first, out var phrases))
            return 0;
        foreach (var phrase in phrases)
        {
            var same = 1;
            while (same < phrase.Words.Length && wordAt(same) == phrase.Words[same])
                same++;
            if (same < phrase.Words.Length)
                continue;
            concepts = phrase.Concepts;
            return same;
        }
        return 0;
    }

    // French and Italian: "d'achat", "l'ordine".
    private static string[]? AfterApostrophe(string folded)
    {
        var at = folded.IndexOf('\'', StringComparison.Ordinal);
        if (at < 0)
            return null;
        if (at <= 2 && folded.Length - at > 3)
            return ConceptsOf(folded[(at + 1)..]);
        return folded.EndsWith("'s", StringComparison.Ordinal) ? ConceptsOf(folded[..^2]) : null;
    }

    private static string[]? Singular(string folded) =>
        folded.Length > 3 && folded[^1] == 's' && Words.TryGetValue(folded[..^1], out var one) ? one : null;

    // German and Dutch write one word where others write three.
    private static string[]? Compound(string folded)
    {
        if (folded.Length is < ShortestPart + 2 or > LongestCompound)
            return null;
        for (var cut = folded.Length - 2; cut >= ShortestPart; cut--)
        {
            if (!Words.TryGetValue(folded[..cut], out var first))
                continue;
            for (var link = 0; link <= 2 && cut + link < folded.Length; link++)
            {
                if (link > 0 && folded[cut + link - 1] is not ('s' or 'n' or 'e'))
                    break;
                var rest = folded[(cut + link)..];
                if ((rest.Length >= ShortestPart || rest is "nr" or "id") && Words.TryGetValue(rest, out var second))
                    return [.. first.Union(second, StringComparer.Ordinal)];
            }
        }
        return null;
    }

    private static string Stem(string folded) => folded.Length > 3 && folded[^1] == 's' && folded[^2] != 's' ? folded[..^1] : folded;
}
