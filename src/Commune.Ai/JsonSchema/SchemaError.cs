namespace Commune.Ai.JsonSchema;

/// <summary>What an instance has against a schema.</summary>
/// <param name="InstancePath">JSON Pointer to the value that is wrong; empty for the whole.</param>
/// <param name="SchemaPath">JSON Pointer to the keyword that says so, through references as they were followed.</param>
/// <param name="Message">A sentence that says what was expected, without the path.</param>
public sealed record SchemaError(string InstancePath, string SchemaPath, string Message)
{
    public override string ToString() => $"{(InstancePath.Length == 0 ? "The whole" : InstancePath)} {Message}";
}

/// <summary>What is wrong with a schema itself.</summary>
/// <param name="Path">JSON Pointer into the schema.</param>
/// <param name="Message">What to do.</param>
public sealed record SchemaProblem(string Path, string Message);

/// <param name="LimitReached">The check was given up: the schema asks for more work than one validation may do. The instance counts as invalid.</param>
public sealed record SchemaResult(IReadOnlyList<SchemaError> Errors, bool LimitReached)
{
    public bool IsValid => Errors.Count == 0;
}

/// <summary>How a schema is read.</summary>
public sealed record SchemaOptions
{
    /// <summary>JSON Schema leaves it open whether <c>format</c> is checked or only told.</summary>
    public bool AssertFormats { get; init; }

    /// <summary>Other documents that references may name, by absolute URI. Nothing is ever fetched.</summary>
    public IReadOnlyDictionary<string, System.Text.Json.JsonElement> Documents { get; init; } =
        new Dictionary<string, System.Text.Json.JsonElement>(StringComparer.Ordinal);
}

/// <summary>Bounds that no schema and no instance gets past.</summary>
public static class SchemaLimits
{
    /// <summary>Of the schema as JSON text.</summary>
    public const int Bytes = 64 * 1024;

    /// <summary>Levels of JSON.</summary>
    public const int Depth = 64;

    public const int Subschemas = 5000;
    public const int PatternLength = 2000;

    /// <summary>Subschemas within subschemas that one value is put through.</summary>
    internal const int EvaluationDepth = 300;

    /// <summary>Steps of one validation: a subschema applied to a value, or 16 characters looked at.</summary>
    internal const int Work = 1_000_000;

    internal const int Errors = 50;
    internal static readonly TimeSpan OneMatch = TimeSpan.FromMilliseconds(100);
    internal static readonly TimeSpan AllMatches = TimeSpan.FromSeconds(1);
}
