namespace Commune.Storage;

/// <param name="Tier"><c>free</c>, <c>pro</c> or <c>enterprise</c> (contract section 4).</param>
/// <param name="Status"><c>active</c>.</param>
/// <param name="CreatedAt">Unix ms, as every time in this project.</param>
public sealed record Organisation(string Id, string Name, string Slug, string Tier, string Status, long CreatedAt, long UpdatedAt);

/// <param name="Prefix">The first 12 characters of the secret, for display.</param>
/// <param name="Permissions">Scopes as they were granted, shorthands unexpanded (contract section 3).</param>
/// <param name="Status"><c>active</c> or <c>inactive</c>.</param>
public sealed record ApiKey(
    string OrgId, string Id, string Name, string Prefix, IReadOnlyList<string> Permissions, string Status,
    long? ExpiresAt, long? LastUsedAt, long CreatedAt)
{
    /// <summary>When the secret by which the key was found stops working, since it was rotated away; null for the present secret.</summary>
    public long? SecretExpiresAt { get; init; }
}

public enum KeyCreation
{
    Created,

    /// <summary>The organisation has as many active keys as it may.</summary>
    TooMany,
}

/// <summary>When a key was last used.</summary>
public readonly record struct KeyUse(string OrgId, string KeyId, long At);

/// <summary>What the first start needs to exist; every start states it again.</summary>
/// <param name="KeyHash">SHA-256 of the operator's API key.</param>
public sealed record Bootstrap(
    Organisation Organisation, ApiKey Key, byte[] KeyHash, Domain SharedDomain, DkimKey SharedDkimKey);

public enum BootstrapResult
{
    /// <summary>The database was empty: everything was written.</summary>
    Created,

    /// <summary>The database was in use: the shared domain and the key were added where they were missing.</summary>
    Continued,

    /// <summary>The name asked for as shared domain is a customer's verified domain: nothing was changed.</summary>
    SharedDomainTaken,
}

public interface IOrganisationStore
{
    /// <summary>
    /// In one transaction that only one node runs at a time: creates the first organisation, its key, the shared domain and its DKIM key
    /// when there is no organisation; else makes sure that <see cref="Bootstrap.KeyHash"/> is an active key of the first organisation
    /// (skipped when the hash is known) and that a domain of that name is the shared one (the former keeps its inboxes, and is no longer shared).
    /// </summary>
    Task<BootstrapResult> BootstrapAsync(Bootstrap bootstrap, CancellationToken cancellation);

    /// <summary>True once <see cref="BootstrapAsync"/> has run in this database.</summary>
    Task<bool> AnyAsync(CancellationToken cancellation);

    Task<Organisation?> GetAsync(string orgId, CancellationToken cancellation);

    Task<Organisation?> FindBySlugAsync(string slug, CancellationToken cancellation);

    /// <summary>Creates an organisation; false when the slug is taken, or held by a registration that waits.</summary>
    Task<bool> CreateAsync(Organisation organisation, CancellationToken cancellation, AuditEntry? audit = null);

    Task<Organisation?> RenameAsync(string orgId, string name, long at, CancellationToken cancellation, AuditEntry? audit = null);
}

public interface IApiKeyStore
{
    /// <summary>The key of a secret, whatever its state: <see cref="ApiKey.ExpiresAt"/> and <see cref="ApiKey.SecretExpiresAt"/> are the caller's to mind.</summary>
    Task<ApiKey?> FindByHashAsync(byte[] hash, CancellationToken cancellation);

    /// <param name="most">How many active keys, not counting expired ones, the organisation may have with this one.</param>
    Task<KeyCreation> CreateAsync(ApiKey key, byte[] hash, CancellationToken cancellation, int most = int.MaxValue, AuditEntry? audit = null);

    Task<ApiKey?> GetAsync(string orgId, string keyId, CancellationToken cancellation);

    /// <summary>Newest first, revoked and expired ones too.</summary>
    Task<Page<ApiKey>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation);

    /// <summary>
    /// Gives the key a new secret; those before it work until <paramref name="oldUntil"/>, or as long as an earlier rotation left them.
    /// Null when unknown or inactive.
    /// </summary>
    Task<ApiKey?> RotateAsync(string orgId, string keyId, string prefix, byte[] hash, long oldUntil, CancellationToken cancellation, AuditEntry? audit = null);

    /// <summary>False when unknown or already inactive. Takes effect on the next request.</summary>
    Task<bool> RevokeAsync(string orgId, string keyId, CancellationToken cancellation, AuditEntry? audit = null);

    /// <summary>Writes when keys were last used; an earlier time than the known one changes nothing.</summary>
    Task RecordUsesAsync(IReadOnlyList<KeyUse> uses, CancellationToken cancellation);
}

/// <summary>Server-wide secrets that all nodes share, such as the key that signs attachment links.</summary>
public interface ISecretStore
{
    /// <summary>The stored secret, or <paramref name="candidate"/> after it was stored as the first.</summary>
    Task<byte[]> GetOrAddAsync(string name, byte[] candidate, CancellationToken cancellation);

    /// <summary>Stores <paramref name="next"/> in the place of <paramref name="present"/>; false when something else stands there by now.</summary>
    Task<bool> ReplaceAsync(string name, byte[] present, byte[] next, CancellationToken cancellation);
}
