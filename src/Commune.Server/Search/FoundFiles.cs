namespace Commune.Server.Search;

/// <summary>A message and each of its files are documents of their own; a list of messages has one row for them.</summary>
/// <param name="parents">By the document of a file: that of its message.</param>
internal sealed class FoundFiles(IReadOnlyDictionary<uint, uint> parents)
{
    /// <summary>Keeps the best of a message and its files.</summary>
    public void KeepBest(List<Ranked> found)
    {
        var best = new Dictionary<uint, Ranked>();
        foreach (var row in found)
        {
            if (parents.TryGetValue(row.Document, out var message) && (!best.TryGetValue(message, out var other) || row.CompareTo(other) < 0))
                best[message] = row;
        }
        if (best.Count == 0)
            return;
        foreach (var row in found)
        {
            if (best.TryGetValue(row.Document, out var file) && row.CompareTo(file) < 0)
                best[row.Document] = row;
        }
        found.RemoveAll(row => best.TryGetValue(parents.GetValueOrDefault(row.Document, row.Document), out var kept) && kept.Document != row.Document);
    }

    /// <summary>Keeps the messages alone.</summary>
    public void LeaveOut(List<Ranked> found) => found.RemoveAll(row => parents.ContainsKey(row.Document));
}
