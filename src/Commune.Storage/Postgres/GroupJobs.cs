namespace Commune.Storage.Postgres;

/// <summary>The jobs that a group adds, finishes and gives back.</summary>
internal sealed class GroupJobs
{
    private readonly Dictionary<string, Job> asked = new(StringComparer.Ordinal);
    private readonly HashSet<(string Id, string Lease)> held = [];
    private readonly List<NewJob> added = [];
    private readonly List<Job> finished = [];
    private readonly List<(Job Job, long DueAt)> rescheduled = [];

    /// <summary>Says that the outcome depends on whether the job is still leased to who has it.</summary>
    public void AskLease(Job job) => asked[job.Id + job.Lease] = job;

    public bool Holds(Job job) => held.Contains((job.Id, job.Lease));

    public void Add(NewJob job) => added.Add(job);

    public void Finish(Job job)
    {
        finished.Add(job);
        held.Remove((job.Id, job.Lease));
    }

    public void Reschedule(Job job, long dueAt)
    {
        rescheduled.Add((job, dueAt));
        held.Remove((job.Id, job.Lease));
    }

    /// <summary>Locks the rows, so that no claim takes a job whose lease ends just now.</summary>
    public void Read(PipelinedBatch reads)
    {
        if (asked.Count == 0)
            return;
        reads.Read(
            """
            SELECT j.id, j.lease
            FROM unnest($1::text[], $2::text[]) AS k (id, lease)
            JOIN jobs j ON j.id = k.id AND j.lease = k.lease
            ORDER BY j.id
            FOR UPDATE OF j
            """,
            row => held.Add((row.GetString(0), row.GetString(1))),
            asked.Values.Select(static job => job.Id).ToArray(),
            asked.Values.Select(static job => job.Lease).ToArray());
    }

    public void Write(PipelinedBatch writes)
    {
        if (added.Count > 0)
        {
            writes.Write(
                """
                INSERT INTO jobs (id, kind, key, org_id, payload, attempts, due_at, lease_until)
                SELECT k.id, k.kind, k.key, k.org_id, k.payload, 0, k.due_at, 0
                FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[]) AS k (id, kind, key, org_id, payload, due_at)
                """,
                added.Select(static job => job.Id).ToArray(),
                added.Select(static job => job.Kind).ToArray(),
                added.Select(static job => job.Key).ToArray(),
                added.Select(static job => job.OrgId).ToArray(),
                added.Select(static job => job.Payload).ToArray(),
                added.Select(static job => job.DueAt).ToArray());
        }

        if (finished.Count > 0)
            writes.Write("DELETE FROM jobs WHERE id = ANY ($1)", [finished.Select(static job => job.Id).ToArray()]);

        if (rescheduled.Count > 0)
        {
            writes.Write(
                """
                UPDATE jobs j
                SET due_at = k.due_at, lease = NULL, lease_until = 0
                FROM unnest($1::text[], $2::bigint[]) AS k (id, due_at)
                WHERE j.id = k.id
                """,
                rescheduled.Select(static row => row.Job.Id).ToArray(),
                rescheduled.Select(static row => row.DueAt).ToArray());
        }
    }
}
