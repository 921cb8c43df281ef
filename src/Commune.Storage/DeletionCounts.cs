using System.Text.Json;

namespace Commune.Storage;

/// <summary>How many rows of each kind: <c>preview</c> and <c>deleted_counts</c> of contract section 16.4.</summary>
public sealed class DeletionCounts
{
    /// <summary>As they stand in answers.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "messages", "attachments", "threads", "inboxes", "domains", "webhook_deliveries", "delivery_events", "thread_metadata", "dmarc_reports",
        "suppressions", "api_keys",
    ];

    private readonly Dictionary<string, long> counts = Names.ToDictionary(static name => name, static _ => 0L, StringComparer.Ordinal);

    public long this[string name] => counts[name];

    public IReadOnlyList<KeyValuePair<string, long>> All => [.. Names.Select(name => KeyValuePair.Create(name, counts[name]))];

    public void Add(string? name, long rows)
    {
        if (name is not null)
            counts[name] += rows;
    }

    public string ToJson() => JsonSerializer.Serialize(All.ToDictionary(StringComparer.Ordinal));

    public static DeletionCounts Parse(string? json)
    {
        var parsed = new DeletionCounts();
        if (json is null)
            return parsed;
        foreach (var (name, rows) in JsonSerializer.Deserialize<Dictionary<string, long>>(json)!)
        {
            if (parsed.counts.ContainsKey(name))
                parsed.counts[name] = rows;
        }
        return parsed;
    }
}
