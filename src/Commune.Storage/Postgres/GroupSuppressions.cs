namespace Commune.Storage.Postgres;

/// <summary>
/// Whom the sends of a group skip, and what its outcomes do to the lists. Counting and replacing happen in the statements themselves:
/// a member that is queued in the same group was asked for before the outcome was told to anybody.
/// </summary>
internal sealed class GroupSuppressions
{
    private readonly HashSet<(string OrgId, string InboxId, string Address)> asked = [];
    private readonly Dictionary<(string, string, string), List<(string Reason, long? ExpiresAt)>> standing = [];
    private readonly Dictionary<(string, string), string> hashed = [];
    private readonly List<string> withHashes = [];
    private readonly List<(SuppressionEffect Effect, Suppression Entry)> effects = [];

    public void Ask(string orgId, string inboxId, string address) => asked.Add((orgId, inboxId, Key(address)));

    /// <summary>The reason why a mail from the inbox would skip the address, or null.</summary>
    public string? Find(string orgId, string inboxId, string address, long now)
    {
        var kept = hashed.GetValueOrDefault((orgId, Key(address)));
        if (!standing.TryGetValue((orgId, inboxId, Key(address)), out var entries))
            return kept;
        // The firmest stands first.
        var found = entries.FindIndex(entry => entry.ExpiresAt is null || entry.ExpiresAt > now);
        return found < 0 ? kept : entries[found].Reason;
    }

    /// <summary>Does what an outcome means for the list of the inbox that sent.</summary>
    /// <param name="entry">Without its reason and its end.</param>
    public void Apply(SuppressionEffect effect, Suppression entry)
    {
        if (effect != SuppressionEffect.None)
            effects.Add((effect, entry with { Address = Key(entry.Address) }));
    }

    public void Read(PipelinedBatch reads)
    {
        if (asked.Count == 0)
            return;
        reads.Read(
            """
            SELECT k.org_id, k.inbox_id, k.address, s.reason, s.expires_at
            FROM unnest($1::text[], $2::text[], $3::text[]) AS k (org_id, inbox_id, address)
            JOIN suppressions s ON s.org_id = k.org_id AND s.inbox_id IN (k.inbox_id, '') AND s.address = k.address
            ORDER BY s.strength DESC
            """,
            row =>
            {
                var key = (row.GetString(0), row.GetString(1), row.GetString(2));
                if (!standing.TryGetValue(key, out var entries))
                    standing.Add(key, entries = []);
                entries.Add((row.GetString(3), row.LongOrNull(4)));
            },
            asked.Select(static key => key.OrgId).ToArray(),
            asked.Select(static key => key.InboxId).ToArray(),
            asked.Select(static key => key.Address).ToArray());
        reads.Read(
            "SELECT k.org_id FROM unnest($1::text[]) AS k (org_id) WHERE EXISTS (SELECT 1 FROM suppression_hashes h WHERE h.org_id = k.org_id)",
            row => withHashes.Add(row.GetString(0)),
            [asked.Select(static key => key.OrgId).Distinct(StringComparer.Ordinal).ToArray()]);
    }

    /// <summary>What outlived a deletion, of the few organisations that have such: a look of its own, once it is known which.</summary>
    public async Task ReadHashesAsync(PostgresSession session, CancellationToken cancellation)
    {
        foreach (var orgId in withHashes)
        {
            var addresses = asked.Where(key => key.OrgId == orgId).Select(static key => key.Address).ToHashSet(StringComparer.Ordinal);
            foreach (var entry in await SuppressionHashRow.FindAsync(session, orgId, addresses, cancellation))
                hashed[(orgId, Key(entry.Address))] = entry.Reason;
        }
    }

    /// <summary>In the order in which the outcomes came.</summary>
    public void Write(PipelinedBatch writes)
    {
        var arrived = new List<Suppression>();
        foreach (var (effect, entry) in effects)
        {
            if (effect == SuppressionEffect.ForgetSoftBounces)
            {
                arrived.Add(entry);
                continue;
            }
            Forget(writes, arrived);
            switch (effect)
            {
                case SuppressionEffect.HardBounce:
                    Add(writes, entry with { Reason = SuppressionReason.HardBounce });
                    break;
                case SuppressionEffect.Complaint:
                    Add(writes, entry with { Reason = SuppressionReason.Complaint });
                    break;
                case SuppressionEffect.CountSoftBounce:
                    CountSoftBounce(writes, entry with
                    {
                        Reason = SuppressionReason.SoftBounce,
                        ExpiresAt = entry.SuppressedAt + SuppressionRule.SoftMs,
                    });
                    break;
            }
        }
        Forget(writes, arrived);
    }

    private static string Key(string address) => PostgresText.Storable(address.ToLowerInvariant());

    private static void Forget(PipelinedBatch writes, List<Suppression> arrived)
    {
        if (arrived.Count == 0)
            return;
        writes.Write(
            """
            DELETE FROM soft_bounces b
            USING unnest($1::text[], $2::text[], $3::text[]) AS k (org_id, inbox_id, address)
            WHERE b.org_id = k.org_id AND b.inbox_id = k.inbox_id AND b.address = k.address
            """,
            arrived.Select(static entry => entry.OrgId).ToArray(),
            arrived.Select(static entry => entry.InboxId ?? "").ToArray(),
            arrived.Select(static entry => entry.Address).ToArray());
        arrived.Clear();
    }

    private static void Add(PipelinedBatch writes, Suppression entry) =>
        writes.Write(PostgresSuppressionStore.Insert, PostgresSuppressionStore.ValuesOf(entry));

    private static void CountSoftBounce(PipelinedBatch writes, Suppression entry)
    {
        writes.Write(
            """
            INSERT INTO soft_bounces AS b (org_id, inbox_id, address, count) VALUES ($1, $2, $3, 1)
            ON CONFLICT (org_id, inbox_id, address) DO UPDATE SET count = b.count + 1
            """,
            entry.OrgId, entry.InboxId ?? "", entry.Address);
        writes.Write(
            PostgresSuppressionStore.InsertWhen(
                $"EXISTS (SELECT 1 FROM soft_bounces WHERE org_id = $1 AND inbox_id = $2 AND address = $3 AND count >= {SuppressionRule.SoftBounces})"),
            PostgresSuppressionStore.ValuesOf(entry));
    }
}
