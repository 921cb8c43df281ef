using System.Text;

namespace Commune.Ai.Embeddings;

/// <summary>What a character is to the reader of English words: a letter without its accents, or one of a few signs.</summary>
internal static class LetterFolding
{
    /// <summary>It ends a word.</summary>
    public const char Break = '\0';

    /// <summary>It stands inside a word unseen: an accent of its own, a soft hyphen, a space of no width.</summary>
    public const char Unseen = '\u00AD';

    /// <summary>A letter of a script other than ours.</summary>
    public const char Foreign = '\uFFFF';

    // Latin-1 and the extensions A and B; the letters with accents for Vietnamese and others.
    private const char LatinEnd = '\u0250';
    private const char AccentedStart = '\u1E00';
    private const char AccentedEnd = '\u1F00';

    // A bar or a bow is no accent to Unicode.
    private const string Barred = "ßsæaœoøoðdþtđdħhłlıiŋn";

    private static readonly char[] Latin = FoldAll('\0', LatinEnd);
    private static readonly char[] Accented = FoldAll(AccentedStart, AccentedEnd);

    /// <returns>A letter a to z, an apostrophe, or one of the signs of this class.</returns>
    public static char Fold(char c) => c switch
    {
        < LatinEnd => Latin[c],
        >= AccentedStart and < AccentedEnd => Accented[c - AccentedStart],
        '\u2019' or '\u02BC' or '\uFF07' => '\'',
        >= '\u0300' and < '\u0370' => Unseen,
        >= '\u200B' and <= '\u200D' or '\u2060' or '\uFEFF' => Unseen,
        >= '\uFF21' and <= '\uFF3A' => (char)(c - '\uFF21' + 'a'),
        >= '\uFF41' and <= '\uFF5A' => (char)(c - '\uFF41' + 'a'),
        _ => char.IsLetter(c) ? Foreign : Break,
    };

    private static char[] FoldAll(char from, char to)
    {
        var folded = new char[to - from];
        for (var c = from; c < to; c++)
            folded[c - from] = FoldSlowly(c);
        return folded;
    }

    private static char FoldSlowly(char c)
    {
        if (c is '\'' or Unseen)
            return c;
        var lower = char.ToLowerInvariant(c);
        if (Barred.IndexOf(lower) is >= 0 and var at && lower > '\u007F')
            return Barred[at + 1];
        var letter = lower.ToString().Normalize(NormalizationForm.FormD)[0];
        return char.IsAsciiLetterLower(letter) ? letter : char.IsLetter(c) ? Foreign : Break;
    }
}
