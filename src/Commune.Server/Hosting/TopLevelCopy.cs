using System.Text.Json;
using System.Text.Json.Nodes;

namespace Commune.Server.Hosting;

/// <summary>An object at the top level of the body and under <c>data</c> as well: the official CLI reads the one, the SDKs the other.</summary>
internal static class TopLevelCopy
{
    /// <param name="also">Further members that hold the same object.</param>
    public static JsonObject Of<T>(T value, params ReadOnlySpan<string> also)
    {
        var body = Write(value);
        foreach (var name in also)
            body[name] = Write(value);
        body["data"] = Write(value);
        return body;
    }

    private static JsonObject Write<T>(T value) => JsonSerializer.SerializeToNode(value, ApiJson.Options)!.AsObject();
}
