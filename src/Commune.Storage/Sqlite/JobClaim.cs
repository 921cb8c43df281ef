namespace Commune.Storage.Sqlite;

/// <summary>Finds the due jobs that a claim may take, by walking indexes.</summary>
internal sealed class JobClaim
{
    /// <summary>Jobs found by key and not taken yet: more are not kept.</summary>
    private const int MostFound = 4096;

    // Where stepping over the keys of a kind stopped, when there were too many for one claim. The writer's thread alone comes here.
    private readonly Dictionary<string, (string OrgId, string Key)> resume = new(StringComparer.Ordinal);

    private readonly Dictionary<string, long> stepped = new(StringComparer.Ordinal);

    public IReadOnlyList<DueJob> Choose(
        SqliteSession session, string kind, int max, int maxPerKey, long now, IReadOnlyDictionary<string, int>? heldByOrganisation)
    {
        var held = Held(session, kind, now);
        var choice = new JobChoice(max, maxPerKey, held, heldByOrganisation);
        if (InOrder(session, choice, kind, now) || (choice.Chosen.Count > 0 && now - stepped.GetValueOrDefault(kind) < JobChoice.StepEvery))
            return choice.Chosen;
        stepped[kind] = now;

        // What was chosen is chosen anew: the shares must not depend on what came first.
        choice = new JobChoice(max, maxPerKey, held, heldByOrganisation);
        for (var step = 0; step < JobChoice.Steps && choice.Chosen.Count == 0; step++)
        {
            var found = new List<DueJob>();
            var wrapped = ByKey(session, choice, found, kind, now);
            choice.TakeEarliest(found);
            if (wrapped)
                break;
        }
        return choice.Chosen;
    }

    private static Dictionary<string, int> Held(SqliteSession session, string kind, long now)
    {
        var held = new Dictionary<string, int>(StringComparer.Ordinal);
        using var row = session.Query("SELECT key FROM jobs WHERE kind = ?1 AND lease IS NOT NULL AND lease_until > ?2", kind, now);
        while (row.Read())
        {
            var key = row.Text(0);
            held[key] = held.GetValueOrDefault(key) + 1;
        }
        return held;
    }

    /// <returns>False when the rows read were too few to tell.</returns>
    private static bool InOrder(SqliteSession session, JobChoice choice, string kind, long now)
    {
        using var row = session.Query(
            "SELECT id, org_id, key, due_at FROM jobs WHERE kind = ?1 AND due_at <= ?2 ORDER BY due_at, id", kind, now);
        while (!choice.IsFull && choice.PassedOver <= JobChoice.MostPassedOver)
        {
            if (!row.Read())
                return true;
            var orgId = row.Text(1);
            if (!choice.TryPassOver(orgId))
                choice.TryTake(new DueJob(row.Text(0), orgId, row.Text(2), row.Number(3)));
        }
        return choice.IsFull;
    }

    /// <summary>Steps from key to key, so that a long queue costs no more than a short one.</summary>
    /// <returns>True when the end was reached: the next claim begins from the start.</returns>
    private bool ByKey(SqliteSession session, JobChoice choice, List<DueJob> found, string kind, long now)
    {
        resume.Remove(kind, out var at);
        var (orgId, key) = (at.OrgId ?? "", at.Key ?? "");
        for (var i = 0; i < JobChoice.ReadPairs && found.Count < MostFound; i++)
        {
            if (!NextPair(session, kind, ref orgId, ref key))
                return true;
            if (!choice.HasRoom(orgId))
                key = JobChoice.BehindAllKeys;
            else if (choice.RoomOf(key) is > 0 and var room)
                Due(session, found, kind, orgId, key, now, room);
        }
        resume[kind] = (orgId, key);
        return false;
    }

    private static bool NextPair(SqliteSession session, string kind, ref string orgId, ref string key)
    {
        using var row = session.Query(
            "SELECT org_id, key FROM jobs WHERE kind = ?1 AND (org_id, key) > (?2, ?3) ORDER BY org_id, key LIMIT 1", kind, orgId, key);
        if (!row.Read())
            return false;
        (orgId, key) = (row.Text(0), row.Text(1));
        return true;
    }

    private static void Due(SqliteSession session, List<DueJob> found, string kind, string orgId, string key, long now, int room)
    {
        using var row = session.Query(
            "SELECT id, due_at FROM jobs WHERE kind = ?1 AND org_id = ?2 AND key = ?3 AND due_at <= ?4 ORDER BY due_at, id LIMIT ?5",
            kind, orgId, key, now, room);
        while (row.Read())
            found.Add(new DueJob(row.Text(0), orgId, key, row.Number(1)));
    }
}
