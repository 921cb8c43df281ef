using System.Text.Json;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Threads;

/// <summary>Reads status, tags and assignee from a request (contract section 9).</summary>
internal static class TriageInput
{
    private const int MaxTag = 64;
    private const int MaxTags = 100;

    public static string Status(string? text) => text is "open" or "needs_reply" or "waiting" or "closed"
        ? text : throw ApiException.Invalid("status", "status must be one of open, needs_reply, waiting, closed");

    /// <summary>An array of tags, or one comma-separated string as the skill script sends it; trimmed, each once, in order.</summary>
    /// <param name="emptyIsFine">Replacing tags by none is a way to clear them; adding or removing none is a mistake.</param>
    public static IReadOnlyList<string> Tags(RequestBody body, bool emptyIsFine = false)
    {
        IEnumerable<string> given = body.Member("tags") switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString()!.Split(',').Where(static t => !string.IsNullOrWhiteSpace(t)),
            { ValueKind: JsonValueKind.Array } => body.Texts("tags")!,
            _ => throw ApiException.Invalid("tags", "tags must be an array of strings"),
        };
        var tags = given.Select(static t => t.Trim()).Distinct(StringComparer.Ordinal).ToList();
        if (tags.Count == 0 && !emptyIsFine)
            throw ApiException.Invalid("tags", "tags must name at least one tag");
        if (tags.Count > MaxTags || tags.Exists(static t => t.Length is 0 or > MaxTag))
            throw ApiException.Invalid("tags", $"tags must be at most {MaxTags} strings of 1 to {MaxTag} characters");
        return tags;
    }

    /// <summary>The member must be there: a string assigns, null unassigns.</summary>
    public static string? Assignee(RequestBody body)
    {
        var text = body.Member("assigned_to") switch
        {
            { ValueKind: JsonValueKind.Null } => null,
            { ValueKind: JsonValueKind.String } value => value.GetString()!.Trim(),
            _ => throw ApiException.Invalid("assigned_to", "assigned_to must be a string, or null to unassign"),
        };
        return text is { Length: 0 or > 200 } ? throw ApiException.Invalid("assigned_to", "assigned_to must be 1 to 200 characters, or null to unassign") : text;
    }
}
