using System.Text.Json;

namespace Commune.Ai.Extraction;

/// <summary>What an inbox wants to know about each mail.</summary>
/// <param name="Schema">A JSON Schema of type object with properties.</param>
/// <param name="Version">Counts the changes of the inbox's schema, from 1.</param>
public sealed record ExtractionSchema(string Name, string? Description, JsonElement Schema, int Version);
