using System.Globalization;
using System.Text;

namespace Commune.Ai.Screening;

/// <summary>
/// What each character is compared as: compatibility form (NFKC), lower case, without accents; nothing where nothing is seen.
/// </summary>
internal static class FoldTable
{
    public const char Nothing = '\0';

    private const int MathStart = 0x1D400;
    private const int MathCount = 0x400;
    private const int EnclosedStart = 0x1F100;
    private const int EnclosedCount = 0x100;

    private static readonly char[] Plane = MakePlane();
    private static readonly char[] Math = MakeRunes(MathStart, MathCount);
    private static readonly char[] Enclosed = MakeRunes(EnclosedStart, EnclosedCount);

    // Letters of other scripts that look like Latin ones (Unicode TR 39), for words in which scripts are mixed.
    private const string Alike = "аaвbсcеeёeһhіiїiјjкkӏlмmнhоoрpԛqѕsтtуyԝwхxьbгrпnдdзzиuлnшwαaβbγyδdεeζzηnιiκkλlμuνvοoπnρpσoςcτtυuχxωwɑaɡgɩiօoսuհhոnցgզqɪiʀrᴀaᴄcᴅdᴇeᴊjᴋkᴍmᴏoᴘpᴛtᴜuᴠvᴡwᴢz";
    private static readonly char[] Lookalikes = Pairs();

    /// <summary>One character of the basic plane; <see cref="Nothing"/> for what is not seen.</summary>
    public static char Fold(char c) => Plane[c];

    /// <summary>A character beyond the basic plane: letters in the guise of mathematics and boxes; a blank for all others.</summary>
    public static char Fold(char high, char low)
    {
        var code = char.ConvertToUtf32(high, low);
        if ((uint)(code - MathStart) < MathCount)
            return Math[code - MathStart];
        if ((uint)(code - EnclosedStart) < EnclosedCount)
            return Enclosed[code - EnclosedStart];
        return code is >= 0xE0000 and <= 0xE0FFF ? Nothing : code >= 0x20000 ? '\u4E00' : ' ';
    }

    /// <summary>The Latin letter that it looks like, or 0.</summary>
    public static char LookalikeOf(char folded) => folded < Lookalikes.Length ? Lookalikes[folded] : default;

    private static char[] MakePlane()
    {
        var plane = new char[0x10000];
        for (var i = 0; i < plane.Length; i++)
        {
            // Ideographs and syllables are what they are; normalising each would take longer than all others together.
            plane[i] = i is >= 0x3400 and <= 0x9FFF or >= 0xAC00 and <= 0xDFFF or >= 0xE000 and <= 0xF8FF ? (char)i : FoldRune(new Rune(i));
        }
        return plane;
    }

    private static char[] MakeRunes(int start, int count)
    {
        var folded = new char[count];
        for (var i = 0; i < count; i++)
            folded[i] = FoldRune(new Rune(start + i));
        return folded;
    }

    private static char FoldRune(Rune rune)
    {
        if (rune.Value is '\t' or '\r' or '\n')
            return (char)rune.Value;
        var category = Rune.GetUnicodeCategory(rune);
        if (category is UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Control
            || rune.Value is 0x115F or 0x1160 or 0x3164 or 0xFFA0)
            return Nothing;
        if (category is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            return ' ';
        if (rune.Value is 0x131)
            return 'i';
        // Letters in circles and squares, white on black, and those of flags have no compatibility form.
        if (rune.Value is >= 0x1F150 and <= 0x1F169)
            return (char)('a' + rune.Value - 0x1F150);
        if (rune.Value is >= 0x1F170 and <= 0x1F189)
            return (char)('a' + rune.Value - 0x1F170);
        if (rune.Value is >= 0x1F1E6 and <= 0x1F1FF)
            return (char)('a' + rune.Value - 0x1F1E6);
        string text;
        try
        {
            text = rune.ToString().Normalize(NormalizationForm.FormKC).Normalize(NormalizationForm.FormD);
        }
        catch (ArgumentException)
        {
            return ' ';
        }
        var first = text.Length == 0 ? ' ' : char.ToLowerInvariant(text[0]);
        // Enclosed letters: "(a)".
        if (first == '(' && text.Length == 3)
            first = char.ToLowerInvariant(text[1]);
        return first switch { 'ł' => 'l', 'ø' => 'o', 'đ' => 'd', 'ß' => 's', 'æ' => 'a', 'œ' => 'o', 'ı' => 'i', '’' or '‘' => '\'', _ => first };
    }

    private static char[] Pairs()
    {
        var pairs = new Dictionary<char, char>();
        for (var i = 0; i + 1 < Alike.Length; i += 2)
            pairs.TryAdd(FoldRune(new Rune(Alike[i])), Alike[i + 1]);
        var table = new char[pairs.Keys.Max() + 1];
        foreach (var (folded, plain) in pairs)
            table[folded] = plain;
        return table;
    }
}
