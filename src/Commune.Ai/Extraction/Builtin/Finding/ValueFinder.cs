using System.Text.Json.Nodes;
using Commune.Ai.Extraction.Builtin.Fields;
using Commune.Ai.Extraction.Builtin.Reading;
using Commune.Ai.Extraction.Builtin.Values;

namespace Commune.Ai.Extraction.Builtin.Finding;

/// <summary>Finds what has a form: ids, dates, amounts, numbers, addresses of all kinds.</summary>
internal sealed class ValueFinder(MailReading reading, Rendering rendering)
{
    private const int MostCandidates = 400;
    // Words that say something between the property's words and an id.
    private const int LongestGap = 7;

    private readonly Dictionary<TypedValue, Surroundings> _surroundings = new(ReferenceEqualityComparer.Instance);

    /// <summary>What labels say: the best first.</summary>
    public IEnumerable<Found> Labelled(Field field)
    {
        foreach (var (label, score) in LabelsOf(field))
        {
            if (InSpan(field, label.ValueStart, label.ValueEnd) is { } found)
                yield return found with { Confidence = Weighed(found.Confidence, label, score) };
        }
        foreach (var table in reading.Tables)
        {
            if (table.Rows.Count != 1)
                continue;
            for (var i = 0; i < table.Headings.Count; i++)
            {
                var score = ScoreOf(field, table.Headings[i]);
                var cell = table.Rows[0].Cells[i];
                if (score >= FieldName.Enough && cell.End > cell.Start && InSpan(field, cell.Start, cell.End) is { } found)
                    yield return found with { Confidence = found.Confidence * Confidence.Cell * score * FactorOf(table.Part) };
            }
        }
    }

    public IEnumerable<(Label Label, double Score)> LabelsOf(Field field)
    {
        foreach (var label in reading.Labels)
        {
            if (label.Trust != LineTrust.Full && field.Kind is FieldKind.Boolean or FieldKind.Enum or FieldKind.Amount or FieldKind.Count or FieldKind.Number or FieldKind.Percent)
                continue;
            if (label.Trust == LineTrust.Beside && !IsIdentity(field))
                continue;
            var score = ScoreOf(field, label.Words);
            if (score >= FieldName.Enough)
                yield return (label, score);
        }
    }

    public static double ScoreOf(Field field, IReadOnlyList<Word> label)
    {
        var best = 0.0;
        for (var i = 0; i < field.Names.Count; i++)
            best = Math.Max(best, field.Names[i].Score(label, field.IsOnlyOfKind) * (i == 0 ? 1 : 0.97));
        return best;
    }

    public static double Weighed(double confidence, Label label, double score) =>
        confidence * score * FactorOf(label.Part) * (label.Trust == LineTrust.Code ? Confidence.CodeFactor : 1) * label.Kind switch
        {
            LabelKind.Line => Confidence.Label,
            LabelKind.Below => Confidence.Below,
            _ => Confidence.Loose,
        };

    public static double FactorOf(MailPart part) => part == MailPart.Quoted ? Confidence.QuotedFactor : part == MailPart.OldSubject ? 0.95 : 1;

    /// <summary>The value of a label or a cell; its confidence is 1 or the factor of what it is.</summary>
    public Found? InSpan(Field field, int start, int end)
    {
        foreach (var kind in KindsOf(field))
        {
            foreach (var value in reading.Values.Within(kind, start, end).Take(5))
            {
                // "see below, 17 pieces": the value of a label begins with what it says.
                if (kind is ValueKind.Number or ValueKind.Id && value.Start - start > 25)
                    break;
                if (rendering.Of(field, value) is { } node)
                    return new Found(node, value.Start, value.End, value.IsRelative ? Confidence.RelativeFactor : 1) { Currency = value.Currency };
            }
        }
        return field.Kind switch
        {
            FieldKind.Id => IdInSpan(field, start, end),
            FieldKind.Amount or FieldKind.Number or FieldKind.Count => null,
            FieldKind.Currency => CurrencyInSpan(field, start, end),
            FieldKind.Phone => PhoneInSpan(field, start, end),
            _ => null,
        };
    }

    /// <summary>Values with the property's words around them.</summary>
    public IEnumerable<Found> Near(Field field)
    {
        foreach (var kind in KindsOf(field))
        {
            var values = reading.Values.Of(kind);
            for (var i = 0; i < values.Count && i < MostCandidates; i++)
            {
                var value = values[i];
                var line = reading.LineAt(value.Start);
                if (!IsWritten(field, line) || rendering.Of(field, value) is not { } node)
                    continue;
                if (field.Kind == FieldKind.Amount && kind == ValueKind.Number && IsCount(value))
                    continue;
                if (!_surroundings.TryGetValue(value, out var around))
                    _surroundings[value] = around = Surroundings.Of(reading, value, values, i);
                if (field.Kind == FieldKind.Amount && kind == ValueKind.Number && (around.BeforeDistance("id") is <= 1 || Nearness.BelongsElsewhere(field.Names[0], around)))
                    continue;
                var worth = around.IsNegated ? 0 : NamesOf(field).Select((name, at) => Nearness.Of(name, field.Kind, value, around) * (at == 0 ? 1 : 0.95)).Max();
                if (worth == 0)
                    continue;
                worth *= FactorOf(reading.Lines[line].Part) * (value.IsRelative ? Confidence.RelativeFactor : 1);
                yield return new Found(node, value.Start, value.End, worth) { Currency = value.Currency };
            }
        }
    }

    /// <summary>Where no children come, the adults are all the guests.</summary>
    private IEnumerable<FieldName> NamesOf(Field field) =>
        field.Kind == FieldKind.Count && field.Names[0].Subjects is ["guest"] && reading.PlacesOf("child").Count == 0
            ? field.Names.Append(field.Names[0] with { Subjects = ["adult"] })
            : field.Names;

    /// <summary>The one value of its kind that the sender gives; null when there are several, or none may be meant.</summary>
    public Found? Single(Field field)
    {
        var byPattern = field.Pattern is not null || field.Examples.Count > 0;
        if (!byPattern && !MayStandAlone(field))
            return null;
        Found? only = null;
        foreach (var kind in KindsOf(field))
        {
            // Of a number that stands alone nothing says that it is money.
            if (kind == ValueKind.Number && field.Kind == FieldKind.Amount)
                continue;
            foreach (var value in reading.Values.Of(kind).Take(MostCandidates))
            {
                var line = reading.LineAt(value.Start);
                var part = reading.Lines[line].Part;
                if (part == MailPart.Quoted || (part == MailPart.Signature && field.Kind is not (FieldKind.Phone or FieldKind.Link)) || !IsWritten(field, line))
                    continue;
                if (kind == ValueKind.Id && (byPattern ? !LooksLikeExample(field, value.Text) : !StandsOut(value) || Nearness.BelongsElsewhere(field.Names[0], SurroundingsOf(value, kind))))
                    continue;
                if (rendering.Of(field, value) is not { } node)
                    continue;
                if (only is not null && !JsonNode.DeepEquals(only.Value, node))
                    return null;
                only ??= new Found(node, value.Start, value.End, byPattern ? Confidence.Pattern : Confidence.Single * (value.IsRelative ? Confidence.RelativeFactor : 1)) { Currency = value.Currency };
            }
            if (only is not null)
                break;
        }
        return only;
    }

    /// <summary>"12 friends", "two weeks": a whole number with what it counts behind it.</summary>
    private bool IsCount(TypedValue number)
    {
        if (decimal.Truncate(number.Number) != number.Number || number.Text.AsSpan().ContainsAny(".,"))
            return false;
        var next = reading.WordAt(number.End);
        return next < reading.Words.Count && reading.Words[next].Start == number.End + 1 && reading.Text[number.End] == ' '
            && reading.Words[next] is var word && char.IsLetter(word.Folded[0]) && !FieldName.IsFiller(word.Folded)
            && !word.Concepts.Any(static concept => concept is "total" or "tax" or "net" or "gross" or "amount" or "price" or "fee" or "discount" or "currency");
    }

    private bool IsWritten(Field field, int line) =>
        reading.Trust[line] == LineTrust.Full || (reading.Trust[line] == LineTrust.Beside && IsIdentity(field));

    /// <summary>It is right only letter by letter: nobody can be talked into another reading of it.</summary>
    private static bool IsIdentity(Field field) =>
        KindsOf(field) is [ValueKind.Id or ValueKind.Email or ValueKind.Phone or ValueKind.Link or ValueKind.Iban];

    private Surroundings SurroundingsOf(TypedValue value, ValueKind kind)
    {
        if (!_surroundings.TryGetValue(value, out var around))
        {
            var values = reading.Values.Of(kind);
            var index = 0;
            while (!ReferenceEquals(values[index], value))
                index++;
            _surroundings[value] = around = Surroundings.Of(reading, value, values, index);
        }
        return around;
    }

    // "A5" is a size of paper, "A-17" and "KX20881" are ids.
    private static bool StandsOut(TypedValue id) => id.IsStrong && (id.Text.Length < id.End - id.Start || id.Text.AsSpan().ContainsAny("-/_") || id.Text.Length >= 6);

    private static bool MayStandAlone(Field field) => field.Kind switch
    {
        FieldKind.Email or FieldKind.Phone or FieldKind.Iban or FieldKind.Currency => field.IsOnlyOfKind && !field.Names[0].Subjects.Any(subject => subject is "recipient" or "vendor" or "fax" or "billing" or "account"),
        FieldKind.Link => field.IsOnlyOfKind && field.Names[0].IsGeneral,
        FieldKind.Id => field.IsOnlyOfKind && !field.Names[0].Subjects.Any(subject => subject is "customer" or "account" or "serial" or "sku" or "postcode" or "tax" or "po" or "member" or "contract"),
        FieldKind.Date or FieldKind.Time => field.IsOnlyOfKind && field.Names[0].Subjects.All(subject => subject is "appointment" or "event" or "preferred" or "booking"),
        FieldKind.Amount => field.Names[0].Subjects.All(subject => subject is "total" or "gross" or "price" or "invoice" or "budget" or "payment" or "order"),
        FieldKind.Percent => field.IsOnlyOfKind,
        _ => false,
    };

    public static IReadOnlyList<ValueKind> KindsOf(Field field) => field.Kind switch
    {
        FieldKind.Id => [ValueKind.Id],
        FieldKind.Date => [ValueKind.Date],
        FieldKind.Time => [ValueKind.Time],
        FieldKind.Amount => [ValueKind.Amount, ValueKind.Number],
        FieldKind.Count or FieldKind.Number => [ValueKind.Number],
        FieldKind.Percent => [ValueKind.Percent],
        FieldKind.Email => [ValueKind.Email],
        FieldKind.Phone => [ValueKind.Phone],
        FieldKind.Link => [ValueKind.Link],
        FieldKind.Iban => [ValueKind.Iban],
        FieldKind.Text when field.Pattern is not null || field.Examples.Any(example => example.Any(char.IsAsciiDigit)) => [ValueKind.Id],
        _ => [],
    };

    /// <summary>Same classes of characters in the same order as an example: "A-17" and "B-203".</summary>
    private static bool LooksLikeExample(Field field, string text) =>
        field.Pattern is not null || field.Examples.Any(example => Shape(example) == Shape(text));

    private static string Shape(string text)
    {
        var shape = new System.Text.StringBuilder();
        foreach (var c in text.Take(60))
        {
            var kind = char.IsDigit(c) ? '9' : char.IsLetter(c) ? 'a' : c;
            if (shape.Length == 0 || shape[^1] != kind)
                shape.Append(kind);
        }
        return shape.ToString();
    }

    private Found? IdInSpan(Field field, int start, int end)
    {
        // "DE 123 456", "XKJDLE": all of a short value without small letters.
        var text = reading.Text.AsSpan(start, Math.Min(end - start, 60)).Trim(" \t.,;*()");
        if (text.IsEmpty || text.Length > 34 || text.Contains('\n') || text.ContainsAnyInRange('a', 'z'))
            return null;
        var digits = text.ContainsAnyInRange('0', '9');
        if (DigitGroups.IsCard(text))
            return null;
        if (!digits && (text.Length < 4 || text.Contains(' ') || text is "NONE" or "UNKNOWN" or "KEINE"))
            return null;
        var value = text.ToString();
        if (Rendering.Text(field, value) is not { } node)
            return null;
        var at = reading.Text.IndexOf(value, start, StringComparison.Ordinal);
        return new Found(node, at, at + value.Length, 1);
    }

    private Found? PhoneInSpan(Field field, int start, int end)
    {
        var text = reading.Text.AsSpan(start, Math.Min(end - start, 30)).Trim();
        var digits = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c) && c is not (' ' or '+' or '-' or '/' or '(' or ')' or '.'))
                return null;
            digits += char.IsAsciiDigit(c) ? 1 : 0;
        }
        if (digits is < 5 or > 15 || DigitGroups.IsCard(text) || Rendering.Text(field, text.ToString()) is not { } node)
            return null;
        var at = start + reading.Text.AsSpan(start, end - start).IndexOf(text, StringComparison.Ordinal);
        return new Found(node, at, at + text.Length, 1);
    }

    private Found? CurrencyInSpan(Field field, int start, int end)
    {
        if (reading.Values.Within(ValueKind.Amount, start, end).FirstOrDefault(value => value.Currency is not null) is { } amount && Rendering.Text(field, amount.Currency!) is { } code)
            return new Found(code, amount.Start, amount.End, 1);
        var text = reading.Text[start..Math.Min(end, start + 12)].Trim();
        return Currencies.CodeOf(text) is { Length: 3 } named && named.All(char.IsAsciiLetterUpper) && Rendering.Text(field, named) is { } node
            ? new Found(node, start, start + text.Length, 1)
            : null;
    }
}
