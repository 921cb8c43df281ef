using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Commune.Ai.Languages;

namespace Commune.Ai.Embeddings;

/// <summary>
/// Words of other languages, each with the English words whose rows it takes: "Rechnung" points where "invoice" does. What is written
/// about a matter in one language is so near to what is written about it in another. other-languages.txt says what stands where.
/// </summary>
internal sealed class TranslatedWords
{
    public const string ResourceName = "other-languages.txt";

    /// <summary>Longer words of a script without spaces are not in the list.</summary>
    public const int LongestDense = 6;

    // A stem stands in the same table as the words, behind a sign that no word has.
    private const char StemSign = '~';
    private const int Columns = 9;
    private const int ShortestCompound = 8;
    private const int ShortestHead = 3;
    private const int ShortestTail = 4;

    private readonly FrozenDictionary<string, WordRows>.AlternateLookup<ReadOnlySpan<char>>[] languages;

    private TranslatedWords(string text, EmbeddingTable table)
    {
        Checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))[..4]);
        var words = new Dictionary<string, WordRows>[Columns];
        for (var column = 0; column < words.Length; column++)
            words[column] = new Dictionary<string, WordRows>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line[0] == '#')
                continue;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var rows = line[..colon].Split(' ').Select(word => RowOf(word, table)).ToList();
            var columns = line[(colon + 1)..].Split('|');
            for (var column = 0; column < Columns; column++)
            {
                foreach (var word in columns[column].Split(',', StringSplitOptions.TrimEntries))
                    Add(words[column], column, word, rows);
            }
        }
        languages = [.. words.Select(static column => column.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>())];
    }

    /// <summary>Names the list: another one makes other vectors.</summary>
    public string Checksum { get; }

    /// <summary>The columns behind those of <see cref="KnownLanguages.All"/>.</summary>
    public static int Japanese => KnownLanguages.All.Length;

    public static int Chinese => KnownLanguages.All.Length + 1;

    public static TranslatedWords Load(EmbeddingTable table)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(ResourceName)!, Encoding.UTF8);
        return new TranslatedWords(reader.ReadToEnd().ReplaceLineEndings("\n"), table);
    }

    /// <summary>What the word takes from the list; nothing when neither it nor another form of it is there.</summary>
    /// <param name="column">Of the language.</param>
    /// <param name="word">Folded.</param>
    public WordRows Find(int column, ReadOnlySpan<char> word) =>
        languages[column].TryGetValue(word, out var rows) || (column < KnownLanguages.All.Length && FindStem(column, word, out rows)) ? rows : default;

    /// <summary>The same of a word that is written together of two: what both take, or the one that is known.</summary>
    public WordRows FindParts(int column, ReadOnlySpan<char> word)
    {
        if (!KnownLanguages.All[column].Compounds || word.Length < ShortestCompound)
            return default;
        for (var at = ShortestHead; at + ShortestTail <= word.Length; at++)
        {
            var tail = Find(column, word[at..]);
            if (tail.IsNone)
                continue;
            var head = Find(column, word[..at]);
            // "Versicherung-s-nummer"
            if (head.IsNone && at > ShortestHead && word[at - 1] is 's' or 'n')
                head = Find(column, word[..(at - 1)]);
            return WordRows.Of(head, tail);
        }
        for (var at = word.Length - ShortestTail; at > ShortestTail; at--)
        {
            var head = Find(column, word[..at]);
            if (!head.IsNone)
                return WordRows.Of(head, default);
        }
        return default;
    }

    private bool FindStem(int column, ReadOnlySpan<char> word, out WordRows rows)
    {
        Span<char> stem = stackalloc char[PorterStemmer.LongestWord + 1];
        var length = KnownLanguages.All[column].Stem(word);
        stem[0] = StemSign;
        word[..length].CopyTo(stem[1..]);
        return languages[column].TryGetValue(stem[..(length + 1)], out rows) || languages[column].TryGetValue(word[..length], out rows);
    }

    private static void Add(Dictionary<string, WordRows> words, int column, string word, List<int> rows)
    {
        if (column >= KnownLanguages.All.Length)
        {
            AddRows(words, word, rows);
            return;
        }
        Span<char> buffer = stackalloc char[PorterStemmer.LongestWord];
        var reader = new EnglishWordReader(word, buffer);
        reader.Read();
        var folded = reader.Word.ToString();
        // Of what is written as several words there is no single one that means it.
        if (reader.Read())
            return;
        AddRows(words, folded, rows);
        AddRows(words, StemSign + folded[..KnownLanguages.All[column].Stem(folded)], rows);
    }

    private static void AddRows(Dictionary<string, WordRows> words, string word, List<int> rows) =>
        words[word] = WordRows.Of(words.TryGetValue(word, out var known) ? known.Rows().Union(rows) : rows);

    private static int RowOf(string word, EmbeddingTable table)
    {
        var letters = word.ToCharArray();
        var row = table.Find(letters.AsSpan(0, PorterStemmer.Stem(letters)));
        return row >= 0 ? row : throw new InvalidDataException($"{ResourceName} names \"{word}\", which is no word of the table.");
    }
}
