using System.Buffers;
using System.Text;

namespace Commune.Ai.Screening;

/// <summary>How many characters of a text nobody sees, by their kind.</summary>
/// <param name="ZeroWidth">Zero-width spaces, soft hyphens, fillers. Joiners inside words of scripts and emoji that need them are not counted.</param>
/// <param name="Bidirectional">Overrides, embeddings and isolates, which show text in another order than it has.</param>
/// <param name="Tags">U+E0000 to U+E007F, outside of flags; and variation selectors that carry bytes.</param>
public readonly record struct InvisibleCounts(int ZeroWidth, int Bidirectional, int Tags)
{
    public int Total => ZeroWidth + Bidirectional + Tags;

    public static InvisibleCounts operator +(InvisibleCounts one, InvisibleCounts other) =>
        new(one.ZeroWidth + other.ZeroWidth, one.Bidirectional + other.Bidirectional, one.Tags + other.Tags);
}

/// <summary>Characters that no reader sees and every model reads.</summary>
public static class InvisibleText
{
    private const char SupplementaryTags = '\uDB40';
    private const int LongestMessage = 4000;

    private static readonly SearchValues<char> Suspects = SearchValues.Create(
        "\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B\u180C\u180D\u180E\u200B\u200C\u200D\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2060\u2061\u2062\u2063\u2064"
        + "\u2066\u2067\u2068\u2069\u206A\u206B\u206C\u206D\u206E\u206F\u3164\uFE00\uFE01\uFE02\uFE03\uFE04\uFE05\uFE06\uFE07\uFE08\uFE09\uFE0A\uFE0B\uFE0C\uFE0D\uFE0E\uFEFF\uFFA0"
        + "\uFFF9\uFFFA\uFFFB" + SupplementaryTags);

    /// <summary>The text without them. What a script or an emoji needs stays: joiners between letters, presentation selectors, flags.</summary>
    public static string Remove(string text, out InvisibleCounts removed)
    {
        ArgumentNullException.ThrowIfNull(text);
        removed = default;
        if (text.AsSpan().IndexOfAny(Suspects) < 0)
            return text;
        var kept = new StringBuilder(text.Length);
        removed = Walk(text, kept, null);
        return kept.ToString();
    }

    /// <summary>The counts, and what the characters spell where they stand for letters or bytes.</summary>
    internal static InvisibleCounts Read(string text, out string spelled)
    {
        spelled = "";
        if (text.AsSpan().IndexOfAny(Suspects) < 0)
            return default;
        var message = new StringBuilder();
        var counts = Walk(text, null, message);
        spelled = message.ToString();
        return counts;
    }

    private static InvisibleCounts Walk(string text, StringBuilder? kept, StringBuilder? spelled)
    {
        var (zero, bidi, tags) = (0, 0, 0);
        var at = 0;
        while (true)
        {
            var found = text.AsSpan(at).IndexOfAny(Suspects);
            kept?.Append(text, at, found < 0 ? text.Length - at : found);
            if (found < 0)
                return new InvisibleCounts(zero, bidi, tags);
            at += found;
            var c = text[at];
            var length = 1;
            if (c == SupplementaryTags)
            {
                length = at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
                if (length == 1 || IsFlagTag(text, at))
                {
                    kept?.Append(text, at, length);
                    at += length;
                    continue;
                }
                tags++;
                Spell(text[at + 1], spelled);
            }
            else if (c is '\u202A' or '\u202B' or '\u202C' or '\u202D' or '\u202E' or (>= '\u2066' and <= '\u206F'))
            {
                bidi++;
            }
            else if (IsNeeded(text, at))
            {
                kept?.Append(c);
            }
            else if (c is >= '\uFE00' and <= '\uFE0E')
            {
                tags++;
                if (spelled?.Length < LongestMessage)
                    spelled.Append((char)(c - '\uFE00'));
            }
            else
            {
                zero++;
            }
            at += length;
        }
    }

    /// <summary>U+E0100 to U+E01EF hide the bytes 16 to 255, tags the characters of ASCII.</summary>
    private static void Spell(char low, StringBuilder? spelled)
    {
        if (spelled is null || spelled.Length >= LongestMessage)
            return;
        var code = 0xE0000 + (low - 0xDC00);
        if (code is > 0xE0000 and <= 0xE007F)
            spelled.Append((char)(code - 0xE0000));
        else if (code is >= 0xE0100 and <= 0xE01EF)
            spelled.Append((char)(code - 0xE0100 + 16));
    }

    /// <summary>England, Scotland and Wales: a black flag and up to six tags.</summary>
    private static bool IsFlagTag(string text, int at)
    {
        for (var back = at - 2; back >= Math.Max(0, at - 12); back -= 2)
        {
            if (text[back] == '\uD83C' && text[back + 1] == '\uDFF4')
                return true;
            if (text[back] != SupplementaryTags)
                return false;
        }
        return false;
    }

    private static bool IsNeeded(string text, int at)
    {
        var (before, after) = (at > 0 ? text[at - 1] : ' ', at + 1 < text.Length ? text[at + 1] : ' ');
        return text[at] switch
        {
            // Persian, Hindi and their like, and pictures made of several.
            '\u200C' or '\u200D' => (IsJoining(before) || char.IsSurrogate(before) || before is '\uFE0F' or (>= '\u2600' and <= '\u27BF'))
                && (IsJoining(after) || char.IsSurrogate(after) || after is >= '\u2600' and <= '\u27BF'),
            // Marks between left and right: they change nothing that a reader would not see.
            '\u200E' or '\u200F' or '\u061C' => true,
            >= '\uFE00' and <= '\uFE0E' => before is >= '\u2000' and <= '\u33FF' || char.IsLowSurrogate(before) && !IsRun(after),
            _ => false,
        };

        static bool IsJoining(char c) => c is >= '\u0600' and <= '\u0DFF' or >= '\u1000' and <= '\u109F' or >= '\u1780' and <= '\u18AF';
        static bool IsRun(char c) => c is >= '\uFE00' and <= '\uFE0E' or SupplementaryTags;
    }
}
