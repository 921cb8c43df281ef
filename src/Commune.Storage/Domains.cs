namespace Commune.Storage;

/// <param name="Name">Lower case, punycode for international names.</param>
/// <param name="Status"><c>not_started</c>, <c>pending</c>, <c>verified</c> or <c>failed</c> (contract section 7).</param>
/// <param name="Shared">The built-in domain: listed by every organisation, owned by the first.</param>
public sealed record Domain(
    string OrgId, string Id, string Name, string Status, string? Region, bool Shared, long CreatedAt, long? VerifiedAt)
{
    /// <summary>One of <see cref="DomainTls"/>.</summary>
    public string Tls { get; init; } = DomainTls.Opportunistic;
}

/// <summary>What mail from a domain asks of each connection that it leaves over.</summary>
public static class DomainTls
{
    /// <summary>TLS where it is offered (RFC 7435).</summary>
    public const string Opportunistic = "opportunistic";

    /// <summary>TLS or nothing, with any certificate.</summary>
    public const string Require = "require";

    /// <summary>TLS or nothing, with a certificate that is valid for the host.</summary>
    public const string Verify = "verify";
}

/// <param name="Algorithm"><c>rsa-sha256</c>.</param>
/// <param name="PrivateKeyPem">PKCS#8 PEM.</param>
/// <param name="PublicKey">Base64 of the SubjectPublicKeyInfo: the <c>p=</c> value of the DNS record (RFC 6376 §3.6.1).</param>
public sealed record DkimKey(
    string OrgId, string DomainId, string Selector, string Algorithm, string PrivateKeyPem, string PublicKey, long CreatedAt);

public enum DomainCreation
{
    Created,

    /// <summary>This organisation has it already.</summary>
    Duplicate,

    /// <summary>Somebody has verified it, or it is the shared domain.</summary>
    Owned,
}

public interface IDomainStore
{
    /// <summary>Stores the domain with its DKIM key. A name may be pending in several organisations; the first to verify owns it.</summary>
    Task<DomainCreation> CreateAsync(Domain domain, DkimKey key, CancellationToken cancellation);

    /// <summary>The organisation's own domain, or the shared one whoever asks.</summary>
    Task<Domain?> GetAsync(string orgId, string domainId, CancellationToken cancellation);

    Task<Domain> GetSharedAsync(CancellationToken cancellation);

    /// <summary>The organisation's own domains, newest first, by <see cref="PageCursor.At"/> = creation time. The shared domain is not among them.</summary>
    Task<Page<Domain>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation);

    /// <summary>The verified (or shared) domain of that name, in whichever organisation.</summary>
    Task<Domain?> FindVerifiedAsync(string name, CancellationToken cancellation);

    /// <summary>
    /// Sets the status; <c>verified</c> takes ownership of the name, and answers false (with nothing changed) when another organisation owns it.
    /// Leaving <c>verified</c> gives the name up. The domain is not watched any more: its status is the operator's word (<see cref="IDomainCheckStore"/>).
    /// </summary>
    Task<bool> SetStatusAsync(string orgId, string domainId, string status, long at, CancellationToken cancellation);

    /// <summary>Sets <see cref="Domain.Tls"/>; false when unknown or shared.</summary>
    Task<bool> SetTlsAsync(string orgId, string domainId, string tls, CancellationToken cancellation);

    /// <summary>Removes the domain and its keys; false when unknown, shared, or still holding inboxes.</summary>
    Task<bool> DeleteAsync(string orgId, string domainId, CancellationToken cancellation);

    /// <summary>The keys of a domain, newest first: the first signs. The shared domain's are found whoever asks.</summary>
    Task<IReadOnlyList<DkimKey>> GetDkimKeysAsync(string orgId, string domainId, CancellationToken cancellation);
}
