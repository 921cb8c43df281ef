namespace Commune.Storage;

/// <summary>One line of an organisation's audit log: who changed what, and from where.</summary>
/// <param name="Actor">The id of the key or agent that asked for it; <c>operator</c> for a command of this machine.</param>
/// <param name="Action">Noun and verb: <c>key.create</c>, <c>domain.verify</c>, <c>inbox.delete</c>…</param>
/// <param name="Target">The id of what was changed.</param>
/// <param name="Address">The client's address, when the change came over the network.</param>
public sealed record AuditEntry(string OrgId, string Id, long At, string Actor, string Action, string Target, string? Address);

/// <summary>
/// The audit log. A store method that changes what an organisation would ask about takes an <c>AuditEntry? audit</c> behind its cancellation and
/// writes it, when it did change something, in the transaction of the change: <c>writes.Audit(audit)</c> or <c>session.AuditAsync(audit, …)</c>.
/// </summary>
public interface IAuditStore
{
    /// <summary>Newest first.</summary>
    Task<Page<AuditEntry>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation);
}
