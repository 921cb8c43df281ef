using System.Text.Json.Nodes;

namespace Commune.Ai.Extraction;

/// <summary>What was read out of a mail.</summary>
/// <param name="Data">The properties that were found; null when none was.</param>
/// <param name="Fields">
/// The evidence of each value in <paramref name="Data"/> that is neither object nor array. A key is a JSON Pointer (RFC 6901) without
/// its first slash, as <see cref="FieldPath"/> writes it: <c>order_id</c>, <c>items/0/price</c>.
/// </param>
/// <param name="Unverified">Values that were offered and left out of <paramref name="Data"/>, with the evidence that did not hold.</param>
/// <param name="Errors">Sentences; one about a property begins with its path and a colon.</param>
public sealed record ExtractionResult(
    ExtractionStatus Status,
    JsonObject? Data,
    IReadOnlyDictionary<string, FieldEvidence> Fields,
    IReadOnlyDictionary<string, FieldEvidence?> Unverified,
    IReadOnlyList<string> Errors)
{
    /// <summary>It was refused since the organisation's budget is spent, whatever the mail says.</summary>
    public bool IsBudgetSpent { get; init; }
}

/// <summary>How an extraction ended; on the wire in lower case.</summary>
public enum ExtractionStatus
{
    /// <summary>Every required property was found. Others may be absent.</summary>
    Ok,

    /// <summary>A required property was not found, or a value did not fit the schema; the rest is there.</summary>
    Partial,

    /// <summary>It could not be done; the errors say why.</summary>
    Failed,

    /// <summary>The model would not do it, or a limit of the organisation forbids it.</summary>
    Refused,

    /// <summary>Extraction is switched off.</summary>
    Disabled,
}
