using System.Text.Json;

namespace Commune.Ai.JsonSchema.Keywords;

/// <summary>Values of schemas in sentences.</summary>
internal static class Phrase
{
    private const int Longest = 80;

    public static string OneOf(IReadOnlyList<string> choices) =>
        choices.Count switch
        {
            0 => "none of no values",
            1 => choices[0],
            _ => string.Join(", ", choices.Take(choices.Count - 1)) + " or " + choices[^1],
        };

    public static string Of(JsonData value) => value.Kind switch
    {
        JsonValueKind.String => Quote(value.Text),
        JsonValueKind.Number => Cut(value.Text),
        JsonValueKind.Object => "the object that the schema gives",
        JsonValueKind.Array => "the array that the schema gives",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    public static string Quote(string text) => $"\"{Cut(text)}\"";

    private static string Cut(string text) => text.Length <= Longest ? text : text[..Longest] + "…";
}
