using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresOrganisationStore(PostgresDatabase database) : IOrganisationStore
{
    private const string Columns = "id, name, slug, tier, status, created_at, updated_at";

    /// <summary>Names the lock under which one node at a time makes a database its own.</summary>
    private const long BootstrapLock = 0x626f6f74;

    public Task<BootstrapResult> BootstrapAsync(Bootstrap bootstrap, CancellationToken cancellation) =>
        database.TransactAsync(
            async session =>
            {
                await session.ExecuteAsync("SELECT pg_advisory_xact_lock($1)", cancellation, BootstrapLock);

                // The shared domain is the first organisation's: others may have been made in the same millisecond.
                var first = await session.FindAsync(
                    "SELECT org_id FROM domain_names WHERE shared = 1", static row => row.GetString(0), cancellation)
                    ?? await session.FindAsync("SELECT id FROM orgs ORDER BY created_at, id LIMIT 1", static row => row.GetString(0), cancellation);
                if (first is null)
                {
                    await InsertAsync(session, bootstrap.Organisation, cancellation);
                    await PostgresApiKeyStore.InsertAsync(session, bootstrap.Key, bootstrap.KeyHash, cancellation);
                    await ShareAsync(session, bootstrap.SharedDomain, bootstrap.SharedDkimKey, cancellation);
                    return BootstrapResult.Created;
                }

                var owner = await session.FindAsync(
                    "SELECT org_id FROM domain_names WHERE name = $1", static row => row.GetString(0), cancellation, bootstrap.SharedDomain.Name);
                if (owner is not null && owner != first)
                    return BootstrapResult.SharedDomainTaken;
                if (!await session.ExistsAsync("SELECT 1 FROM api_key_hashes WHERE hash = $1", cancellation, bootstrap.KeyHash))
                    await PostgresApiKeyStore.InsertAsync(session, bootstrap.Key with { OrgId = first }, bootstrap.KeyHash, cancellation);
                if (!await session.ExistsAsync(
                    "SELECT 1 FROM domain_names WHERE name = $1 AND shared = 1", cancellation, bootstrap.SharedDomain.Name))
                {
                    await session.ExecuteAsync("UPDATE domains SET shared = 0 WHERE shared = 1", cancellation);
                    await session.ExecuteAsync("UPDATE domain_names SET shared = 0 WHERE shared = 1", cancellation);
                    await ShareAsync(
                        session, bootstrap.SharedDomain with { OrgId = first }, bootstrap.SharedDkimKey with { OrgId = first }, cancellation);
                }

                return BootstrapResult.Continued;
            },
            cancellation);

    public Task<bool> AnyAsync(CancellationToken cancellation) => database.ExistsAsync("SELECT 1 FROM orgs LIMIT 1", cancellation);

    public Task<Organisation?> GetAsync(string orgId, CancellationToken cancellation) =>
        database.FindAsync($"SELECT {Columns} FROM orgs WHERE id = $1", Read, cancellation, orgId);

    public Task<Organisation?> FindBySlugAsync(string slug, CancellationToken cancellation) =>
        database.FindAsync($"SELECT {Columns} FROM orgs WHERE slug = $1", Read, cancellation, slug);

    public Task<bool> CreateAsync(Organisation organisation, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                await PostgresRegistrationStore.LockSlugAsync(session, organisation.Slug, cancellation);
                if (await PostgresRegistrationStore.IsHeldAsync(session, organisation.Slug, organisation.CreatedAt, cancellation)
                    || !await InsertAsync(session, organisation, cancellation))
                {
                    return false;
                }
                await session.AuditAsync(audit, cancellation);
                return true;
            },
            cancellation);

    public Task<Organisation?> RenameAsync(string orgId, string name, long at, CancellationToken cancellation, AuditEntry? audit = null) =>
        database.TransactAsync(
            async session =>
            {
                var renamed = await session.FindAsync(
                    $"UPDATE orgs SET name = $2, updated_at = $3 WHERE id = $1 RETURNING {Columns}", Read, cancellation, orgId, name, at);
                if (renamed is not null)
                    await session.AuditAsync(audit, cancellation);
                return renamed;
            },
            cancellation);

    internal static async Task<bool> InsertAsync(PostgresSession session, Organisation organisation, CancellationToken cancellation)
    {
        var inserted = await session.ExecuteAsync(
            $"INSERT INTO orgs ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (slug) DO NOTHING",
            cancellation, organisation.Id, organisation.Name, organisation.Slug, organisation.Tier, organisation.Status,
            organisation.CreatedAt, organisation.UpdatedAt);
        if (inserted == 0)
            return false;
        await session.ExecuteAsync("INSERT INTO org_heads (org_id, event_seq, clock) VALUES ($1, 0, 0)", cancellation, organisation.Id);
        return true;
    }

    /// <summary>Makes the domain the shared one: a new one, or the organisation's own of that name.</summary>
    private static async Task ShareAsync(PostgresSession session, Domain domain, DkimKey key, CancellationToken cancellation)
    {
        var present = await session.FindAsync(
            """
            UPDATE domains SET shared = 1, status = $3, verified_at = COALESCE(verified_at, $4)
            WHERE org_id = $1 AND name = $2
            RETURNING id
            """,
            static row => row.GetString(0), cancellation, domain.OrgId, domain.Name, domain.Status, domain.VerifiedAt);
        if (present is null)
            await PostgresDomainStore.InsertAsync(session, domain with { Shared = true }, key, cancellation);
        await session.ExecuteAsync(
            """
            INSERT INTO domain_names (name, org_id, domain_id, shared) VALUES ($1, $2, $3, 1)
            ON CONFLICT (name) DO UPDATE SET shared = 1
            """,
            cancellation, domain.Name, domain.OrgId, present ?? domain.Id);
    }

    private static Organisation Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5), row.GetInt64(6));
}
