using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Ai.Extraction.Builtin.Fields;
using Commune.Ai.Extraction.Builtin.Reading;
using Commune.Ai.Extraction.Builtin.Values;
using Commune.Ai.Extraction.Builtin.Words;

namespace Commune.Ai.Extraction.Builtin.Finding;

/// <summary>Finds which of the schema's values the sender means: by a label, by its name, by other words for it.</summary>
internal sealed class EnumFinder(MailReading reading, ValueFinder values)
{
    private const int Named = 3;
    private const int Strong = 4;
    private const int Known = 2;
    private const int InSubject = 1;
    private const int Wished = 3;
    private const int MostOfOne = 12;

    /// <summary>Values that stand for what is left: no words say them.</summary>
    private static readonly FrozenSet<string> Rest = Set("other others none unknown general misc miscellaneous n/a na sonstiges autre otro altro anders neutral unspecified");

    /// <summary>Words that mean too much to name a value where the property is not named too.</summary>
    private static readonly FrozenSet<string> Everyday = Set("open closed new active high low medium normal yes no true false small large full part single first second good bad standard basic free public private left right in out a b c d e s m l xl regular other call mr ms mrs home work email phone order question information info change move report");

    private static readonly FrozenSet<string> Wishes = Set("refund return replacement exchange cancel cancellation callback unsubscribe reschedule demo");

    /// <summary>The best value; null when none is said, or two are said alike.</summary>
    public Found? Find(Field field)
    {
        if (field.Values.Any(value => value.ValueKind == JsonValueKind.Number))
            return OfNumbers(field);
        if (Found.Best(Labelled(field)) is { } labelled)
            return labelled;
        if (field.Names[0].Subjects.Any(subject => subject is "currency") || field.Names[0].HasType("currency"))
            return OfCurrency(field);
        if (field.Names.Any(name => name.Subjects.Contains("priority", StringComparer.Ordinal) || name.Subjects.Contains("severity", StringComparer.Ordinal)))
            return new UrgencyScale(reading).Find(field);
        return All(field, leadNeeded: true).FirstOrDefault() ?? OfSender(field);
    }

    /// <summary>Every value that is said, the likeliest first.</summary>
    /// <param name="leadNeeded">One only, which must be said more than the others.</param>
    public List<Found> All(Field field, bool leadNeeded)
    {
        var scored = new List<(Found Found, int Score)>();
        foreach (var value in field.Values)
        {
            if (value.ValueKind != JsonValueKind.String)
                continue;
            if (Said(field, value.GetString()!, out var score) is { } found)
                scored.Add((found, score));
        }
        scored.Sort((a, b) => b.Score.CompareTo(a.Score));
        if (!leadNeeded)
            return [.. scored.Select(entry => entry.Found)];
        return scored.Count == 0 || (scored.Count > 1 && scored[0].Score == scored[1].Score) ? [] : [scored[0].Found];
    }

    private IEnumerable<Found> Labelled(Field field)
    {
        foreach (var (label, score) in values.LabelsOf(field))
        {
            if (label.Part == MailPart.Quoted || label.ValueEnd - label.ValueStart > 80)
                continue;
            if (OfText(field, reading.Text[label.ValueStart..label.ValueEnd]) is { } value)
                yield return new Found(JsonValue.Create(value), label.ValueStart, label.ValueEnd, ValueFinder.Weighed(1, label, score));
        }
    }

    /// <summary>The value that a short text names.</summary>
    public static string? OfText(Field field, string text)
    {
        var said = Spoken(text);
        string? first = null;
        foreach (var value in field.Values)
        {
            if (value.ValueKind != JsonValueKind.String)
                continue;
            var name = value.GetString()!;
            var spoken = Spoken(name);
            if (said == spoken || string.Equals(text.Trim(), name, StringComparison.OrdinalIgnoreCase))
                return name;
            if (spoken.Length > 2 && (" " + said + " ").Contains(" " + spoken + " ", StringComparison.Ordinal))
                first ??= name;
        }
        if (first is not null || field.Names.Any(name => name.IsAbout("priority")))
            return first ?? UrgencyScale.OfText(field, said);
        var words = new List<Word>();
        WordReader.ReadPlain(text, 0, text.Length, 0, words);
        foreach (var value in field.Values.Where(value => value.ValueKind == JsonValueKind.String).Select(value => value.GetString()!))
        {
            if (PhrasesOf(value) is { } phrases && Enumerable.Range(0, words.Count).Any(i => Array.Exists(phrases, phrase => phrase.IsAt(words, i, words.Count))))
                return value;
        }
        return null;
    }

    private Found? Said(Field field, string value, out int score)
    {
        score = 0;
        var spoken = Spoken(value);
        if (Rest.Contains(spoken) || spoken.Length == 0)
            return null;
        var own = new Phrase(spoken.Split(' '), IsPrefix: false, IsStrong: false);
        var phrases = PhrasesOf(value) ?? [];
        var counted = new HashSet<Phrase>();
        Found? best = null;
        foreach (var sentence in reading.Sentences)
        {
            foreach (var clause in sentence.Clauses)
            {
                for (var i = clause.First; i < clause.End; i++)
                {
                    var isOwn = own.IsAt(reading.Own, i, sentence.End) && MayName(field, value, spoken, sentence, i);
                    var phrase = isOwn ? own : Array.Find(phrases, one => one.IsAt(reading.Own, i, sentence.End));
                    if (phrase is null)
                        continue;
                    var end = i + phrase.Words.Length;
                    var wish = Wishes.Contains(spoken) ? Polarity.OfWish(reading, sentence, clause, i, end) : Stance.Open;
                    if (wish == Stance.No || IsDenied(clause, i, phrase) || (Wishes.Contains(spoken) && end < sentence.End && StatementWords.Rules.Contains(reading.Own[end].Folded)))
                        continue;
                    if (!counted.Add(phrase))
                        continue;
                    // A refund that is only talked about is hardly what the mail is about.
                    var worth = Wishes.Contains(spoken) && wish == Stance.Open ? 1 : (isOwn ? Named : phrase.IsStrong ? Strong : Known) + (wish == Stance.Yes ? Wished : 0) + (sentence.Part == MailPart.Subject ? InSubject : 0);
                    score = Math.Min(MostOfOne, score + worth);
                    var confidence = isOwn || phrase.IsStrong || wish == Stance.Yes ? Confidence.Named : Confidence.Synonym;
                    if (best is null || confidence > best.Confidence)
                        best = new Found(JsonValue.Create(value), reading.Own[i].Start, reading.Own[end - 1].End, confidence);
                    i = end - 1;
                }
            }
        }
        return best;
    }

    /// <summary>Short and everyday words name a value only beside the property's own words: "size M".</summary>
    private bool MayName(Field field, string value, string spoken, Sentence sentence, int at)
    {
        if (spoken.Length >= 4 && !Everyday.Contains(spoken))
            return true;
        if (spoken.Length <= 2 && !reading.Text.AsSpan(reading.Own[at].Start, reading.Own[at].End - reading.Own[at].Start).SequenceEqual(value))
            return false;
        if (spoken.Length == 3 && !Everyday.Contains(spoken))
            return true;
        for (var i = Math.Max(sentence.First, at - 4); i < Math.Min(sentence.End, at + 3); i++)
        {
            if (i != at && reading.Own[i].Concepts.Any(concept => field.Names[0].Subjects.Contains(concept, StringComparer.Ordinal)))
                return true;
        }
        return false;
    }

    private bool IsDenied(Clause clause, int at, Phrase phrase)
    {
        if (StatementWords.Negators.Contains(phrase.Words[0]))
            return false;
        for (var i = Math.Max(clause.First, at - 2); i < at; i++)
        {
            if (StatementWords.Negators.Contains(reading.Own[i].Folded) || reading.Own[i].Folded is "instead")
                return true;
        }
        return false;
    }

    /// <summary>A mail from "UPS" names UPS.</summary>
    private Found? OfSender(Field field)
    {
        if (reading.Mail.FromName is not { } name)
            return null;
        var spoken = Spoken(name);
        return field.Values.FirstOrDefault(value => value.ValueKind == JsonValueKind.String && Spoken(value.GetString()!) is { Length: > 1 } own && !Everyday.Contains(own) && (spoken == own || spoken.StartsWith(own + " ", StringComparison.Ordinal)))
            is { ValueKind: JsonValueKind.String } found
            ? new Found(JsonValue.Create(found.GetString()!), -1, -1, Confidence.FromHeader) { Source = EvidenceSource.From, Quote = name }
            : null;
    }

    private Found? OfCurrency(Field field)
    {
        var codes = reading.Values.Of(ValueKind.Amount).Where(amount => amount.Currency is not null && reading.Trust[reading.LineAt(amount.Start)] > LineTrust.Beside && reading.Lines[reading.LineAt(amount.Start)].Part != MailPart.Quoted).ToList();
        return codes.Count > 0 && codes.TrueForAll(amount => amount.Currency == codes[0].Currency) && field.Values.Any(value => value.ValueKind == JsonValueKind.String && value.GetString() == codes[0].Currency)
            ? new Found(JsonValue.Create(codes[0].Currency!), codes[0].Start, codes[0].End, Confidence.Single)
            : null;
    }

    private Found? OfNumbers(Field field) => Found.Best(
        values.LabelsOf(field).SelectMany(label => reading.Values.Within(ValueKind.Number, label.Label.ValueStart, label.Label.ValueEnd).Take(1).Select(value => (label, value)))
            .Select(pair => Rendering.Number(field, pair.value.Number) is { } node ? new Found(node, pair.value.Start, pair.value.End, ValueFinder.Weighed(1, pair.label.Label, pair.label.Score)) : null)
            .OfType<Found>());

    private static Phrase[]? PhrasesOf(string value)
    {
        if (ValueWords.All.TryGetValue(value.ToLowerInvariant(), out var phrases) || ValueWords.All.TryGetValue(Spoken(value), out phrases))
            return phrases;
        // "billing_question", "shipping_delay": the word that is known.
        var parts = Spoken(value).Split(' ').Where(part => part is not ("issue" or "problem" or "request" or "inquiry" or "question" or "support" or "error" or "status")).ToArray();
        return parts.Length is 1 or 2 && Array.Find(parts, ValueWords.All.ContainsKey) is { } part ? ValueWords.All[part] : null;
    }

    public static string Spoken(string value) => string.Join(' ', WordReader.OfName(value).Select(word => word.Folded));

    private static FrozenSet<string> Set(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
