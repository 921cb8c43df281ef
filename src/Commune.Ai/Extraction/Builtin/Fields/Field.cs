using System.Text.Json;
using System.Text.RegularExpressions;

namespace Commune.Ai.Extraction.Builtin.Fields;

/// <summary>A property of the schema.</summary>
internal sealed class Field
{
    /// <summary>As <see cref="FieldPath"/> writes it; "" for the whole object.</summary>
    public required string Path { get; init; }

    public required string Name { get; init; }

    public required JsonTypes Types { get; init; }

    public FieldKind Kind { get; set; }

    /// <summary>What it is called: its name, its title, its description where that is short.</summary>
    public required IReadOnlyList<FieldName> Names { get; init; }

    public bool IsRequired { get; set; }

    /// <summary>No other property of the same object asks for the same kind.</summary>
    public bool IsOnlyOfKind { get; set; }

    /// <summary>The only values that are allowed; empty when others are.</summary>
    public IReadOnlyList<JsonElement> Values { get; init; } = [];

    public IReadOnlyList<string> Examples { get; init; } = [];

    public string? Format { get; init; }

    public Regex? Pattern { get; init; }

    /// <summary>The pattern could not be used, so that no text is known to fit.</summary>
    public bool HasBadPattern { get; init; }

    public int MinLength { get; init; }

    public int MaxLength { get; init; } = int.MaxValue;

    public decimal? Minimum { get; init; }

    public decimal? Maximum { get; init; }

    public decimal? ExclusiveMinimum { get; init; }

    public decimal? ExclusiveMaximum { get; init; }

    public decimal? MultipleOf { get; init; }

    public int MinItems { get; init; }

    public int MaxItems { get; init; } = int.MaxValue;

    public bool UniqueItems { get; init; }

    /// <summary>Of an object.</summary>
    public IReadOnlyList<Field> Properties { get; init; } = [];

    /// <summary>Of an array; null when it says nothing.</summary>
    public Field? Items { get; init; }

    /// <summary>Of anyOf and oneOf, in order; empty without.</summary>
    public IReadOnlyList<Field> Alternatives { get; init; } = [];

    public bool Allows(JsonTypes type) => (Types & type) != JsonTypes.None;
}
