namespace Commune.Storage;

/// <param name="Name">Lower case, punycode for international names.</param>
/// <param name="Status"><c>not_started</c>, <c>pending</c>, <c>verified</c> or <c>failed</c> (contract section 7).</param>
/// <param name="Shared">The built-in domain: listed by every organisation, owned by the first.</param>
/// <param name="DkimEd25519">Its mail is to carry a second, Ed25519 signature (RFC 8463).</param>
public sealed record Domain(
    string OrgId, string Id, string Name, string Status, string? Region, bool Shared, long CreatedAt, long? VerifiedAt, bool DkimEd25519 = false)
{
    /// <summary>One of <see cref="DomainTls"/>.</summary>
    public string Tls { get; init; } = DomainTls.Opportunistic;

    /// <summary>Since when its sending is warmed up, Unix ms; null when it is not.</summary>
    public long? WarmUpFrom { get; init; }

    /// <summary>Its mail to one recipient offers one-click unsubscribing unless the send says otherwise.</summary>
    public bool Unsubscribe { get; init; }
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

/// <param name="Algorithm"><see cref="Rsa"/> or <see cref="Ed25519"/>.</param>
/// <param name="PrivateKeyPem">PKCS#8 PEM.</param>
/// <param name="PublicKey">
/// The <c>p=</c> value of the DNS record, in base64: a SubjectPublicKeyInfo (RFC 6376 §3.6.1), or the bare 32 bytes of Ed25519 (RFC 8463 §4).
/// </param>
/// <param name="VerifiedAt">When resolvers were first found to answer the record of an Ed25519 key; null while they do not.</param>
/// <param name="Role">One of <see cref="DkimRole"/>.</param>
/// <param name="KeepUntil">Of a former key: until when its record is to stand in DNS, Unix ms.</param>
public sealed record DkimKey(
    string OrgId, string DomainId, string Selector, string Algorithm, string PrivateKeyPem, string PublicKey, long CreatedAt, long? VerifiedAt = null,
    string Role = DkimRole.Active, long? KeepUntil = null)
{
    public const string Rsa = "rsa-sha256";
    public const string Ed25519 = "ed25519-sha256";
}

/// <summary>What a DKIM key is there for.</summary>
public static class DkimRole
{
    /// <summary>Signs.</summary>
    public const string Active = "active";

    /// <summary>Will sign once its record stands in DNS.</summary>
    public const string Next = "next";

    /// <summary>Signed; its record stays for mail that is under way.</summary>
    public const string Former = "former";
}

public enum DkimRotation
{
    Started,

    /// <summary>Keys of an earlier rotation wait for their records still: nothing was changed.</summary>
    Pending,

    NotFound,
}

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
    Task<DomainCreation> CreateAsync(Domain domain, DkimKey key, CancellationToken cancellation, AuditEntry? audit = null);

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
    Task<bool> SetStatusAsync(string orgId, string domainId, string status, long at, CancellationToken cancellation, AuditEntry? audit = null);

    /// <summary>Sets <see cref="Domain.Tls"/>; false when unknown or shared.</summary>
    Task<bool> SetTlsAsync(string orgId, string domainId, string tls, CancellationToken cancellation);

    /// <summary>Sets how the domain's mail is sent; null leaves a member as it is. Null when the organisation has no such domain.</summary>
    /// <param name="warmUp">True begins the warm-up, now or when the domain is verified, unless it has begun; false ends it.</param>
    Task<Domain?> SetSendingAsync(string orgId, string domainId, bool? warmUp, bool? unsubscribe, long at, CancellationToken cancellation);

    /// <summary>Removes the domain and its keys; false when unknown, shared, or still holding inboxes.</summary>
    Task<bool> DeleteAsync(string orgId, string domainId, CancellationToken cancellation, AuditEntry? audit = null);

    /// <summary>
    /// Turns the second, Ed25519 signature on with this key, or off with null; false when the organisation has no such domain. A domain
    /// that had such a key before keeps it, and with it its DNS record, which has to be verified again.
    /// </summary>
    Task<bool> SetDkimEd25519Async(string orgId, string domainId, DkimKey? key, CancellationToken cancellation);

    /// <summary>Notes whether resolvers answer the record of a key: since <paramref name="at"/>, unless it is known already; or not, with null.</summary>
    Task SetDkimKeyVerifiedAsync(string orgId, string domainId, string selector, long? at, CancellationToken cancellation);

    /// <summary>
    /// Adds keys that follow the present ones of their algorithms, and the event <c>domain.dkim_rotation_started</c>; the domain is checked soon. With
    /// <paramref name="atOnce"/> they sign from now on (<see cref="SwitchDkimKeyAsync"/>).
    /// </summary>
    /// <param name="overlap">How long the records of the present keys stay once they sign no more, ms.</param>
    Task<DkimRotation> RotateDkimAsync(
        string orgId, string domainId, IReadOnlyList<DkimKey> next, long overlap, bool atOnce, long at, CancellationToken cancellation, AuditEntry? audit = null);

    /// <summary>
    /// Lets a next key sign: the one before it becomes a former one, and <c>domain.dkim_rotated</c> is told. False when it is no next key (any more).
    /// </summary>
    Task<bool> SwitchDkimKeyAsync(string orgId, string domainId, string selector, long at, CancellationToken cancellation);

    /// <summary>Forgets former keys whose time is over; bounded work per call.</summary>
    Task RetireDkimKeysAsync(long now, CancellationToken cancellation);

    /// <summary>
    /// The keys of a domain, RSA before Ed25519, of each the one that signs first, then the newest. Those of a signature that is turned
    /// off are left out. The shared domain's are found whoever asks.
    /// </summary>
    Task<IReadOnlyList<DkimKey>> GetDkimKeysAsync(string orgId, string domainId, CancellationToken cancellation);
}
