using Npgsql;

namespace Commune.Storage.Postgres;

internal sealed class PostgresSuppressionStore(PostgresDatabase database) : ISuppressionStore
{
    /// <summary>Writes <see cref="ValuesOf"/>: takes the place of a weaker entry and gives way to a firmer one; of two that end, the later end stays.</summary>
    public static readonly string Insert = InsertWhen("true");

    private const string Columns =
        "s.org_id, s.id, s.address, s.inbox_id, s.domain_id, s.reason, s.message_id, s.detail, s.suppressed_at, s.expires_at";

    public static string InsertWhen(string condition) =>
        $"""
        INSERT INTO suppressions AS s (
            org_id, inbox_id, address, id, domain_id, reason, strength, message_id, detail, suppressed_at, expires_at)
        SELECT $1, $2, $3, $4, $5, $6, $7::integer, $8, $9, $10::bigint, $11::bigint
        WHERE {condition}
        ON CONFLICT (org_id, inbox_id, address) DO UPDATE
        SET reason = excluded.reason, strength = excluded.strength, message_id = excluded.message_id, detail = excluded.detail,
            suppressed_at = excluded.suppressed_at, expires_at = excluded.expires_at
        WHERE excluded.strength > s.strength OR (excluded.strength = 0 AND s.strength = 0 AND excluded.expires_at > s.expires_at)
        """;

    /// <summary>An inbox id of "" stands for the whole organisation.</summary>
    public static object?[] ValuesOf(Suppression entry) =>
    [
        entry.OrgId, entry.InboxId ?? "", Key(entry.Address), entry.Id, entry.DomainId, entry.Reason,
        SuppressionReason.Strength(entry.Reason, entry.ExpiresAt), entry.MessageId, entry.Detail, entry.SuppressedAt, entry.ExpiresAt,
    ];

    public Task<Suppression> AddAsync(Suppression suppression, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            await session.ExecuteAsync(Insert, cancellation, ValuesOf(suppression));
            return (await session.FindAsync(
                $"SELECT {Columns} FROM suppressions s WHERE s.org_id = $1 AND s.inbox_id = $2 AND s.address = $3",
                Map, cancellation, suppression.OrgId, suppression.InboxId ?? "", Key(suppression.Address)))!;
        },
        cancellation);

    public Task<IReadOnlyList<Suppression>> FindAsync(
        string orgId, string inboxId, IReadOnlyList<string> addresses, long now, CancellationToken cancellation) =>
        database.TransactAsync<IReadOnlyList<Suppression>>(
            async session =>
            {
                var found = await FindListedAsync(session, orgId, inboxId, addresses, now, cancellation);
                if (await SuppressionHashRow.AnyAsync(session, orgId, cancellation))
                {
                    var listed = found.Select(static entry => entry.Address).ToHashSet(StringComparer.Ordinal);
                    var others = addresses.Select(Key).Where(address => !listed.Contains(address)).ToHashSet(StringComparer.Ordinal);
                    found.AddRange(await SuppressionHashRow.FindAsync(session, orgId, others, cancellation));
                }
                return found;
            },
            cancellation);

    private static Task<List<Suppression>> FindListedAsync(
        PostgresSession session, string orgId, string inboxId, IReadOnlyList<string> addresses, long now, CancellationToken cancellation) =>
        session.QueryAsync(
            $"""
            SELECT DISTINCT ON (s.address) {Columns}
            FROM suppressions s
            WHERE s.org_id = $1 AND s.inbox_id IN ($2, '') AND s.address = ANY ($3) AND (s.expires_at IS NULL OR s.expires_at > $4)
            ORDER BY s.address, s.strength DESC
            """,
            Map, cancellation, orgId, inboxId, addresses.Select(Key).ToArray(), now);

    public async Task<Page<Suppression>> ListAsync(SuppressionQuery query, CancellationToken cancellation)
    {
        var filter = new PostgresFilter("s.org_id", query.OrgId);
        filter.Add($"(s.expires_at IS NULL OR s.expires_at > {filter.Next(query.Now)})");
        filter.AddIfGiven("s.address =", query.Address is null ? null : Key(query.Address));
        if (query.Cursor is { } cursor)
            filter.Add($"(s.suppressed_at, s.id) < ({filter.Next(cursor.At)}, {filter.Next(cursor.Id)})");
        var limit = filter.Next(query.Limit + 1L);

        string Part(string term) => $"(SELECT {Columns} FROM suppressions s WHERE {filter} AND {term} ORDER BY s.suppressed_at DESC, s.id DESC LIMIT {limit})";
        var narrow = query switch
        {
            { InboxId: { } inbox, DomainId: { } domain } => $"s.inbox_id = {filter.Next(inbox)} AND s.domain_id = {filter.Next(domain)}",
            { InboxId: { } inbox } => $"s.inbox_id = {filter.Next(inbox)}",
            { DomainId: { } domain } => $"s.domain_id = {filter.Next(domain)}",
            { Address: not null } => null,
            _ => throw new ArgumentException("An inbox, domain or address must be given.", nameof(query)),
        };
        // What holds in the whole organisation holds for every inbox.
        var parts = narrow is null ? Part("true") : $"{Part(narrow)} UNION ALL {Part("s.inbox_id = ''")}";
        var entries = await database.QueryAsync(
            $"SELECT * FROM ({parts}) s ORDER BY s.suppressed_at DESC, s.id DESC LIMIT {limit}", Map, cancellation, filter.Values);
        return Page<Suppression>.From(entries, query.Limit, static entry => new PageCursor(0, entry.SuppressedAt, entry.Id));
    }

    public async Task<bool> RemoveAsync(string orgId, string id, CancellationToken cancellation) =>
        await RemoveAsync("s.id = $2", cancellation, orgId, id) > 0;

    public Task<int> RemoveAsync(string orgId, string address, string? inboxId, CancellationToken cancellation) => inboxId is null
        ? RemoveAllAsync(orgId, Key(address), cancellation)
        : RemoveAsync("s.address = $2 AND s.inbox_id = $3", cancellation, orgId, Key(address), inboxId);

    private async Task<int> RemoveAllAsync(string orgId, string address, CancellationToken cancellation) =>
        await RemoveAsync("s.address = $2", cancellation, orgId, address)
        + (await database.TransactAsync(session => SuppressionHashRow.RemoveAsync(session, orgId, address, cancellation), cancellation) ? 1 : 0);

    private Task<int> RemoveAsync(string condition, CancellationToken cancellation, params object?[] values) => database.TransactAsync(
        async session =>
        {
            var removed = await session.QueryAsync(
                $"DELETE FROM suppressions s WHERE s.org_id = $1 AND {condition} RETURNING s.inbox_id, s.address",
                static row => (InboxId: row.GetString(0), Address: row.GetString(1)), cancellation, values);
            foreach (var (inboxId, address) in removed)
            {
                await session.ExecuteAsync(
                    "DELETE FROM soft_bounces WHERE org_id = $1 AND inbox_id = $2 AND address = $3", cancellation, values[0], inboxId, address);
            }
            return removed.Count;
        },
        cancellation);

    private static string Key(string address) => PostgresText.Storable(address.ToLowerInvariant());

    private static Suppression Map(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3) is { Length: > 0 } inbox ? inbox : null, row.TextOrNull(4),
        row.GetString(5), row.TextOrNull(6), row.TextOrNull(7), row.GetInt64(8), row.LongOrNull(9));
}
