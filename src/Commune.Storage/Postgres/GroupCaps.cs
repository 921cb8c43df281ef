namespace Commune.Storage.Postgres;

/// <summary>What holds back the messages that a group queues: paused organisations, counted caps, and times to wait for.</summary>
internal sealed class GroupCaps
{
    private readonly HashSet<string> askedPauses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SendingPause> pauses = new(StringComparer.Ordinal);
    private readonly HashSet<(string OrgId, string Counted, long Second, long Window)> asked = [];
    private readonly Dictionary<(string, string, long, long), (long Used, long Oldest)> used = [];
    private readonly Dictionary<(string OrgId, string Counted, long Second), int> counts = [];
    private readonly List<ScheduledSend> scheduled = [];

    public void AskPause(string orgId) => askedPauses.Add(orgId);

    public SendingPause? PauseOf(string orgId) => pauses.GetValueOrDefault(orgId);

    public void Ask(string orgId, SendCap cap, long at) => asked.Add((orgId, cap.Counted, at / 1000, cap.WindowSeconds));

    /// <summary>The first cap that is reached, with what this group has counted; null when none is.</summary>
    public QueueResult.CapReached? FindReached(string orgId, IReadOnlyList<SendCap> caps, long at)
    {
        var now = at / 1000;
        foreach (var cap in caps)
        {
            var (total, oldest) = used.GetValueOrDefault((orgId, cap.Counted, now, cap.WindowSeconds), (0, now));
            foreach (var ((org, counted, second), count) in counts)
            {
                if (org == orgId && counted == cap.Counted && second > now - cap.WindowSeconds)
                    (total, oldest) = (total + count, Math.Min(oldest, second));
            }

            if (total >= cap.Most)
                return new QueueResult.CapReached(cap, (oldest + cap.WindowSeconds) * 1000);
        }

        return null;
    }

    public void Count(string orgId, IReadOnlyList<SendCap> caps, long at)
    {
        foreach (var counted in caps.Select(static cap => cap.Counted).Distinct(StringComparer.Ordinal))
        {
            var key = (orgId, counted, at / 1000);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
    }

    public void Add(ScheduledSend send) => scheduled.Add(send);

    public void Read(PipelinedBatch reads)
    {
        if (askedPauses.Count > 0)
        {
            reads.Read(
                $"SELECT {PostgresSendingPauseStore.Columns} FROM sending_pauses WHERE org_id = ANY ($1) AND paused_at IS NOT NULL",
                row => pauses.Add(row.GetString(0), PostgresSendingPauseStore.Map(row)),
                [askedPauses.ToArray()]);
        }

        if (asked.Count > 0)
        {
            reads.Read(
                """
                SELECT k.org_id, k.counted, k.second, k.length, u.used, u.oldest
                FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS k (org_id, counted, second, length)
                CROSS JOIN LATERAL (
                    SELECT COALESCE(sum(s.count), 0)::bigint AS used, COALESCE(min(s.second), k.second) AS oldest
                    FROM counted_sends s
                    WHERE s.org_id = k.org_id AND s.counted = k.counted AND s.second > k.second - k.length
                ) u
                """,
                row => used.Add(
                    (row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3)), (row.GetInt64(4), row.GetInt64(5))),
                asked.Select(static key => key.OrgId).ToArray(),
                asked.Select(static key => key.Counted).ToArray(),
                asked.Select(static key => key.Second).ToArray(),
                asked.Select(static key => key.Window).ToArray());
        }
    }

    public void Write(PipelinedBatch writes)
    {
        if (counts.Count > 0)
        {
            writes.Write(
                """
                INSERT INTO counted_sends AS s (org_id, counted, second, count)
                SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::integer[])
                ON CONFLICT (org_id, counted, second) DO UPDATE SET count = s.count + excluded.count
                """,
                counts.Keys.Select(static key => key.OrgId).ToArray(),
                counts.Keys.Select(static key => key.Counted).ToArray(),
                counts.Keys.Select(static key => key.Second).ToArray(),
                counts.Values.ToArray());
        }

        foreach (var send in scheduled)
        {
            writes.Write(
                """
                INSERT INTO scheduled_sends (org_id, message_id, thread_id, send_at, cancel_on_reply, created_at)
                VALUES ($1, $2, $3, $4, $5, $6)
                """,
                send.OrgId, send.MessageId, send.ThreadId, send.SendAt, send.CancelOnReply ? 1 : 0, send.CreatedAt);
        }
    }
}
