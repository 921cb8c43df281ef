using System.Collections.Frozen;

namespace Commune.Mail.Text;

/// <summary>The line that announces a quotation: "On Monday Kim wrote:" and its kin in other languages.</summary>
internal static class Attribution
{
    // How far after "On" the date begins: "On Wednesday, the 24th of September".
    private const int DateWithin = 32;

    private static readonly FrozenSet<string> Openers = new[]
    {
        "on", "am", "um", "le", "el", "il", "em", "no", "na", "a", "à", "às", "op", "dnia", "w", "dne", "v", "den", "d.", "på", "på",
        "în", "in", "pe", "la", "στις", "la", "dia", "il giorno", "в", "во", "на", "у", "ב", "בתאריך", "ביום", "في", "بتاريخ", "vào", "pada",
        "dana", "dňa", "dátum", "el dia", "kuupäeval",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Whole words in scripts that have words.
    private static readonly string[] Verbs =
    [
        "wrote", "writes", "schrieb", "geschrieben", "a écrit", "écrivait", "escribió", "escribio", "ha escrito", "ha scritto", "scrisse", "scriveva",
        "escreveu", "schreef", "geschreven", "napisał", "napisała", "napisał(a)", "napisana", "pisze", "napsal", "napsala", "napsal(a)", "napísal", "napísala",
        "skrev", "skrifaði", "kirjoitti", "írta", "a scris", "пишет", "писал", "писала", "написал", "написала", "пише", "написав", "написа",
        "έγραψε", "yazdı", "כתב", "כתבה", "כתב/ה", "كتب", "كتبت", "نوشت", "đã viết", "menulis", "va escriure", "rašė", "parašė", "rakstīja", "kirjutas",
        "je napisal", "je napisala", "napisao", "napisala", "napisao je", "piše",
    ];

    private static readonly string[] Signs =
    [
        "写道", "寫道", "写到", "於", "书写", "來信", "のメール", "書きました", "書きました", "のメッセージ", "さんは", "작성", "썼습니다", "님이", "เขียนว่า", "ने लिखा",
    ];

    /// <summary>Whether the last line of an announcement may read so: a test that costs nothing.</summary>
    public static bool CanEnd(ReadOnlySpan<char> line) => line[^1] is ':' or '：' or '-' or '>' || line.EndsWith("写道") || line.EndsWith("寫道");

    /// <param name="text">One to four lines, joined.</param>
    /// <param name="firstOfSeveral">The first line when there are several; else empty.</param>
    /// <param name="certain">It names a time or a person, so that it is an announcement even when no quoted line follows.</param>
    public static bool Is(string text, ReadOnlySpan<char> firstOfSeveral, out bool certain)
    {
        certain = false;
        var line = text.AsSpan().Trim("-_* ");
        var dashed = line.Length <= text.Length - 6;
        line = line.TrimEnd(" \t").TrimEnd(":：").TrimEnd(" \t");
        var ended = text[^1] is ':' or '：' || dashed || line.EndsWith("写道") || line.EndsWith("寫道");
        if (!ended || line.IsEmpty)
            return false;
        var opener = HasOpener(line);
        var verb = HasVerb(line);
        var address = HasAddress(line);
        var dated = HasDate(line);
        if (!verb)
        {
            // "5 Jan 2026 10:00 Kim <kim@example.com>:" is all that some languages and older versions write.
            certain = address && dated && line[^1] is '>' or ')' or ']';
            return certain;
        }
        if (!firstOfSeveral.IsEmpty && !StartsOverLines(firstOfSeveral))
            return false;
        certain = (opener || address || StartsWithDigit(line) || dashed || HasSign(line)) && (dated || address);
        return true;
    }

    /// <summary>The date begins on the first line: a short word above the announcement, such as "Yes", is the answer.</summary>
    private static bool StartsOverLines(ReadOnlySpan<char> first)
    {
        var sentence = first[^1] is '!' or '?' or '。' || (first[^1] == '.' && !first.EndsWith("m."));
        return HasOpener(first.TrimStart("-_* ")) || (!sentence && (HasAddress(first) || HasDate(first)));
    }

    private static bool StartsWithDigit(ReadOnlySpan<char> line) => char.IsDigit(line[0]);

    /// <summary>The first word introduces a date that follows soon.</summary>
    private static bool HasOpener(ReadOnlySpan<char> line)
    {
        var space = line.IndexOfAny(' ', '-');
        if (space < 0)
            return false;
        var first = line[..space].TrimEnd(',');
        var date = line[space..Math.Min(line.Length, space + DateWithin)];
        var digit = false;
        foreach (var c in date)
            digit |= char.IsDigit(c);
        return digit && (Openers.GetAlternateLookup<ReadOnlySpan<char>>().Contains(first) || IsWeekday(first));
    }

    // Polish, Czech, Finnish and Hungarian begin with the day: "pon., 5 sty 2026", "ma 5. tammik. 2026".
    private static bool IsWeekday(ReadOnlySpan<char> word) =>
        word.Length is >= 2 and <= 12 && char.IsLetter(word[0]) && (word[^1] == '.' || word.Length <= 3);

    private static bool HasAddress(ReadOnlySpan<char> line)
    {
        var at = line.IndexOf('@');
        return at > 0 && at < line.Length - 3 && !char.IsWhiteSpace(line[at - 1]) && line[(at + 1)..].Contains('.');
    }

    /// <summary>A clock time, a year, or a date of numbers.</summary>
    private static bool HasDate(ReadOnlySpan<char> line)
    {
        var run = 0;
        for (var i = 0; i <= line.Length; i++)
        {
            if (i < line.Length && char.IsDigit(line[i]))
            {
                run++;
                continue;
            }
            if (run == 4 || (run is 1 or 2 && i + 1 < line.Length && (line[i] is ':' or '/' or '.' or 'h' or '-') && char.IsDigit(line[i + 1])))
                return true;
            run = 0;
        }
        return false;
    }

    private static bool HasVerb(ReadOnlySpan<char> line)
    {
        foreach (var verb in Verbs)
        {
            var from = 0;
            while (line[from..].IndexOf(verb, StringComparison.OrdinalIgnoreCase) is >= 0 and var found)
            {
                var start = from + found;
                var end = start + verb.Length;
                if ((start == 0 || !char.IsLetter(line[start - 1])) && (end == line.Length || !char.IsLetter(line[end])))
                    return true;
                from = end;
            }
        }
        return HasSign(line);
    }

    private static bool HasSign(ReadOnlySpan<char> line)
    {
        foreach (var sign in Signs)
        {
            if (line.Contains(sign, StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
