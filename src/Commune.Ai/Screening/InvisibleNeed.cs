namespace Commune.Ai.Screening;

/// <summary>Where a script or an emoji needs a character that is not seen.</summary>
internal static class InvisibleNeed
{
    private const int Nearby = 32;
    private const int LongestRun = 2;

    /// <summary>Of the basic plane.</summary>
    public static bool IsSelector(char c) => c is >= '\uFE00' and <= '\uFE0F';

    /// <summary>They say of what stands beside them that it is read from the left or the right.</summary>
    public static bool IsMark(char c) => c is '\u200E' or '\u200F' or '\u061C';

    public static bool IsNeeded(string text, int at)
    {
        var (before, after) = (at > 0 ? text[at - 1] : ' ', at + 1 < text.Length ? text[at + 1] : ' ');
        return text[at] switch
        {
            // Persian, Hindi and their like; at the end of a word as well.
            '\u200C' => IsJoining(before) && !IsZeroWidth(after),
            // The same, and pictures made of several.
            '\u200D' => (IsJoining(before) && !IsZeroWidth(after)) || (IsPicture(before, text, at) && (char.IsHighSurrogate(after) || after is (>= '\u2190' and <= '\u2BFF'))),
            '\u200E' or '\u200F' or '\u061C' => IsBesideRightToLeft(text, at, before, after),
            '\u180B' or '\u180C' or '\u180D' or '\u180F' => before is >= '\u1820' and <= '\u18AA',
            '\uFE0E' or '\uFE0F' => IsPictureBase(before, after, text, at),
            >= '\uFE00' and <= '\uFE0D' => before is (>= '\u2100' and <= '\u2BFF') or (>= '\u3000' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF') or (>= '\u1000' and <= '\u109F') or (>= '\uA840' and <= '\uA877'),
            // Braille has a blank of its own.
            '\u2800' => before is >= '\u2801' and <= '\u28FF' || after is >= '\u2801' and <= '\u28FF',
            _ => false,
        };
    }

    private static bool IsJoining(char c) => c is >= '\u0600' and <= '\u0DFF' or >= '\u1000' and <= '\u109F' or >= '\u1780' and <= '\u17B3' or >= '\u17B6' and <= '\u18AF';

    private static bool IsZeroWidth(char c) => c is '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF';

    private static bool IsPicture(char before, string text, int at) =>
        IsPictureBase(before, ' ', text, at) || (before == '\uFE0F' && at > 1);

    private static bool IsPictureBase(char before, char after, string text, int at) =>
        before is '\u00A9' or '\u00AE' or '\u203C' or '\u2049' or (>= '\u2100' and <= '\u2BFF') or '\u3030' or '\u303D' or '\u3297' or '\u3299'
        || (char.IsLowSurrogate(before) && at > 1 && text[at - 2] is >= '\uD83C' and <= '\uD83E')
        || (after == '\u20E3' && before is (>= '0' and <= '9') or '#' or '*');

    /// <summary>Between words: inside of one, and in rows, marks say nothing that would not be seen anyway.</summary>
    private static bool IsBesideRightToLeft(string text, int at, char before, char after)
    {
        if (char.IsLetter(before) && char.IsLetter(after))
            return false;
        var run = 1;
        for (var i = at - 1; i >= 0 && IsMark(text[i]) && run <= LongestRun; i--)
            run++;
        for (var i = at + 1; i < text.Length && IsMark(text[i]) && run <= LongestRun; i++)
            run++;
        if (run > LongestRun)
            return false;
        foreach (var c in text.AsSpan(Math.Max(0, at - Nearby), Math.Min(text.Length, at + Nearby) - Math.Max(0, at - Nearby)))
        {
            if (c is (>= '\u0590' and <= '\u08FF' and not '\u061C') or (>= '\uFB1D' and <= '\uFDFF') or (>= '\uFE70' and <= '\uFEFC'))
                return true;
        }
        return false;
    }
}
