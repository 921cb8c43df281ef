namespace Commune.Storage.Sqlite;

/// <summary>Rows of <c>suppressions</c> and <c>soft_bounces</c> as they are written. An inbox id of "" stands for the whole organisation.</summary>
internal static class SuppressionRow
{
    /// <summary>Takes the place of a weaker entry and gives way to a firmer one; of two that end, the later end stays.</summary>
    public static void Add(SqliteSession session, Suppression entry) => session.Execute(
        """
        INSERT INTO suppressions (
          org_id, inbox_id, address, id, domain_id, reason, strength, message_id, detail, suppressed_at, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        ON CONFLICT (org_id, inbox_id, address) DO UPDATE SET
          reason = excluded.reason, strength = excluded.strength, message_id = excluded.message_id, detail = excluded.detail,
          suppressed_at = excluded.suppressed_at, expires_at = excluded.expires_at
        WHERE excluded.strength > strength OR (excluded.strength = 0 AND strength = 0 AND excluded.expires_at > expires_at)
        """,
        entry.OrgId, entry.InboxId ?? "", entry.Address.ToLowerInvariant(), entry.Id, entry.DomainId, entry.Reason,
        SuppressionReason.Strength(entry.Reason, entry.ExpiresAt), entry.MessageId, entry.Detail, entry.SuppressedAt, entry.ExpiresAt);

    /// <summary>Does what an outcome means for the list of the inbox that sent.</summary>
    /// <param name="entry">Without its reason and its end.</param>
    public static void Apply(SqliteSession session, SuppressionEffect effect, Suppression entry)
    {
        switch (effect)
        {
            case SuppressionEffect.ForgetSoftBounces:
                ForgetSoftBounces(session, entry.OrgId, entry.InboxId, entry.Address);
                break;
            case SuppressionEffect.HardBounce:
                Add(session, entry with { Reason = SuppressionReason.HardBounce });
                break;
            case SuppressionEffect.Complaint:
                Add(session, entry with { Reason = SuppressionReason.Complaint });
                break;
            case SuppressionEffect.CountSoftBounce when CountSoftBounce(session, entry) >= SuppressionRule.SoftBounces:
                Add(session, entry with { Reason = SuppressionReason.SoftBounce, ExpiresAt = entry.SuppressedAt + SuppressionRule.SoftMs });
                break;
        }
    }

    public static void ForgetSoftBounces(SqliteSession session, string orgId, string? inboxId, string address) => session.Execute(
        "DELETE FROM soft_bounces WHERE org_id = ?1 AND inbox_id = ?2 AND address = ?3", orgId, inboxId ?? "", address.ToLowerInvariant());

    /// <summary>The reason why a mail from the inbox would skip the address, or null.</summary>
    public static string? Find(SqliteSession session, string orgId, string inboxId, string address, long now)
    {
        var (reason, most) = (default(string), -1L);
        using (var row = session.Query(
            """
            SELECT strength, reason FROM suppressions
            WHERE org_id = ?1 AND inbox_id IN (?2, '') AND address = ?3 AND (expires_at IS NULL OR expires_at > ?4)
            """,
            orgId, inboxId, address.ToLowerInvariant(), now))
        {
            // Two rows at most, which SQLite would set up a sorter for.
            while (row.Read())
            {
                if (row.Number(0) > most)
                    (most, reason) = (row.Number(0), row.Text(1));
            }
        }
        return reason ?? SuppressionHashRow.Find(session, orgId, address)?.Reason;
    }

    private static long CountSoftBounce(SqliteSession session, Suppression entry) => session.Number(
        """
        INSERT INTO soft_bounces (org_id, inbox_id, address, count) VALUES (?1, ?2, ?3, 1)
        ON CONFLICT (org_id, inbox_id, address) DO UPDATE SET count = count + 1
        RETURNING count
        """,
        entry.OrgId, entry.InboxId ?? "", entry.Address.ToLowerInvariant()) ?? 0;
}
