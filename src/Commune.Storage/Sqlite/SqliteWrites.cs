using System.Runtime.InteropServices;

namespace Commune.Storage.Sqlite;

/// <summary>What work on the writer's thread sees: the connection inside the group's transaction, its clock, and the organisations' logs.</summary>
internal sealed class SqliteWrites(SqliteSession session, TimeProvider time)
{
    private readonly WebhookSubscriptions subscriptions = new();
    private readonly Dictionary<string, Head> heads = new(StringComparer.Ordinal);
    private readonly Dictionary<(string OrgId, string InboxId), (bool IsActive, WebhookSetting? Webhook, bool Extracts)> inboxes = [];

    public SqliteSession Session => session;

    /// <summary>When the group began, Unix ms.</summary>
    public long Now { get; private set; }

    /// <summary>The kinds of job that this group added or gave back.</summary>
    public HashSet<string> Signalled { get; } = new(StringComparer.Ordinal);

    /// <summary>The organisations whose logs may have grown.</summary>
    public IReadOnlyCollection<string> Organisations => heads.Keys;

    /// <summary>
    /// The organisation's time for what this group stores, Unix ms: later than that of any group before, so that what is listed by time
    /// is listed in commit order and a reader's snapshot never gains an older row; not before <paramref name="least"/>.
    /// </summary>
    public long Clock(string orgId, long least)
    {
        ref var head = ref HeadOf(orgId);
        return head.Clock = Math.Max(head.Clock, least);
    }

    public void Begin()
    {
        heads.Clear();
        inboxes.Clear();
        Signalled.Clear();
        Now = time.GetUtcNow().ToUnixTimeMilliseconds();
    }

    /// <inheritdoc cref="SqliteInboxStore.IsActive(SqliteSession, string, string, out WebhookSetting?, out bool)"/>
    /// <remarks>Asked once in a group, in which nobody else changes inboxes.</remarks>
    public bool IsActive(string orgId, string inboxId, out WebhookSetting? webhook, out bool extracts)
    {
        if (session.RanWatched)
            inboxes.Clear();
        ref var inbox = ref CollectionsMarshal.GetValueRefOrAddDefault(inboxes, (orgId, inboxId), out var known);
        if (!known)
            inbox = (SqliteInboxStore.IsActive(session, orgId, inboxId, out webhook, out extracts), webhook, extracts);
        (webhook, extracts) = (inbox.Webhook, inbox.Extracts);
        return inbox.IsActive;
    }

    /// <summary>Writes back the heads of the logs that grew: once per organisation and group.</summary>
    public void End()
    {
        foreach (var (orgId, head) in heads)
        {
            session.Execute(
                """
                INSERT INTO org_heads (org_id, event_seq, clock, documents, endpoints) VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT (org_id) DO UPDATE SET
                  event_seq = excluded.event_seq, clock = excluded.clock, documents = excluded.documents, endpoints = excluded.endpoints
                """,
                orgId, head.Sequence, head.Clock, head.Documents, head.Endpoints);
        }
    }

    /// <summary>Says that the organisation's endpoints changed; the table has the change already.</summary>
    public void EndpointsChanged(string orgId)
    {
        var active = session.Any("SELECT 1 FROM webhook_endpoints WHERE org_id = ?1 AND enabled = 1 AND disabled_reason IS NULL", orgId);
        HeadOf(orgId).Endpoints = active ? WebhookSubscriptions.NewMark() : 0;
    }

    /// <summary>Appends to the organisation's log, counts as its newest change, and owes the calls to those of its endpoints that want the event.</summary>
    public void AppendEvent(
        string orgId, string type, string? inboxId, string? threadId, string? messageId, string? data, EventAudience audience = default)
    {
        ref var head = ref HeadOf(orgId);
        head.Sequence++;
        session.Execute(
            "INSERT INTO events (org_id, seq, type, at, inbox_id, thread_id, message_id, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            orgId, head.Sequence, type, head.Clock, inboxId, threadId, messageId, data);
        if (head.Endpoints != 0)
            Tell(new MailEvent(orgId, head.Sequence, type, head.Clock, inboxId, threadId, messageId, data), head.Endpoints, audience);
    }

    private void Tell(MailEvent entry, long mark, EventAudience audience)
    {
        if (subscriptions.Find(entry.OrgId, mark) is not { } active)
            subscriptions.Keep(entry.OrgId, mark, active = SqliteWebhookEndpointStore.Active(session, entry.OrgId));
        foreach (var subscription in active)
        {
            if (audience.Takes(subscription) && subscription.Wants(entry.Type, entry.InboxId))
                WebhookRow.Owe(this, WebhookDelivery.Of(entry, subscription), Now);
        }
    }

    /// <summary>The next document number of the organisation's index.</summary>
    public long NextDocument(string orgId) => ++HeadOf(orgId).Documents;

    public void AddJob(string id, string kind, string key, string orgId, string payload, long dueAt)
    {
        session.Execute(
            """
            INSERT INTO jobs (id, kind, key, org_id, payload, attempts, due_at, lease, lease_until)
            VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, NULL, 0)
            """,
            id, kind, key, orgId, payload, dueAt);
        Signalled.Add(kind);
    }

    private ref Head HeadOf(string orgId)
    {
        ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(heads, orgId, out var known);
        if (!known)
        {
            using var row = session.Query("SELECT event_seq, clock, documents, endpoints FROM org_heads WHERE org_id = ?1", orgId);
            if (row.Read())
            {
                head = new Head
                {
                    Sequence = row.Number(0), Clock = row.Number(1) + 1, Documents = row.Number(2), Endpoints = row.Number(3),
                };
            }
            head.Clock = Math.Max(head.Clock, Now);
        }
        return ref head;
    }

    private struct Head
    {
        public long Sequence;
        public long Clock;
        public long Documents;
        public long Endpoints;
    }
}
