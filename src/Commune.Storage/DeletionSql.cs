namespace Commune.Storage;

/// <summary>The statements of one engine for one table of <see cref="DeletedTables"/>, made once.</summary>
internal sealed class DeletionSql
{
    private DeletionSql(DeletedTable table, Dialect dialect)
    {
        Table = table;
        CountOrganization = $"SELECT count(*) FROM {table.Name} WHERE {Bound(table.Organization)}";
        CountInbox = table.Inbox is { } inbox ? $"SELECT count(*) FROM {table.Name} WHERE {Bound(inbox)}" : null;
        DeleteOrganization = $"DELETE FROM {table.Name} WHERE {Bound(table.Organization)}";
        DeleteInbox = table.Inbox is { } all ? $"DELETE FROM {table.Name} WHERE {Bound(all)}" : null;
        BatchOrganization = Batch(table.Organization);
        BatchInbox = table.Inbox is { } some ? Batch(some) : null;
        if (table.Blob is { } blob)
            GarbageOrganization = $"INSERT INTO blob_garbage (key) SELECT DISTINCT b.key FROM (SELECT {Bound(blob)} AS key FROM {table.Name} WHERE {Chosen(table.Organization)}) b WHERE b.key IS NOT NULL ON CONFLICT DO NOTHING";

        if (table.Hashed)
        {
            HashedOrganization = Hashed(table.Organization);
            HashedInbox = table.Inbox is { } ofInbox ? Hashed(ofInbox) : null;
        }

        string Hashed(string predicate) =>
            $"SELECT address, reason, suppressed_at, expires_at FROM {table.Name} WHERE {Bound(predicate)} ORDER BY {table.Key} LIMIT {dialect.Parameter(2)}";

        string Chosen(string predicate) =>
            $"({table.Key}) IN (SELECT {table.Key} FROM {table.Name} WHERE {Bound(predicate)} ORDER BY {table.Key} LIMIT {dialect.Parameter(2)})";

        string Batch(string predicate) => $"DELETE FROM {table.Name} WHERE {Chosen(predicate)}";

        string Bound(string text) => text
            .Replace("{org}", dialect.Parameter(1), StringComparison.Ordinal)
            .Replace("{inbox}", dialect.Parameter(3), StringComparison.Ordinal)
            .Replace("{hex:sha256}", dialect.Hex("sha256"), StringComparison.Ordinal);
    }

    public DeletedTable Table { get; }

    /// <summary>Parameters: organisation, limit, inbox. The limit belongs to the batches, the inbox to what is named after it.</summary>
    public string CountOrganization { get; }
    public string? CountInbox { get; }
    public string DeleteOrganization { get; }
    public string? DeleteInbox { get; }
    public string BatchOrganization { get; }
    public string? BatchInbox { get; }

    /// <summary>Notes the blobs of the rows that the next batch takes.</summary>
    public string? GarbageOrganization { get; }

    /// <summary>Gives what the next batch takes, of a table of which hashes are kept.</summary>
    public string? HashedOrganization { get; }
    public string? HashedInbox { get; }

    public static IReadOnlyList<DeletionSql> For(Dialect dialect) => [.. DeletedTables.All.Select(table => new DeletionSql(table, dialect))];

    internal sealed record Dialect(Func<int, string> Parameter, Func<string, string> Hex);
}
