namespace Commune.Storage.Postgres;

/// <summary>The calls to webhook endpoints that a group owes.</summary>
internal sealed class GroupWebhooks
{
    private readonly List<WebhookDelivery> owed = [];

    /// <summary>A new delivery, and the job that makes its attempts.</summary>
    public void Owe(GroupTransaction transaction, WebhookDelivery delivery, long dueAt)
    {
        owed.Add(delivery);
        transaction.AddJob(delivery.Job(dueAt));
    }

    /// <summary>A delivery for each of the organisation's endpoints that wants the event.</summary>
    public void Tell(GroupTransaction transaction, MailEvent entry, IReadOnlyList<WebhookSubscription> subscriptions, long dueAt)
    {
        foreach (var subscription in subscriptions)
        {
            if (subscription.Wants(entry.Type, entry.InboxId))
                Owe(transaction, WebhookDelivery.Of(entry, subscription), dueAt);
        }
    }

    public void Write(PipelinedBatch writes)
    {
        if (owed.Count == 0)
            return;
        writes.Write(
            """
            INSERT INTO webhook_deliveries (
                org_id, id, inbox_id, message_id, endpoint, status, attempts, earlier_attempts, forced, created_at, webhook_id, event_seq, event_type)
            SELECT k.org_id, k.id, k.inbox_id, k.message_id, k.endpoint, 'pending', 0, 0, 0, k.created_at, k.webhook_id, k.event_seq, k.event_type
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::text[])
                AS k (org_id, id, inbox_id, message_id, endpoint, created_at, webhook_id, event_seq, event_type)
            """,
            owed.Select(static delivery => delivery.OrgId).ToArray(),
            owed.Select(static delivery => delivery.Id).ToArray(),
            owed.Select(static delivery => delivery.InboxId).ToArray(),
            owed.Select(static delivery => delivery.MessageId).ToArray(),
            owed.Select(static delivery => delivery.Endpoint).ToArray(),
            owed.Select(static delivery => delivery.CreatedAt).ToArray(),
            owed.Select(static delivery => delivery.WebhookId).ToArray(),
            owed.Select(static delivery => delivery.EventSequence).ToArray(),
            owed.Select(static delivery => delivery.EventType).ToArray());
    }
}
