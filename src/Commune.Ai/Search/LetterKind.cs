using System.Globalization;
using System.Text;

namespace Commune.Ai.Search;

/// <summary>What a character is to the index.</summary>
internal enum LetterKind : byte
{
    /// <summary>It ends a word.</summary>
    Break,
    Letter,
    Digit,

    /// <summary>It belongs to the word before it and is not kept: an accent, a soft hyphen.</summary>
    Unseen,

    /// <summary>A letter of a script that puts no spaces between words.</summary>
    Dense,

    /// <summary>A word of its own: an emoji.</summary>
    Sign,
}

/// <summary>Letters in the form in which they are compared: lower case, without accents, digits of any script as 0 to 9.</summary>
internal static class Letters
{
    private const int PageSize = 256;
    private static readonly (LetterKind Kind, char Folded)[]?[] Pages = new (LetterKind, char)[]?[65536 / PageSize];

    private static readonly LetterKind[] Ascii = [.. Enumerable.Range(0, 128).Select(static c => Read((char)c, out _))];

    public static LetterKind Read(char c) => c < 128 ? Ascii[c] : Read(c, out _);

    public static LetterKind Read(char c, out char folded)
    {
        var page = Pages[c >> 8] ?? MakePage(c >> 8);
        (var kind, folded) = page[c & 0xFF];
        return kind;
    }

    /// <summary>The kind of a character outside the basic plane.</summary>
    public static LetterKind Read(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        _ when rune.Value is >= 0x20000 and < 0x40000 => LetterKind.Dense,
        UnicodeCategory.OtherSymbol => LetterKind.Sign,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierSymbol => LetterKind.Unseen,
        _ when Rune.IsLetterOrDigit(rune) => LetterKind.Letter,
        _ => LetterKind.Break,
    };

    /// <summary>What one letter stands for that is written with two in other spellings; null for most.</summary>
    public static string? Spelling(char lower) => lower switch
    {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => null,
    };

    private static (LetterKind, char)[] MakePage(int number)
    {
        var page = new (LetterKind, char)[PageSize];
        for (var i = 0; i < PageSize; i++)
            page[i] = Classify((char)((number << 8) | i));
        return Pages[number] = page;
    }

    private static (LetterKind, char) Classify(char c)
    {
        if (char.IsSurrogate(c))
            return (LetterKind.Break, c);
        if (IsDense(c))
            return (LetterKind.Dense, c);
        var category = char.GetUnicodeCategory(c);
        if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
            return (LetterKind.Unseen, c);
        // Unicode says of these that they are no characters, and normalising refuses them.
        if (category is UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse)
            return (LetterKind.Break, c);
        if (char.IsDigit(c))
            return (LetterKind.Digit, (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)));
        var lower = char.ToLowerInvariant(c);
        if (Spelling(lower) is not null)
            return (LetterKind.Letter, lower);
        // NFKD takes accents off and makes full-width forms and ligatures plain.
        var plain = char.ToLowerInvariant(lower.ToString().Normalize(NormalizationForm.FormKD)[0]);
        if (IsDense(plain))
            return (LetterKind.Dense, plain);
        if (char.IsAsciiDigit(plain) && category is UnicodeCategory.OtherNumber)
            return (LetterKind.Break, c);
        return category switch
        {
            UnicodeCategory.OtherSymbol => (LetterKind.Sign, c),
            UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber => (LetterKind.Letter, plain),
            _ when char.IsLetter(c) => (LetterKind.Letter, Unbar(plain)),
            _ => (LetterKind.Break, c),
        };
    }

    /// <summary>A bar or a hook is no accent to Unicode.</summary>
    private static char Unbar(char letter) => letter switch
    {
        'ø' => 'o',
        'đ' or 'ð' => 'd',
        'ħ' => 'h',
        'ł' => 'l',
        'ŧ' => 't',
        'ı' => 'i',
        'ё' => 'е',
        'ς' => 'σ',
        _ => letter,
    };

    private static bool IsDense(char c) => c is
        (>= '\u0E00' and < '\u0E50') or (>= '\u0E80' and < '\u0ED0') // Thai, Lao
        or (>= '\u1000' and < '\u1040') or (>= '\u1780' and < '\u17E0') // Myanmar, Khmer
        or (>= '\u1100' and < '\u1200') // Hangul letters
        or '\u3005' or '\u3006' or (>= '\u3041' and <= '\u3096') or (>= '\u30A1' and <= '\u30FA') or '\u30FC' // Kana
        or (>= '\u3400' and < '\u4DC0') or (>= '\u4E00' and < '\uA000') // Han
        or (>= '\uAC00' and < '\uD7A4') // Hangul
        or (>= '\uF900' and < '\uFB00') or (>= '\uFF66' and <= '\uFF9D');
}
