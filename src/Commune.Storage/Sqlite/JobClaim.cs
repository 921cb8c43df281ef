namespace Commune.Storage.Sqlite;

/// <summary>Chooses which due jobs are leased next: the earliest due, but no key more than its share.</summary>
internal sealed class JobClaim
{
    // A key with a long queue (a dead destination) must not make every claim read that queue.
    private const int ReadInOrder = 256;
    private const int ReadKeys = 1000;

    private const string Columns = "id, key, org_id, payload, attempts, due_at";

    // Where stepping over the keys of a kind stopped, when there were too many for one claim. The writer's thread alone comes here.
    private readonly Dictionary<string, string> resume = new(StringComparer.Ordinal);

    public IReadOnlyList<Job> Choose(SqliteSession session, string kind, int max, int maxPerKey, long now)
    {
        var held = Held(session, kind, now);
        var chosen = InOrder(session, kind, max, maxPerKey, now, held, out var complete);
        if (!complete)
            chosen = ByKey(session, kind, max, maxPerKey, now, Held(session, kind, now));
        return chosen;
    }

    /// <summary>How many jobs of each key somebody works on.</summary>
    private static Dictionary<string, int> Held(SqliteSession session, string kind, long now)
    {
        var held = new Dictionary<string, int>(StringComparer.Ordinal);
        using var row = session.Query(
            "SELECT key, count(*) FROM jobs WHERE kind = ?1 AND lease IS NOT NULL AND lease_until > ?2 GROUP BY key", kind, now);
        while (row.Read())
            held.Add(row.Text(0), (int)row.Number(1));
        return held;
    }

    /// <param name="complete">False when the rows read were too few to tell.</param>
    private static List<Job> InOrder(
        SqliteSession session, string kind, int max, int maxPerKey, long now, Dictionary<string, int> held, out bool complete)
    {
        var jobs = new List<Job>();
        var read = 0;
        using var row = session.Query(
            $"SELECT {Columns} FROM jobs WHERE kind = ?1 AND due_at <= ?2 ORDER BY due_at, id LIMIT ?3", kind, now, ReadInOrder + (long)max);
        while (jobs.Count < max && row.Read())
        {
            read++;
            if (Take(held, row.Text(1), maxPerKey))
                jobs.Add(Map(row, kind));
        }
        complete = jobs.Count == max || read < ReadInOrder + (long)max;
        return jobs;
    }

    /// <summary>Steps from key to key, so that a long queue costs no more than a short one.</summary>
    private List<Job> ByKey(
        SqliteSession session, string kind, int max, int maxPerKey, long now, Dictionary<string, int> held)
    {
        var jobs = new List<Job>();
        resume.Remove(kind, out var start);
        var key = start ?? "";
        for (var i = 0; NextKey(session, kind, key) is { } next; i++)
        {
            if (i == ReadKeys)
            {
                resume[kind] = key;
                break;
            }
            key = next;
            var share = Math.Min(max, maxPerKey - held.GetValueOrDefault(key));
            if (share > 0)
            {
                using var row = session.Query(
                    $"SELECT {Columns} FROM jobs WHERE kind = ?1 AND key = ?2 AND due_at <= ?3 ORDER BY due_at, id LIMIT ?4", kind, key, now, share);
                while (row.Read())
                    jobs.Add(Map(row, kind));
            }
        }
        jobs.Sort(static (left, right) => left.DueAt != right.DueAt ? left.DueAt.CompareTo(right.DueAt) : string.CompareOrdinal(left.Id, right.Id));
        return jobs.Count > max ? jobs[..max] : jobs;
    }

    private static string? NextKey(SqliteSession session, string kind, string key) =>
        session.Text("SELECT min(key) FROM jobs WHERE kind = ?1 AND key > ?2", kind, key);

    private static bool Take(Dictionary<string, int> held, string key, int maxPerKey)
    {
        var count = held.GetValueOrDefault(key);
        if (count >= maxPerKey)
            return false;
        held[key] = count + 1;
        return true;
    }

    private static Job Map(SqliteRows row, string kind) => new(
        row.Text(0), kind, row.Text(1), row.Text(2), row.Text(3), (int)row.Number(4) + 1, row.Number(5), EntityId.New("lease_"));
}
