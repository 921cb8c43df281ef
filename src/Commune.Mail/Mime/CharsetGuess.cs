namespace Commune.Mail.Mime;

/// <summary>
/// The charset of bytes that name none and are not UTF-8: each likely one is tried on the beginning, and the text that
/// looks most like a language wins. Windows-1252 wins ties.
/// </summary>
internal static class CharsetGuess
{
    // Enough to tell languages apart, little enough to cost nothing.
    private const int LookedAt = 2048;
    private const int Impossible = int.MinValue;

    private static readonly int[] SingleByte = [1252, 28592, 1250, 1251, 20866, 28595];
    private static readonly int[] DoubleByte = [932, 51932, 949, 54936, 950];

    // The letters that make up most of their languages.
    private const string FrequentCyrillic = "оеаинтсрвлкмдпуяы";
    private const string FrequentLatin1 = "éèàçêâîôûùëïäöüßñáíóúãõåøæ";
    private const string FrequentLatin2 = "ąćęłńóśźżáčďéěíňřšťúůýžôőöüűľĺ";

    /// <summary>ISO-2022-JP is ASCII with escapes: nothing else has them.</summary>
    public static bool IsIso2022Jp(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOf("\u001B$B"u8) >= 0 || bytes.IndexOf("\u001B$@"u8) >= 0;

    public static int CodePage(ReadOnlySpan<byte> bytes)
    {
        var first = bytes.IndexOfAnyInRange((byte)0x80, (byte)0xFF);
        var sample = bytes[Math.Max(0, first - 64)..];
        if (sample.Length > LookedAt)
            sample = sample[..LookedAt];
        var best = 1252;
        var bestScore = Score(1252, sample);
        foreach (var page in SingleByte)
            Try(page, sample, ref best, ref bestScore);
        foreach (var page in DoubleByte)
            Try(page, sample, ref best, ref bestScore);
        return best;
    }

    private static void Try(int page, ReadOnlySpan<byte> sample, ref int best, ref int bestScore)
    {
        var score = Score(page, sample);
        if (score <= bestScore)
            return;
        best = page;
        bestScore = score;
    }

    private static int Score(int page, ReadOnlySpan<byte> sample)
    {
        var encoding = Charsets.OfPage(page);
        if (encoding is null)
            return Impossible;
        var text = encoding.GetString(sample);
        var asian = Array.IndexOf(DoubleByte, page) >= 0;
        var score = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] < 0x80)
                continue;
            if (text[i] is '\uFFFD' or (>= '\uE000' and <= '\uF8FF'))
            {
                // The sample may cut the last character in two.
                if (i >= text.Length - 2 && asian)
                    continue;
                return Impossible;
            }
            score += asian ? AsianScore(page, text, i) : LetterScore(page, text, i);
        }
        return score;
    }

    private static int LetterScore(int page, string text, int at)
    {
        var c = text[at];
        var before = at > 0 ? text[at - 1] : ' ';
        var after = at + 1 < text.Length ? text[at + 1] : ' ';
        if (char.IsControl(c))
            return -6;
        if (c is '¿' or '¡' && !char.IsLetter(before) && char.IsLetter(after))
            return 4;
        if (!char.IsLetter(c))
            // A sign inside a word is a letter of another charset.
            return char.IsLetter(before) && char.IsLetter(after) && c is not ('’' or '\u00AD' or '·') ? -4 : c is '“' or '”' or '’' or '‘' or '–' or '€' or '\u00A0' or '«' or '»' or '„' ? 1 : -1;
        var swapped = char.IsUpper(c) && char.IsLower(before);
        if (page is 1251 or 20866 or 28595)
        {
            if (c is not (>= 'Ѐ' and <= 'ӿ') || char.IsAsciiLetter(before) || char.IsAsciiLetter(after))
                return -4;
            if (swapped)
                return -3;
            return FrequentCyrillic.Contains(c, StringComparison.Ordinal) ? 4 : char.IsLower(c) ? 2 : 1;
        }
        if (swapped)
            return -3;
        // Western words have one such letter at a time.
        var crowded = before >= 0x80 && char.IsLetter(before) ? -3 : 0;
        var frequent = page == 1252 ? FrequentLatin1 : FrequentLatin2;
        return crowded + (frequent.Contains(char.ToLowerInvariant(c), StringComparison.Ordinal) ? 3 : 0);
    }

    // A character is two bytes, so it weighs as much as two letters.
    private static int AsianScore(int page, string text, int at)
    {
        var c = text[at];
        var kana = c is >= '\u3041' and <= '\u30FE';
        var hangul = c is >= '\uAC00' and <= '\uD7A3';
        var ideograph = c is >= '\u4E00' and <= '\u9FFF';
        if (c is >= '\uFF61' and <= '\uFF9F')
            return -2;
        if (c is >= '\u3000' and <= '\u3002' or '\uFF0C' or '\uFF01' or '\uFF1F' or '\u300C' or '\u300D')
            return 6;
        return page switch
        {
            932 or 51932 => kana ? 8 : ideograph ? 5 : -2,
            949 => hangul && IsFrequent(page, c) ? 8 : -2,
            _ => ideograph ? IsFrequent(page, c) ? 7 : -1 : kana ? 0 : -2,
        };
    }

    /// <summary>GB 2312 and Big5 order what is frequent before what is rare; what extends KS X 1001 and GB 2312 is rare.</summary>
    private static bool IsFrequent(int page, char c)
    {
        Span<byte> bytes = stackalloc byte[8];
        ReadOnlySpan<char> one = [c];
        var count = Charsets.OfPage(page)!.GetBytes(one, bytes);
        return count == 2 && (page == 950 ? bytes[0] is >= 0xA4 and <= 0xC6 : bytes[0] is >= 0xB0 and <= 0xD7 && bytes[1] >= 0xA1);
    }
}
