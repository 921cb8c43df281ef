namespace Commune.Ai.Embeddings;

/// <summary>
/// What was found out about the words read lately: mail is made of the same few thousand words, and a look here costs a tenth of finding out again.
/// A new word takes the place of another one, so that it never grows. For one thread.
/// </summary>
internal sealed class WordCache
{
    /// <summary>At five bits a letter, so many make a number.</summary>
    public const int LongestWord = 12;

    private const int Bits = 12;

    private readonly (ulong Word, ulong Found)[] slots = new (ulong, ulong)[1 << Bits];

    /// <summary>The word as a number, or 0 when it is too long or has other letters than a to z.</summary>
    public static ulong Pack(ReadOnlySpan<char> word)
    {
        if (word.Length > LongestWord)
            return 0;
        var packed = 0UL;
        foreach (var letter in word)
        {
            var number = (uint)(letter - 'a');
            if (number > 25)
                return 0;
            packed = (packed << 5) | (number + 1);
        }
        return packed;
    }

    /// <summary>Writes the letters that a number stands for, and tells how many they are.</summary>
    public static int Unpack(ulong packed, Span<char> word)
    {
        var length = (68 - System.Numerics.BitOperations.LeadingZeroCount(packed)) / 5;
        for (var at = length - 1; at >= 0; at--)
        {
            word[at] = (char)('a' - 1 + (int)(packed & 31));
            packed >>= 5;
        }
        return length;
    }

    public bool TryFind(ulong word, out ulong found)
    {
        ref var slot = ref slots[Place(word)];
        found = slot.Found;
        return slot.Word == word;
    }

    public void Keep(ulong word, ulong found) => slots[Place(word)] = (word, found);

    // The golden ratio's multiples lie far apart.
    private static int Place(ulong word) => (int)((word * 0x9E3779B97F4A7C15) >> (64 - Bits));
}
