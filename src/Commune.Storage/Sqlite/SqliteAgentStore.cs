namespace Commune.Storage.Sqlite;

internal sealed class SqliteAgentStore(SqliteStore store) : IAgentStore
{
    private const string Columns = "org_id, id, name, public_key, status, profile, created_at";

    public Task<Agent?> FindAsync(string agentId, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query(
                $"SELECT {Columns} FROM agents WHERE (org_id, id) = (SELECT org_id, id FROM agent_ids WHERE id = ?1)", agentId);
            return row.Read() ? Map(row) : null;
        },
        cancellation);

    public Task<Page<Agent>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            var agents = new List<Agent>();
            using var row = session.Query(
                $"""
                SELECT {Columns} FROM agents
                WHERE org_id = ?1 AND (created_at, id) < (?2, ?3)
                ORDER BY created_at DESC, id DESC LIMIT ?4
                """,
                orgId, cursor?.At ?? long.MaxValue, cursor?.Id ?? "", limit + 1L);
            while (row.Read())
                agents.Add(Map(row));
            return Page<Agent>.From(agents, limit, static agent => new PageCursor(0, agent.CreatedAt, agent.Id));
        },
        cancellation);

    public Task<bool> RevokeAsync(string orgId, string agentId, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            var revoked = writes.Session.Execute(
                "UPDATE agents SET status = 'inactive' WHERE org_id = ?1 AND id = ?2 AND status = 'active'", orgId, agentId) == 1;
            if (revoked)
                writes.Audit(audit);
            return revoked;
        },
        cancellation);

    public Task<bool> ClaimTimestampAsync(Agent agent, long timestamp, long now, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            "INSERT INTO agent_timestamps (agent_id, signed_at, org_id, claimed_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            agent.Id, timestamp, agent.OrgId, now) == 1,
        cancellation);

    internal static void Insert(SqliteSession session, Agent agent)
    {
        session.Execute(
            $"INSERT INTO agents ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            agent.OrgId, agent.Id, agent.Name, agent.PublicKey, agent.Status, agent.Profile, agent.CreatedAt);
        session.Execute("INSERT INTO agent_ids (id, org_id) VALUES (?1, ?2)", agent.Id, agent.OrgId);
    }

    private static Agent Map(SqliteRows row) =>
        new(row.Text(0), row.Text(1), row.Text(2), row.Bytes(3), row.Text(4), row.TextOrNull(5), row.Number(6));
}
