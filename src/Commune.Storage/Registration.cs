namespace Commune.Storage;

/// <summary>A registration that waits for its signature (contract section 16.3). It holds the slug, and the address of that name.</summary>
/// <param name="TokenHash">SHA-256 of the signup token.</param>
/// <param name="Slug">Lower case; also the local part of the inbox-to-be on the domain <paramref name="DomainId"/>.</param>
/// <param name="Challenge">What is to be signed; for an object challenge the marker that the response must hold.</param>
/// <param name="WordCount">What the response to an object challenge must count; null for a string challenge.</param>
/// <param name="Profile">JSON object text with the optional members, or null.</param>
public sealed record AgentSignup(
    byte[] TokenHash, string Slug, string DomainId, string AgentName, string OrgName, byte[] PublicKey, string Challenge, int? WordCount,
    string? Profile, byte[]? InviteHash, long ExpiresAt);

/// <summary>What a proven registration becomes, in one transaction.</summary>
public sealed record RegisteredAgent(Organisation Organisation, Inbox Inbox, Agent Agent, AuditEntry Audit);

public enum SignupCompletion
{
    Completed,

    /// <summary>Used meanwhile, or lapsed.</summary>
    Gone,

    /// <summary>The invite was used up by another registration.</summary>
    InviteUsed,
}

/// <summary>Who may try what how often: at most <paramref name="Most"/> times within <paramref name="WindowMs"/>.</summary>
public readonly record struct AttemptLimit(int Most, long WindowMs);

public interface IRegistrationStore
{
    /// <summary>Stores the signup and holds its slug and address; false when either is taken. Lapsed signups hold nothing.</summary>
    Task<bool> BeginAsync(AgentSignup signup, long now, CancellationToken cancellation);

    /// <summary>Null when unknown, used or lapsed.</summary>
    Task<AgentSignup?> FindAsync(byte[] tokenHash, long now, CancellationToken cancellation);

    /// <summary>Uses up the token (and the invite) and makes organisation, inbox and agent.</summary>
    Task<SignupCompletion> CompleteAsync(AgentSignup signup, RegisteredAgent registered, long now, CancellationToken cancellation);

    Task AddInviteAsync(byte[] codeHash, long now, long expiresAt, CancellationToken cancellation);

    /// <summary>True while the invite can be used.</summary>
    Task<bool> HasInviteAsync(byte[] codeHash, long now, CancellationToken cancellation);

    /// <summary>Counts an attempt from an address; when the limit is reached it is not counted, and the answer is when (Unix ms) the next is welcome.</summary>
    Task<long?> CountAttemptAsync(string kind, string address, AttemptLimit limit, long now, CancellationToken cancellation);
}

/// <summary>How long the store remembers what registration and signatures leave behind.</summary>
internal static class Retention
{
    /// <summary>The longest window that attempts are counted over.</summary>
    public const long AttemptsMs = 24L * 60 * 60 * 1000;

    /// <summary>Contract section 2.2: at least 120 s; a timestamp is older than 60 s when it is refused for its age.</summary>
    public const long TimestampsMs = 10L * 60 * 1000;
}
