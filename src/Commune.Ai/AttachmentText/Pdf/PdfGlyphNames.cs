using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>Glyph names to Unicode, as the Adobe Glyph List Specification has it, for the names that text fonts use.</summary>
internal static class PdfGlyphNames
{
    private static readonly FrozenDictionary<string, string> Names = Pairs(
        """
        space   exclam ! quotedbl " numbersign # dollar $ percent % ampersand & quotesingle ' parenleft ( parenright ) asterisk * plus + comma , hyphen - period . slash /
        zero 0 one 1 two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 colon : semicolon ; less < equal = greater > question ? at @
        bracketleft [ backslash \ bracketright ] asciicircum ^ underscore _ grave ` braceleft { bar | braceright } asciitilde ~
        exclamdown ¡ cent ¢ sterling £ currency ¤ yen ¥ brokenbar ¦ section § dieresis ¨ copyright © ordfeminine ª guillemotleft « logicalnot ¬ registered ® macron ¯
        degree ° plusminus ± twosuperior ² threesuperior ³ acute ´ mu µ paragraph ¶ periodcentered · cedilla ¸ onesuperior ¹ ordmasculine º guillemotright »
        onequarter ¼ onehalf ½ threequarters ¾ questiondown ¿ multiply × divide ÷ AE Æ ae æ Oslash Ø oslash ø Eth Ð eth ð Thorn Þ thorn þ germandbls ß
        OE Œ oe œ Lslash Ł lslash ł dotlessi ı Dcroat Đ dcroat đ Hbar Ħ hbar ħ Eng Ŋ eng ŋ florin ƒ Euro € trademark ™ minus −
        quoteleft ‘ quoteright ’ quotesinglbase ‚ quotedblleft “ quotedblright ” quotedblbase „ guilsinglleft ‹ guilsinglright › endash – emdash — figuredash ‒
        ellipsis … bullet • dagger † daggerdbl ‡ perthousand ‰ fraction ⁄ fi fi fl fl ff ff ffi ffi ffl ffl IJ Ĳ ij ĳ circumflex ^ tilde ~ caron ˇ breve ˘ ring ˚ ogonek ˛ dotaccent ˙ hungarumlaut ˝
        Alpha Α Beta Β Gamma Γ Delta Δ Epsilon Ε Zeta Ζ Eta Η Theta Θ Iota Ι Kappa Κ Lambda Λ Mu Μ Nu Ν Xi Ξ Omicron Ο Pi Π Rho Ρ Sigma Σ Tau Τ Upsilon Υ Phi Φ Chi Χ Psi Ψ Omega Ω
        alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ nu ν xi ξ omicron ο pi π rho ρ sigma σ sigma1 ς tau τ upsilon υ phi φ chi χ psi ψ omega ω
        infinity ∞ notequal ≠ lessequal ≤ greaterequal ≥ approxequal ≈ summation ∑ product ∏ integral ∫ radical √ partialdiff ∂ arrowright → arrowleft ← arrowup ↑ arrowdown ↓ checkmark ✓ lozenge ◊
        """);

    // A letter with one of these is the letter and its combining mark, put together.
    private static readonly (string Suffix, char Mark)[] Accents =
    [
        ("acute", '\u0301'), ("grave", '\u0300'), ("circumflex", '\u0302'), ("dieresis", '\u0308'), ("tilde", '\u0303'), ("ring", '\u030A'), ("caron", '\u030C'),
        ("cedilla", '\u0327'), ("ogonek", '\u0328'), ("macron", '\u0304'), ("breve", '\u0306'), ("dotaccent", '\u0307'), ("hungarumlaut", '\u030B'), ("commaaccent", '\u0326'),
    ];

    /// <summary>Null for a name that says nothing.</summary>
    public static string? ToUnicode(string name)
    {
        if (name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot)
            name = name[..dot];
        if (name.Length == 1)
            return char.IsAsciiLetter(name[0]) ? name : null;
        if (Names.TryGetValue(name, out var known))
            return known;
        if (name.Contains('_', StringComparison.Ordinal))
            return string.Concat(name.Split('_', 8).Select(ToUnicode)) is { Length: > 0 } ligature ? ligature : null;
        if (name.StartsWith("uni", StringComparison.Ordinal) && name.Length is 7 or 11 or 15)
            return FromHex(name.AsSpan(3));
        if (name.Length is >= 5 and <= 7 && name[0] == 'u' && int.TryParse(name.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var scalar))
            return Rune.IsValid(scalar) ? new Rune(scalar).ToString() : null;
        return Accented(name);
    }

    private static string? Accented(string name)
    {
        foreach (var (suffix, mark) in Accents)
        {
            if (name.Length == suffix.Length + 1 && char.IsAsciiLetter(name[0]) && name.EndsWith(suffix, StringComparison.Ordinal))
                return $"{name[0]}{mark}".Normalize(NormalizationForm.FormC);
        }
        return null;
    }

    private static string? FromHex(ReadOnlySpan<char> digits)
    {
        var text = new StringBuilder();
        for (; digits.Length >= 4; digits = digits[4..])
        {
            if (!ushort.TryParse(digits[..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
                return null;
            text.Append((char)unit);
        }
        return text.ToString();
    }

    private static FrozenDictionary<string, string> Pairs(string table)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal) { ["space"] = " ", ["nbspace"] = " " };
        var words = table.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Skip(1).ToList();
        for (var i = 0; i + 1 < words.Count; i += 2)
            names[words[i]] = words[i + 1];
        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
