using System.Text.Json.Serialization;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Threads;

/// <summary>The thread object of contract section 9.</summary>
public sealed record ThreadResponse
{
    public required string ThreadId { get; init; }
    public string Id => ThreadId;
    public required string? Subject { get; init; }
    public required int MessageCount { get; init; }
    public required string LastMessageAt { get; init; }
    [JsonPropertyName("lastActivityAt")] public string LastActivityAt => LastMessageAt;
    public required string FirstMessageAt { get; init; }
    public required string Snippet { get; init; }
    public required string LastDirection { get; init; }
    public required bool HasAttachments { get; init; }
    public required string InboxId { get; init; }
    public required string DomainId { get; init; }
    public required string Status { get; init; }
    public required IReadOnlyList<string> Tags { get; init; }
    public required string? AssignedTo { get; init; }
    public required IReadOnlyList<string> Participants { get; init; }
    [JsonPropertyName("participantCount")] public int ParticipantCount => Participants.Count;
    public required string UpdatedAt { get; init; }

    public static ThreadResponse From(MailThread thread) => new()
    {
        ThreadId = thread.Id,
        Subject = thread.Subject,
        MessageCount = thread.MessageCount,
        LastMessageAt = ApiJson.Time(thread.LastMessageAt),
        FirstMessageAt = ApiJson.Time(thread.FirstMessageAt),
        Snippet = thread.Snippet,
        LastDirection = thread.LastDirection,
        HasAttachments = thread.HasAttachments,
        InboxId = thread.InboxId,
        DomainId = thread.DomainId,
        Status = thread.Triage.Status,
        Tags = thread.Triage.Tags,
        AssignedTo = thread.Triage.AssignedTo,
        Participants = thread.Participants,
        UpdatedAt = ApiJson.Time(thread.Triage.UpdatedAt),
    };
}

/// <summary>The triage object of contract section 9.</summary>
public sealed record TriageResponse(string ThreadId, IReadOnlyList<string> Tags, string Status, string? AssignedTo, string UpdatedAt)
{
    public static TriageResponse From(Triage triage) =>
        new(triage.ThreadId, triage.Tags, triage.Status, triage.AssignedTo, ApiJson.Time(triage.UpdatedAt));
}

/// <summary>The triage object under <c>data</c>, its members copied to the top level.</summary>
public sealed record TriageEnvelope(TriageResponse Data)
{
    public string ThreadId => Data.ThreadId;
    public IReadOnlyList<string> Tags => Data.Tags;
    public string Status => Data.Status;
    public string? AssignedTo => Data.AssignedTo;
    public string UpdatedAt => Data.UpdatedAt;
}
