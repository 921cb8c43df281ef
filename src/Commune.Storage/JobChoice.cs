namespace Commune.Storage;

/// <summary>A due job that a claim may take.</summary>
internal readonly record struct DueJob(string Id, string OrgId, string Key, long DueAt);

/// <summary>
/// Decides which due jobs a claim takes: the earliest due, but no key and no organisation more than its share. Both engines choose by it;
/// they differ in how they find what is due.
/// </summary>
/// <param name="heldByKey">How many jobs of each key somebody works on.</param>
/// <param name="heldByOrganisation">See <see cref="IJobStore.ClaimAsync"/>.</param>
internal sealed class JobChoice(
    int max, int maxPerKey, IReadOnlyDictionary<string, int> heldByKey, IReadOnlyDictionary<string, int>? heldByOrganisation)
{
    /// <summary>How many due jobs that may not go yet are passed over in their order: a long queue of them must not be read by every claim.</summary>
    public const int MostPassedOver = 128;

    /// <summary>A claim that found something in order steps over the keys only when the last one that did is this long ago, in ms.</summary>
    public const long StepEvery = 20;

    /// <summary>How many pairs of organisation and key are stepped over at a time, and how often a claim that finds nothing goes on.</summary>
    public const int ReadPairs = 1000;
    public const int Steps = 20;

    /// <summary>Behind every key.</summary>
    public const string BehindAllKeys = "\U0010FFFF";

    private readonly Dictionary<string, int> keys = new(heldByKey, StringComparer.Ordinal);
    private readonly Dictionary<string, int> organisations = heldByOrganisation is null
        ? new(StringComparer.Ordinal) : new(heldByOrganisation, StringComparer.Ordinal);
    private readonly List<DueJob> chosen = [];

    public IReadOnlyList<DueJob> Chosen => chosen;

    public bool IsFull => chosen.Count >= max;

    /// <summary>Jobs that were due and may not go yet.</summary>
    public int PassedOver { get; private set; }

    private int Left => max - chosen.Count;

    /// <summary>Organisations that can get nothing now: their keys need not be looked at.</summary>
    public string[] FullOrganisations => heldByOrganisation is null ? [] : [.. organisations.Keys.Where(orgId => !HasRoom(orgId))];

    public bool HasRoom(string orgId) => heldByOrganisation is null || organisations.GetValueOrDefault(orgId) < Left;

    /// <summary>How many more jobs the key may have.</summary>
    public int RoomOf(string key)
    {
        var share = heldByOrganisation is null ? maxPerKey : Math.Min(maxPerKey, 1 + (Left / 4));
        return Math.Min(Left, share - keys.GetValueOrDefault(key));
    }

    /// <summary>Passes over a due job of an organisation that has no room: the rest of it need not be read.</summary>
    public bool TryPassOver(string orgId)
    {
        if (IsFull || HasRoom(orgId))
            return false;
        PassedOver++;
        return true;
    }

    public bool TryTake(in DueJob job)
    {
        if (IsFull || !HasRoom(job.OrgId) || RoomOf(job.Key) <= 0)
        {
            PassedOver++;
            return false;
        }
        keys[job.Key] = keys.GetValueOrDefault(job.Key) + 1;
        organisations[job.OrgId] = organisations.GetValueOrDefault(job.OrgId) + 1;
        chosen.Add(job);
        return true;
    }

    /// <summary>Takes what it may of jobs that were found by key, the earliest due first.</summary>
    public void TakeEarliest(List<DueJob> found)
    {
        found.Sort(static (left, right) => left.DueAt != right.DueAt ? left.DueAt.CompareTo(right.DueAt) : string.CompareOrdinal(left.Id, right.Id));
        foreach (var job in found)
            TryTake(job);
    }
}
