using System.Text.Json;

namespace Commune.Storage;

/// <param name="LocalPart">Lower case, without a plus-part.</param>
/// <param name="Status"><c>active</c> or <c>inactive</c>: an inactive inbox neither receives nor sends.</param>
/// <param name="ExtractionSchema">The extraction object of contract section 8 as JSON text.</param>
public sealed record Inbox(
    string OrgId, string Id, string DomainId, string DomainName, string LocalPart, string? DisplayName,
    WebhookSetting? Webhook, string? ExtractionSchema, string Status, long CreatedAt)
{
    public string Address => $"{LocalPart}@{DomainName}";

    /// <summary>Null leaves all mail in.</summary>
    public ScreeningSetting? Screening { get; init; }

    /// <summary>How often <see cref="ExtractionSchema"/> changed. The store counts; what is written here is ignored.</summary>
    public int SchemaVersion { get; init; }

    /// <summary>Mail that comes in is read by the schema.</summary>
    public bool Extracts => ExtractionSchema is not null && !IsDisabled(ExtractionSchema);

    private static bool IsDisabled(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return document.RootElement.TryGetProperty("enabled", out var enabled) && enabled.ValueKind == JsonValueKind.False;
    }
}

/// <param name="Events">As given; <c>inbound</c> and its synonyms mean inbound mail (contract section 8).</param>
/// <param name="FormerSecret">The secret before the present one: calls are signed with both until <paramref name="FormerSecretUntil"/>, Unix ms.</param>
/// <param name="DisabledReason">Why the endpoint is called no more; null while it is. Setting the webhook again clears it.</param>
/// <param name="AgentView">Calls also carry the agent view of the mail (docs/agent-view.md).</param>
public sealed record WebhookSetting(
    string Endpoint, IReadOnlyList<string> Events, string Secret, string? FormerSecret = null, long? FormerSecretUntil = null, string? DisabledReason = null,
    bool AgentView = false)
{
    /// <summary>The endpoint is to be told of mail that comes in.</summary>
    internal bool WantsInbound => DisabledReason is null && Events.Any(static type => type is "inbound" or "email.received" or "message.received" or "*");
}

/// <summary>Where mail for an address goes.</summary>
public sealed record InboxRoute(string OrgId, string InboxId, string DomainId, string Address)
{
    /// <summary>Null leaves all mail in.</summary>
    public ScreeningSetting? Screening { get; init; }

    /// <summary>It takes not everybody's mail (<see cref="ISenderListStore"/>).</summary>
    public bool HasSenderLists { get; init; }
}

public interface IInboxStore
{
    /// <summary>False when the address exists already on that domain, whoever owns it.</summary>
    Task<bool> CreateAsync(Inbox inbox, CancellationToken cancellation, AuditEntry? audit = null);

    Task<Inbox?> GetAsync(string orgId, string inboxId, CancellationToken cancellation);

    /// <summary>The organisation's inboxes, oldest first, of one domain or of all.</summary>
    Task<Page<Inbox>> ListAsync(string orgId, string? domainId, int limit, PageCursor? cursor, CancellationToken cancellation);

    /// <summary>The organisation's inbox with this address on a domain that is verified or shared.</summary>
    Task<Inbox?> FindByAddressAsync(string orgId, string domainName, string localPart, CancellationToken cancellation);

    /// <summary>Writes every setting of <paramref name="inbox"/>; the local part may have changed.</summary>
    Task<InboxUpdate> UpdateAsync(Inbox inbox, CancellationToken cancellation, AuditEntry? audit = null);

    /// <summary>
    /// Frees the address and hides the inbox; its mail stays reachable by thread and message id until it is deleted as data.
    /// False when unknown or already deleted.
    /// </summary>
    Task<bool> DeleteAsync(string orgId, string inboxId, CancellationToken cancellation, AuditEntry? audit = null);

    /// <summary>The active inbox that receives for an address: the domain is verified or shared, the local part without its plus-part.</summary>
    Task<InboxRoute?> RouteAsync(string domainName, string localPart, CancellationToken cancellation);

    /// <summary>
    /// The oldest active inbox of the organisation that receives for a domain: it gets the mail to role addresses that have no inbox of their own.
    /// </summary>
    Task<InboxRoute?> RouteToOwnerAsync(string domainName, CancellationToken cancellation);

    /// <summary>True when mail for this domain is received here (verified or shared), whatever the local part.</summary>
    Task<bool> IsLocalDomainAsync(string domainName, CancellationToken cancellation);
}

public enum InboxUpdate
{
    Updated,
    NotFound,
    AddressTaken,
}
