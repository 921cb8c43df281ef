namespace Commune.Ai.Extraction.Builtin.Reading;

/// <summary>A sentence of the sender's own.</summary>
/// <param name="First">Its first word in <see cref="MailReading.Own"/>.</param>
/// <param name="End">Behind its last word.</param>
internal sealed record Sentence(int First, int End, bool IsQuestion, MailPart Part)
{
    /// <summary>Its parts, each with a verb of its own more often than not.</summary>
    public required IReadOnlyList<Clause> Clauses { get; init; }
}

/// <summary>A part of a sentence.</summary>
/// <param name="Joiner">The word or mark that joins it to what comes before: "and", "or", "but", ","; null for the first.</param>
internal sealed record Clause(int First, int End, string? Joiner);

/// <summary>Takes the sender's own text apart into sentences and clauses.</summary>
internal static class SentenceReader
{
    private const int LongestSentence = 120;

    private static readonly HashSet<string> Ands = new(["and", "und", "et", "y", "e", "ed", "en", "&", "plus", "sowie"], StringComparer.Ordinal);
    private static readonly HashSet<string> Ors = new(["or", "oder", "ou", "o", "nor"], StringComparer.Ordinal);
    private static readonly HashSet<string> Buts = new(
        ["but", "aber", "sondern", "mais", "pero", "sino", "ma", "maar", "mas", "so", "then", "because", "weil", "since", "although", "though", "however", "jedoch", "doch", "rather", "just", "porque", "parce", "perche", "omdat", "daher", "deshalb"],
        StringComparer.Ordinal);

    public static List<Sentence> Read(MailReading reading)
    {
        var sentences = new List<Sentence>();
        var words = reading.Own;
        var first = 0;
        for (var i = 0; i < words.Count; i++)
        {
            var line = reading.Lines[words[i].Line];
            var last = i + 1 == words.Count;
            if (last || i - first >= LongestSentence || EndsAfter(reading, i, out _))
            {
                EndsAfter(reading, i, out var mark);
                sentences.Add(new Sentence(first, i + 1, mark == '?', line.Part) { Clauses = ClausesOf(reading, first, i + 1) });
                first = i + 1;
            }
        }
        return sentences;
    }

    /// <summary>Whether a sentence ends between a word and the next.</summary>
    private static bool EndsAfter(MailReading reading, int word, out char mark)
    {
        var words = reading.Own;
        var lastWord = word + 1 == words.Count;
        var here = words[word];
        var line = reading.Lines[here.Line];
        var end = lastWord || words[word + 1].Line != here.Line ? line.End : words[word + 1].Start;
        mark = ' ';
        for (var i = here.End; i < end; i++)
        {
            if (reading.Text[i] is '.' or '!' or '?' or ';' or '\t' or '|' or '…' && (i + 1 >= line.End || char.IsWhiteSpace(reading.Text[i + 1]) || reading.Text[i + 1] is '!' or '?' or '"' or ')'))
            {
                mark = reading.Text[i] is '?' || (i + 1 < end && reading.Text[i + 1] == '?') ? '?' : reading.Text[i];
                // "No. 17", "approx. 3": a short word before a digit is abbreviated.
                if (mark == '.' && here.Folded.Length <= 3 && !lastWord && words[word + 1].Line == here.Line && char.IsDigit(reading.Text[words[word + 1].Start]))
                    continue;
                return true;
            }
        }
        if (lastWord || words[word + 1].Line == here.Line)
            return false;
        // Lines of a paragraph run on; a blank line, a list or a short line ends the sentence.
        var next = words[word + 1].Line;
        return next != here.Line + 1 || line.Part != reading.Lines[next].Part || line.Part is MailPart.Subject or MailPart.OldSubject
            || line.Length < 40 || reading.Text[reading.Lines[next].Start] is '-' or '*' or '•' or '>';
    }

    private static List<Clause> ClausesOf(MailReading reading, int first, int end)
    {
        var clauses = new List<Clause>();
        var words = reading.Own;
        var from = first;
        string? joiner = null;
        for (var i = first; i < end; i++)
        {
            var next = JoinerAt(reading, i, first);
            if (next is null || i == from)
            {
                if (next is not null && i > first)
                    joiner = next == "," ? joiner ?? "," : next;
                continue;
            }
            clauses.Add(new Clause(from, i, joiner));
            from = i;
            joiner = next;
        }
        clauses.Add(new Clause(from, end, joiner));
        return clauses;
    }

    private static string? JoinerAt(MailReading reading, int word, int first)
    {
        var words = reading.Own;
        var folded = words[word].Folded;
        if (Ands.Contains(folded) && reading.Text[words[word].Start] is not ('è' or 'é'))
            return "and";
        if (Ors.Contains(folded))
            return "or";
        if (Buts.Contains(folded))
            return "but";
        if (word == first)
            return null;
        var between = reading.Text.AsSpan(words[word - 1].End, Math.Min(words[word].Start - words[word - 1].End, 6));
        return between.ContainsAny(",:–—") || between.Contains(" - ", StringComparison.Ordinal) ? "," : null;
    }
}
