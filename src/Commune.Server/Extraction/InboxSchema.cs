using System.Text.Json;
using Commune.Ai.Extraction;
using Commune.Storage;

namespace Commune.Server.Extraction;

/// <summary>The extraction schema as an inbox keeps it.</summary>
internal static class InboxSchema
{
    /// <summary>Null when the inbox has none.</summary>
    public static ExtractionSchema? Of(Inbox inbox) => inbox.ExtractionSchema is { } text ? Read(text, inbox.SchemaVersion) : null;

    /// <param name="text">The extraction object of contract section 8.</param>
    public static ExtractionSchema? Read(string text, int version)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        if (!root.TryGetProperty("schema", out var schema))
            return null;
        return new ExtractionSchema(Text("name") ?? "default", Text("description"), schema.Clone(), version);

        string? Text(string member) => root.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
