using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresAgentStore(PostgresDatabase database) : IAgentStore
{
    private const string Columns = "a.org_id, a.id, a.name, a.public_key, a.status, a.profile, a.created_at";

    public Task<Agent?> FindAsync(string agentId, CancellationToken cancellation) =>
        database.FindAsync(
            $"SELECT {Columns} FROM agent_ids n JOIN agents a ON a.org_id = n.org_id AND a.id = n.id WHERE n.id = $1", Read, cancellation, agentId);

    public async Task<Page<Agent>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation) =>
        Page<Agent>.From(
            await database.QueryAsync(
                $"""
                SELECT {Columns}
                FROM agents a
                WHERE a.org_id = $1 AND (a.created_at, a.id) < ($2, $3)
                ORDER BY a.created_at DESC, a.id DESC
                LIMIT $4
                """,
                Read, cancellation, orgId, cursor?.At ?? long.MaxValue, cursor?.Id ?? "", limit + 1L),
            limit,
            static agent => new PageCursor(0, agent.CreatedAt, agent.Id));

    public Task<bool> RevokeAsync(string orgId, string agentId, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                if (await session.ExecuteAsync(
                    "UPDATE agents SET status = 'inactive' WHERE org_id = $1 AND id = $2 AND status = 'active'", cancellation, orgId, agentId) == 0)
                {
                    return false;
                }
                await session.AuditAsync(audit, cancellation);
                return true;
            },
            cancellation);

    public async Task<bool> ClaimTimestampAsync(Agent agent, long timestamp, long now, CancellationToken cancellation) =>
        await database.ExecuteAsync(
            "INSERT INTO agent_timestamps (agent_id, signed_at, org_id, claimed_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            cancellation, agent.Id, timestamp, agent.OrgId, now) == 1;

    internal static async Task InsertAsync(PostgresSession session, Agent agent, CancellationToken cancellation)
    {
        await session.ExecuteAsync(
            "INSERT INTO agents (org_id, id, name, public_key, status, profile, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            cancellation, agent.OrgId, agent.Id, agent.Name, agent.PublicKey, agent.Status, agent.Profile, agent.CreatedAt);
        await session.ExecuteAsync("INSERT INTO agent_ids (id, org_id) VALUES ($1, $2)", cancellation, agent.Id, agent.OrgId);
    }

    private static Agent Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetFieldValue<byte[]>(3), row.GetString(4), row.TextOrNull(5), row.GetInt64(6));
}
