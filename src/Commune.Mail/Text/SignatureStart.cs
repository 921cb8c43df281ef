namespace Commune.Mail.Text;

/// <summary>
/// Where the signature of a text begins. What is marked (RFC 3676 §4.3, the markup of mail programs) is believed; what is not
/// must look like a valediction, a name and ways to reach somebody, to the very end. A sentence is never taken.
/// </summary>
internal static class SignatureStart
{
    private const int MostLines = 12;
    // A valediction, the line of the phone, a disclaimer, the footer of a list, and a few to spare.
    private const int MostPieces = 6;
    private const int LongestLine = 80;

    /// <returns>The first line of the signature, or <paramref name="to"/>.</returns>
    /// <param name="mayTakeAll">Whether nothing may be left; else a text that is all signature keeps it.</param>
    public static int Find(MailLines lines, int from, int to, bool mayTakeAll = false)
    {
        var end = TrimBlank(lines, from, to);
        for (var piece = 0; piece < MostPieces; piece++)
        {
            var start = Before(lines, from, end);
            if (start == end || (!mayTakeAll && !lines.HasOwnText(from, start)))
                break;
            end = TrimBlank(lines, from, start);
        }
        return end == TrimBlank(lines, from, to) ? to : end;
    }

    private static int TrimBlank(MailLines lines, int from, int to)
    {
        while (to > from && lines.IsBlank(to - 1))
            to--;
        return to;
    }

    private static int Before(MailLines lines, int from, int end)
    {
        if (end == from)
            return end;
        var start = Marked(lines, from, end);
        if (start < end)
            return start;
        start = Footer(lines, from, end);
        if (start < end)
            return start;
        start = AfterValediction(lines, from, end);
        return start < end ? start : ContactBlock(lines, from, end);
    }

    private static int Marked(MailLines lines, int from, int end)
    {
        // A signature in the markup counts where nothing but it follows.
        var first = end;
        for (var i = end - 1; i >= from && (lines.IsBlank(i) || lines.Marks(i).HasFlag(LineMarks.Signature)); i--)
            first = lines.IsBlank(i) ? first : i;
        if (first < end)
            return first;
        for (var i = from; i < end; i++)
        {
            if (lines.IsQuoted(i))
                continue;
            if (lines.IsBlank(i))
                continue;
            var raw = lines.Raw(i);
            // Some mailers trim the space; then the signature has to be a short one.
            if (raw is "-- " || (lines[i] is "--" or "—" && end - i <= MostLines))
                return HasQuoteBelow(lines, i, end) ? end : i;
        }
        return end;
    }

    private static bool HasQuoteBelow(MailLines lines, int from, int end)
    {
        for (var i = from; i < end; i++)
        {
            if (lines.IsQuoted(i))
                return true;
        }
        return false;
    }

    /// <summary>The line of a phone or a program, a disclaimer, the footer of a list: all that no person wrote.</summary>
    private static int Footer(MailLines lines, int from, int end)
    {
        for (var i = end - 1; i >= Math.Max(from, end - MostLines); i--)
        {
            if (lines.IsQuoted(i))
                break;
            if (lines.IsBlank(i))
                continue;
            var line = lines[i];
            var paragraph = i == from || lines.IsBlank(i - 1);
            if (SignaturePhrases.IsDevice(line) && OnlyShortLines(lines, i + 1, end, 3))
                return i;
            if (paragraph && SignaturePhrases.IsDisclaimer(line))
                return i;
            if (IsRule(line) && i + 1 < end && SignaturePhrases.IsListFooter(lines[lines.NextText(i + 1)]))
                return i;
            if (paragraph && SignaturePhrases.IsListFooter(line))
                return i;
        }
        return end;
    }

    private static bool OnlyShortLines(MailLines lines, int from, int end, int most)
    {
        var count = 0;
        for (var i = from; i < end; i++)
        {
            if (lines.IsBlank(i))
                continue;
            if (++count > most || !(IsContact(lines[i]) || SignaturePhrases.IsDevice(lines[i])))
                return false;
        }
        return true;
    }

    private static bool IsRule(ReadOnlySpan<char> line) => line.Length >= 4 && line.IndexOfAnyExcept("_-=*~") < 0;

    private static int AfterValediction(MailLines lines, int from, int end)
    {
        var count = 0;
        var reached = false;
        for (var i = end - 1; i > from; i--)
        {
            if (lines.IsQuoted(i))
                return end;
            if (lines.IsBlank(i))
                continue;
            // Some close with two: 此致, 敬礼.
            if (SignaturePhrases.IsValediction(lines[i]))
            {
                if (count++ == 0)
                    continue;
                return IsName(lines[lines.NextText(i + 1)]) ? i : end;
            }
            if (count++ >= MostLines || !(IsSignatureLine(lines[i]) || (reached && IsShortTitle(lines[i]))))
                return end;
            reached |= IsContact(lines[i]);
        }
        return end;
    }

    /// <summary>A last paragraph that is a name and at least one way to reach it.</summary>
    private static int ContactBlock(MailLines lines, int from, int end)
    {
        var contacts = 0;
        var first = end;
        while (first > from && !lines.IsBlank(first - 1) && !lines.IsQuoted(first - 1))
        {
            first--;
            if (end - first > MostLines || !IsSignatureLine(lines[first]))
                return end;
            contacts += IsContact(lines[first]) ? 1 : 0;
        }
        if (contacts == 0 || end - first < 2 || first == from || !IsFullName(lines[first]))
            return end;
        var before = first;
        while (before > from && lines.IsBlank(before - 1))
            before--;
        // "The address is:" asks for what follows.
        return before == from || lines[before - 1][^1] is ':' or '：' or ',' ? end : first;
    }

    /// <summary>A line a signature may hold: short, and no sentence.</summary>
    private static bool IsSignatureLine(ReadOnlySpan<char> line)
    {
        if (line.Length > LongestLine)
            return false;
        if (IsContact(line) || SignaturePhrases.IsDevice(line))
            return true;
        if (line[^1] is '?' or '!' or ':' or ',' or '。' or '？' or '！')
            return false;
        var words = Words(line);
        return line[^1] == '.' ? words <= 4 && !char.IsLower(line[0]) : words <= 8 && StartsLikeTitle(line);
    }

    /// <summary>"Jefa de compras", "Responsable des achats": above a way to reach the person.</summary>
    private static bool IsShortTitle(ReadOnlySpan<char> line) =>
        Words(line) <= 4 && char.IsUpper(line[0]) && line[^1] is not ('.' or '?' or '!' or ':' or ',');

    private static bool StartsLikeTitle(ReadOnlySpan<char> line)
    {
        // Titles and companies are written with capitals; a sentence has most of its words without.
        var lower = 0;
        var all = 0;
        foreach (var range in line.Split(' '))
        {
            var word = line[range];
            if (word.IsEmpty)
                continue;
            all++;
            if (char.IsLower(word[0]))
                lower++;
        }
        return 2 * lower <= all || all <= 2;
    }

    private static bool IsName(ReadOnlySpan<char> line) =>
        line.Length <= 60 && Words(line) <= 6 && line[^1] is not ('?' or '!' or ':' or ';') && !line.ContainsAny("@<>{}=")
        && (StartsLikeTitle(line) || line[0] is '(' or '/');

    /// <summary>Two to four words, each with a capital, no number.</summary>
    private static bool IsFullName(ReadOnlySpan<char> line)
    {
        if (line.Length > 50 || line.ContainsAnyInRange('0', '9') || line.ContainsAny("@:?!;<>"))
            return false;
        var words = 0;
        foreach (var range in line.Split(' '))
        {
            var word = line[range];
            if (word.IsEmpty)
                continue;
            words++;
            if (!char.IsLetter(word[0]) || (char.IsLower(word[0]) && word is not ("van" or "von" or "de" or "der" or "den" or "da" or "di" or "la")))
                return false;
        }
        return words is >= 2 and <= 6;
    }

    private static int Words(ReadOnlySpan<char> line)
    {
        var words = 0;
        var inside = false;
        foreach (var c in line)
        {
            if (char.IsWhiteSpace(c))
                inside = false;
            else if (!inside)
            {
                inside = true;
                words++;
            }
        }
        return words;
    }

    /// <summary>A telephone number, an address of the web or of mail, alone or after a label.</summary>
    private static bool IsContact(ReadOnlySpan<char> line)
    {
        if (line.Length > LongestLine || line[^1] is '?' or '!')
            return false;
        var words = Words(line);
        if (words <= 4 && (line.Contains("www.", StringComparison.OrdinalIgnoreCase) || line.Contains("http", StringComparison.OrdinalIgnoreCase)
            || (line.IndexOf('@') is > 0 and var at && !char.IsWhiteSpace(line[at - 1]))))
        {
            return true;
        }
        var digits = 0;
        var others = 0;
        foreach (var c in line)
        {
            if (char.IsAsciiDigit(c))
                digits++;
            else if (!"+-()./ |·•,:".Contains(c))
                others++;
        }
        return digits >= 6 && (others <= digits || (words <= 8 && SignaturePhrases.HasPhoneLabel(line)));
    }
}
