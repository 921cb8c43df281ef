namespace Commune.Storage.Postgres;

/// <summary>The active ones among the inboxes that a group writes to, and their addresses.</summary>
internal sealed class GroupInboxes
{
    private readonly HashSet<(string OrgId, string InboxId)> asked = [];
    private readonly Dictionary<(string OrgId, string InboxId), string> active = [];
    private readonly Dictionary<(string OrgId, string InboxId), WebhookSetting> webhooks = [];
    private readonly HashSet<(string OrgId, string InboxId)> extracting = [];

    public void Ask(string orgId, string inboxId) => asked.Add((orgId, inboxId));

    /// <summary>The inbox's address; null when it is unknown, deleted or inactive.</summary>
    public string? AddressOf(string orgId, string inboxId) => active.GetValueOrDefault((orgId, inboxId));

    /// <summary>The webhook of an active inbox, or null.</summary>
    public WebhookSetting? WebhookOf(string orgId, string inboxId) => webhooks.GetValueOrDefault((orgId, inboxId));

    /// <summary>Whether mail is read by the schema of an active inbox.</summary>
    public bool Extracts(string orgId, string inboxId) => extracting.Contains((orgId, inboxId));

    public void Read(PipelinedBatch reads)
    {
        if (asked.Count == 0)
            return;
        reads.Read(
            """
            SELECT i.org_id, i.id, i.local_part || '@' || i.domain_name, i.webhook, i.extracts
            FROM unnest($1::text[], $2::text[]) AS k (org_id, id)
            JOIN inboxes i ON i.org_id = k.org_id AND i.id = k.id
            WHERE i.status = 'active' AND i.deleted_at IS NULL
            """,
            row =>
            {
                active.Add((row.GetString(0), row.GetString(1)), row.GetString(2));
                if (PostgresJson.ReadWebhook(row.TextOrNull(3)) is { } webhook)
                    webhooks.Add((row.GetString(0), row.GetString(1)), webhook);
                if (row.GetInt64(4) != 0)
                    extracting.Add((row.GetString(0), row.GetString(1)));
            },
            asked.Select(static key => key.OrgId).ToArray(),
            asked.Select(static key => key.InboxId).ToArray());
    }
}
