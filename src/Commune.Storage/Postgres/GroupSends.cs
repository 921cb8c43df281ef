namespace Commune.Storage.Postgres;

/// <summary>Idempotency keys, counted sends and recipients of the messages that a group queues.</summary>
internal sealed class GroupSends
{
    public const long KeyLife = 24L * 60 * 60 * 1000;
    private const long Hour = 60 * 60;
    public const long Day = 24 * Hour;

    /// <summary>The windows end with the second of <c>k.at</c>; a send leaves its window when the whole second of it has.</summary>
    public const string UsageColumns =
        """
        COALESCE(sum(s.count) FILTER (WHERE s.second > k.second - 3600), 0)::integer,
        COALESCE(sum(s.count), 0)::integer,
        min(s.second) FILTER (WHERE s.second > k.second - 3600),
        min(s.second)
        """;

    private readonly HashSet<(string OrgId, string Key)> askedKeys = [];
    private readonly HashSet<(string OrgId, long Second)> askedUsage = [];
    private readonly Dictionary<(string, string), (IdempotencyClaim Claim, long At)> claims = [];
    private readonly Dictionary<(string, long), SendUsage> usage = [];
    private readonly List<(string OrgId, IdempotencyClaim Claim, long At)> newClaims = [];
    private readonly Dictionary<(string OrgId, long Second), int> newSends = [];
    private readonly List<(string OrgId, string MessageId, OutboundRecipient Recipient, string Status, long At)> recipients = [];

    /// <summary>Makes the usage of <see cref="UsageColumns"/>, read from <paramref name="first"/> on.</summary>
    public static SendUsage ReadUsage(Npgsql.NpgsqlDataReader row, int first) => new(
        row.GetInt32(first), row.GetInt32(first + 1),
        row.LongOrNull(first + 2) is { } hour ? (hour + Hour) * 1000 : 0,
        row.LongOrNull(first + 3) is { } day ? (day + Day) * 1000 : 0);

    public void AskKey(string orgId, string key) => askedKeys.Add((orgId, key));

    public void AskUsage(string orgId, long at) => askedUsage.Add((orgId, at / 1000));

    /// <summary>The claim that holds the key at that time.</summary>
    public IdempotencyClaim? FindClaim(string orgId, string key, long at) =>
        claims.TryGetValue((orgId, key), out var held) && held.At > at - KeyLife ? held.Claim : null;

    /// <summary>What was sent until then, by this group too.</summary>
    public SendUsage UsageAt(string orgId, long at)
    {
        var now = at / 1000;
        var total = usage.GetValueOrDefault((orgId, now)) ?? new SendUsage(0, 0, 0, 0);
        foreach (var ((org, second), count) in newSends)
        {
            if (org != orgId || second <= now - Day)
                continue;
            total = total with { LastDay = total.LastDay + count, DayFreesAt = Earlier(total.DayFreesAt, (second + Day) * 1000) };
            if (second > now - Hour)
                total = total with { LastHour = total.LastHour + count, HourFreesAt = Earlier(total.HourFreesAt, (second + Hour) * 1000) };
        }

        return total;
    }

    public void Add(string orgId, IdempotencyClaim claim, long at)
    {
        claims[(orgId, claim.Key)] = (claim, at);
        newClaims.Add((orgId, claim, at));
    }

    public void Count(string orgId, long at)
    {
        var key = (orgId, at / 1000);
        newSends[key] = newSends.GetValueOrDefault(key) + 1;
    }

    /// <param name="status"><c>queued</c>, or <c>suppressed</c> for one who is skipped.</param>
    public void Add(string orgId, string messageId, OutboundRecipient recipient, string status, long at) =>
        recipients.Add((orgId, messageId, recipient, status, at));

    public void Read(PipelinedBatch reads)
    {
        if (askedKeys.Count > 0)
        {
            reads.Read(
                """
                SELECT i.org_id, i.key, i.fingerprint, i.status, i.body, i.created_at
                FROM unnest($1::text[], $2::text[]) AS k (org_id, key)
                JOIN idempotency i ON i.org_id = k.org_id AND i.key = k.key
                """,
                row => claims.Add(
                    (row.GetString(0), row.GetString(1)),
                    (new IdempotencyClaim(row.GetString(1), row.GetFieldValue<byte[]>(2), row.GetInt32(3), row.GetFieldValue<byte[]>(4)), row.GetInt64(5))),
                askedKeys.Select(static key => key.OrgId).ToArray(),
                askedKeys.Select(static key => key.Key).ToArray());
        }

        if (askedUsage.Count > 0)
        {
            reads.Read(
                $"""
                SELECT k.org_id, k.second, u.*
                FROM unnest($1::text[], $2::bigint[]) AS k (org_id, second)
                CROSS JOIN LATERAL (
                    SELECT {UsageColumns}
                    FROM sends s
                    WHERE s.org_id = k.org_id AND s.second > k.second - 86400
                ) u
                """,
                row => usage.Add((row.GetString(0), row.GetInt64(1)), ReadUsage(row, 2)),
                askedUsage.Select(static key => key.OrgId).ToArray(),
                askedUsage.Select(static key => key.Second).ToArray());
        }
    }

    public void Write(PipelinedBatch writes)
    {
        foreach (var (orgId, claim, at) in newClaims)
        {
            // Only a key that has outlived its day is there already.
            writes.Write(
                """
                INSERT INTO idempotency (org_id, key, fingerprint, status, body, created_at)
                VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (org_id, key) DO UPDATE
                SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, created_at = excluded.created_at
                """,
                orgId, claim.Key, claim.Fingerprint, claim.Status, claim.Body, at);
        }

        if (newSends.Count > 0)
        {
            writes.Write(
                """
                INSERT INTO sends AS s (org_id, second, count)
                SELECT * FROM unnest($1::text[], $2::bigint[], $3::integer[])
                ON CONFLICT (org_id, second) DO UPDATE SET count = s.count + excluded.count
                """,
                newSends.Keys.Select(static key => key.OrgId).ToArray(),
                newSends.Keys.Select(static key => key.Second).ToArray(),
                newSends.Values.ToArray());
        }

        if (recipients.Count > 0)
        {
            writes.Write(
                """
                INSERT INTO recipients (org_id, message_id, address, destination, status, attempts, next_attempt_at, updated_at)
                SELECT k.org_id, k.message_id, k.address, k.destination, k.status, 0, CASE k.status WHEN 'queued' THEN k.at END, k.at
                FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
                    AS k (org_id, message_id, address, destination, status, at)
                """,
                recipients.Select(static row => row.OrgId).ToArray(),
                recipients.Select(static row => row.MessageId).ToArray(),
                recipients.Select(static row => row.Recipient.Address).ToArray(),
                recipients.Select(static row => row.Recipient.Destination).ToArray(),
                recipients.Select(static row => row.Status).ToArray(),
                recipients.Select(static row => row.At).ToArray());
        }
    }

    private static long Earlier(long present, long other) => present == 0 ? other : Math.Min(present, other);
}
