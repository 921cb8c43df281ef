using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresRegistrationStore(PostgresDatabase database) : IRegistrationStore
{
    private const string Columns =
        "token_hash, slug, domain_id, agent_name, org_name, public_key, challenge, word_count, profile, invite_hash, expires_at";

    public Task<bool> BeginAsync(AgentSignup signup, long now, CancellationToken cancellation) =>
        database.TransactAsync(
            async session =>
            {
                await LockSlugAsync(session, signup.Slug, cancellation);
                await FreeLapsedAsync(session, signup.Slug, now, cancellation);
                if (await session.ExistsAsync("SELECT 1 FROM orgs WHERE slug = $1", cancellation, signup.Slug)
                    || await IsHeldAsync(session, signup.Slug, now, cancellation)
                    || await session.ExecuteAsync(
                        "INSERT INTO addresses (domain_id, local_part, org_id, inbox_id, active) VALUES ($1, $2, '', '', 0) ON CONFLICT DO NOTHING",
                        cancellation, signup.DomainId, signup.Slug) == 0)
                {
                    return false;
                }
                await session.ExecuteAsync(
                    $"INSERT INTO agent_signups ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                    cancellation, signup.TokenHash, signup.Slug, signup.DomainId, signup.AgentName, signup.OrgName, signup.PublicKey, signup.Challenge,
                    signup.WordCount, signup.Profile, signup.InviteHash, signup.ExpiresAt);
                return true;
            },
            cancellation);

    public Task<AgentSignup?> FindAsync(byte[] tokenHash, long now, CancellationToken cancellation) =>
        database.FindAsync(
            $"SELECT {Columns} FROM agent_signups WHERE token_hash = $1 AND expires_at > $2", Read, cancellation, tokenHash, now);

    public Task<SignupCompletion> CompleteAsync(AgentSignup signup, RegisteredAgent registered, long now, CancellationToken cancellation) =>
        database.TransactAsync(
            async session =>
            {
                // Who uses the same token or invite at the same time waits here, and finds it gone.
                if (!await session.ExistsAsync(
                    "SELECT 1 FROM agent_signups WHERE token_hash = $1 AND expires_at > $2 FOR UPDATE", cancellation, signup.TokenHash, now))
                {
                    return SignupCompletion.Gone;
                }
                if (signup.InviteHash is { } invite && await session.ExecuteAsync(
                    "DELETE FROM agent_invites WHERE code_hash = $1 AND expires_at > $2", cancellation, invite, now) == 0)
                {
                    return SignupCompletion.InviteUsed;
                }
                await session.ExecuteAsync("DELETE FROM agent_signups WHERE token_hash = $1", cancellation, signup.TokenHash);
                await PostgresOrganisationStore.InsertAsync(session, registered.Organisation, cancellation);
                await PostgresInboxStore.InsertAsync(session, registered.Inbox, cancellation);
                await session.ExecuteAsync(
                    "UPDATE addresses SET org_id = $3, inbox_id = $4, active = 1 WHERE domain_id = $1 AND local_part = $2",
                    cancellation, signup.DomainId, signup.Slug, registered.Inbox.OrgId, registered.Inbox.Id);
                await PostgresAgentStore.InsertAsync(session, registered.Agent, cancellation);
                await session.AuditAsync(registered.Audit, cancellation);
                return SignupCompletion.Completed;
            },
            cancellation);

    public Task AddInviteAsync(byte[] codeHash, long now, long expiresAt, CancellationToken cancellation) =>
        database.ExecuteAsync(
            "INSERT INTO agent_invites (code_hash, created_at, expires_at) VALUES ($1, $2, $3)", cancellation, codeHash, now, expiresAt);

    public Task<bool> HasInviteAsync(byte[] codeHash, long now, CancellationToken cancellation) =>
        database.ExistsAsync("SELECT 1 FROM agent_invites WHERE code_hash = $1 AND expires_at > $2", cancellation, codeHash, now);

    public async Task<long?> CountAttemptAsync(string kind, string address, AttemptLimit limit, long now, CancellationToken cancellation)
    {
        var refusedUntil = await database.TransactAsync(
            async session =>
            {
                // One attempt of an address at a time: two that count at once would together exceed the limit.
                await session.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtext($1), hashtext($2))", cancellation, kind, address);
                var (count, oldest) = (await session.QueryAsync(
                    "SELECT count(*), COALESCE(min(at), 0) FROM registration_attempts WHERE kind = $1 AND address = $2 AND at > $3",
                    static row => (row.GetInt64(0), row.GetInt64(1)), cancellation, kind, address, now - limit.WindowMs))[0];
                if (count >= limit.Most)
                    return count == 0 ? now + limit.WindowMs : oldest + limit.WindowMs;
                await session.ExecuteAsync(
                    "INSERT INTO registration_attempts (kind, address, at, id) VALUES ($1, $2, $3, $4)",
                    cancellation, kind, address, now, EntityId.New(""));
                return 0;
            },
            cancellation);
        return refusedUntil == 0 ? null : refusedUntil;
    }

    /// <summary>Held until the transaction ends: a slug is in one of two tables, and nobody looks while another takes it.</summary>
    internal static Task LockSlugAsync(PostgresSession session, string slug, CancellationToken cancellation) =>
        session.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtext('slug'), hashtext($1))", cancellation, slug);

    /// <summary>True when a registration that has not lapsed holds the slug.</summary>
    internal static Task<bool> IsHeldAsync(PostgresSession session, string slug, long now, CancellationToken cancellation) =>
        session.ExistsAsync("SELECT 1 FROM agent_signups WHERE slug = $1 AND expires_at > $2", cancellation, slug, now);

    /// <summary>Forgets lapsed signups with what they held, and what else has outlived its use.</summary>
    internal static async Task SweepAsync(PostgresDatabase database, long now, int atOnce, CancellationToken cancellation)
    {
        foreach (var slug in await database.QueryAsync(
            "SELECT slug FROM agent_signups WHERE expires_at <= $1 LIMIT $2", static row => row.GetString(0), cancellation, now, (long)atOnce))
        {
            await database.TransactAsync(
                async session =>
                {
                    await LockSlugAsync(session, slug, cancellation);
                    await FreeLapsedAsync(session, slug, now, cancellation);
                    return true;
                },
                cancellation);
        }
        await database.ExecuteAsync(
            "DELETE FROM agent_invites WHERE code_hash IN (SELECT code_hash FROM agent_invites WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            cancellation, now, atOnce);
        await database.ExecuteAsync(
            """
            DELETE FROM registration_attempts
            WHERE (kind, address, at, id) IN (
                SELECT kind, address, at, id FROM registration_attempts WHERE at <= $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)
            """,
            cancellation, now - Retention.AttemptsMs, atOnce);
        await database.ExecuteAsync(
            """
            DELETE FROM agent_timestamps
            WHERE (agent_id, signed_at) IN (
                SELECT agent_id, signed_at FROM agent_timestamps WHERE claimed_at <= $1 ORDER BY claimed_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            """,
            cancellation, now - Retention.TimestampsMs, atOnce);
    }

    private static async Task FreeLapsedAsync(PostgresSession session, string slug, long now, CancellationToken cancellation)
    {
        var domainId = await session.FindAsync(
            "DELETE FROM agent_signups WHERE slug = $1 AND expires_at <= $2 RETURNING domain_id", static row => row.GetString(0), cancellation, slug, now);
        if (domainId is not null)
        {
            await session.ExecuteAsync(
                "DELETE FROM addresses WHERE domain_id = $1 AND local_part = $2 AND inbox_id = ''", cancellation, domainId, slug);
        }
    }

    private static AgentSignup Read(NpgsqlDataReader row) => new(
        row.GetFieldValue<byte[]>(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetFieldValue<byte[]>(5),
        row.GetString(6), row.IntOrNull(7), row.TextOrNull(8), row.IsDBNull(9) ? null : row.GetFieldValue<byte[]>(9), row.GetInt64(10));
}
