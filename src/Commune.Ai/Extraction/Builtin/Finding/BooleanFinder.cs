using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Commune.Ai.Extraction.Builtin.Fields;
using Commune.Ai.Extraction.Builtin.Reading;
using Commune.Ai.Extraction.Builtin.Words;

namespace Commune.Ai.Extraction.Builtin.Finding;

/// <summary>Finds whether something is wanted or is so: from a form's "yes", or from what the sender states.</summary>
internal sealed class BooleanFinder(MailReading reading, ValueFinder values)
{
    private const int MostMentions = 200;

    private static readonly FrozenSet<string> Yes = Set("yes y true ja oui si sim x on correct checked agreed accepted ok okay aye required needed wanted gerne selected ✓ ☑ ✔ ✅ 1");
    private static readonly FrozenSet<string> No = Set("no n false nein non nee nao off none keine kein not unchecked never ☐ ✗ ✘ ❌ 0");

    /// <summary>Words of names that only say that something is so, or wanted.</summary>
    private static readonly FrozenSet<string> StateFrames = Set("is has are was did does do can will have contains includes included mentions mentioned customer user sender client guest candidate the a an of for to flag person");
    private static readonly FrozenSet<string> WishFrames = Set("wants want wanted needs need needed requests request requested requires require required asks ask asked asking requesting wishes desires prefers interested like likes demand demands");

    private static readonly FrozenSet<string> Wishes = Set("refund return replacement replace exchange cancel cancellation callback demo newsletter unsubscribe reschedule invoice");

    public Found? Find(Field field)
    {
        if (Found.Best(Labelled(field)) is { } labelled)
            return labelled;
        var stances = new List<Found>();
        foreach (var text in new[] { field.Name }.Concat(field.Names.Count > 1 ? [Title(field)] : Array.Empty<string>()).Where(text => text.Length > 0))
        {
            stances.AddRange(Stated(field, text));
            if (stances.Count > 0)
                break;
        }
        return Found.Best(stances);
    }

    private static string Title(Field field) => string.Join(' ', field.Names[1].Subjects);

    private IEnumerable<Found> Labelled(Field field)
    {
        foreach (var (label, score) in values.LabelsOf(field))
        {
            // What an earlier mail said is not said by this one.
            if (label.Part == MailPart.Quoted || label.Trust != LineTrust.Full)
                continue;
            var end = Math.Min(label.ValueEnd, label.ValueStart + 40);
            var line = reading.Text.AsSpan(label.ValueStart, end - label.ValueStart);
            var stop = line.IndexOfAny(",.;!(\n");
            var word = Folded.Of((stop < 0 ? line : line[..stop]).Trim(" \t[]*_"));
            var first = word.Split(' ')[0];
            bool? value = Yes.Contains(word) || (Yes.Contains(first) && word.Length < 20) ? true : No.Contains(word) || (No.Contains(first) && word.Length < 20) ? false : null;
            if (value is { } known && Fits(field, known))
                yield return new Found(JsonValue.Create(known), label.ValueStart, label.ValueStart + (stop < 0 ? line.Length : stop), ValueFinder.Weighed(1, label, score));
        }
    }

    private IEnumerable<Found> Stated(Field field, string name)
    {
        var words = WordReader.OfName(name).SelectMany(word => word.Folded.Split(' ')).ToList();
        var wishes = words.Exists(WishFrames.Contains);
        var objects = words.Where(word => !WishFrames.Contains(word) && !StateFrames.Contains(word)).ToList();
        if (objects.Count == 0)
            yield break;
        var phrases = PhrasesOf(objects, out var others);
        wishes |= objects.Exists(Wishes.Contains);
        var mentions = 0;
        foreach (var sentence in reading.Sentences)
        {
            foreach (var clause in sentence.Clauses)
            {
                for (var i = clause.First; i < clause.End; i++)
                {
                    if (phrases.FirstOrDefault(phrase => phrase.IsAt(reading.Own, i, sentence.End)) is not { } phrase || ++mentions > MostMentions)
                        continue;
                    if (!others.TrueForAll(other => Mentions(sentence, other)))
                        continue;
                    var end = i + phrase.Words.Length;
                    var stance = wishes ? Polarity.OfWish(reading, sentence, clause, i, end) : Polarity.OfState(reading, sentence, clause, i, end);
                    // "Not urgent" and the like deny themselves.
                    if (stance == Stance.Open || !Fits(field, stance == Stance.Yes))
                        continue;
                    var first = reading.Own[clause.First];
                    var last = reading.Own[Math.Min(Math.Max(clause.End, end), sentence.End) - 1];
                    yield return new Found(JsonValue.Create(stance == Stance.Yes), first.Start, last.End, Confidence.Statement);
                    i = end - 1;
                }
            }
        }
    }

    /// <summary>How the things of a name are said; what is not known by several words stands for itself.</summary>
    private static List<Phrase> PhrasesOf(List<string> objects, out List<Phrase> others)
    {
        others = [];
        if (ValueWords.All.TryGetValue(string.Join(' ', objects), out var whole))
            return [.. whole];
        var known = objects.FindIndex(ValueWords.All.ContainsKey);
        var head = known < 0 ? objects.Count - 1 : known;
        for (var i = 0; i < objects.Count; i++)
        {
            if (i != head && objects[i] is not ("service" or "option" or "access" or "request" or "flag" or "status" or "issue" or "order"))
                others.Add(Own(objects[i]));
        }
        return known < 0 ? [Own(objects[head])] : [.. ValueWords.All[objects[head]]];
    }

    private static Phrase Own(string word) => new([word.Length > 5 ? word.TrimEnd('s', 'e', 'd') : word], word.Length > 4, IsStrong: false);

    private bool Mentions(Sentence sentence, Phrase phrase)
    {
        for (var i = sentence.First; i < sentence.End; i++)
        {
            if (phrase.IsAt(reading.Own, i, sentence.End))
                return true;
        }
        return false;
    }

    private static bool Fits(Field field, bool value) =>
        field.Values.Count == 0 || field.Values.Any(one => one.ValueKind == (value ? System.Text.Json.JsonValueKind.True : System.Text.Json.JsonValueKind.False));

    private static FrozenSet<string> Set(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
