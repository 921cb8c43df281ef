namespace Commune.Storage.Sqlite;

internal sealed class SqliteDomainStore(SqliteStore store, TimeProvider time) : IDomainStore
{
    private readonly KeptRows<(string OrgId, string DomainId), Domain?> kept = new(store, time);

    private const string Columns = "org_id, id, name, status, region, shared, created_at, verified_at, dkim_ed25519, tls, warm_up_from, unsubscribe";
    private const string Verified = "verified";
    private const int RetiredAtOnce = 1000;

    public Task<DomainCreation> CreateAsync(Domain domain, DkimKey key, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            if (session.Any("SELECT 1 FROM domains WHERE org_id = ?1 AND name = ?2 AND shared = 0", domain.OrgId, domain.Name))
                return DomainCreation.Duplicate;
            if (session.Any("SELECT 1 FROM domain_names WHERE name = ?1", domain.Name))
                return DomainCreation.Owned;

            Insert(session, domain, key);
            if (domain.Status == Verified)
                TakeName(session, domain);
            else
                session.Execute("INSERT INTO domain_checks (org_id, domain_id, next_at) VALUES (?1, ?2, ?3)", domain.OrgId, domain.Id, DomainCheckEvents.FirstCheckAt(domain));
            writes.Audit(audit);
            return DomainCreation.Created;
        },
        cancellation);

    public Task<Domain?> GetAsync(string orgId, string domainId, CancellationToken cancellation) =>
        kept.GetAsync((orgId, domainId), session => Find(session, orgId, domainId), cancellation);

    public Task<Domain> GetSharedAsync(CancellationToken cancellation) => store.ReadAsync(
        static session => FindShared(session) ?? throw new InvalidOperationException("There is no shared domain yet: bootstrap first."),
        cancellation);

    public Task<Page<Domain>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            var domains = new List<Domain>();
            using var row = session.Query(
                $"""
                SELECT {Columns} FROM domains
                WHERE org_id = ?1 AND shared = 0 AND (created_at, id) < (?2, ?3)
                ORDER BY created_at DESC, id DESC LIMIT ?4
                """,
                orgId, cursor?.At ?? long.MaxValue, cursor?.Id ?? "", limit + 1L);
            while (row.Read())
                domains.Add(Map(row));
            return Page<Domain>.From(domains, limit, static domain => new PageCursor(0, domain.CreatedAt, domain.Id));
        },
        cancellation);

    public Task<Domain?> FindVerifiedAsync(string name, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query(
                $"SELECT {Columns} FROM domains WHERE (org_id, id) = (SELECT org_id, domain_id FROM domain_names WHERE name = ?1)",
                name);
            return row.Read() ? Map(row) : null;
        },
        cancellation);

    public Task<bool> SetStatusAsync(string orgId, string domainId, string status, long at, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            if (Get(writes.Session, orgId, domainId) is not { Shared: false } domain || !SetStatus(writes.Session, domain, status, at))
                return false;
            writes.Session.Execute("DELETE FROM domain_checks WHERE org_id = ?1 AND domain_id = ?2", orgId, domainId);
            writes.Audit(audit);
            return true;
        },
        cancellation);

    public Task<bool> SetTlsAsync(string orgId, string domainId, string tls, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            "UPDATE domains SET tls = ?3 WHERE org_id = ?1 AND id = ?2 AND shared = 0", orgId, domainId, tls) == 1,
        cancellation);

    public Task<Domain?> SetSendingAsync(
        string orgId, string domainId, bool? warmUp, bool? unsubscribe, long at, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            writes.Session.Execute(
                """
                UPDATE domains SET
                  warm_up_from = CASE ?3 WHEN 1 THEN coalesce(warm_up_from, ?5) WHEN 0 THEN NULL ELSE warm_up_from END,
                  unsubscribe = coalesce(?4, unsubscribe)
                WHERE org_id = ?1 AND id = ?2
                """,
                orgId, domainId, Flag(warmUp), Flag(unsubscribe), at);
            return Get(writes.Session, orgId, domainId);
        },
        cancellation);

    public Task<bool> DeleteAsync(string orgId, string domainId, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            if (Get(session, orgId, domainId) is not { Shared: false } domain)
                return false;
            if (session.Any("SELECT 1 FROM addresses WHERE domain_id = ?1 LIMIT 1", domainId))
                return false;

            session.Execute("DELETE FROM domain_names WHERE name = ?1 AND domain_id = ?2", domain.Name, domainId);
            session.Execute("DELETE FROM dkim_keys WHERE org_id = ?1 AND domain_id = ?2", orgId, domainId);
            session.Execute("DELETE FROM domain_checks WHERE org_id = ?1 AND domain_id = ?2", orgId, domainId);
            session.Execute("DELETE FROM domains WHERE org_id = ?1 AND id = ?2", orgId, domainId);
            writes.Audit(audit);
            return true;
        },
        cancellation);

    public Task<bool> SetDkimEd25519Async(string orgId, string domainId, DkimKey? key, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            if (Get(session, orgId, domainId) is not { } domain)
                return false;

            session.Execute("UPDATE domains SET dkim_ed25519 = ?3 WHERE org_id = ?1 AND id = ?2", orgId, domainId, key is not null);
            if (key is null)
            {
                session.Execute(
                    "DELETE FROM dkim_keys WHERE org_id = ?1 AND domain_id = ?2 AND algorithm = 'ed25519-sha256' AND role = 'next'", orgId, domainId);
                session.Execute(
                    "UPDATE dkim_keys SET verified_at = NULL WHERE org_id = ?1 AND domain_id = ?2 AND algorithm = 'ed25519-sha256'", orgId, domainId);
            }
            else if (!session.Any("SELECT 1 FROM dkim_keys WHERE org_id = ?1 AND domain_id = ?2 AND algorithm = 'ed25519-sha256'", orgId, domainId))
            {
                InsertKey(session, domain, key);
            }
            return true;
        },
        cancellation);

    public Task SetDkimKeyVerifiedAsync(string orgId, string domainId, string selector, long? at, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            """
            UPDATE dkim_keys SET verified_at = CASE WHEN ?4 IS NULL THEN NULL ELSE coalesce(verified_at, ?4) END
            WHERE org_id = ?1 AND domain_id = ?2 AND selector = ?3
            """,
            orgId, domainId, selector, at),
        cancellation);

    public Task<IReadOnlyList<DkimKey>> GetDkimKeysAsync(string orgId, string domainId, CancellationToken cancellation) =>
        store.ReadSnapshotAsync<IReadOnlyList<DkimKey>>(
            session =>
            {
                var keys = new List<DkimKey>();
                if (Find(session, orgId, domainId) is not { } domain)
                    return keys;
                using var row = session.Query(
                    """
                    SELECT selector, algorithm, private_key, public_key, created_at, verified_at, role, keep_until FROM dkim_keys
                    WHERE org_id = ?1 AND domain_id = ?2 AND (algorithm <> 'ed25519-sha256' OR ?3)
                    ORDER BY algorithm DESC, role, created_at DESC, selector DESC
                    """,
                    domain.OrgId, domain.Id, domain.DkimEd25519);
                while (row.Read())
                {
                    keys.Add(new DkimKey(
                        domain.OrgId, domain.Id, row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Number(4), row.NumberOrNull(5),
                        row.Text(6), row.NumberOrNull(7)));
                }
                return keys;
            },
            cancellation);

    public Task<DkimRotation> RotateDkimAsync(
        string orgId, string domainId, IReadOnlyList<DkimKey> next, long overlap, bool atOnce, long at, CancellationToken cancellation, AuditEntry? audit = null) =>
        store.WriteAsync(
            writes =>
            {
                var session = writes.Session;
                if (Get(session, orgId, domainId) is not { } domain)
                    return DkimRotation.NotFound;
                if (session.Any("SELECT 1 FROM dkim_keys WHERE org_id = ?1 AND domain_id = ?2 AND role = 'next'", orgId, domainId))
                    return DkimRotation.Pending;

                writes.AppendEvent(orgId, "domain.dkim_rotation_started", null, null, null, DomainCheckEvents.DataOfRotation(domain, next, overlap));
                foreach (var key in next)
                {
                    InsertKey(session, domain, key);
                    session.Execute(
                        "UPDATE dkim_keys SET role = 'next', overlap = ?4 WHERE org_id = ?1 AND domain_id = ?2 AND selector = ?3",
                        orgId, domainId, key.Selector, overlap);
                    if (atOnce)
                        Switch(writes, domain, key.Selector, at);
                }
                session.Execute(
                    "UPDATE domain_checks SET next_at = min(next_at, ?3) WHERE org_id = ?1 AND domain_id = ?2",
                    orgId, domainId, at + DomainCheckEvents.CheckAfterRotation);
                writes.Audit(audit);
                return DkimRotation.Started;
            },
            cancellation);

    public Task<bool> SwitchDkimKeyAsync(string orgId, string domainId, string selector, long at, CancellationToken cancellation) => store.WriteAsync(
        writes => Get(writes.Session, orgId, domainId) is { } domain && Switch(writes, domain, selector, at), cancellation);

    public Task RetireDkimKeysAsync(long now, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            """
            DELETE FROM dkim_keys WHERE (org_id, domain_id, selector) IN
              (SELECT org_id, domain_id, selector FROM dkim_keys WHERE keep_until IS NOT NULL AND keep_until <= ?1 LIMIT ?2)
            """,
            now, RetiredAtOnce),
        cancellation);

    private static bool Switch(SqliteWrites writes, Domain domain, string selector, long at)
    {
        var session = writes.Session;
        DkimKey key;
        long keepUntil;
        using (var row = session.Query(
            "SELECT algorithm, public_key, created_at, overlap FROM dkim_keys WHERE org_id = ?1 AND domain_id = ?2 AND selector = ?3 AND role = 'next'",
            domain.OrgId, domain.Id, selector))
        {
            if (!row.Read())
                return false;
            key = new DkimKey(domain.OrgId, domain.Id, selector, row.Text(0), "", row.Text(1), row.Number(2));
            keepUntil = at + row.Number(3);
        }
        var former = new List<string>();
        using (var row = session.Query(
            "SELECT selector FROM dkim_keys WHERE org_id = ?1 AND domain_id = ?2 AND algorithm = ?3 AND role = 'active' ORDER BY selector",
            domain.OrgId, domain.Id, key.Algorithm))
        {
            while (row.Read())
                former.Add(row.Text(0));
        }
        session.Execute(
            "UPDATE dkim_keys SET role = 'former', keep_until = ?4 WHERE org_id = ?1 AND domain_id = ?2 AND algorithm = ?3 AND role = 'active'",
            domain.OrgId, domain.Id, key.Algorithm, keepUntil);
        session.Execute(
            "UPDATE dkim_keys SET role = 'active', overlap = NULL WHERE org_id = ?1 AND domain_id = ?2 AND selector = ?3", domain.OrgId, domain.Id, selector);
        writes.AppendEvent(domain.OrgId, "domain.dkim_rotated", null, null, null, DomainCheckEvents.DataOfSwitch(domain, key, former, keepUntil));
        return true;
    }

    internal static void Insert(SqliteSession session, Domain domain, DkimKey key)
    {
        session.Execute(
            $"INSERT INTO domains ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            domain.OrgId, domain.Id, domain.Name, domain.Status, domain.Region, domain.Shared, domain.CreatedAt, domain.VerifiedAt, domain.DkimEd25519, domain.Tls,
            domain.WarmUpFrom, domain.Unsubscribe);
        InsertKey(session, domain, key);
    }

    /// <summary>Sets the status and takes or gives up the name; false, with nothing changed, when it is another organisation's.</summary>
    internal static bool SetStatus(SqliteSession session, Domain domain, string status, long at)
    {
        if (status == Verified)
        {
            if (session.Text("SELECT domain_id FROM domain_names WHERE name = ?1", domain.Name) is { } owner && owner != domain.Id)
                return false;
            TakeName(session, domain);
        }
        else
        {
            session.Execute("DELETE FROM domain_names WHERE name = ?1 AND domain_id = ?2", domain.Name, domain.Id);
        }

        long? verifiedAt = status != Verified ? null : domain.Status == Verified ? domain.VerifiedAt ?? at : at;
        session.Execute(
            "UPDATE domains SET status = ?3, verified_at = ?4 WHERE org_id = ?1 AND id = ?2",
            domain.OrgId, domain.Id, status, verifiedAt);
        return true;
    }

    private static void InsertKey(SqliteSession session, Domain domain, DkimKey key) => session.Execute(
        """
        INSERT INTO dkim_keys (org_id, domain_id, selector, algorithm, private_key, public_key, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        """,
        domain.OrgId, domain.Id, key.Selector, key.Algorithm, key.PrivateKeyPem, key.PublicKey, key.CreatedAt);

    private static void TakeName(SqliteSession session, Domain domain) => session.Execute(
        "INSERT INTO domain_names (name, org_id, domain_id, shared) VALUES (?1, ?2, ?3, 0) ON CONFLICT DO NOTHING",
        domain.Name, domain.OrgId, domain.Id);

    private static Domain? Find(SqliteSession session, string orgId, string domainId) =>
        Get(session, orgId, domainId) ?? (FindShared(session) is { } shared && shared.Id == domainId ? shared : null);

    internal static Domain? Get(SqliteSession session, string orgId, string domainId)
    {
        using var row = session.Query($"SELECT {Columns} FROM domains WHERE org_id = ?1 AND id = ?2", orgId, domainId);
        return row.Read() ? Map(row) : null;
    }

    private static Domain? FindShared(SqliteSession session)
    {
        using var row = session.Query(
            $"SELECT {Columns} FROM domains WHERE (org_id, id) = (SELECT org_id, domain_id FROM domain_names WHERE shared = 1)");
        return row.Read() ? Map(row) : null;
    }

    private static int? Flag(bool? value) => value is { } set ? (set ? 1 : 0) : null;

    private static Domain Map(SqliteRows row) => new(
        row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.TextOrNull(4), row.Flag(5), row.Number(6), row.NumberOrNull(7), row.Flag(8))
    {
        Tls = row.Text(9),
        WarmUpFrom = row.NumberOrNull(10),
        Unsubscribe = row.Flag(11),
    };
}
