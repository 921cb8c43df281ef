using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresDomainStore(PostgresDatabase database) : IDomainStore
{
    internal const string Columns = "d.org_id, d.id, d.name, d.status, d.region, d.shared, d.created_at, d.verified_at, d.dkim_ed25519, d.tls, d.warm_up_from, d.unsubscribe";
    private const string Verified = "verified";
    private const long RetiredAtOnce = 1000;

    public Task<DomainCreation> CreateAsync(Domain domain, DkimKey key, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                await session.LockOrganisationAsync(domain.OrgId, domain.CreatedAt, cancellation);
                if (await session.ExistsAsync(
                    "SELECT 1 FROM domains WHERE org_id = $1 AND name = $2 AND shared = 0", cancellation, domain.OrgId, domain.Name))
                {
                    return DomainCreation.Duplicate;
                }

                if (await session.ExistsAsync("SELECT 1 FROM domain_names WHERE name = $1", cancellation, domain.Name))
                    return DomainCreation.Owned;
                if (domain.Status == Verified && !await TakeNameAsync(session, domain, cancellation))
                    return DomainCreation.Owned;
                await InsertAsync(session, domain, key, cancellation);
                if (domain.Status != Verified)
                {
                    await session.ExecuteAsync(
                        "INSERT INTO domain_checks (org_id, domain_id, next_at) VALUES ($1, $2, $3)", cancellation, domain.OrgId, domain.Id, DomainCheckEvents.FirstCheckAt(domain));
                }
                await session.AuditAsync(audit, cancellation);
                return DomainCreation.Created;
            },
            cancellation);

    public Task<Domain?> GetAsync(string orgId, string domainId, CancellationToken cancellation) =>
        database.FindAsync(
            $"""
            SELECT {Columns} FROM domains d WHERE d.org_id = $1 AND d.id = $2
            UNION ALL
            SELECT {Columns} FROM domains d WHERE d.shared = 1 AND d.id = $2
            LIMIT 1
            """,
            Read, cancellation, orgId, domainId);

    public async Task<Domain> GetSharedAsync(CancellationToken cancellation) =>
        await database.FindAsync($"SELECT {Columns} FROM domains d WHERE d.shared = 1", Read, cancellation)
        ?? throw new InvalidOperationException("There is no shared domain yet: bootstrap first.");

    public async Task<Page<Domain>> ListAsync(string orgId, int limit, PageCursor? cursor, CancellationToken cancellation) =>
        Page<Domain>.From(
            await database.QueryAsync(
                $"""
                SELECT {Columns}
                FROM domains d
                WHERE d.org_id = $1 AND d.shared = 0 AND (d.created_at, d.id) < ($2, $3)
                ORDER BY d.created_at DESC, d.id DESC
                LIMIT $4
                """,
                Read, cancellation, orgId, cursor?.At ?? long.MaxValue, cursor?.Id ?? "", limit + 1L),
            limit,
            static domain => new PageCursor(0, domain.CreatedAt, domain.Id));

    public Task<Domain?> FindVerifiedAsync(string name, CancellationToken cancellation) =>
        database.FindAsync(
            $"""
            SELECT {Columns}
            FROM domain_names n
            JOIN domains d ON d.org_id = n.org_id AND d.id = n.domain_id
            WHERE n.name = $1
            """,
            Read, cancellation, name);

    public Task<bool> SetStatusAsync(string orgId, string domainId, string status, long at, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                if (await FindOwnAsync(session, orgId, domainId, cancellation) is not { Shared: false } domain
                    || !await SetStatusAsync(session, domain, status, at, cancellation))
                {
                    return false;
                }
                await session.ExecuteAsync("DELETE FROM domain_checks WHERE org_id = $1 AND domain_id = $2", cancellation, orgId, domainId);
                await session.AuditAsync(audit, cancellation);
                return true;
            },
            cancellation);

    public async Task<bool> SetTlsAsync(string orgId, string domainId, string tls, CancellationToken cancellation) =>
        await database.ExecuteAsync(
            "UPDATE domains SET tls = $3 WHERE org_id = $1 AND id = $2 AND shared = 0", cancellation, orgId, domainId, tls) == 1;

    public Task<Domain?> SetSendingAsync(
        string orgId, string domainId, bool? warmUp, bool? unsubscribe, long at, CancellationToken cancellation) =>
        database.FindAsync(
            $"""
            UPDATE domains d
            SET warm_up_from = CASE WHEN $3::integer = 1 THEN COALESCE(d.warm_up_from, $5) WHEN $3::integer = 0 THEN NULL ELSE d.warm_up_from END,
                unsubscribe = COALESCE($4::integer, d.unsubscribe)
            WHERE d.org_id = $1 AND d.id = $2
            RETURNING {Columns}
            """,
            Read, cancellation, orgId, domainId, Flag(warmUp), Flag(unsubscribe), at);

    public Task<bool> DeleteAsync(string orgId, string domainId, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                // An inbox that is being made on the domain locks its row as well.
                if (await FindOwnAsync(session, orgId, domainId, cancellation) is not { Shared: false } domain
                    || await session.ExistsAsync("SELECT 1 FROM addresses WHERE domain_id = $1 LIMIT 1", cancellation, domainId))
                {
                    return false;
                }

                await GiveUpNameAsync(session, domain, cancellation);
                await session.ExecuteAsync("DELETE FROM dkim_keys WHERE org_id = $1 AND domain_id = $2", cancellation, orgId, domainId);
                await session.ExecuteAsync("DELETE FROM domain_checks WHERE org_id = $1 AND domain_id = $2", cancellation, orgId, domainId);
                await session.ExecuteAsync("DELETE FROM domains WHERE org_id = $1 AND id = $2", cancellation, orgId, domainId);
                await session.AuditAsync(audit, cancellation);
                return true;
            },
            cancellation);

    public Task<bool> SetDkimEd25519Async(string orgId, string domainId, DkimKey? key, CancellationToken cancellation) =>
        database.TransactAsync(
            async session =>
            {
                if (await FindOwnAsync(session, orgId, domainId, cancellation) is not { } domain)
                    return false;

                await session.ExecuteAsync(
                    "UPDATE domains SET dkim_ed25519 = $3 WHERE org_id = $1 AND id = $2", cancellation, orgId, domainId, key is null ? 0 : 1);
                if (key is null)
                {
                    await session.ExecuteAsync(
                        "DELETE FROM dkim_keys WHERE org_id = $1 AND domain_id = $2 AND algorithm = 'ed25519-sha256' AND role = 'next'",
                        cancellation, orgId, domainId);
                    await session.ExecuteAsync(
                        "UPDATE dkim_keys SET verified_at = NULL WHERE org_id = $1 AND domain_id = $2 AND algorithm = 'ed25519-sha256'",
                        cancellation, orgId, domainId);
                }
                else if (!await session.ExistsAsync(
                    "SELECT 1 FROM dkim_keys WHERE org_id = $1 AND domain_id = $2 AND algorithm = 'ed25519-sha256'", cancellation, orgId, domainId))
                {
                    await InsertKeyAsync(session, domain, key, cancellation);
                }
                return true;
            },
            cancellation);

    public Task SetDkimKeyVerifiedAsync(string orgId, string domainId, string selector, long? at, CancellationToken cancellation) =>
        database.ExecuteAsync(
            """
            UPDATE dkim_keys SET verified_at = CASE WHEN $4::bigint IS NULL THEN NULL ELSE coalesce(verified_at, $4) END
            WHERE org_id = $1 AND domain_id = $2 AND selector = $3
            """,
            cancellation, orgId, domainId, selector, at);

    public async Task<IReadOnlyList<DkimKey>> GetDkimKeysAsync(string orgId, string domainId, CancellationToken cancellation) =>
        await database.QueryAsync(
            """
            SELECT k.org_id, k.domain_id, k.selector, k.algorithm, k.private_key, k.public_key, k.created_at, k.verified_at, k.role, k.keep_until
            FROM (
                SELECT org_id, id, dkim_ed25519 FROM domains WHERE org_id = $1 AND id = $2
                UNION
                SELECT org_id, id, dkim_ed25519 FROM domains WHERE shared = 1 AND id = $2
            ) d
            JOIN dkim_keys k ON k.org_id = d.org_id AND k.domain_id = d.id AND (k.algorithm <> 'ed25519-sha256' OR d.dkim_ed25519 = 1)
            ORDER BY k.algorithm DESC, k.role, k.created_at DESC, k.selector DESC
            """,
            static row => new DkimKey(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetInt64(6),
                row.LongOrNull(7), row.GetString(8), row.LongOrNull(9)),
            cancellation, orgId, domainId);

    public Task<DkimRotation> RotateDkimAsync(
        string orgId, string domainId, IReadOnlyList<DkimKey> next, long overlap, bool atOnce, long at, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                var head = await session.LockOrganisationAsync(orgId, at, cancellation);
                if (head is null || await FindOwnAsync(session, orgId, domainId, cancellation) is not { } domain)
                    return DkimRotation.NotFound;
                if (await session.ExistsAsync("SELECT 1 FROM dkim_keys WHERE org_id = $1 AND domain_id = $2 AND role = 'next'", cancellation, orgId, domainId))
                    return DkimRotation.Pending;

                await session.AppendAsync(
                    head, head.Append("domain.dkim_rotation_started", null, null, null, DomainCheckEvents.DataOfRotation(domain, next, overlap)), cancellation);
                foreach (var key in next)
                {
                    await InsertKeyAsync(session, domain, key, cancellation);
                    await session.ExecuteAsync(
                        "UPDATE dkim_keys SET role = 'next', overlap = $4 WHERE org_id = $1 AND domain_id = $2 AND selector = $3",
                        cancellation, orgId, domainId, key.Selector, overlap);
                    if (atOnce)
                        await SwitchAsync(session, head, domain, key.Selector, at, cancellation);
                }
                await session.ExecuteAsync(
                    "UPDATE domain_checks SET next_at = LEAST(next_at, $3) WHERE org_id = $1 AND domain_id = $2",
                    cancellation, orgId, domainId, at + DomainCheckEvents.CheckAfterRotation);
                await session.AuditAsync(audit, cancellation);
                return DkimRotation.Started;
            },
            cancellation);

    public Task<bool> SwitchDkimKeyAsync(string orgId, string domainId, string selector, long at, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            var head = await session.LockOrganisationAsync(orgId, at, cancellation);
            return head is not null && await FindOwnAsync(session, orgId, domainId, cancellation) is { } domain
                && await SwitchAsync(session, head, domain, selector, at, cancellation);
        },
        cancellation);

    public Task RetireDkimKeysAsync(long now, CancellationToken cancellation) => database.ExecuteAsync(
        """
        DELETE FROM dkim_keys WHERE (org_id, domain_id, selector) IN (
            SELECT org_id, domain_id, selector FROM dkim_keys WHERE keep_until IS NOT NULL AND keep_until <= $1 LIMIT $2)
        """,
        cancellation, now, RetiredAtOnce);

    private static async Task<bool> SwitchAsync(
        PostgresSession session, OrgHead head, Domain domain, string selector, long at, CancellationToken cancellation)
    {
        var found = await session.FindAsync(
            """
            SELECT algorithm, public_key, created_at, overlap
            FROM dkim_keys
            WHERE org_id = $1 AND domain_id = $2 AND selector = $3 AND role = 'next'
            """,
            row => new Tuple<DkimKey, long>(
                new DkimKey(domain.OrgId, domain.Id, selector, row.GetString(0), "", row.GetString(1), row.GetInt64(2)), at + row.GetInt64(3)),
            cancellation, domain.OrgId, domain.Id, selector);
        if (found is null)
            return false;
        var (key, keepUntil) = found;
        var former = await session.QueryAsync(
            """
            UPDATE dkim_keys SET role = 'former', keep_until = $4
            WHERE org_id = $1 AND domain_id = $2 AND algorithm = $3 AND role = 'active'
            RETURNING selector
            """,
            static row => row.GetString(0), cancellation, domain.OrgId, domain.Id, key.Algorithm, keepUntil);
        await session.ExecuteAsync(
            "UPDATE dkim_keys SET role = 'active', overlap = NULL WHERE org_id = $1 AND domain_id = $2 AND selector = $3",
            cancellation, domain.OrgId, domain.Id, selector);
        await session.AppendAsync(
            head, head.Append("domain.dkim_rotated", null, null, null, DomainCheckEvents.DataOfSwitch(domain, key, former, keepUntil)), cancellation);
        return true;
    }

    internal static async Task InsertAsync(PostgresSession session, Domain domain, DkimKey key, CancellationToken cancellation)
    {
        await session.ExecuteAsync(
            """
            INSERT INTO domains (org_id, id, name, status, region, shared, created_at, verified_at, dkim_ed25519, tls, warm_up_from, unsubscribe)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            cancellation, domain.OrgId, domain.Id, domain.Name, domain.Status, domain.Region, domain.Shared ? 1 : 0, domain.CreatedAt,
            domain.VerifiedAt, domain.DkimEd25519 ? 1 : 0, domain.Tls, domain.WarmUpFrom,
            domain.Unsubscribe ? 1 : 0);
        await InsertKeyAsync(session, domain, key, cancellation);
    }

    private static Task<int> InsertKeyAsync(PostgresSession session, Domain domain, DkimKey key, CancellationToken cancellation) =>
        session.ExecuteAsync(
            """
            INSERT INTO dkim_keys (org_id, domain_id, selector, algorithm, private_key, public_key, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            cancellation, domain.OrgId, domain.Id, key.Selector, key.Algorithm, key.PrivateKeyPem, key.PublicKey, key.CreatedAt);

    /// <summary>Sets the status and takes or gives up the name; false, with nothing changed, when it is another organisation's.</summary>
    internal static async Task<bool> SetStatusAsync(PostgresSession session, Domain domain, string status, long at, CancellationToken cancellation)
    {
        if (status != Verified)
            await GiveUpNameAsync(session, domain, cancellation);
        else if (!await TakeNameAsync(session, domain, cancellation))
            return false;

        long? verifiedAt = status != Verified ? null : domain.Status == Verified ? domain.VerifiedAt ?? at : at;
        await session.ExecuteAsync(
            "UPDATE domains SET status = $3, verified_at = $4 WHERE org_id = $1 AND id = $2",
            cancellation, domain.OrgId, domain.Id, status, verifiedAt);
        return true;
    }

    /// <summary>The organisation's own domain, locked until the transaction ends.</summary>
    internal static Task<Domain?> FindOwnAsync(PostgresSession session, string orgId, string domainId, CancellationToken cancellation) =>
        session.FindAsync(
            $"SELECT {Columns} FROM domains d WHERE d.org_id = $1 AND d.id = $2 FOR UPDATE", Read, cancellation, orgId, domainId);

    /// <summary>False when somebody else owns the name. Who takes it at the same time waits here for the other's commit.</summary>
    private static Task<bool> TakeNameAsync(PostgresSession session, Domain domain, CancellationToken cancellation) =>
        session.ExistsAsync(
            """
            INSERT INTO domain_names AS n (name, org_id, domain_id, shared) VALUES ($1, $2, $3, 0)
            ON CONFLICT (name) DO UPDATE SET domain_id = excluded.domain_id
            WHERE n.org_id = excluded.org_id AND n.domain_id = excluded.domain_id
            RETURNING 1
            """,
            cancellation, domain.Name, domain.OrgId, domain.Id);

    private static Task GiveUpNameAsync(PostgresSession session, Domain domain, CancellationToken cancellation) =>
        session.ExecuteAsync(
            "DELETE FROM domain_names WHERE name = $1 AND org_id = $2 AND domain_id = $3", cancellation, domain.Name, domain.OrgId, domain.Id);

    private static int? Flag(bool? value) => value is { } set ? (set ? 1 : 0) : null;

    internal static Domain Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.TextOrNull(4), row.GetInt32(5) != 0, row.GetInt64(6),
        row.LongOrNull(7), row.GetInt32(8) != 0)
    {
        Tls = row.GetString(9),
        WarmUpFrom = row.LongOrNull(10),
        Unsubscribe = row.GetInt32(11) != 0,
    };
}
