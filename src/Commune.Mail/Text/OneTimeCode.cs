using System.Globalization;
using System.Text.RegularExpressions;

namespace Commune.Mail.Text;

#pragma warning disable MA0009 // They read one line of bounded length, and no repetition is nested in another: there is nothing to backtrack into.

/// <summary>A code that a mail gives to whoever can read it, to be typed elsewhere.</summary>
/// <param name="Value">What to type: without the blanks, and for digits without the hyphens, that only make it easier to read.</param>
/// <param name="Printed">As it stands in the mail.</param>
/// <param name="Source"><c>subject</c>, <c>text</c> or <c>html</c>.</param>
public sealed partial record OneTimeCode(string Value, string Printed, string Source)
{
    private const int MostLines = 400;
    private const int LongestLine = 600;
    private const int Threshold = 45;

    /// <summary>The code of <see cref="Find(string, string)"/>, or one that stands in the HTML form only.</summary>
    public static OneTimeCode? Find(string subject, string text, string? html)
    {
        var code = Find(subject, text);
        if (code is not null || html is null)
            return code;
        return Find(subject, HtmlText.ToText(html)) is { } found ? found with { Source = "html" } : null;
    }

    /// <summary>
    /// Finds the code by the words around it and by where it stands. Phone numbers, years, amounts, order numbers and the codes of coupons are not taken;
    /// null when nothing is likely enough: no code is better than a wrong one.
    /// </summary>
    public static OneTimeCode? Find(string subject, string text)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(text);
        var title = new Line(subject);
        Scored? best = null;
        foreach (var found in title.Candidates())
            Keep(ref best, new Scored(found, title.Score(found, 15), "subject"));

        var lines = new List<Line>();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (!line.IsWhiteSpace())
                lines.Add(new Line(line.ToString()));
            if (lines.Count == MostLines)
                break;
        }
        for (var i = 0; i < lines.Count; i++)
        {
            foreach (var found in lines[i].Candidates())
                Keep(ref best, new Scored(found, lines[i].Score(found, Around(lines, i, title)), "text"));
        }
        return best is { } code && code.Score >= Threshold ? new OneTimeCode(Typed(code.Found.Value), code.Found.Value, code.Source) : null;
    }

    /// <summary>What the lines above and below, and the subject, say for a code on this line.</summary>
    private static int Around(List<Line> lines, int at, Line title)
    {
        var most = title.Strong.Count > 0 ? 40 : 0;
        for (var step = 1; step <= 3; step++)
        {
            if (at - step >= 0)
                most = Math.Max(most, lines[at - step].Weight(70, 40) - (12 * (step - 1)));
            if (step <= 2 && at + step < lines.Count)
                most = Math.Max(most, lines[at + step].Weight(50, 25) - (12 * (step - 1)));
        }
        return most;
    }

    private static void Keep(ref Scored? best, Scored next)
    {
        if (best is not { } present || next.Score > present.Score)
            best = next;
    }

    private static string Typed(string printed)
    {
        var dense = Blanks().Replace(printed, "");
        var bare = dense.Replace("-", "", StringComparison.Ordinal);
        return bare.All(char.IsAsciiDigit) ? bare : dense;
    }

    private readonly record struct Scored(Match Found, int Score, string Source);

    /// <summary>One line of a mail, without its addresses of pages and people.</summary>
    private sealed class Line
    {
        private readonly string text;

        public Line(string raw)
        {
            text = Addresses().Replace(raw.Length > LongestLine ? raw[..LongestLine] : raw, " ");
            text = string.Create(text.Length, text, static (plain, from) =>
            {
                for (var i = 0; i < plain.Length; i++)
                    plain[i] = Plain(from[i]);
            });
            var other = CodePhrases.OtherCode.Matches(text);
            Strong = [.. CodePhrases.Strong.Matches(text).Where(cue => !Overlaps(other, cue))];
            Weak = [.. CodePhrases.Weak.Matches(text).Where(cue => !Overlaps(other, cue))];
            IsOther = other.Count > 0 && Strong.Count == 0;
        }

        public IReadOnlyList<Match> Strong { get; }

        private IReadOnlyList<Match> Weak { get; }

        /// <summary>The line speaks of a code that is no one-time code.</summary>
        private bool IsOther { get; }

        public IEnumerable<Match> Candidates() => Code().Matches(text);

        /// <summary>What this line says for a code beside it.</summary>
        public int Weight(int strong, int weak) => IsOther ? -60 : Strong.Count > 0 ? strong : Weak.Count > 0 ? weak : 0;

        /// <param name="around">What stands around the line says for it.</param>
        public int Score(Match code, int around)
        {
            var before = text.AsSpan(0, code.Index);
            var behind = text.AsSpan(code.Index + code.Length);
            var isAlone = Letters(before) + Letters(behind) == 0;
            if (IsOther || CodePhrases.OtherNumber.IsMatch(before) || CodePhrases.Amount.IsMatch(behind) || IsPartOfNumber(code))
                return -100;

            var here = Math.Max(Nearest(Strong, code, 100, 80), Nearest(Weak, code, 60, 45));
            var score = Math.Max(here, around) + (isAlone ? 35 : 0);
            var value = code.Value;
            if (value.Length == 6 && value.All(char.IsAsciiDigit))
                score += 8;
            // A year stands alone on no line, or right behind the word.
            if (value.Length == 4 && value.All(char.IsAsciiDigit) && value[0] is '1' or '2' && value[1] is '9' or '0' && !isAlone && here < 90)
                return -100;
            // Small letters and digits make words, names and numbers of parts as well.
            if (value.Any(char.IsAsciiLetterLower) && !isAlone && here < 80)
                return -100;
            return score;
        }

        private static int Nearest(IReadOnlyList<Match> cues, Match code, int before, int behind)
        {
            var most = 0;
            foreach (var cue in cues)
            {
                var gap = cue.Index < code.Index ? code.Index - cue.Index - cue.Length : cue.Index - code.Index - code.Length;
                most = Math.Max(most, (cue.Index < code.Index ? before : behind) - Math.Clamp(gap, 0, 60));
            }
            return most;
        }

        /// <summary>Digits that go on beyond a single blank, hyphen, dot or bracket: a phone number, a date, a card.</summary>
        private bool IsPartOfNumber(Match code) =>
            code.Value.Any(char.IsAsciiDigit) && (Continued().IsMatch(text.AsSpan(code.Index + code.Length)) || Preceded().IsMatch(text.AsSpan(0, code.Index)));

        private static int Letters(ReadOnlySpan<char> text)
        {
            var count = 0;
            foreach (var c in text)
                count += char.IsLetterOrDigit(c) ? 1 : 0;
            return count;
        }

        private static bool Overlaps(MatchCollection other, Match cue) =>
            other.Any(found => cue.Index < found.Index + found.Length && found.Index < cue.Index + cue.Length);

        /// <summary>Digits of other scripts and widths as ASCII, wide punctuation as narrow.</summary>
        private static char Plain(char c) => c switch
        {
            < '\u0080' => c,
            '：' => ':',
            '\u00A0' or '\u202F' or '\u2009' or '\u3000' => ' ',
            '\u2010' or '\u2011' => '-',
            >= 'Ａ' and <= 'Ｚ' => (char)(c - 'Ａ' + 'A'),
            _ when char.IsDigit(c) => (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)),
            _ => c,
        };
    }

    [GeneratedRegex(@"\b(?:https?://|www\.)\S+|[\w.+%-]{1,64}@[\w.-]{1,255}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Addresses();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"^(?:[ .\-/]|\)[ ]?|[ ]\()\d")]
    private static partial Regex Continued();

    [GeneratedRegex(@"(?:\d|\d[ .\-/]|\d\)[ -]?|\+)$")]
    private static partial Regex Preceded();

    // 4 to 8 digits, in one piece or in groups; capitals and digits mixed, in one piece or in groups; small letters and digits mixed.
    [GeneratedRegex(
        """
        (?<![A-Za-z0-9À-ɏ\u0400-\u04FF_+\#@/\\€$£¥=&–-])(?<![0-9][.,:])
        (?:
            \d{3}[ -]\d{3}|\d{4}[ -]\d{4}|\d{2}[ -]\d{2}[ -]\d{2}|\d(?:[ ]\d){3,7}
            |[A-Z]{1,3}-\d{4,8}
            |(?=[A-Z-]*\d)[A-Z0-9]{2,6}(?:-[A-Z0-9]{2,6}){1,3}
            |[A-Z]{4}-[A-Z]{4}(?=[\W_]*$)
            |\d{4,8}
            |(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{4,10}
            |(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{5,8}
        )
        (?![A-Za-z0-9À-ɏ\u0400-\u04FF_@/\\%€$£¥])(?![.,:][0-9])(?!-[A-Za-z0-9])
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Code();
}
