namespace Commune.Mail.Dns;

internal readonly record struct DnsQuestion(string Name, DnsRecordType Type);

/// <summary>What one exchange established: the records found at the end of the CNAME chain, or where the chain goes on
/// (<paramref name="Alias"/>) when the server did not follow it to its end.</summary>
internal sealed record DnsAnswer(DnsStatus Status, IReadOnlyList<object> Values, string? Alias, TimeSpan Lifetime)
{
    public static DnsAnswer Failed(DnsStatus status) => new(status, [], null, TimeSpan.Zero);
}

/// <summary>Answers by question until their lifetime ends; the least recently used leaves when the cache is full.
/// Not thread-safe: its owner locks.</summary>
internal sealed class DnsCache(int capacity, TimeProvider time)
{
    private sealed record Entry(DnsQuestion Question, DnsAnswer Answer, DateTimeOffset Expires);

    private readonly Dictionary<DnsQuestion, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];

    public int Count => _entries.Count;

    public DnsAnswer? Find(DnsQuestion question)
    {
        if (!_entries.TryGetValue(question, out var node))
            return null;
        _byUse.Remove(node);
        if (node.Value.Expires <= time.GetUtcNow())
        {
            _entries.Remove(question);
            return null;
        }

        _byUse.AddFirst(node);
        return node.Value.Answer;
    }

    public void Store(DnsQuestion question, DnsAnswer answer)
    {
        if (answer.Lifetime <= TimeSpan.Zero || capacity <= 0)
            return;
        if (_entries.Remove(question, out var old))
            _byUse.Remove(old);
        if (_entries.Count >= capacity && _byUse.Last is { } last)
        {
            _entries.Remove(last.Value.Question);
            _byUse.RemoveLast();
        }

        _entries[question] = _byUse.AddFirst(new Entry(question, answer, time.GetUtcNow() + answer.Lifetime));
    }
}
