using System.Globalization;
using System.Text.Json.Nodes;
using Commune.Ai.JsonSchema;

namespace Commune.Ai.Extraction;

/// <summary>Takes out of extracted data what its schema does not allow, so that types and enums hold for what is left.</summary>
internal static class ConformingData
{
    private const int MostRounds = 20;

    /// <param name="notes">Gets a sentence for each value that went.</param>
    public static JsonObject Of(JsonObject data, CompiledSchema schema, List<string> notes)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var result = schema.Validate(data);
            var wrong = result.Errors.Where(static error => !ModelExtraction.IsAbsence(error)).ToList();
            if (wrong.Count == 0)
                return data;
            if (result.LimitReached)
                break;
            // From behind, so that the places of items in front stay what they are.
            var removed = false;
            foreach (var error in wrong.OrderByDescending(static error => error.InstancePath, PointerOrder.Instance))
            {
                if (error.InstancePath.Length == 0 || !Remove(data, error.InstancePath))
                    continue;
                removed = true;
                notes.Add($"{error.InstancePath[1..]}: {error.Message}");
            }

            if (!removed)
            {
                // Something about the whole does not hold, and nothing can be taken out for it.
                notes.AddRange(wrong.Select(static error => $"The whole: {error.Message}"));
                return data;
            }
        }

        if (schema.Validate(data).LimitReached)
            notes.Add("The whole: could not be checked, the schema asks for too much work");
        return [];
    }

    private static bool Remove(JsonObject data, string pointer)
    {
        var tokens = pointer.Split('/').Skip(1).Select(JsonPointer.Unescape).ToList();
        JsonNode? parent = data;
        foreach (var token in tokens.SkipLast(1))
        {
            parent = parent switch
            {
                JsonObject inner => inner[token],
                JsonArray list when Index(token) is { } index && index < list.Count => list[index],
                _ => null,
            };
        }

        switch (parent)
        {
            case JsonObject inner:
                return inner.Remove(tokens[^1]);
            case JsonArray list when Index(tokens[^1]) is { } index && index < list.Count:
                list.RemoveAt(index);
                return true;
            default:
                return false;
        }
    }

    private static int? Index(string token) => int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    /// <summary>Item 10 comes behind item 9.</summary>
    private sealed class PointerOrder : IComparer<string>
    {
        public static PointerOrder Instance { get; } = new();

        public int Compare(string? x, string? y)
        {
            var (a, b) = (x!.Split('/'), y!.Split('/'));
            for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
            {
                var order = Index(a[i]) is { } first && Index(b[i]) is { } second ? first.CompareTo(second) : string.CompareOrdinal(a[i], b[i]);
                if (order != 0)
                    return order;
            }

            return a.Length.CompareTo(b.Length);
        }
    }
}
