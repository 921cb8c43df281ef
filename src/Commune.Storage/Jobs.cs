namespace Commune.Storage;

/// <summary>Work that follows a commit, leased to one worker at a time.</summary>
/// <param name="Key">Fairness: no key may hold all workers (a destination, an endpoint).</param>
/// <param name="Lease">Names this lease; a worker whose lease ran out can no longer finish the job.</param>
/// <param name="Attempts">How often it was claimed, this time included.</param>
public sealed record Job(string Id, string Kind, string Key, string OrgId, string Payload, int Attempts, long DueAt, string Lease);

public interface IJobStore
{
    /// <summary>
    /// Leases up to <paramref name="max"/> jobs of a kind that are due and not leased, at most <paramref name="maxPerKey"/> of one key
    /// counting those leased already, the earliest due first. Concurrent claims never give a job twice.
    /// </summary>
    /// <param name="heldByOrganisation">When given, what the caller holds already, and <paramref name="max"/> is how many places it has left:
    /// an organisation gets a place only while it holds fewer than are left, and a key only while it holds no more than a quarter of them, so that
    /// however many of them hang there is always room for the next one.</param>
    Task<IReadOnlyList<Job>> ClaimAsync(
        string kind, int max, int maxPerKey, long now, TimeSpan lease, CancellationToken cancellation,
        IReadOnlyDictionary<string, int>? heldByOrganisation = null);

    Task AddAsync(NewJob job, CancellationToken cancellation);

    /// <summary>Prolongs a lease; false when it was lost.</summary>
    Task<bool> RenewAsync(Job job, long until, CancellationToken cancellation);

    /// <summary>Deletes a finished job; false when the lease was lost.</summary>
    Task<bool> CompleteAsync(Job job, CancellationToken cancellation);

    /// <summary>Gives the job back, due at <paramref name="dueAt"/>; false when the lease was lost.</summary>
    Task<bool> RescheduleAsync(Job job, long dueAt, CancellationToken cancellation);

    /// <summary>Gives the job back untried: due at <paramref name="dueAt"/>, the claim not counted as an attempt; false when the lease was lost.</summary>
    Task<bool> PostponeAsync(Job job, long dueAt, CancellationToken cancellation);

    /// <summary>When the next job of this kind that nobody holds is due, or the earliest lease ends; null when there is none.</summary>
    Task<long?> NextDueAsync(string kind, CancellationToken cancellation);

    /// <summary>
    /// Completes when a job of the kind may have been added since the last call, or after <paramref name="atMost"/>.
    /// A hint only: workers look at the rows. (In process: a signal at commit. PostgreSQL: LISTEN/NOTIFY as well.)
    /// </summary>
    Task WaitAsync(string kind, TimeSpan atMost, CancellationToken cancellation);
}

public sealed record NewJob(string Id, string Kind, string Key, string OrgId, string Payload, long DueAt);

public static class JobKind
{
    /// <summary>Delivery to another server.</summary>
    public const string Deliver = "deliver";

    /// <summary>Delivery to inboxes of this server: what waits for the network must not delay it.</summary>
    public const string DeliverLocal = "deliver-local";

    /// <summary>The execution of a confirmed deletion request.</summary>
    public const string DeleteData = "delete-data";
    /// <summary>A scheduled message whose time comes; the key is its id.</summary>
    public const string Release = "release";

    /// <summary>The complaint that follows a delivery to <c>complained@</c> in the sandbox.</summary>
    public const string SandboxComplaint = "sandbox-complaint";

    /// <summary>A call to a webhook endpoint.</summary>
    public const string Webhook = "webhook";

    /// <summary>Reading a received message by its inbox's schema; the payload is its id, the key the inbox.</summary>
    public const string Extract = "extract";

    /// <summary>Reading the older mail of an inbox by its schema; payload and key are the inbox.</summary>
    public const string ExtractBackfill = "extract-backfill";

    /// <summary>What an organisation's index needs done; the key is the organisation, which has one such job at most.</summary>
    public const string SearchIndex = "search-index";

    /// <summary>Reading the files of a message for search; the payload is its id, the key the organisation.</summary>
    public const string ReadAttachments = "read-attachments";

    /// <summary>Having a provider make vectors of an organisation's mail; the key is the organisation, which has one such job at most.</summary>
    public const string EmbedMail = "embed-mail";

    /// <summary>Having a search engine beside the store follow an organisation's vectors; the key is the organisation, which has one such job at most.</summary>
    public const string MirrorVectors = "mirror-vectors";
}
