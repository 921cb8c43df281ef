using System.Collections.Concurrent;

namespace Commune.Storage.Sqlite;

/// <summary>
/// Where mail for an address goes, kept from one RCPT to the next: the look-up itself takes microseconds, but a connection that reads anew after a
/// commit gives up its pages and its map of the file, and under load every look-up comes after a commit.
/// </summary>
/// <remarks>
/// An answer holds until a commit that changed one of <see cref="Tables"/>, and no longer than a moment: a command beside the server changes
/// the tables as well, and does not tell.
/// </remarks>
internal sealed class InboxRoutes(TimeProvider time)
{
    /// <summary>What the look-up reads, and those of <see cref="KeptRows{TKey, TRow}"/>.</summary>
    public static readonly IReadOnlySet<string> Tables = new HashSet<string>(StringComparer.Ordinal)
    {
        "domain_names", "addresses", "inboxes", "sender_lists", "orgs", "api_keys", "api_key_hashes", "domains", "scheduled_sends",
    };

    private const int Most = 10_000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Domain, string LocalPart), (InboxRoute Route, long Version, long Since)> known = new();
    private long version;

    /// <summary>To be asked for before the look-up that an answer comes from.</summary>
    public long Version => Volatile.Read(ref version);

    /// <summary>A commit changed the tables; called before it is answered.</summary>
    public void Changed() => Interlocked.Increment(ref version);

    public InboxRoute? Find(string domain, string localPart) =>
        known.TryGetValue((domain, localPart), out var found) && found.Version == Version && time.GetElapsedTime(found.Since) < Longest ? found.Route : null;

    public void Keep(string domain, string localPart, InboxRoute route, long asOf)
    {
        // Addresses that mail comes to again and again are found again at once.
        if (known.Count >= Most)
            known.Clear();
        known[(domain, localPart)] = (route, asOf, time.GetTimestamp());
    }
}
