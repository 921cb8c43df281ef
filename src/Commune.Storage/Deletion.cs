namespace Commune.Storage;

/// <summary>What is to be deleted (contract section 16.4).</summary>
/// <param name="Scope"><see cref="DeletionScope"/>.</param>
/// <param name="InboxId">The inbox; for messages an optional filter.</param>
/// <param name="Before">Messages only: exclusive, Unix ms.</param>
public sealed record DeletionTarget(string OrgId, string Scope, string? InboxId, long? Before);

public static class DeletionScope
{
    public const string Organization = "organization";
    public const string Inbox = "inbox";
    public const string Messages = "messages";
}

/// <summary>A request to delete; once it is completed, the receipt.</summary>
/// <param name="Status"><c>pending</c>, <c>executing</c>, <c>completed</c>, <c>expired</c> or <c>failed</c>.</param>
/// <param name="RequestHash">SHA-256 of what was asked for, by whom and when.</param>
/// <param name="Deleted">What has gone so far; null before confirmation.</param>
public sealed record DeletionRequest(
    DeletionTarget Target, string Id, string Status, byte[] RequestHash, DeletionCounts Preview, DeletionCounts? Deleted, long RequestedAt,
    long ConfirmBy, long? ConfirmedAt, long? CompletedAt, string? Error);

public enum DeletionCreation
{
    Created,
    UnknownInbox,

    /// <summary>The organisation is being deleted as a whole.</summary>
    OrganizationExecuting,
}

public enum DeletionConfirmation
{
    Executing,
    NotFound,
    NotPending,
    WrongToken,
    Expired,
}

/// <summary>
/// Deletes data for good, in bounded steps of a transaction each, so that a crash in the middle loses nothing but time. Preview and
/// execution read the same predicates (<see cref="DeletedTables"/>); the messages that a request of scope <c>messages</c> deletes are those
/// stored before it was made.
/// </summary>
public interface IDeletionStore
{
    /// <summary>Counts what would go and stores the request, pending; an earlier pending one of the same target expires.</summary>
    /// <param name="requestedAt">Unix ms.</param>
    Task<DeletionCreation> CreateAsync(
        DeletionTarget target, string id, byte[] tokenHash, byte[] requestHash, long requestedAt, long confirmBy, CancellationToken cancellation,
        AuditEntry? audit = null);

    Task<DeletionRequest?> GetAsync(string orgId, string id, CancellationToken cancellation);

    /// <summary>
    /// Begins the execution, and adds the job (<see cref="JobKind.DeleteData"/>, payload = the request's id) that carries it on should nobody else.
    /// From here on an inbox takes no mail, and an organisation has no keys.
    /// </summary>
    /// <param name="jobDue">When the job takes over.</param>
    Task<DeletionConfirmation> ConfirmAsync(
        string orgId, string id, byte[] tokenHash, long now, long jobDue, CancellationToken cancellation, AuditEntry? audit = null);

    /// <summary>Deletes one batch; true when nothing is left to do. Safe to run twice and at once.</summary>
    Task<bool> StepAsync(string orgId, string id, long now, CancellationToken cancellation);

    /// <summary>Gives up an execution.</summary>
    Task FailAsync(string orgId, string id, string error, CancellationToken cancellation);

    /// <summary>Keys of blobs that lost a reference, in order, after <paramref name="after"/>.</summary>
    Task<IReadOnlyList<string>> ListGarbageAsync(string after, int limit, CancellationToken cancellation);

    /// <summary>True when a message or attachment, of whichever organisation, needs the blob.</summary>
    Task<bool> IsBlobUsedAsync(string key, CancellationToken cancellation);

    Task ForgetGarbageAsync(string key, CancellationToken cancellation);
}
