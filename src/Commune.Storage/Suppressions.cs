namespace Commune.Storage;

/// <summary>An address that an organisation sends no more mail to: from one inbox, or from any.</summary>
/// <param name="Address">Lower case, its domain in ASCII.</param>
/// <param name="InboxId">Null: whichever inbox of the organisation sends.</param>
/// <param name="Reason">One of <see cref="SuppressionReason"/>.</param>
/// <param name="MessageId">The message that led to it, or null.</param>
/// <param name="Detail">What the far side said, or null.</param>
/// <param name="ExpiresAt">Unix ms; null for ever.</param>
public sealed record Suppression(
    string OrgId, string Id, string Address, string? InboxId, string? DomainId, string Reason, string? MessageId, string? Detail,
    long SuppressedAt, long? ExpiresAt);

/// <summary>Why an address gets no more mail (contract section 13).</summary>
public static class SuppressionReason
{
    public const string SoftBounce = "soft_bounce";
    public const string Manual = "manual";
    public const string Unsubscribe = "unsubscribe";
    public const string HardBounce = "hard_bounce";
    public const string Complaint = "complaint";

    /// <summary>How firm an entry is: a weaker one never takes the place of a firmer one, so one that ends never replaces one that lasts.</summary>
    internal static int Strength(string reason, long? expiresAt) => expiresAt is not null ? 0 : reason switch
    {
        Complaint => 4,
        HardBounce => 3,
        Unsubscribe => 2,
        _ => 1,
    };
}

/// <param name="InboxId">What holds for this inbox: its own entries and those of the whole organisation.</param>
/// <param name="DomainId">The same for all inboxes of a domain.</param>
/// <param name="Address">Only this address, in any case.</param>
/// <param name="Now">Unix ms: what has ended by then is left out.</param>
public sealed record SuppressionQuery(
    string OrgId, string? InboxId, string? DomainId, string? Address, long Now, int Limit, PageCursor? Cursor);

/// <summary>
/// The suppression lists. Every address is compared in lower case. A send looks here inside its own transaction
/// (<see cref="IOutboundStore.QueueAsync"/>); bounces and complaints add here in theirs.
/// </summary>
public interface ISuppressionStore
{
    /// <summary>
    /// Adds the entry, or leaves the firmer one that stands for this address and inbox already; gives the one that then holds. Safe to repeat.
    /// The reasons may be given by hand too: an unsubscribe, a decision of the operator.
    /// </summary>
    Task<Suppression> AddAsync(Suppression suppression, CancellationToken cancellation);

    /// <summary>Of the addresses, those that a mail from this inbox would skip, with one entry each.</summary>
    Task<IReadOnlyList<Suppression>> FindAsync(
        string orgId, string inboxId, IReadOnlyList<string> addresses, long now, CancellationToken cancellation);

    /// <summary>The entries in force, newest first.</summary>
    Task<Page<Suppression>> ListAsync(SuppressionQuery query, CancellationToken cancellation);

    /// <summary>False when unknown. The count of soft bounces begins anew.</summary>
    Task<bool> RemoveAsync(string orgId, string id, CancellationToken cancellation);

    /// <summary>Removes what stands for the address: of one inbox, or every entry when <paramref name="inboxId"/> is null. Gives how many.</summary>
    Task<int> RemoveAsync(string orgId, string address, string? inboxId, CancellationToken cancellation);
}
