namespace Commune.Storage.Sqlite;

internal sealed class SqliteOrganisationStore(SqliteStore store, TimeProvider time) : IOrganisationStore
{
    private readonly KeptRows<string, Organisation?> kept = new(store, time);

    private const string Columns = "id, name, slug, tier, status, created_at, updated_at";

    public Task<BootstrapResult> BootstrapAsync(Bootstrap bootstrap, CancellationToken cancellation) => store.WriteAsync(
        writes =>
        {
            var session = writes.Session;
            if (!session.Any("SELECT 1 FROM orgs LIMIT 1"))
            {
                Insert(session, bootstrap.Organisation);
                SqliteApiKeyStore.Insert(session, bootstrap.Key, bootstrap.KeyHash);
                AddShared(session, bootstrap.SharedDomain, bootstrap.SharedDkimKey);
                return BootstrapResult.Created;
            }

            // The shared domain is the first organisation's.
            var first = session.Text("SELECT org_id FROM domain_names WHERE shared = 1")
                ?? session.Text("SELECT id FROM orgs ORDER BY created_at, id LIMIT 1")!;
            var owner = session.Text("SELECT org_id FROM domain_names WHERE name = ?1", bootstrap.SharedDomain.Name);
            if (owner is not null && owner != first)
                return BootstrapResult.SharedDomainTaken;

            if (!session.Any("SELECT 1 FROM api_key_hashes WHERE hash = ?1", bootstrap.KeyHash))
                SqliteApiKeyStore.Insert(session, bootstrap.Key with { OrgId = first }, bootstrap.KeyHash);
            if (!session.Any("SELECT 1 FROM domain_names WHERE name = ?1 AND shared = 1", bootstrap.SharedDomain.Name))
            {
                session.Execute("UPDATE domains SET shared = 0 WHERE (org_id, id) IN (SELECT org_id, domain_id FROM domain_names WHERE shared = 1)");
                session.Execute("UPDATE domain_names SET shared = 0 WHERE shared = 1");
                AddShared(session, bootstrap.SharedDomain with { OrgId = first }, bootstrap.SharedDkimKey with { OrgId = first });
            }
            return BootstrapResult.Continued;
        },
        cancellation);

    public Task<bool> AnyAsync(CancellationToken cancellation) =>
        store.ReadAsync(static session => session.Any("SELECT 1 FROM orgs LIMIT 1"), cancellation);

    public Task<Organisation?> GetAsync(string orgId, CancellationToken cancellation) =>
        kept.GetAsync(orgId, session => Get(session, orgId), cancellation);

    public Task<Organisation?> FindBySlugAsync(string slug, CancellationToken cancellation) => store.ReadAsync(
        session =>
        {
            using var row = session.Query($"SELECT {Columns} FROM orgs WHERE slug = ?1", slug);
            return row.Read() ? Map(row) : null;
        },
        cancellation);

    public Task<bool> CreateAsync(Organisation organisation, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            if (SqliteRegistrationStore.IsTaken(writes.Session, organisation.Slug, writes.Now))
                return false;
            Insert(writes.Session, organisation);
            writes.Audit(audit);
            return true;
        },
        cancellation);

    public Task<Organisation?> RenameAsync(string orgId, string name, long at, CancellationToken cancellation, AuditEntry? audit = null) => store.WriteAsync(
        writes =>
        {
            if (writes.Session.Execute("UPDATE orgs SET name = ?2, updated_at = ?3 WHERE id = ?1", orgId, name, at) == 1)
                writes.Audit(audit);
            return Get(writes.Session, orgId);
        },
        cancellation);

    private static Organisation? Get(SqliteSession session, string orgId)
    {
        using var row = session.Query($"SELECT {Columns} FROM orgs WHERE id = ?1", orgId);
        return row.Read() ? Map(row) : null;
    }

    private static Organisation Map(SqliteRows row) =>
        new(row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Number(5), row.Number(6));

    internal static void Insert(SqliteSession session, Organisation organisation)
    {
        session.Execute(
            $"INSERT INTO orgs ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            organisation.Id, organisation.Name, organisation.Slug, organisation.Tier, organisation.Status,
            organisation.CreatedAt, organisation.UpdatedAt);
        session.Execute("INSERT INTO org_heads (org_id, event_seq, clock) VALUES (?1, 0, 0)", organisation.Id);
    }

    /// <summary>Makes the domain the shared one: a new one, or the organisation's own of that name.</summary>
    private static void AddShared(SqliteSession session, Domain domain, DkimKey key)
    {
        if (session.Text("SELECT id FROM domains WHERE org_id = ?1 AND name = ?2", domain.OrgId, domain.Name) is { } present)
        {
            session.Execute(
                "UPDATE domains SET shared = 1, status = ?3, verified_at = coalesce(verified_at, ?4) WHERE org_id = ?1 AND id = ?2",
                domain.OrgId, present, domain.Status, domain.VerifiedAt);
            domain = domain with { Id = present };
        }
        else
        {
            SqliteDomainStore.Insert(session, domain with { Shared = true }, key);
        }
        session.Execute(
            """
            INSERT INTO domain_names (name, org_id, domain_id, shared) VALUES (?1, ?2, ?3, 1)
            ON CONFLICT (name) DO UPDATE SET shared = 1
            """,
            domain.Name, domain.OrgId, domain.Id);
    }
}
