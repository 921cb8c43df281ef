using System.Collections.Concurrent;

namespace Commune.Storage.Postgres;

/// <summary>Finds the due jobs that a claim may take, by walking indexes.</summary>
internal sealed class PostgresJobClaim
{
    // Where stepping over the keys of a kind stopped, when there were too many for one claim.
    private readonly ConcurrentDictionary<string, (string OrgId, string Key)> resume = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, long> stepped = new(StringComparer.Ordinal);

    public async Task<IReadOnlyList<DueJob>> ChooseAsync(
        PostgresSession session, string kind, int max, int maxPerKey, long now, IReadOnlyDictionary<string, int>? heldByOrganisation,
        CancellationToken cancellation)
    {
        var held = new Dictionary<string, int>(StringComparer.Ordinal);
        var due = new List<DueJob>();
        var most = JobChoice.MostPassedOver + 1L + max;
        var reads = session.Pipeline();
        // One claim of a kind at a time: two that count the same leases would together exceed a key's share.
        reads.Read("SELECT pg_advisory_xact_lock(hashtext('jobs'), hashtext($1))", static _ => { }, kind);
        reads.Read(
            "SELECT key, count(*) FROM jobs WHERE kind = $1 AND lease IS NOT NULL AND lease_until > $2 GROUP BY key",
            row => held.Add(row.GetString(0), (int)row.GetInt64(1)), kind, now);
        reads.Read(
            "SELECT id, org_id, key, due_at FROM jobs WHERE kind = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $3",
            row => due.Add(new DueJob(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3))), kind, now, most);
        await reads.RunAsync(cancellation);

        var choice = new JobChoice(max, maxPerKey, held, heldByOrganisation);
        foreach (var job in due)
            choice.TryTake(job);
        if (choice.IsFull || due.Count < most || (choice.Chosen.Count > 0 && now - stepped.GetValueOrDefault(kind) < JobChoice.StepEvery))
            return choice.Chosen;
        stepped[kind] = now;

        // What was chosen is chosen anew: the shares must not depend on what came first.
        choice = new JobChoice(max, maxPerKey, held, heldByOrganisation);
        for (var step = 0; step < JobChoice.Steps && choice.Chosen.Count == 0; step++)
        {
            if (await ByKeyAsync(session, choice, kind, Math.Min(max, maxPerKey), now, cancellation))
                break;
        }
        return choice.Chosen;
    }

    /// <summary>Steps from key to key, so that a long queue costs no more than a short one.</summary>
    /// <returns>True when the end was reached: the next claim begins from the start.</returns>
    private async Task<bool> ByKeyAsync(
        PostgresSession session, JobChoice choice, string kind, int share, long now, CancellationToken cancellation)
    {
        resume.TryRemove(kind, out var at);
        var found = new List<DueJob>();
        var pairs = 0;
        var (lastOrg, lastKey) = ("", "");
        await session.QueryWhileAsync(
            """
            WITH RECURSIVE pairs AS (
                (
                    SELECT org_id, key
                    FROM jobs
                    WHERE kind = $1 AND (org_id, key) > ($3, $4)
                    ORDER BY org_id, key
                    LIMIT 1
                )
                UNION ALL
                SELECT next.org_id, next.key
                FROM pairs p
                CROSS JOIN LATERAL (
                    SELECT j.org_id, j.key
                    FROM jobs j
                    WHERE j.kind = $1 AND (j.org_id, j.key) > (p.org_id, CASE WHEN p.org_id = ANY ($5) THEN $6 ELSE p.key END)
                    ORDER BY j.org_id, j.key
                    LIMIT 1
                ) next
            )
            SELECT p.org_id, p.key, due.id, due.due_at
            FROM (SELECT org_id, key FROM pairs LIMIT $7) p
            LEFT JOIN LATERAL (
                SELECT id, due_at
                FROM jobs
                WHERE kind = $1 AND org_id = p.org_id AND key = p.key AND due_at <= $2 AND p.org_id <> ALL ($5)
                ORDER BY due_at, id
                LIMIT $8
            ) due ON true
            """,
            row =>
            {
                var (orgId, key) = (row.GetString(0), row.GetString(1));
                if (orgId != lastOrg || key != lastKey)
                    pairs++;
                (lastOrg, lastKey) = (orgId, key);
                if (!row.IsDBNull(2))
                    found.Add(new DueJob(row.GetString(2), orgId, key, row.GetInt64(3)));
                return true;
            },
            cancellation, kind, now, at.OrgId ?? "", at.Key ?? "", choice.FullOrganisations, JobChoice.BehindAllKeys,
            (long)JobChoice.ReadPairs, (long)share);
        choice.TakeEarliest(found);
        if (pairs < JobChoice.ReadPairs)
            return true;
        resume[kind] = (lastOrg, lastKey);
        return false;
    }
}
