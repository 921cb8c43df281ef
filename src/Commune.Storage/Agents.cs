namespace Commune.Storage;

/// <summary>An agent that proves who it is by Ed25519 signatures (contract section 2.2). It owns its organisation.</summary>
/// <param name="PublicKey">32 bytes.</param>
/// <param name="Status"><c>active</c> or <c>inactive</c>.</param>
/// <param name="Profile">JSON object text with what it told of itself when it registered, or null.</param>
public sealed record Agent(string OrgId, string Id, string Name, byte[] PublicKey, string Status, string? Profile, long CreatedAt);

public interface IAgentStore
{
    /// <summary>The agent in whichever organisation, whatever its state.</summary>
    Task<Agent?> FindAsync(string agentId, CancellationToken cancellation);

    /// <summary>Newest first, revoked ones too.</summary>
    Task<Page<Agent>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation);

    /// <summary>False when unknown or already inactive. Takes effect on the next request.</summary>
    Task<bool> RevokeAsync(string orgId, string agentId, CancellationToken cancellation, AuditEntry? audit = null);

    /// <summary>Takes a timestamp that the agent has signed; false when it was taken before, on whichever node.</summary>
    Task<bool> ClaimTimestampAsync(Agent agent, long timestamp, long now, CancellationToken cancellation);
}
