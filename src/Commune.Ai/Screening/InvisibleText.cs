using System.Buffers;
using System.Text;

namespace Commune.Ai.Screening;

/// <summary>How many characters of a text nobody sees, by their kind.</summary>
/// <param name="ZeroWidth">Zero-width spaces, soft hyphens, fillers. Joiners inside words of scripts and emoji that need them are not counted.</param>
/// <param name="Bidirectional">Overrides, embeddings and isolates, which show text in another order than it has; and marks where no script needs them.</param>
/// <param name="Tags">U+E0000 to U+E0FFF, outside of flags and variants of ideographs; and variation selectors that carry bytes.</param>
/// <param name="Controls">Control characters other than tabulators and the ends of lines and pages.</param>
public readonly record struct InvisibleCounts(int ZeroWidth, int Bidirectional, int Tags, int Controls)
{
    public int Total => ZeroWidth + Bidirectional + Tags + Controls;

    public static InvisibleCounts operator +(InvisibleCounts one, InvisibleCounts other) => new(
        one.ZeroWidth + other.ZeroWidth, one.Bidirectional + other.Bidirectional, one.Tags + other.Tags, one.Controls + other.Controls);

    /// <summary>Of each kind the greater number: two looks at the same text.</summary>
    public static InvisibleCounts Max(InvisibleCounts one, InvisibleCounts other) => new(
        Math.Max(one.ZeroWidth, other.ZeroWidth), Math.Max(one.Bidirectional, other.Bidirectional), Math.Max(one.Tags, other.Tags), Math.Max(one.Controls, other.Controls));
}

/// <summary>Characters that no reader sees and every model reads: the default-ignorable ones of Unicode (UAX 44) and their like.</summary>
public static class InvisibleText
{
    private const int LongestMessage = 4000;

    /// <summary>Ideographs with a variant are names; more of them than that carry bytes.</summary>
    private const int MostVariants = 16;

    private static readonly string Controls = string.Concat(
        Enumerable.Range(0, 0x20).Where(static c => c is not ('\t' or '\n' or '\f' or '\r')).Concat(Enumerable.Range(0x7F, 0x21)).Where(static c => c != 0x85).Select(static c => (char)c));

    private static readonly SearchValues<char> AsciiControls = SearchValues.Create(Controls.Where(char.IsAscii).ToArray());

    private static readonly SearchValues<char> Suspects = SearchValues.Create(
        Controls + "\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B\u180C\u180D\u180E\u180F\u200B\u200C\u200D\u200E\u200F\u202A\u202B\u202C\u202D\u202E"
        + "\u2060\u2061\u2062\u2063\u2064\u2065\u2066\u2067\u2068\u2069\u206A\u206B\u206C\u206D\u206E\u206F\u2800\u3164"
        + "\uFE00\uFE01\uFE02\uFE03\uFE04\uFE05\uFE06\uFE07\uFE08\uFE09\uFE0A\uFE0B\uFE0C\uFE0D\uFE0E\uFE0F\uFEFF\uFFA0"
        + "\uFFF0\uFFF1\uFFF2\uFFF3\uFFF4\uFFF5\uFFF6\uFFF7\uFFF8\uFFF9\uFFFA\uFFFB\uD82F\uD834\uDB40\uDB41\uDB42\uDB43");

    /// <summary>The tags behind the black flag that make the flags of England, Scotland and Wales.</summary>
    private static readonly string[] FlagTags = [Tagged("gbeng"), Tagged("gbsct"), Tagged("gbwls")];

    /// <summary>The text without them. What a script or an emoji needs stays: joiners between letters, marks beside right-to-left words, presentation selectors, flags.</summary>
    public static string Remove(string text, out InvisibleCounts removed)
    {
        ArgumentNullException.ThrowIfNull(text);
        removed = default;
        if (!MayHold(text))
            return text;
        var kept = new StringBuilder(text.Length);
        removed = Walk(text, kept, null);
        return kept.ToString();
    }

    /// <summary>How many there are.</summary>
    public static InvisibleCounts Count(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return MayHold(text) ? Walk(text, null, null) : default;
    }

    /// <summary>The counts, and what the characters spell where they stand for letters, bytes or bits.</summary>
    internal static InvisibleCounts Read(string text, out string spelled)
    {
        spelled = "";
        if (!MayHold(text))
            return default;
        var message = new StringBuilder();
        var counts = Walk(text, null, message);
        if (counts.ZeroWidth >= InvisibleBits.LeastBits)
            message.Append(InvisibleBits.Read(text));
        spelled = message.ToString();
        return counts;
    }

    // Of most texts the ranges alone tell: they are searched in a fraction of the time.
    internal static bool MayHold(ReadOnlySpan<char> text) => text.IndexOfAny(AsciiControls) >= 0
        || (!Ascii.IsValid(text) && MayHoldForeign(text) && text.IndexOfAny(Suspects) >= 0);

    /// <summary>False for texts in Latin letters with the quotation marks, dashes and currencies of print.</summary>
    private static bool MayHoldForeign(ReadOnlySpan<char> text) => text.ContainsAnyInRange('\x80', '\x9F') || text.Contains('\u00AD') || text.ContainsAnyInRange('\u034F', '\u200F')
        || text.ContainsAnyInRange('\u202A', '\u202E') || text.ContainsAnyInRange('\u2060', '\u206F') || text.ContainsAnyInRange('\u2800', '\uFFFF');

    private static InvisibleCounts Walk(string text, StringBuilder? kept, StringBuilder? spelled)
    {
        var (zero, bidi, tags, controls, variants) = (0, 0, 0, 0, 0);
        var at = 0;
        while (true)
        {
            var found = text.AsSpan(at).IndexOfAny(Suspects);
            kept?.Append(text, at, found < 0 ? text.Length - at : found);
            if (found < 0)
                return new InvisibleCounts(zero, bidi, tags, controls);
            at += found;
            var c = text[at];
            var length = char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
            if (char.IsSurrogate(c))
            {
                var code = length == 2 ? char.ConvertToUtf32(c, text[at + 1]) : 0;
                if (length == 1 && c is >= '\uDB40' and <= '\uDB43')
                {
                    tags++;
                }
                else if (FlagAt(text, at) is > 0 and var flag)
                {
                    kept?.Append(text, at, flag);
                    length = flag;
                }
                else if (code is >= 0xE0000 and <= 0xE0FFF)
                {
                    if (code is >= 0xE0100 and <= 0xE01EF && at > 0 && IsIdeograph(text, at) && ++variants <= MostVariants)
                    {
                        kept?.Append(text, at, length);
                    }
                    else
                    {
                        tags++;
                        Spell(code, spelled);
                    }
                }
                else if (code is (>= 0x1BCA0 and <= 0x1BCA3) or (>= 0x1D173 and <= 0x1D17A))
                {
                    zero++;
                }
                else
                {
                    kept?.Append(text, at, length);
                }
            }
            else if (c < ' ' || c is >= '\u007F' and <= '\u009F')
            {
                controls++;
            }
            else if (InvisibleNeed.IsNeeded(text, at))
            {
                kept?.Append(c);
            }
            else if (InvisibleNeed.IsSelector(c))
            {
                tags++;
                if (spelled?.Length < LongestMessage)
                    spelled.Append((char)(c - '\uFE00'));
            }
            else if (c is '\u202A' or '\u202B' or '\u202C' or '\u202D' or '\u202E' or (>= '\u2066' and <= '\u206F') || InvisibleNeed.IsMark(c))
            {
                bidi++;
            }
            else
            {
                zero++;
            }
            at += length;
        }
    }

    private static bool IsIdeograph(string text, int at) =>
        text[at - 1] is (>= '\u3400' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF') || (char.IsLowSurrogate(text[at - 1]) && at > 1 && text[at - 2] is >= '\uD840' and <= '\uD88F');

    /// <summary>U+E0100 to U+E01EF hide the bytes 16 to 255, tags the characters of ASCII.</summary>
    private static void Spell(int code, StringBuilder? spelled)
    {
        if (spelled is null || spelled.Length >= LongestMessage)
            return;
        if (code is > 0xE0000 and <= 0xE007F)
            spelled.Append((char)(code - 0xE0000));
        else if (code is >= 0xE0100 and <= 0xE01EF)
            spelled.Append((char)(code - 0xE0100 + 16));
    }

    /// <summary>The length of the tags of a flag; 0 where none begin.</summary>
    private static int FlagAt(string text, int at)
    {
        if (at < 2 || text[at - 2] != '\uD83C' || text[at - 1] != '\uDFF4')
            return 0;
        foreach (var tags in FlagTags)
        {
            if (text.AsSpan(at).StartsWith(tags))
                return tags.Length;
        }
        return 0;
    }

    private static string Tagged(string letters) => string.Concat(letters.Select(static c => char.ConvertFromUtf32(0xE0000 + c))) + char.ConvertFromUtf32(0xE007F);
}
