namespace Commune.Ai.Embeddings;

/// <summary>
/// Finds the word that an unknown one was meant to be, for the three slips that hardly ever make a name or another word:
/// two letters swapped, a letter too many, one letter of a pair left out. A wrong letter is not guessed at.
/// </summary>
internal static class SlipOfTheKeyboard
{
    /// <returns>The meant word's number, or -1.</returns>
    public static int Find(ReadOnlySpan<char> stem, EmbeddingTable table)
    {
        Span<char> room = stackalloc char[PorterStemmer.LongestWord + 1];
        stem.CopyTo(room);
        if (WithTwoSwapped(room[..stem.Length], table) is >= 0 and var swapped)
            return swapped;
        if (WithoutOne(stem, room[..(stem.Length - 1)], table) is >= 0 and var shorter)
            return shorter;
        return WithOneDoubled(stem, room[..(stem.Length + 1)], table);
    }

    private static int WithoutOne(ReadOnlySpan<char> stem, Span<char> room, EmbeddingTable table)
    {
        for (var at = 1; at < stem.Length; at++)
        {
            stem[..at].CopyTo(room);
            stem[(at + 1)..].CopyTo(room[at..]);
            if (table.Find(room) is >= 0 and var found)
                return found;
        }
        return -1;
    }

    private static int WithTwoSwapped(Span<char> word, EmbeddingTable table)
    {
        for (var at = 1; at + 1 < word.Length; at++)
        {
            (word[at], word[at + 1]) = (word[at + 1], word[at]);
            var found = table.Find(word);
            (word[at], word[at + 1]) = (word[at + 1], word[at]);
            if (found >= 0)
                return found;
        }
        return -1;
    }

    private static int WithOneDoubled(ReadOnlySpan<char> stem, Span<char> room, EmbeddingTable table)
    {
        for (var at = 1; at < stem.Length; at++)
        {
            stem[..at].CopyTo(room);
            room[at] = stem[at];
            stem[at..].CopyTo(room[(at + 1)..]);
            if (table.Find(room) is >= 0 and var found)
                return found;
        }
        return -1;
    }
}
