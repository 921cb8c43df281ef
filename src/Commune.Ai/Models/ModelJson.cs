using System.Text.Json;

namespace Commune.Ai.Models;

/// <summary>Reads JSON that may have any shape: what is not there, or is something else, is null.</summary>
internal static class ModelJson
{
    public static JsonElement? Member(this JsonElement json, string name)
    {
        try
        {
            return json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : null;
        }
        // A name with an escaped half of a surrogate pair.
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public static JsonElement? Item(this JsonElement json, int index) =>
        json.ValueKind == JsonValueKind.Array && index < json.GetArrayLength() ? json[index] : null;

    public static string? Text(this JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return json.GetString();
        }
        // The same in a value.
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public static int? Whole(this JsonElement json) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out var number) && number >= 0 ? number : null;

    /// <summary>Null when one is no number, or is none that a vector can have.</summary>
    public static float[]? Vector(this JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array)
            return null;
        var vector = new float[json.GetArrayLength()];
        var at = 0;
        foreach (var item in json.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetSingle(out var number) || !float.IsFinite(number))
                return null;
            vector[at++] = number;
        }
        return vector.Length == 0 ? null : vector;
    }
}
