using System.Text.Json.Nodes;

namespace Commune.Storage;

/// <summary>From which score on, 0 to 1, an inbox refuses mail or holds it back; null never does.</summary>
public sealed record ScreeningSetting(double? SpamReject, double? SpamQuarantine, double? InjectionReject, double? InjectionQuarantine);

public enum QuarantineRelease
{
    Released,
    NotFound,
    NotQuarantined,
}

/// <summary>Whether a message is held back, as its metadata says.</summary>
public static class Quarantine
{
    private const string Member = "quarantined";

    public static bool IsHeld(string? metadata) =>
        metadata is not null && metadata.Contains("\"quarantined\":true", StringComparison.Ordinal) && JsonNode.Parse(metadata) is JsonObject members
        && members.TryGetPropertyValue(Member, out var held) && held is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.True;

    /// <summary>The metadata of the same message, held back no more.</summary>
    internal static string Release(string metadata, long at)
    {
        var members = JsonNode.Parse(metadata)!.AsObject();
        members[Member] = false;
        members["released_at"] = at;
        return members.ToJsonString(EventData.Json.Options);
    }
}
