using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Commune.Ai.Extraction;

/// <summary>Holds each value of a model's answer against the mail: what the mail does not say is taken out.</summary>
internal sealed class EvidenceCheck(QuoteIndex mail, IReadOnlyDictionary<string, string> quotes)
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
            if (!Keep(value, Property(schema, name), FieldPath.Of(path, name)))
                data.Remove(name);
        }
    }

    private void Check(JsonArray data, JsonElement schema, string path)
    {
        var kept = new List<JsonNode?>();
        for (var i = 0; i < data.Count; i++)
        {
            var item = new EvidenceCheck(mail, quotes);
            var from = FieldPath.Of(path, i);
            var keeps = item.Keep(data[i], Member(schema, "items"), from);
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
        if (quote is null || mail.Find(quote, 0) is not { } evidence)
        {
            Unverified[path] = quote is null ? null : new FieldEvidence(quote, -1, -1, 0);
            return false;
        }

        var confidence = Confidence(value, schema, evidence.Quote);
        if (confidence == 0)
        {
            Unverified[path] = evidence;
            return false;
        }

        Fields[path] = evidence with { Confidence = confidence };
        return true;
    }

    private double Confidence(JsonNode value, JsonElement schema, string quote)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                var words = value.GetValue<string>();
                if (words.Length > 0 && quote.Contains(words, StringComparison.OrdinalIgnoreCase))
                    return Said;
                if (IsExact(schema))
                    return mail.Has(words) ? Said : 0;
                return IsChoice(schema) || IsFormat(schema, "date", "date-time", "time", "duration") ? Read : Retold;
            case JsonValueKind.Number:
                return HasNumber(quote, value.ToJsonString()) ? Said : Retold;
            default:
                return Read;
        }
    }

    /// <summary>A value that is right only letter by letter: one that the mail does not have is made up.</summary>
    private static bool IsExact(JsonElement schema) => IsFormat(schema, "email", "idn-email", "uri", "iri", "uuid", "hostname", "ipv4", "ipv6");

    private static bool IsChoice(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && (schema.TryGetProperty("enum", out _) || schema.TryGetProperty("const", out _));

    private static bool IsFormat(JsonElement schema, params ReadOnlySpan<string> formats) =>
        Member(schema, "format") is { ValueKind: JsonValueKind.String } format && formats.Contains(format.GetString()!);

    /// <summary>The digits of the number stand in the quote, however they are grouped.</summary>
    private static bool HasNumber(string quote, string number)
    {
        if (!decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            return false;
        var digits = string.Concat(Math.Abs(value).ToString("0.############", CultureInfo.InvariantCulture).Where(char.IsAsciiDigit));
        return string.Concat(quote.Where(char.IsAsciiDigit)).Contains(digits, StringComparison.Ordinal);
    }

    private static JsonElement Property(JsonElement schema, string name) => Member(Member(schema, "properties"), name);

    private static JsonElement Member(JsonElement schema, string name) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var value) ? value : default;
}
