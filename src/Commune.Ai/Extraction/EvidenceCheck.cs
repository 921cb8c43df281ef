using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Ai.Extraction.Builtin.Reading;

namespace Commune.Ai.Extraction;

/// <summary>Holds each value of a model's answer against the mail: what the mail does not say is taken out.</summary>
internal sealed class EvidenceCheck(QuoteIndex mail, QuoteTrust trust, IReadOnlyDictionary<string, string> quotes)
{
    /// <summary>The value stands in its quote.</summary>
    private const double Said = 0.95;

    /// <summary>A date or number that the quote writes in another way, or a choice that follows from it.</summary>
    private const double Read = 0.75;

    /// <summary>In the words of the model.</summary>
    private const double Retold = 0.5;

    public Dictionary<string, FieldEvidence> Fields { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FieldEvidence?> Unverified { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes out of the object, and of what is in it, the values that have no evidence.</summary>
    /// <param name="schema">Of the object, as far as it is known.</param>
    public void Check(JsonObject data, JsonElement schema, string path = "")
    {
        foreach (var (name, value) in data.ToList())
        {
            // What is called "" no path can name.
            if (name.Length == 0 || !Keep(value, Property(schema, name), FieldPath.Of(path, name)))
                data.Remove(name);
        }
    }

    private void Check(JsonArray data, JsonElement schema, string path)
    {
        var kept = new List<JsonNode?>();
        for (var i = 0; i < data.Count; i++)
        {
            var item = new EvidenceCheck(mail, trust, quotes);
            var from = FieldPath.Of(path, i);
            // What lacks a part that it needs goes now, while the others can still move up with their evidence.
            var keeps = item.Keep(data[i], Member(schema, "items"), from) && HasRequired(data[i], Member(schema, "items"));
            foreach (var (at, evidence) in item.Unverified)
                Unverified[at] = evidence;
            if (!keeps)
                continue;
            // An item moves up where one before it went, and its evidence with it.
            var to = FieldPath.Of(path, kept.Count);
            foreach (var (at, evidence) in item.Fields)
                Fields[to + at[from.Length..]] = evidence;
            kept.Add(data[i]);
        }

        if (kept.Count == data.Count)
            return;
        data.Clear();
        foreach (var item in kept)
            data.Add(item);
    }

    private bool Keep(JsonNode? value, JsonElement schema, string path)
    {
        switch (value)
        {
            case null:
                return true;
            case JsonObject inner:
                var had = inner.Count;
                Check(inner, schema, path);
                return inner.Count > 0 || had == 0;
            case JsonArray list:
                var items = list.Count;
                Check(list, schema, path);
                return list.Count > 0 || items == 0;
            default:
                return KeepValue(value, schema, path);
        }
    }

    private bool KeepValue(JsonNode value, JsonElement schema, string path)
    {
        // A value that the mail has letter by letter is its own quote.
        var quote = quotes.GetValueOrDefault(path) ?? (value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is { Length: > 2 } text ? text : null);
        var places = quote is null ? [] : mail.Find(quote).ToList();
        if (places.Count == 0)
        {
            Unverified[path] = quote is null ? null : new FieldEvidence(quote, -1, -1, 0);
            return false;
        }

        var needed = TrustNeeded(value, schema);
        var evidence = places.Find(place => IsTrusted(place, needed)) ?? places[0];
        var confidence = IsTrusted(evidence, needed) ? Confidence(value, schema, evidence.Quote) : 0;
        if (confidence == 0)
        {
            Unverified[path] = evidence;
            return false;
        }

        Fields[path] = evidence with { Confidence = confidence };
        return true;
    }

    // An order in the sender's name does not make another of the address.
    private bool IsTrusted(FieldEvidence place, LineTrust needed) =>
        (needed == LineTrust.Beside && place.Source == EvidenceSource.From) || trust.Of(place) >= needed;

    /// <summary>What the mail's sender may only state to people, and what he may hand over as data.</summary>
    private static LineTrust TrustNeeded(JsonNode value, JsonElement schema)
    {
        if (value.GetValueKind() != JsonValueKind.String || IsChoice(schema))
            return LineTrust.Full;
        return QuotedValue.IsExact(value.GetValue<string>(), schema) ? LineTrust.Beside : LineTrust.Code;
    }

    private double Confidence(JsonNode value, JsonElement schema, string quote)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                var words = value.GetValue<string>();
                if (IsChoice(schema))
                    return words.Length > 0 && quote.Contains(words, StringComparison.OrdinalIgnoreCase) ? Said : Read;
                if (QuotedValue.IsDay(schema))
                    return QuotedValue.HasDay(quote, words, mail.Day) ? Read : 0;
                if (QuotedValue.IsExact(words, schema))
                    return QuotedValue.Has(quote, words) ? Said : 0;
                if (words.Length > 0 && quote.Contains(words, StringComparison.OrdinalIgnoreCase))
                    return Said;
                return QuotedValue.IsClock(schema) ? Read : Retold;
            case JsonValueKind.Number:
                return IsChoice(schema) ? Read : QuotedValue.HasNumber(quote, value.ToJsonString()) ? Said : 0;
            default:
                return Read;
        }
    }

    private static bool HasRequired(JsonNode? value, JsonElement schema) =>
        value is not JsonObject members || Member(schema, "required") is not { ValueKind: JsonValueKind.Array } required
        || required.EnumerateArray().All(name => name.ValueKind != JsonValueKind.String || members.ContainsKey(name.GetString()!));

    private static bool IsChoice(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && (schema.TryGetProperty("enum", out _) || schema.TryGetProperty("const", out _));

    private static JsonElement Property(JsonElement schema, string name) => Member(Member(schema, "properties"), name);

    private static JsonElement Member(JsonElement schema, string name) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var value) ? value : default;
}
