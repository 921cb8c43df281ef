using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>
/// One transaction for a whole group, in two round trips: take the organisations' rows and read all that the members
/// ask for; let each decide, in order and in memory, seeing what those before it decided; write all changes and commit. What was read
/// cannot change meanwhile: whoever would change it needs the organisation's row (see <see cref="OrgHead"/>).
/// </summary>
internal sealed class GroupTransaction(
    NpgsqlConnection connection, NpgsqlTransaction transaction, TimeProvider time, WebhookSubscriptions subscriptions)
{
    private readonly Dictionary<string, OrgHead> heads = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> wanted = new(StringComparer.Ordinal);
    private readonly HashSet<string> jobKinds = new(StringComparer.Ordinal);
    private readonly List<MailEvent> events = [];
    private readonly Dictionary<string, IReadOnlyList<WebhookSubscription>> told = new(StringComparer.Ordinal);

    public GroupInboxes Inboxes { get; } = new();
    public GroupThreads Threads { get; } = new();
    public GroupMessages Messages { get; } = new();
    public GroupSends Sends { get; } = new();
    public GroupCaps Caps { get; } = new();
    public GroupDeliveries Deliveries { get; } = new();
    public GroupDeliveryEvents DeliveryEvents { get; } = new();
    public GroupSuppressions Suppressions { get; } = new();
    public GroupJobs Jobs { get; } = new();
    public GroupWebhooks Webhooks { get; } = new();
    public GroupSearch Search { get; } = new();
    public GroupAttachmentTexts AttachmentTexts { get; } = new();

    /// <summary>Kinds of which jobs were added.</summary>
    public IReadOnlyCollection<string> JobKinds => jobKinds;

    /// <summary>The organisations whose logs grew.</summary>
    public IEnumerable<string> Appended => events.Select(static entry => entry.OrgId).Distinct(StringComparer.Ordinal);

    /// <summary>Says that the organisation's row is needed and that what is stored is not older than <paramref name="at"/>.</summary>
    public void NeedHead(string orgId, long at) => wanted[orgId] = Math.Max(wanted.GetValueOrDefault(orgId), at);

    /// <summary>Null when there is no such organisation.</summary>
    public OrgHead? Head(string orgId) => heads.GetValueOrDefault(orgId);

    /// <summary>Appends to the log, and owes the calls to those endpoints of the organisation that want the event.</summary>
    public void Append(MailEvent entry)
    {
        events.Add(entry);
        if (told.TryGetValue(entry.OrgId, out var active))
            Webhooks.Tell(this, entry, active, heads[entry.OrgId].Asked);
    }

    public void AddJob(NewJob job)
    {
        Jobs.Add(job);
        jobKinds.Add(job.Kind);
    }

    /// <param name="replan">Has the server plan its statements anew.</param>
    public async Task ReadAndDecideAsync(IReadOnlyList<GroupWork> group, bool replan, CancellationToken cancellation)
    {
        foreach (var work in group)
            work.Ask(this);

        var reads = new PipelinedBatch(connection, transaction);
        if (replan)
            reads.Write("DISCARD PLANS");
        TakeHeads(reads);
        Inboxes.Read(reads);
        Threads.Read(reads);
        Messages.Read(reads);
        Sends.Read(reads);
        Caps.Read(reads);
        Jobs.Read(reads);
        Deliveries.Read(reads);
        DeliveryEvents.Read(reads);
        Suppressions.Read(reads);
        AttachmentTexts.Read(reads);
        await reads.RunAsync(cancellation);
        await ReadSubscriptionsAsync(cancellation);
        await Suppressions.ReadHashesAsync(new PostgresSession(connection, transaction), cancellation);

        foreach (var work in group)
            work.Decide(this);
    }

    /// <summary>Returns when the transaction is durable. The server skips the commit when one of the statements before it fails.</summary>
    public async Task WriteAndCommitAsync(CancellationToken cancellation)
    {
        var writes = new PipelinedBatch(connection, transaction);
        Messages.Write(writes);
        Threads.Write(writes);
        Sends.Write(writes);
        Caps.Write(writes);
        Deliveries.Write(writes);
        DeliveryEvents.Write(writes);
        Suppressions.Write(writes);
        Jobs.Write(writes);
        Webhooks.Write(writes);
        AttachmentTexts.Write(writes);
        jobKinds.UnionWith(Search.Write(writes));
        WriteEvents(writes);
        WriteHeads(writes);
        writes.Write("COMMIT");
        await writes.RunAsync(cancellation);
    }

    /// <summary>Only what has changed since it was last read: most groups read nothing here.</summary>
    private async Task ReadSubscriptionsAsync(CancellationToken cancellation)
    {
        foreach (var head in heads.Values.Where(static head => head.Endpoints != 0))
        {
            told[head.OrgId] = await PostgresWebhookEndpointStore.SubscriptionsAsync(
                new PostgresSession(connection, transaction), subscriptions, head, cancellation);
        }
    }

    private void TakeHeads(PipelinedBatch reads)
    {
        if (wanted.Count == 0)
            return;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        reads.Read(
            """
            SELECT org_id, event_seq, clock, documents, endpoints
            FROM org_heads
            WHERE org_id = ANY ($1)
            ORDER BY org_id
            FOR UPDATE
            """,
            row =>
            {
                var orgId = row.GetString(0);
                heads.Add(orgId, OrgHead.Held(orgId, row.GetInt64(1), row.GetInt64(2), Math.Max(now, wanted[orgId]), row.GetInt64(3), row.GetInt64(4)));
            },
            [wanted.Keys.ToArray()]);
    }

    private void WriteEvents(PipelinedBatch writes)
    {
        if (events.Count == 0)
            return;
        writes.Write(
            """
            INSERT INTO events (org_id, seq, type, at, inbox_id, thread_id, message_id, data)
            SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[])
            """,
            events.Select(static entry => entry.OrgId).ToArray(),
            events.Select(static entry => entry.Sequence).ToArray(),
            events.Select(static entry => entry.Type).ToArray(),
            events.Select(static entry => entry.At).ToArray(),
            events.Select(static entry => entry.InboxId).ToArray(),
            events.Select(static entry => entry.ThreadId).ToArray(),
            events.Select(static entry => entry.MessageId).ToArray(),
            events.Select(static entry => entry.Data).ToArray());
    }

    private void WriteHeads(PipelinedBatch writes)
    {
        var changed = heads.Values.Where(static head => head.Changed).ToArray();
        if (changed.Length == 0)
            return;
        writes.Write(
            """
            UPDATE org_heads h
            SET event_seq = k.event_seq, clock = k.clock, documents = k.documents
            FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) AS k (org_id, event_seq, clock, documents)
            WHERE h.org_id = k.org_id
            """,
            changed.Select(static head => head.OrgId).ToArray(),
            changed.Select(static head => head.Sequence).ToArray(),
            changed.Select(static head => head.Now).ToArray(),
            changed.Select(static head => head.Documents).ToArray());
    }
}
