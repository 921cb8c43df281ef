namespace Commune.Storage;

/// <summary>An endpoint of an organisation, told of the events of its log that it asks for.</summary>
/// <param name="Events">Patterns as they were given (<see cref="EventPattern"/>).</param>
/// <param name="InboxIds">Only events of these inboxes; empty for all, also those without an inbox.</param>
/// <param name="FormerSecret">The secret before the present one: calls are signed with both until <paramref name="FormerSecretUntil"/>, Unix ms.</param>
/// <param name="Headers">Sent with each call; the values are secrets.</param>
/// <param name="DisabledReason">The endpoint said that it is gone; null while it is called.</param>
public sealed record WebhookEndpoint(
    string OrgId, string Id, string Endpoint, IReadOnlyList<string> Events, IReadOnlyList<string> InboxIds, string Secret, string? FormerSecret,
    long? FormerSecretUntil, IReadOnlyDictionary<string, string> Headers, string? Description, bool Enabled, string? DisabledReason,
    long CreatedAt, long UpdatedAt)
{
    /// <summary>What a call needs, as an inbox's own webhook has it.</summary>
    public WebhookSetting Setting =>
        new(Endpoint, Events, Secret, FormerSecret, FormerSecretUntil, DisabledReason ?? (Enabled ? null : "it is switched off"));
}

public enum WebhookCreation
{
    Created,
    TooMany,
}

public interface IWebhookEndpointStore
{
    /// <param name="most">An organisation has no more than these.</param>
    Task<WebhookCreation> CreateAsync(WebhookEndpoint endpoint, int most, CancellationToken cancellation, AuditEntry? audit = null);

    Task<WebhookEndpoint?> GetAsync(string orgId, string id, CancellationToken cancellation);

    /// <summary>Oldest first.</summary>
    Task<Page<WebhookEndpoint>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation);

    /// <summary>Makes of the endpoint what <paramref name="change"/> makes of it; null when there is no such endpoint.</summary>
    /// <param name="change">Called within the transaction, so that of two changes at once neither is lost; it keeps the ids and the time of making.</param>
    Task<WebhookEndpoint?> ChangeAsync(
        string orgId, string id, Func<WebhookEndpoint, WebhookEndpoint> change, CancellationToken cancellation, AuditEntry? audit = null);

    /// <summary>What still waits for the endpoint is dead when its time comes. False when there is no such endpoint.</summary>
    Task<bool> DeleteAsync(string orgId, string id, CancellationToken cancellation, AuditEntry? audit = null);
}
