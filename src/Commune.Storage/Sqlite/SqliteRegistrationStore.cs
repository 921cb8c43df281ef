namespace Commune.Storage.Sqlite;

internal sealed class SqliteRegistrationStore(SqliteStore store) : IRegistrationStore
{
    private const string Columns =
        "token_hash, slug, domain_id, agent_name, org_name, public_key, challenge, word_count, profile, invite_hash, expires_at";

    public Task<bool> BeginAsync(AgentSignup signup, long now, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            FreeLapsed(session, signup.Slug, now);
            if (IsTaken(session, signup.Slug, now) || session.Execute(
                "INSERT INTO addresses (domain_id, local_part, org_id, inbox_id, active) VALUES (?1, ?2, '', '', 0) ON CONFLICT DO NOTHING",
                signup.DomainId, signup.Slug) == 0)
            {
                return false;
            }
            session.Execute(
                $"INSERT INTO agent_signups ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                signup.TokenHash, signup.Slug, signup.DomainId, signup.AgentName, signup.OrgName, signup.PublicKey, signup.Challenge,
                signup.WordCount, signup.Profile, signup.InviteHash, signup.ExpiresAt);
            return true;
        },
        cancellation);

    public Task<AgentSignup?> FindAsync(byte[] tokenHash, long now, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query($"SELECT {Columns} FROM agent_signups WHERE token_hash = ?1 AND expires_at > ?2", tokenHash, now);
            return row.Read()
                ? new AgentSignup(
                    row.Bytes(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Bytes(5), row.Text(6), (int?)row.NumberOrNull(7),
                    row.TextOrNull(8), row.IsNull(9) ? null : row.Bytes(9), row.Number(10))
                : null;
        },
        cancellation);

    public Task<SignupCompletion> CompleteAsync(AgentSignup signup, RegisteredAgent registered, long now, CancellationToken cancellation) =>
        store.WriteAsync(
            writes =>
            {
                var session = writes.Session;
                if (!session.Any("SELECT 1 FROM agent_signups WHERE token_hash = ?1 AND expires_at > ?2", signup.TokenHash, now))
                    return SignupCompletion.Gone;
                if (signup.InviteHash is { } invite && session.Execute(
                    "DELETE FROM agent_invites WHERE code_hash = ?1 AND expires_at > ?2", invite, now) == 0)
                {
                    return SignupCompletion.InviteUsed;
                }
                session.Execute("DELETE FROM agent_signups WHERE token_hash = ?1", signup.TokenHash);
                SqliteOrganisationStore.Insert(session, registered.Organisation);
                SqliteInboxStore.Insert(session, registered.Inbox);
                session.Execute(
                    "UPDATE addresses SET org_id = ?3, inbox_id = ?4, active = 1 WHERE domain_id = ?1 AND local_part = ?2",
                    signup.DomainId, signup.Slug, registered.Inbox.OrgId, registered.Inbox.Id);
                SqliteAgentStore.Insert(session, registered.Agent);
                writes.Audit(registered.Audit);
                return SignupCompletion.Completed;
            },
            cancellation);

    public Task AddInviteAsync(byte[] codeHash, long now, long expiresAt, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            "INSERT INTO agent_invites (code_hash, created_at, expires_at) VALUES (?1, ?2, ?3)", codeHash, now, expiresAt),
        cancellation);

    public Task<bool> HasInviteAsync(byte[] codeHash, long now, CancellationToken cancellation) => store.ReadAsync(
        session => session.Any("SELECT 1 FROM agent_invites WHERE code_hash = ?1 AND expires_at > ?2", codeHash, now), cancellation);

    public Task<long?> CountAttemptAsync(string kind, string address, AttemptLimit limit, long now, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            long count, oldest;
            using (var row = writes.Session.Query(
                "SELECT count(*), coalesce(min(at), 0) FROM registration_attempts WHERE kind = ?1 AND address = ?2 AND at > ?3",
                kind, address, now - limit.WindowMs))
            {
                row.Read();
                (count, oldest) = (row.Number(0), row.Number(1));
            }
            if (count >= limit.Most)
                return count == 0 ? now + limit.WindowMs : oldest + limit.WindowMs;
            writes.Session.Execute(
                "INSERT INTO registration_attempts (kind, address, at, id) VALUES (?1, ?2, ?3, ?4)", kind, address, now, EntityId.New(""));
            return (long?)null;
        },
        cancellation);

    /// <summary>True when an organisation has the slug, or a registration holds it.</summary>
    internal static bool IsTaken(SqliteSession session, string slug, long now) => session.Any(
        "SELECT 1 FROM orgs WHERE slug = ?1 UNION ALL SELECT 1 FROM agent_signups WHERE slug = ?1 AND expires_at > ?2", slug, now);

    /// <summary>Forgets lapsed signups with what they held, and what else has outlived its use.</summary>
    internal static void Sweep(SqliteSession session, long now, int atOnce)
    {
        var lapsed = new List<string>();
        using (var row = session.Query("SELECT slug FROM agent_signups WHERE expires_at <= ?1 LIMIT ?2", now, atOnce))
        {
            while (row.Read())
                lapsed.Add(row.Text(0));
        }
        foreach (var slug in lapsed)
            FreeLapsed(session, slug, now);
        session.Execute(
            "DELETE FROM agent_invites WHERE code_hash IN (SELECT code_hash FROM agent_invites WHERE expires_at <= ?1 LIMIT ?2)", now, atOnce);
        session.Execute(
            """
            DELETE FROM registration_attempts WHERE (kind, address, at, id) IN
              (SELECT kind, address, at, id FROM registration_attempts WHERE at <= ?1 LIMIT ?2)
            """,
            now - Retention.AttemptsMs, atOnce);
        session.Execute(
            """
            DELETE FROM agent_timestamps WHERE (agent_id, signed_at) IN
              (SELECT agent_id, signed_at FROM agent_timestamps WHERE claimed_at <= ?1 LIMIT ?2)
            """,
            now - Retention.TimestampsMs, atOnce);
    }

    private static void FreeLapsed(SqliteSession session, string slug, long now)
    {
        if (session.Text("SELECT domain_id FROM agent_signups WHERE slug = ?1 AND expires_at <= ?2", slug, now) is not { } domainId)
            return;
        session.Execute("DELETE FROM addresses WHERE domain_id = ?1 AND local_part = ?2 AND inbox_id = ''", domainId, slug);
        session.Execute("DELETE FROM agent_signups WHERE slug = ?1", slug);
    }
}
