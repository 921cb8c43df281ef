using Commune.Ai.Extraction.Builtin.Fields;
using Commune.Ai.Extraction.Builtin.Reading;
using Commune.Ai.Extraction.Builtin.Values;

namespace Commune.Ai.Extraction.Builtin.Finding;

/// <summary>The words of a sentence around a value, and how far each concept is from it, counted in words that say something.</summary>
internal sealed class Surroundings
{
    private const int Before = 10;
    private const int After = 7;
    private const int ShortLine = 40;

    private readonly Dictionary<string, int> _before = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _after = new(StringComparer.Ordinal);

    /// <summary>"not order A-12", "instead of the 5th".</summary>
    public bool IsNegated { get; private set; }

    /// <param name="same">All values of the same kind, in order: the words before another belong to it.</param>
    public static Surroundings Of(MailReading reading, TypedValue value, IReadOnlyList<TypedValue> same, int index)
    {
        var first = reading.WordAt(value.Start);
        var from = index > 0 ? same[index - 1].End : 0;
        var until = index + 1 < same.Count ? same[index + 1].Start : int.MaxValue;
        var around = new Surroundings();
        var distance = 0;
        for (var i = first - 1; i >= 0 && first - i <= Before && reading.Words[i].Start >= from && AreJoined(reading, i, i + 1); i--)
        {
            var word = reading.Words[i];
            around.IsNegated |= distance <= 1 && word.Folded is ("not" or "nicht" or "pas" or "instead" or "statt" or "niet" or "nao");
            if (!FieldName.IsFiller(word.Folded) && !word.Concepts.Any(concept => concept is "id" or "amount"))
                distance++;
            around.Note(around._before, word, distance);
        }
        distance = 0;
        var last = reading.WordAt(value.End);
        for (var i = last; i < reading.Words.Count && i - last < After && reading.Words[i].Start < until && (i == 0 || AreJoined(reading, i - 1, i)); i++)
        {
            var word = reading.Words[i];
            if (!FieldName.IsFiller(word.Folded))
                distance++;
            around.Note(around._after, word, distance);
        }
        return around;
    }

    public int? BeforeDistance(string concept) => _before.TryGetValue(concept, out var distance) ? distance : null;

    public int? AfterDistance(string concept) => _after.TryGetValue(concept, out var distance) ? distance : null;

    public IEnumerable<(string Concept, int Distance)> ConceptsBefore => _before.Select(entry => (entry.Key, entry.Value));

    public IEnumerable<(string Concept, int Distance)> ConceptsAfter => _after.Select(entry => (entry.Key, entry.Value));

    private void Note(Dictionary<string, int> side, Word word, int distance)
    {
        foreach (var concept in word.Concepts)
            side.TryAdd(concept, Math.Max(1, distance));
    }

    /// <summary>Whether two neighbouring words are in one sentence.</summary>
    private static bool AreJoined(MailReading reading, int first, int second)
    {
        if (second >= reading.Words.Count)
            return true;
        var (a, b) = (reading.Words[first], reading.Words[second]);
        var between = reading.Text.AsSpan(a.End, Math.Max(0, b.Start - a.End));
        if (a.Line != b.Line && (b.Line - a.Line > 1 || reading.Lines[a.Line].Part != reading.Lines[b.Line].Part || reading.Lines[a.Line].Length < ShortLine || reading.Lines[a.Line].Part is MailPart.Subject or MailPart.OldSubject))
            return false;
        if (between.ContainsAny("!?;\t|"))
            return false;
        // "no. 17" and "Nr. 5" go on.
        var stop = between.IndexOf('.');
        return stop < 0 || a.Folded.Length <= 3 || a.Means("id") || stop + 1 < between.Length && !char.IsWhiteSpace(between[stop + 1]);
    }
}
