using System.Text.Json.Nodes;

namespace Commune.Storage;

/// <summary>What was read out of a message.</summary>
/// <param name="Data">JSON object text, or null when nothing was found.</param>
/// <param name="Info">JSON object text: how it was found, and how that ended (<c>metadata.extraction</c>).</param>
/// <param name="EventData">JSON object text of the event <c>extraction.completed</c>.</param>
public sealed record MessageExtraction(string OrgId, string MessageId, string? Data, string Info, string EventData)
{
    /// <summary>It could not be done: the data of an earlier one stays, with its evidence.</summary>
    public bool IsFailure { get; init; }

    /// <summary>What the message has from then on: <c>data_from</c> names the run that kept data is of.</summary>
    internal (string? Data, string Info) Over(string? earlierData, string? earlierInfo)
    {
        if (!IsFailure || earlierData is null || earlierInfo is null)
            return (Data, Info);
        var info = JsonNode.Parse(Info)!.AsObject();
        var earlier = JsonNode.Parse(earlierInfo)!.AsObject();
        foreach (var name in (string[])["fields", "unverified"])
            info[name] = earlier[name]?.DeepClone();
        info["data_from"] = earlier["data_from"]?.DeepClone()
            ?? new JsonObject(RunMembers.Select(name => KeyValuePair.Create(name, earlier[name]?.DeepClone())));
        return (earlierData, info.ToJsonString());
    }

    private static readonly string[] RunMembers = ["status", "method", "model", "schema_name", "schema_version", "at"];
}

/// <summary>Older mail of an inbox being read by its schema.</summary>
/// <param name="Status"><c>running</c>, <c>completed</c> or <c>stopped</c>.</param>
/// <param name="Total">Received messages when it began.</param>
/// <param name="Done">Messages looked at, <paramref name="Failed"/> of them in vain.</param>
/// <param name="Cursor">The last message that was looked at.</param>
/// <param name="Before">Messages from then on are read as they arrive, Unix ms.</param>
/// <param name="Error">Why it stopped.</param>
public sealed record ExtractionBackfill(
    string OrgId, string InboxId, string Id, string Status, int SchemaVersion, long Total, long Done, long Failed, PageCursor? Cursor, long Before,
    long StartedAt, long? EndedAt, string? Error)
{
    public const string Running = "running";
    public const string Completed = "completed";
    public const string Stopped = "stopped";

    /// <summary>A new one, or the stopped one of the same schema going on where it was.</summary>
    internal static ExtractionBackfill Begin(string orgId, string inboxId, int schemaVersion, long total, long before, long now, ExtractionBackfill? known)
    {
        var id = EntityId.New("job_");
        return known is { Status: Stopped } && known.SchemaVersion == schemaVersion
            ? known with { Id = id, Status = Running, Total = total, Before = before, EndedAt = null, Error = null }
            : new ExtractionBackfill(orgId, inboxId, id, Running, schemaVersion, total, 0, 0, null, before, now, null, null);
    }
}

public interface IExtractionStore
{
    /// <summary>
    /// In one transaction: the result, the event <c>extraction.completed</c>, the end of the job, and the webhook deliveries of the message that
    /// waited for it come due. False, with nothing changed, when the job's lease was lost.
    /// </summary>
    Task<bool> RecordAsync(Job job, MessageExtraction extraction, long at, CancellationToken cancellation);

    /// <summary>The same without a job; false when there is no such received message.</summary>
    Task<bool> RecordAsync(MessageExtraction extraction, long at, CancellationToken cancellation);

    /// <summary>
    /// Begins to read the inbox's older mail, or goes on with what stopped, and adds the job that does it; the one under way when there is one.
    /// </summary>
    Task<ExtractionBackfill> StartBackfillAsync(string orgId, string inboxId, int schemaVersion, long now, CancellationToken cancellation);

    /// <summary>The latest of the inbox, or null.</summary>
    Task<ExtractionBackfill?> FindBackfillAsync(string orgId, string inboxId, CancellationToken cancellation);

    /// <summary>Keeps how far it has come, with the job's next time, or its end when that is null. False, with nothing changed, when the lease was lost.</summary>
    Task<bool> AdvanceBackfillAsync(Job job, ExtractionBackfill backfill, long? nextAt, CancellationToken cancellation);
}
