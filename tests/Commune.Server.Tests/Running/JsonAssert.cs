using System.Text.Json.Nodes;

namespace Commune.Server.Tests.Running;

/// <summary>Assertions about what stands in an answer.</summary>
public static class JsonAssert
{
    /// <summary>An array of exactly these strings, in this order.</summary>
    public static void Texts(IReadOnlyList<string> expected, JsonNode? array) => Texts(expected, TextsOf(array));

    public static void Texts(IReadOnlyList<string> expected, IEnumerable<string> actual) =>
        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));

    public static void Differ(JsonNode? one, JsonNode? other) => Assert.False((string?)one == (string?)other, $"both are {one}");

    public static IReadOnlyList<string> TextsOf(JsonNode? array) => [.. array!.AsArray().Select(static n => (string)n!)];

    /// <summary>The identities of the participants in this role.</summary>
    public static IReadOnlyList<string> Participants(JsonObject message, string role) =>
        [.. message["participants"]!.AsArray().Where(p => (string)p!["role"]! == role).Select(static p => (string)p!["identity"]!)];
}
