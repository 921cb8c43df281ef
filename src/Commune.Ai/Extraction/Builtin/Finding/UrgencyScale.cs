using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Ai.Extraction.Builtin.Fields;
using Commune.Ai.Extraction.Builtin.Reading;
using Commune.Ai.Extraction.Builtin.Words;

namespace Commune.Ai.Extraction.Builtin.Finding;

/// <summary>Places what the sender says about urgency on the schema's own scale.</summary>
internal sealed class UrgencyScale(MailReading reading)
{
    private const int Highest = 3;

    public Found? Find(Field field)
    {
        var levels = LevelsOf(field);
        Found? best = null;
        var level = -1;
        var isLow = false;
        var next = 0;
        foreach (var sentence in reading.Sentences)
        {
            foreach (var clause in sentence.Clauses)
            {
                for (var i = Math.Max(clause.First, next); i < clause.End; i++)
                {
                    for (var degree = 0; degree <= Highest; degree++)
                    {
                        if (Array.Find(ValueWords.Urgency[degree], phrase => phrase.IsAt(reading.Own, i, sentence.End)) is not { } phrase)
                            continue;
                        if (degree > 0 && (IsDenied(clause, i) || IsOfPast(clause, i)))
                            continue;
                        var found = new Found(JsonValue.Create(""), reading.Own[i].Start, reading.Own[i + phrase.Words.Length - 1].End, Confidence.Synonym);
                        isLow |= degree == 0;
                        if (degree > level)
                            (best, level) = (found, degree);
                        if (degree == 0)
                            next = i + phrase.Words.Length;
                        break;
                    }
                    i = Math.Max(i, next - 1);
                }
            }
        }
        // "Not urgent", and urgent words elsewhere: which one is meant can't be told.
        if (best is null || (isLow && level > 1))
            return null;
        return Nearest(levels, isLow ? 0 : level) is { } value ? best with { Value = JsonValue.Create(value) } : null;
    }

    public static string? OfText(Field field, string said)
    {
        var words = WordReader.OfName(said);
        for (var degree = Highest; degree >= 0; degree--)
        {
            if (words.Count > 0 && Array.Exists(ValueWords.Urgency[degree], phrase => phrase.IsAt(words, 0, words.Count)))
                return Nearest(LevelsOf(field), degree);
        }
        return LevelOf(said) is { } level ? Nearest(LevelsOf(field), level) : null;
    }

    private static string? Nearest(Dictionary<int, string> levels, int level) =>
        levels.TryGetValue(level, out var exact) ? exact
        : level == Highest && levels.TryGetValue(Highest - 1, out var lower) ? lower
        : level == Highest - 1 && levels.TryGetValue(Highest, out var higher) ? higher
        : level == 0 && levels.TryGetValue(1, out var normal) ? normal
        : null;

    private static Dictionary<int, string> LevelsOf(Field field)
    {
        var levels = new Dictionary<int, string>();
        foreach (var value in field.Values.Where(value => value.ValueKind == JsonValueKind.String).Select(value => value.GetString()!))
        {
            if (LevelOf(EnumFinder.Spoken(value)) is { } level)
                levels.TryAdd(level, value);
        }
        return levels;
    }

    private static int? LevelOf(string spoken) => spoken switch
    {
        "low" or "minor" or "p4" or "p3" or "niedrig" or "gering" or "basse" or "faible" or "baja" or "bassa" or "laag" or "baixa" or "not urgent" or "trivial" => 0,
        "medium" or "normal" or "moderate" or "standard" or "mittel" or "moyenne" or "media" or "gemiddeld" or "normaal" or "regular" or "routine" => 1,
        "high" or "urgent" or "major" or "p2" or "p1" or "hoch" or "haute" or "elevee" or "alta" or "hoog" or "dringend" or "important" => 2,
        "critical" or "emergency" or "blocker" or "immediate" or "highest" or "p0" or "very high" or "kritisch" or "critique" or "critica" or "kritiek" or "severe" => Highest,
        _ => null,
    };

    private bool IsDenied(Clause clause, int at)
    {
        for (var i = Math.Max(clause.First, at - 3); i < at; i++)
        {
            if (StatementWords.Negators.Contains(reading.Own[i].Folded))
                return true;
        }
        return false;
    }

    // "It broke immediately": what happened at once is not asked for at once.
    private bool IsOfPast(Clause clause, int at)
    {
        if (reading.Own[at].Folded is not ("immediately" or "sofort" or "immediatement" or "inmediatamente" or "immediatamente" or "subito" or "onmiddellijk" or "imediatamente" or "quickly"))
            return false;
        for (var i = clause.First; i < clause.End; i++)
        {
            if (StatementWords.Requests.Contains(reading.Own[i].Folded) || reading.Own[i].Folded is "help" or "fix" or "must" or "muss" or "asap")
                return false;
        }
        return true;
    }
}
