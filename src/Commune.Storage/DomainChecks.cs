using System.Text.Json;

namespace Commune.Storage;

/// <summary>The outcome of a live check of a domain's DNS.</summary>
/// <param name="Status">The status that the domain has from now on.</param>
/// <param name="Records">JSON text: what was found for each record.</param>
/// <param name="BrokenAt">Since when a verified domain's records have not been right, Unix ms; null while they are.</param>
/// <param name="NextAt">When it is checked again, Unix ms.</param>
public sealed record DomainCheck(string OrgId, string DomainId, string Status, string Records, long At, long? BrokenAt, long NextAt);

/// <param name="Records">Null before the first check.</param>
public sealed record KeptDomainCheck(string? Records, long? CheckedAt, long? BrokenAt);

public enum DomainCheckResult
{
    Recorded,

    /// <summary>The status would be <c>verified</c>, and another organisation owns the name: nothing was changed.</summary>
    Taken,

    /// <summary>The domain is gone, or is the shared one: nothing was changed.</summary>
    NotFound,
}

public interface IDomainCheckStore
{
    /// <summary>
    /// In one transaction: sets the domain's status (taking or giving up its name), keeps the check, and appends the event
    /// <c>domain.verified</c>, <c>domain.broken</c>, <c>domain.recovered</c> or <c>domain.failed</c> when that is what happened.
    /// A domain that was not watched is watched from now on.
    /// </summary>
    Task<DomainCheckResult> RecordAsync(DomainCheck check, CancellationToken cancellation, AuditEntry? audit = null);

    /// <summary>The last check of a domain; null for one that is not watched.</summary>
    Task<KeptDomainCheck?> GetAsync(string orgId, string domainId, CancellationToken cancellation);

    /// <summary>
    /// Takes up to <paramref name="max"/> domains whose check is due, the longest due first, and puts their next check off to
    /// <paramref name="until"/>: whoever takes them has that long. Concurrent calls never give a domain twice.
    /// </summary>
    Task<IReadOnlyList<Domain>> ClaimDueAsync(long now, long until, int max, CancellationToken cancellation);
}

/// <summary>When a domain is watched first, and what a check does to its log: the same in both engines.</summary>
internal static class DomainCheckEvents
{
    /// <summary>Whoever adds a domain sets its records first, and asks by hand.</summary>
    private const long FirstCheckAfter = 10 * 60 * 1000;

    public static long FirstCheckAt(Domain domain) => domain.CreatedAt + FirstCheckAfter;

    /// <summary>The type of the event, or null when nothing happened that anybody waits for.</summary>
    public static string? TypeOf(string formerStatus, long? formerBrokenAt, DomainCheck check) => (formerStatus, check.Status) switch
    {
        (not "verified", "verified") => "domain.verified",
        ("verified", not "verified") => "domain.failed",
        ("verified", "verified") when formerBrokenAt is null && check.BrokenAt is not null => "domain.broken",
        ("verified", "verified") when formerBrokenAt is not null && check.BrokenAt is null => "domain.recovered",
        _ => null,
    };

    /// <summary>A check comes this long after new keys were made, at the latest.</summary>
    public const long CheckAfterRotation = 60 * 1000;

    public static string DataOfRotation(Domain domain, IEnumerable<DkimKey> next, long overlap) => JsonSerializer.Serialize(
        new { domain_id = domain.Id, domain = domain.Name, selectors = next.Select(static key => key.Selector), overlap_hours = overlap / 3_600_000.0 });

    public static string DataOfSwitch(Domain domain, DkimKey key, IEnumerable<string> former, long keepUntil) => JsonSerializer.Serialize(
        new { domain_id = domain.Id, domain = domain.Name, algorithm = key.Algorithm, selector = key.Selector, former_selectors = former, former_until_ms = keepUntil });

    public static string DataOf(Domain domain, DomainCheck check) => JsonSerializer.Serialize(
        new Dictionary<string, string>(StringComparer.Ordinal) { ["domain_id"] = domain.Id, ["domain"] = domain.Name, ["status"] = check.Status });
}
