using System.Text.Json.Nodes;
using Commune.Ai.Extraction.Builtin.Fields;
using Commune.Ai.Extraction.Builtin.Finding;
using Commune.Ai.Extraction.Builtin.Reading;

namespace Commune.Ai.Extraction.Builtin;

/// <summary>One schema being filled from one mail.</summary>
internal sealed class Filling
{
    private readonly MailReading _reading;
    private readonly MailText _mail;
    private readonly CancellationToken _ct;
    private readonly Dictionary<string, FieldEvidence> _evidence = new(StringComparer.Ordinal);
    private readonly List<string> _errors = [];
    private readonly ValueFinder _values;
    private readonly BooleanFinder _booleans;
    private readonly EnumFinder _enums;
    private readonly PersonFinder _persons;
    private readonly TextFinder _texts;
    private readonly ArrayFinder _arrays;

    public Filling(MailReading reading, MailText mail, CancellationToken ct)
    {
        (_reading, _mail, _ct) = (reading, mail, ct);
        _values = new ValueFinder(reading, new Rendering(mail.Date?.Offset));
        _booleans = new BooleanFinder(reading, _values);
        _enums = new EnumFinder(reading, _values);
        _persons = new PersonFinder(reading, _values);
        _texts = new TextFinder(reading, _values);
        _arrays = new ArrayFinder(reading, _values, _texts, _enums);
    }

    public ExtractionResult Fill(Field root)
    {
        var data = OfObject(root, "");
        return new ExtractionResult(
            _errors.Count == 0 ? ExtractionStatus.Ok : ExtractionStatus.Partial,
            data.Count == 0 ? null : data,
            _evidence,
            new Dictionary<string, FieldEvidence?>(StringComparer.Ordinal),
            _errors);
    }

    private JsonObject OfObject(Field field, string path)
    {
        var data = new JsonObject();
        var found = Assign(field);
        foreach (var property in field.Properties)
        {
            _ct.ThrowIfCancellationRequested();
            var below = FieldPath.Of(path, property.Name);
            var node = property.Kind switch
            {
                FieldKind.Object => OfObject(property, below) is { Count: > 0 } inner ? inner : null,
                FieldKind.Array => OfArray(property, below),
                _ => found.TryGetValue(property, out var value) ? Keep(below, value) : null,
            };
            if (node is not null)
                data[property.Name] = node;
            else if (property.IsRequired)
                _errors.Add($"{below}: required, but the mail does not say it.");
        }
        return data;
    }

    /// <summary>What is said of each property; one value goes to one property where only its form speaks for it.</summary>
    private Dictionary<Field, Found> Assign(Field field)
    {
        var found = new Dictionary<Field, Found>();
        var simple = field.Properties.Where(property => property.Kind is not (FieldKind.Object or FieldKind.Array)).ToList();
        foreach (var property in simple)
        {
            _ct.ThrowIfCancellationRequested();
            if (Said(property) is { } said)
                found[property] = said;
        }
        foreach (var property in simple.Where(property => !found.ContainsKey(property)))
        {
            if (Alone(property) is { } alone && !found.Any(other => other.Key.Kind == property.Kind && other.Value.Start < alone.End && alone.Start < other.Value.End && alone.Start >= 0))
                found[property] = alone;
        }
        foreach (var property in simple.Where(property => property.Kind == FieldKind.Currency && !found.ContainsKey(property)))
        {
            var amounts = found.Values.Where(other => other.Currency is not null).ToList();
            if (amounts.Count > 0 && amounts.TrueForAll(amount => amount.Currency == amounts[0].Currency) && Rendering.Text(property, amounts[0].Currency!) is { } code)
                found[property] = amounts[0] with { Value = code };
        }
        return found;
    }

    /// <summary>What the mail says in so many words.</summary>
    private Found? Said(Field field)
    {
        if (field.Alternatives.Count > 0)
            return field.Alternatives.Where(other => other.Kind is not (FieldKind.Object or FieldKind.Array)).Select(Said).OfType<Found>().OrderByDescending(found => found.Confidence).FirstOrDefault();
        switch (field.Kind)
        {
            case FieldKind.Boolean:
                return _booleans.Find(field);
            case FieldKind.Enum:
                return _enums.Find(field);
            case FieldKind.Person or FieldKind.FirstName or FieldKind.LastName:
                return _persons.Find(field);
            case FieldKind.Company or FieldKind.Address or FieldKind.Job or FieldKind.Place or FieldKind.Message or FieldKind.Subject or FieldKind.Text:
                return Found.Best(_values.Labelled(field)) ?? _texts.Find(field);
            default:
                var labelled = _values.Labelled(field).ToList();
                return Found.Best(labelled.Count > 0 ? labelled : _values.Near(field));
        }
    }

    /// <summary>What only its form speaks for.</summary>
    private Found? Alone(Field field)
    {
        if (field.Alternatives.Count > 0)
            return field.Alternatives.Select(Alone).OfType<Found>().FirstOrDefault();
        if (_values.Single(field) is { } single)
            return single;
        if (field.Kind == FieldKind.Email && _mail.FromAddress is { } address && field.IsOnlyOfKind
            && field.Names[0].Subjects.All(FieldName.IsWeak) && Rendering.Text(field, address) is { } node)
        {
            return new Found(node, -1, -1, Confidence.FromHeader) { Source = EvidenceSource.From, Quote = address };
        }
        return null;
    }

    private JsonArray? OfArray(Field field, string path)
    {
        var rows = _arrays.Find(field);
        if (rows.Count == 0)
            return null;
        var array = new JsonArray();
        for (var i = 0; i < rows.Count; i++)
        {
            var at = FieldPath.Of(path, i);
            if (rows[i] is [("", var only)])
            {
                array.Add(Keep(at, only));
                continue;
            }
            var element = new JsonObject();
            foreach (var (name, value) in rows[i])
                element[name] = Keep(FieldPath.Of(at, name), value);
            array.Add((JsonNode)element);
        }
        return array;
    }

    private JsonNode Keep(string path, Found found)
    {
        var quote = found.Quote ?? _reading.Text[found.Start..found.End];
        _evidence[path] = new FieldEvidence(quote, found.Start, found.End, Math.Round(Math.Clamp(found.Confidence, 0, 1), 3)) { Source = found.Source };
        return found.Value.DeepClone();
    }
}
